SELECT based_on, document FROM coupon_amendment WHERE namespace = $1 AND reference = $2 AND movement = $3
