--   $1 namespace, $2 [key]
SELECT customer
FROM coupon_customer
WHERE namespace = $1 AND customer IN (SELECT value FROM json_each($2))
ORDER BY customer
