-- Whoever writes first is the one writer: a transaction of the host may have only read so far.
UPDATE coupon_redemption SET state = state
WHERE namespace = $1 AND reference IN (
    SELECT reference FROM coupon_redemption
    WHERE namespace = $1 AND state < 2 AND held_until <= $2
    ORDER BY held_until, reference
    LIMIT $3
)
RETURNING reference
