--   $1 namespace, $2 [key]
SELECT owner, code, customer, kind, used + held
FROM coupon_counter INDEXED BY coupon_counter_of_customer
WHERE namespace = $1 AND customer <> '' AND customer IN (SELECT value FROM json_each($2))
