-- The array has it found by the index, however long the list is taken to be.
UPDATE coupon_redemption SET taken_besides = given.value
FROM jsonb_to_recordset($2::jsonb) AS given (key text, value text)
WHERE coupon_redemption.namespace = $1 AND coupon_redemption.reference = given.key
    AND coupon_redemption.reference = ANY (ARRAY(SELECT g.key FROM jsonb_to_recordset($2::jsonb) AS g (key text)))
