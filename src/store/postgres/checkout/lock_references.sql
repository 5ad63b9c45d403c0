-- Locks the references that are known, in their order.
--   $1 namespace, $2 [reference]
SELECT 1
FROM coupon_redemption r
WHERE r.namespace = $1 AND r.reference = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
ORDER BY r.reference
FOR UPDATE
