-- Writes down changes of a customer's types.
--   $1 namespace, $2 reference, $3 now, $4 [customer], $5 [change], oldest first
INSERT INTO coupon_customer (namespace, customer, touched)
SELECT $1, value, 1 FROM json_each($4) WHERE true
ON CONFLICT (namespace, customer) DO UPDATE SET touched = touched + 1;

INSERT INTO coupon_type_change (namespace, place, reference, recorded_at, reverts, customer, document)
SELECT $1, last.place + c.key + 1, $2, $3, 0, $4, c.value
FROM (SELECT coalesce(max(place), 0) AS place FROM coupon_type_change WHERE namespace = $1) last
CROSS JOIN json_each($5) c;

INSERT INTO coupon_type_key (namespace, customer, place)
SELECT $1, k.value, t.place
FROM coupon_type_change t CROSS JOIN json_each($4) k
WHERE t.namespace = $1 AND t.place > (SELECT max(place) FROM coupon_type_change WHERE namespace = $1) - json_array_length($5);
