-- Whoever writes first is the one writer: a transaction of the host may have only read so far.
UPDATE coupon_redemption SET state = state
WHERE namespace = $1 AND reference = $2 AND state >= 2
RETURNING document
