UPDATE coupon_definition SET codes_issued = codes_issued + $3, codes_prepared = codes_prepared + $4
WHERE namespace = $1 AND coupon = $2
