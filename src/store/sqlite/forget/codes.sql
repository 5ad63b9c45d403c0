-- Codes of the customer, and those whose occasions may name the customer.
--   $1 namespace, $2 [key], $3 [part of an occasion]
SELECT c.code, c.holder, c.occasion_of, c.occasion
FROM coupon_code c
WHERE c.namespace = $1 AND c.code IN (
    SELECT code FROM coupon_code
    WHERE namespace = $1 AND holder IN (SELECT value FROM json_each($2))
    UNION
    SELECT c.code FROM coupon_code c
    WHERE c.namespace = $1 AND c.occasion IS NOT NULL AND EXISTS (SELECT 1 FROM json_each($3) k WHERE instr(c.occasion, k.value) > 0)
)
ORDER BY c.code
