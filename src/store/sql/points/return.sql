SELECT asked_back, asked_away, given_back, taken_back, shortfall
FROM coupon_points_return
WHERE namespace = $1 AND reference = $2 AND movement = $3
