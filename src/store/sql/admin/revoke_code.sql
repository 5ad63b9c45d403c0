-- The first cause stands.
UPDATE coupon_code SET revocation = coalesce(revocation, $3)
WHERE namespace = $1 AND code = $2 AND standing > 0
