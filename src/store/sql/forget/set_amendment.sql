UPDATE coupon_amendment SET document = $4 WHERE namespace = $1 AND reference = $2 AND movement = $3
