SELECT reference, owner, code, customer, kind
FROM coupon_part
WHERE namespace = $1 AND reference = ANY (SELECT jsonb_array_elements_text($2::jsonb))
