UPDATE coupon_type_change SET reverted = $3, due = $4
WHERE namespace = $1 AND place = $2
