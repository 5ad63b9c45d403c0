-- A record that somebody is busy with is left for the next step.
SELECT reference, place, document FROM coupon_redemption
WHERE namespace = $1 AND state >= 2 AND recorded_at < $2
ORDER BY recorded_at, place
LIMIT $3
FOR UPDATE SKIP LOCKED
