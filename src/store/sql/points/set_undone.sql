UPDATE coupon_redemption SET points_given_back = $3, points_taken_back = $4
WHERE namespace = $1 AND reference = $2
