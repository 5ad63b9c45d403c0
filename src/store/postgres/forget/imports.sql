--   $1 namespace, $2 [key as it stands in a document]
SELECT i.code, i.uses, i.taken, i.coupon
FROM coupon_import i
WHERE i.namespace = $1 AND EXISTS (SELECT 1 FROM jsonb_array_elements_text($2::jsonb) AS k (value) WHERE strpos(i.uses, k.value) > 0)
