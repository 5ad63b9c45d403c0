--   $1 namespace, $2 [coupon], $3 place of the record
DELETE FROM coupon_use
WHERE namespace = $1 AND coupon = ANY (SELECT jsonb_array_elements_text($2::jsonb)) AND place = $3
