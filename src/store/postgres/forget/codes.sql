-- Codes of the customer, and those whose occasions may name the customer.
-- Locks what it finds, in its order.
--   $1 namespace, $2 [key], $3 [part of an occasion]
SELECT c.code, c.holder, c.occasion_of, c.occasion
FROM coupon_code c
WHERE c.namespace = $1 AND c.code IN (
    SELECT code FROM coupon_code
    WHERE namespace = $1 AND holder IN (SELECT jsonb_array_elements_text($2::jsonb))
    UNION
    SELECT c.code FROM coupon_code c
    WHERE c.namespace = $1 AND c.occasion IS NOT NULL AND EXISTS (SELECT 1 FROM jsonb_array_elements_text($3::jsonb) AS k (value) WHERE strpos(c.occasion, k.value) > 0)
)
ORDER BY c.code
FOR UPDATE
