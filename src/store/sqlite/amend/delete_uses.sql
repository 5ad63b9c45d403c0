--   $1 namespace, $2 [coupon], $3 place of the record
DELETE FROM coupon_use WHERE namespace = $1 AND coupon IN (SELECT value FROM json_each($2)) AND place = $3
