UPDATE coupon_import SET uses = $4, taken = $5 WHERE namespace = $1 AND coupon = $2 AND code = $3
