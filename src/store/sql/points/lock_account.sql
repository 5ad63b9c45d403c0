-- Whoever moves an account changes its row first, and so has it alone.
INSERT INTO coupon_points (namespace, account, touched) VALUES ($1, $2, 1)
ON CONFLICT (namespace, account) DO UPDATE SET touched = coupon_points.touched + 1
RETURNING balance
