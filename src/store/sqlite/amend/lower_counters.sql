--   $1 namespace, $2 [{owner, code, customer, kind, by}]
UPDATE coupon_counter SET used = max(used - (
    SELECT m.value ->> 'by' FROM json_each($2) m
    WHERE owner = m.value ->> 'owner' AND code = m.value ->> 'code' AND customer = m.value ->> 'customer'
        AND kind = m.value ->> 'kind'
), 0)
WHERE namespace = $1 AND (owner, code, customer, kind) IN (
    SELECT value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind' FROM json_each($2)
)
