SELECT code, uses, taken FROM coupon_import WHERE namespace = $1 AND coupon = $2 AND code = $3
