SELECT points_given_back, points_taken_back
FROM coupon_redemption
WHERE namespace = $1 AND reference = $2 AND state >= 2
