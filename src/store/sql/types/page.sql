SELECT place, reference, recorded_at, reverts, reverted, due, customer, document
FROM coupon_type_change
WHERE namespace = $1 AND place > $2
ORDER BY place
LIMIT $3
