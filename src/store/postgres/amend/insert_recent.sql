--   $1 namespace, $2 reference, $3 when it was recorded, $4 [{owner, code, customer, kind, by}]
INSERT INTO coupon_recent (namespace, owner, code, customer, kind, recorded_at, reference, amount)
SELECT $1, m.owner, m.code, m.customer, m.kind, $3, $2, m.by
FROM jsonb_to_recordset($4::jsonb) AS m (owner text, code text, customer text, kind text, by bigint)
