-- Whoever writes first is the one writer. A transaction of the host may have only read so far: this makes it a writing one
-- before anything is looked at. Nothing has to be locked one by one.
DELETE FROM coupon_redemption WHERE namespace = $1 AND reference = $2 AND state = 0;
