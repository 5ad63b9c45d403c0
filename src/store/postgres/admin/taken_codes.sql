SELECT code FROM coupon_code
WHERE namespace = $1 AND code = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
