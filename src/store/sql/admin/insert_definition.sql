INSERT INTO coupon_definition (namespace, coupon, revision, active, document)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (namespace, coupon) DO NOTHING
