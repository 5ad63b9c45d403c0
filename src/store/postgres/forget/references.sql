-- References whose records or holds bear any of the keys. Of holds there are few: those that live, and those not yet purged.
--   $1 namespace, $2 [key], $3 [key as it stands in a document]
SELECT reference FROM coupon_history
WHERE namespace = $1 AND customer = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
UNION
SELECT r.reference FROM coupon_redemption r
WHERE r.namespace = $1 AND r.state < 2 AND EXISTS (SELECT 1 FROM jsonb_array_elements_text($3::jsonb) AS k (value) WHERE strpos(r.document, k.value) > 0)
ORDER BY 1
