SELECT place, reference, recorded_at, reverts, reverted, due, customer, document
FROM coupon_type_change
WHERE namespace = $1 AND reference = $2 AND reverts = 0
-- By the index of references, not through all changes in their order.
ORDER BY +place
