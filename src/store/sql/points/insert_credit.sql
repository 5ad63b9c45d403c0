INSERT INTO coupon_points_credit (namespace, account, movement, points) VALUES ($1, $2, $3, $4)
ON CONFLICT (namespace, account, movement) DO NOTHING
