-- Codes whose occasion may name the customer: all codes of the shop that were issued for an occasion are looked through.
--   $1 namespace, $2 [part of an occasion]
SELECT c.code
FROM coupon_code c
WHERE c.namespace = $1 AND c.occasion IS NOT NULL
    AND EXISTS (SELECT 1 FROM jsonb_array_elements_text($2::jsonb) AS k (value) WHERE strpos(c.occasion, k.value) > 0)
