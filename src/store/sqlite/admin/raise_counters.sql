INSERT INTO coupon_counter (namespace, owner, code, customer, kind, used, held)
SELECT $1, value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind', value ->> 'used', value ->> 'held'
FROM json_each($2)
WHERE TRUE
ON CONFLICT (namespace, owner, code, customer, kind) DO UPDATE SET used = used + excluded.used, held = held + excluded.held
