UPDATE coupon_redemption SET taken_besides = given.value
FROM jsonb_to_recordset($2::jsonb) AS given (key text, value text)
WHERE coupon_redemption.namespace = $1 AND coupon_redemption.reference = given.key
