-- Locks the counters that these references hold anything of, in the order in which everybody locks them.
--   $1 namespace, $2 [reference]
SELECT 1
FROM coupon_counter n
WHERE n.namespace = $1 AND (n.owner, n.code, n.customer, n.kind) IN (
    SELECT p.owner, p.code, p.customer, p.kind FROM coupon_part p
    WHERE p.namespace = $1 AND p.reference = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
)
ORDER BY n.owner, n.code, n.customer, n.kind
FOR NO KEY UPDATE OF n
