-- Every change that is stored under any of the keys, once, oldest first.
SELECT place, reference, recorded_at, reverts, reverted, due, customer, document
FROM coupon_type_change
WHERE namespace = $1 AND place = ANY (ARRAY(
    SELECT place FROM coupon_type_key
    WHERE namespace = $1 AND customer = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
))
ORDER BY place
