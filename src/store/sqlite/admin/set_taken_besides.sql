UPDATE coupon_redemption SET taken_besides = given.value ->> 'value'
FROM json_each($2) AS given
WHERE coupon_redemption.namespace = $1 AND coupon_redemption.reference = given.value ->> 'key'
