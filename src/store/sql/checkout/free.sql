-- Takes a hold away: the reference is as if it had never held anything.
DELETE FROM coupon_redemption WHERE namespace = $1 AND reference = $2 AND state < 2
