INSERT INTO coupon_type_key (namespace, customer, place)
SELECT $1, jsonb_array_elements_text($2::jsonb), $3
