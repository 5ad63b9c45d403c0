--   $1 namespace, $2 [key as it stands in a document]
SELECT i.code, i.uses, i.taken, i.coupon
FROM coupon_import i
WHERE i.namespace = $1 AND EXISTS (SELECT 1 FROM json_each($2) k WHERE instr(i.uses, k.value) > 0)
