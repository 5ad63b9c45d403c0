-- Sets the balance of an account, which is locked.
INSERT INTO coupon_points (namespace, account, balance, touched)
VALUES ($1, $2, $3, 1)
ON CONFLICT (namespace, account) DO UPDATE SET balance = excluded.balance, touched = coupon_points.touched + 1
