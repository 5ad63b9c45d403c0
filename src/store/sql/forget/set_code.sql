UPDATE coupon_code SET holder = $3, occasion_of = $4, occasion = $5 WHERE namespace = $1 AND code = $2
