--   $1 namespace, $2 [key]
SELECT owner, code, customer, kind, used + held
FROM coupon_counter
WHERE namespace = $1 AND customer <> '' AND customer IN (SELECT value FROM json_each($2))
ORDER BY owner, code, customer, kind
