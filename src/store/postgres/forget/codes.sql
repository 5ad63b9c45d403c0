-- Codes of the customer, and others that were found.
-- Locks what it finds, in its order.
--   $1 namespace, $2 [key], $3 [code]
SELECT code, holder, occasion_of, occasion
FROM coupon_code
WHERE namespace = $1 AND code = ANY (ARRAY(
    SELECT code FROM coupon_code WHERE namespace = $1 AND holder = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
    UNION
    SELECT jsonb_array_elements_text($3::jsonb)
))
ORDER BY code
FOR UPDATE
