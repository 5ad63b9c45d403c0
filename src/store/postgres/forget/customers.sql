-- Locks what it finds, in its order.
--   $1 namespace, $2 [key]
SELECT customer
FROM coupon_customer
WHERE namespace = $1 AND customer = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
ORDER BY customer
FOR UPDATE
