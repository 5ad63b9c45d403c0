--   $1 namespace, $2 [key]
SELECT account, balance
FROM coupon_points
WHERE namespace = $1 AND account IN (SELECT value FROM json_each($2))
ORDER BY account
