UPDATE coupon_import SET taken = given.value
FROM jsonb_to_recordset($3::jsonb) AS given (key text, value text)
WHERE coupon_import.namespace = $1 AND coupon_import.coupon = $2 AND coupon_import.code = given.key
