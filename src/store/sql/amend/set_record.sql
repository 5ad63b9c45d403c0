UPDATE coupon_redemption SET payable = $3, taken_besides = $4, document = $5
WHERE namespace = $1 AND reference = $2
