SELECT state, document, taken_besides, bound
FROM coupon_redemption
WHERE namespace = $1 AND reference = $2
