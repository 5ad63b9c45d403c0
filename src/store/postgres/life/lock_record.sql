SELECT document
FROM coupon_redemption
WHERE namespace = $1 AND reference = $2 AND state >= 2
FOR UPDATE
