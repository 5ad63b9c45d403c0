--   $1 namespace, $2 [{owner, code, customer, kind, by}]
UPDATE coupon_counter AS n SET used = max(n.used - (m.value ->> 'by'), 0)
FROM json_each($2) m
WHERE n.namespace = $1 AND n.owner = m.value ->> 'owner' AND n.code = m.value ->> 'code'
    AND n.customer = m.value ->> 'customer' AND n.kind = m.value ->> 'kind'
