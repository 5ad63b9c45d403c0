--   $1 namespace, $2 [reference]
SELECT reference, document, taken_besides
FROM coupon_redemption
WHERE namespace = $1 AND reference IN (SELECT value FROM json_each($2))
ORDER BY reference
