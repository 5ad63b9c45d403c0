-- Checkouts go on meanwhile: a hold that somebody is busy with is left for the next step.
SELECT reference FROM coupon_redemption
WHERE namespace = $1 AND state < 2 AND held_until <= $2
ORDER BY held_until, reference
LIMIT $3
FOR UPDATE SKIP LOCKED
