SELECT code FROM coupon_code
WHERE namespace = $1 AND code IN (SELECT value FROM json_each($2))
