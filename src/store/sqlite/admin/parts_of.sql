SELECT reference, owner, code, customer, kind
FROM coupon_part
WHERE namespace = $1 AND reference IN (SELECT value FROM json_each($2))
