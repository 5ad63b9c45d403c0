--   $1 namespace, $2 [reference]
SELECT reference, movement, document
FROM coupon_amendment
WHERE namespace = $1 AND reference = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
