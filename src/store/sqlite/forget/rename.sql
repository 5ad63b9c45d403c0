-- Puts pseudonyms in the place of keys in every column that is nothing but a key.
--   $1 namespace, $2 [{key, name}], $3 [{owner, code, customer, kind, name}] of counters
UPDATE coupon_history AS h SET customer = m.value ->> 'name'
FROM json_each($2) m WHERE h.namespace = $1 AND h.customer = m.value ->> 'key';

UPDATE coupon_part AS p SET customer = m.value ->> 'name'
FROM json_each($3) m
WHERE p.namespace = $1 AND p.owner = m.value ->> 'owner' AND p.code = m.value ->> 'code'
    AND p.customer = m.value ->> 'customer' AND p.kind = m.value ->> 'kind';

UPDATE coupon_recent AS p SET customer = m.value ->> 'name'
FROM json_each($3) m
WHERE p.namespace = $1 AND p.owner = m.value ->> 'owner' AND p.code = m.value ->> 'code'
    AND p.customer = m.value ->> 'customer' AND p.kind = m.value ->> 'kind';

UPDATE coupon_counter AS n SET customer = m.value ->> 'name'
FROM json_each($3) m
WHERE n.namespace = $1 AND n.owner = m.value ->> 'owner' AND n.code = m.value ->> 'code'
    AND n.customer = m.value ->> 'customer' AND n.kind = m.value ->> 'kind';

UPDATE coupon_customer AS c SET customer = m.value ->> 'name'
FROM json_each($2) m WHERE c.namespace = $1 AND c.customer = m.value ->> 'key';

UPDATE coupon_type_key AS k SET customer = m.value ->> 'name'
FROM json_each($2) m WHERE k.namespace = $1 AND k.customer = m.value ->> 'key';

UPDATE coupon_points AS p SET account = m.value ->> 'name'
FROM json_each($2) m WHERE p.namespace = $1 AND p.account = m.value ->> 'key';

UPDATE coupon_points_hold AS h SET account = m.value ->> 'name'
FROM json_each($2) m WHERE h.namespace = $1 AND h.account = m.value ->> 'key';

UPDATE coupon_points_credit AS c SET account = m.value ->> 'name'
FROM json_each($2) m WHERE c.namespace = $1 AND c.account = m.value ->> 'key';
