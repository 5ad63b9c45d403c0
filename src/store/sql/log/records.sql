SELECT reference, document, recorded_at, voided_at, uses_given_back, allowances_given_back, place
FROM coupon_redemption
WHERE namespace = $1 AND place > $2
ORDER BY place
LIMIT $3
