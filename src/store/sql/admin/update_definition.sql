UPDATE coupon_definition SET revision = $3, active = $4, document = $5, killed_through = $6
WHERE namespace = $1 AND coupon = $2
