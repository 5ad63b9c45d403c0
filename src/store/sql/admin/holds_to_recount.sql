-- What is not recorded has an index, and SQLite wants to be told so.
SELECT held_until, reference, document
FROM coupon_redemption
WHERE namespace = $1 AND state < 2 AND state = 1 AND (held_until, reference) > ($2, $3)
ORDER BY held_until, reference
LIMIT $4
