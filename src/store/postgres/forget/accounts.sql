-- Locks what it finds, in its order.
--   $1 namespace, $2 [key]
SELECT account, balance
FROM coupon_points
WHERE namespace = $1 AND account = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
ORDER BY account
FOR UPDATE
