-- Puts pseudonyms in the place of keys in every column that is nothing but a key.
--   $1 namespace, $2 [{key, name}], $3 [{owner, code, customer, kind, name}] of counters
--   $4 [reference] whose records were looked at
WITH pairs AS MATERIALIZED (
    SELECT * FROM unnest(ARRAY(SELECT jsonb_array_elements($2::jsonb))) AS me (item)
    CROSS JOIN LATERAL jsonb_to_record(me.item) AS m (key text, name text)
),
cells AS MATERIALIZED (
    SELECT * FROM unnest(ARRAY(SELECT jsonb_array_elements($3::jsonb))) AS me (item)
    CROSS JOIN LATERAL jsonb_to_record(me.item) AS m (owner text, code text, customer text, kind text, name text)
),
history AS (
    UPDATE coupon_history h SET customer = m.name FROM pairs m
    WHERE h.namespace = $1 AND h.customer = m.key
        AND h.reference = ANY (ARRAY(SELECT jsonb_array_elements_text($4::jsonb)))
),
parts AS (
    UPDATE coupon_part p SET customer = m.name FROM cells m
    WHERE p.namespace = $1 AND p.owner = m.owner AND p.code = m.code AND p.customer = m.customer AND p.kind = m.kind
),
recent AS (
    UPDATE coupon_recent p SET customer = m.name FROM cells m
    WHERE p.namespace = $1 AND p.owner = m.owner AND p.code = m.code AND p.customer = m.customer AND p.kind = m.kind
),
counters AS (
    UPDATE coupon_counter n SET customer = m.name FROM cells m
    WHERE n.namespace = $1 AND n.owner = m.owner AND n.code = m.code AND n.customer = m.customer AND n.kind = m.kind
),
customers AS (
    UPDATE coupon_customer c SET customer = m.name FROM pairs m WHERE c.namespace = $1 AND c.customer = m.key
),
types AS (
    UPDATE coupon_type_key k SET customer = m.name FROM pairs m WHERE k.namespace = $1 AND k.customer = m.key
),
accounts AS (
    UPDATE coupon_points p SET account = m.name FROM pairs m WHERE p.namespace = $1 AND p.account = m.key
),
holds AS (
    UPDATE coupon_points_hold h SET account = m.name FROM pairs m WHERE h.namespace = $1 AND h.account = m.key
)
UPDATE coupon_points_credit c SET account = m.name FROM pairs m WHERE c.namespace = $1 AND c.account = m.key
