--   $1 namespace, $2 [{reference, document, besides}]
UPDATE coupon_redemption AS r SET document = m.value ->> 'document', taken_besides = m.value ->> 'besides'
FROM json_each($2) m
WHERE r.namespace = $1 AND r.reference = m.value ->> 'reference'
