--   $1 namespace, $2 [{reference, document, besides}]
UPDATE coupon_redemption r SET document = m.document, taken_besides = m.besides
FROM unnest(ARRAY(SELECT jsonb_array_elements($2::jsonb))) AS me (item)
    CROSS JOIN LATERAL jsonb_to_record(me.item) AS m (reference text, document text, besides text)
WHERE r.namespace = $1 AND r.reference = m.reference
