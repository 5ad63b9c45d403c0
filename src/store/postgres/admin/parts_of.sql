SELECT reference, owner, code, customer, kind
FROM coupon_part
WHERE namespace = $1 AND reference = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
