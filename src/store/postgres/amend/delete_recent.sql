-- What the record has of counters of rolling days.
--   $1 namespace, $2 reference, $3 when it was recorded, $4 [{owner, code, customer, kind, by}]
DELETE FROM coupon_recent p
USING jsonb_to_recordset($4::jsonb) AS m (owner text, code text, customer text, kind text)
WHERE p.namespace = $1 AND p.reference = $2 AND p.recorded_at = $3 AND p.owner = m.owner AND p.code = m.code
    AND p.customer = m.customer AND p.kind = m.kind
