-- Codes of the customer, and others that were found.
--   $1 namespace, $2 [key], $3 [code]
SELECT code, holder, occasion_of, occasion
FROM coupon_code
WHERE namespace = $1 AND code IN (
    SELECT code FROM coupon_code WHERE namespace = $1 AND holder IN (SELECT value FROM json_each($2))
    UNION
    SELECT value FROM json_each($3)
)
ORDER BY code
