SELECT code, coupon, standing, holder, issued_at, valid_from, valid_until, issued_by, batch, occasion, revocation
FROM coupon_code
WHERE namespace = $1 AND code = $2
