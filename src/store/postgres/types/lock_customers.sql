-- In the order of the keys, as every checkout that changes types locks them.
INSERT INTO coupon_customer (namespace, customer, touched)
SELECT $1, customer, 1 FROM jsonb_array_elements_text($2::jsonb) AS given (customer)
ORDER BY customer COLLATE "C"
ON CONFLICT (namespace, customer) DO UPDATE SET touched = coupon_customer.touched + 1
