INSERT INTO coupon_type_key (namespace, customer, place)
SELECT $1, value, $3 FROM json_each($2)
