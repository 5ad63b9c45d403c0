--   $1 namespace, $2 reference, $3 when it was recorded, $4 [{owner, code, customer, kind, by}]
INSERT INTO coupon_recent (namespace, owner, code, customer, kind, recorded_at, reference, amount)
SELECT $1, value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind', $3, $2, value ->> 'by'
FROM json_each($4)
