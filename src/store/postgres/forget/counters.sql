-- Locks what it finds, in its order.
--   $1 namespace, $2 [key]
SELECT owner, code, customer, kind, used + held
FROM coupon_counter
WHERE namespace = $1 AND customer <> '' AND customer = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
ORDER BY owner, code, customer, kind
FOR UPDATE
