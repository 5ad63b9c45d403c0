-- Whoever writes first is the one writer: a transaction of the host may have only read so far.
UPDATE coupon_redemption SET state = state
WHERE namespace = $1 AND reference IN (
    SELECT reference FROM coupon_redemption
    WHERE namespace = $1 AND state >= 2 AND recorded_at < $2
    ORDER BY recorded_at, place
    LIMIT $3
)
RETURNING reference, place, document
