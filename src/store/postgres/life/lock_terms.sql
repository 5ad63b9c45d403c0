-- Locks the definitions of these holds against edits, which would give a hold more counters while it is taken away.
--   $1 namespace, $2 [reference]
SELECT 1
FROM coupon_definition d
WHERE d.namespace = $1 AND d.coupon = ANY (ARRAY(
    SELECT c.value ->> 'coupon'
    FROM coupon_redemption r
    CROSS JOIN jsonb_array_elements(CASE WHEN r.state = 1 THEN r.document::jsonb -> 'coupons' END) AS c (value)
    WHERE r.namespace = $1 AND r.reference = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
))
ORDER BY d.coupon
FOR KEY SHARE
