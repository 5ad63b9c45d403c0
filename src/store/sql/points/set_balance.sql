UPDATE coupon_points SET balance = $3 WHERE namespace = $1 AND account = $2
