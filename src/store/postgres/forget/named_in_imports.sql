-- Imported codes that the customer had used: all of the shop are looked through.
--   $1 namespace, $2 [key as it stands in a document]
SELECT i.coupon, i.code
FROM coupon_import i
WHERE i.namespace = $1 AND EXISTS (SELECT 1 FROM jsonb_array_elements_text($2::jsonb) AS k (value) WHERE strpos(i.uses, k.value) > 0)
