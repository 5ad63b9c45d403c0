-- To write, if only what is there, makes this transaction the one that writes.
UPDATE coupon_batch SET exported_at = exported_at
WHERE namespace = $1 AND batch = $2
RETURNING coupon, prepared, added_at, exported_at
