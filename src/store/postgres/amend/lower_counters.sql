--   $1 namespace, $2 [{owner, code, customer, kind, by}], all of them locked
UPDATE coupon_counter n SET used = greatest(n.used - m.by, 0)
FROM jsonb_to_recordset($2::jsonb) AS m (owner text, code text, customer text, kind text, by bigint)
WHERE n.namespace = $1 AND n.owner = m.owner AND n.code = m.code AND n.customer = m.customer AND n.kind = m.kind
