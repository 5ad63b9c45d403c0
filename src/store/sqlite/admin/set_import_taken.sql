UPDATE coupon_import SET taken = given.value ->> 'value'
FROM json_each($3) AS given
WHERE coupon_import.namespace = $1 AND coupon_import.coupon = $2 AND coupon_import.code = given.value ->> 'key'
