--   $1 namespace, $2 [{owner, code, customer, kind, by}]
INSERT INTO coupon_counter (namespace, owner, code, customer, kind, used)
SELECT $1, value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind', value ->> 'by'
FROM json_each($2)
WHERE TRUE
ON CONFLICT (namespace, owner, code, customer, kind) DO UPDATE SET used = used + excluded.used
