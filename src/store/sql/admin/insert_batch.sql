INSERT INTO coupon_batch (namespace, batch, coupon, prepared, added_at, exported_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (namespace, batch) DO NOTHING
