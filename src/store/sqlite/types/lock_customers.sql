INSERT INTO coupon_customer (namespace, customer, touched)
SELECT $1, value, 1 FROM json_each($2) WHERE TRUE
ON CONFLICT (namespace, customer) DO UPDATE SET touched = touched + 1
