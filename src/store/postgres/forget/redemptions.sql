-- Locks what it finds, in its order.
--   $1 namespace, $2 [reference]
SELECT reference, document, taken_besides
FROM coupon_redemption
WHERE namespace = $1 AND reference = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
ORDER BY reference
FOR UPDATE
