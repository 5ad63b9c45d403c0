-- Imported codes that the customer had used: all of the shop are looked through.
--   $1 namespace, $2 [key as it stands in a document]
SELECT i.coupon, i.code
FROM coupon_import i
WHERE i.namespace = $1 AND EXISTS (SELECT 1 FROM json_each($2) k WHERE instr(i.uses, k.value) > 0)
