--   $1 namespace, $2 [{reference, document, besides}]
UPDATE coupon_redemption r SET document = m.document, taken_besides = m.besides
FROM jsonb_to_recordset($2::jsonb) AS m (reference text, document text, besides text)
WHERE r.namespace = $1 AND r.reference = m.reference
