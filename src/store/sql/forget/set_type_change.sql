UPDATE coupon_type_change SET customer = $3 WHERE namespace = $1 AND place = $2
