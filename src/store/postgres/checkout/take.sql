-- Moves counters, which are locked: up by what is recorded or held now, down by what the reference held before and by what
-- has lapsed.
--   $1 namespace, $2 reference, $3 holds until this instant have lapsed, $4 now
--   $5 [{owner, code, customer, kind, used, held}] by which counters rise, $6 when the new hold lapses
WITH want AS MATERIALIZED (
    SELECT w.owner, w.code, w.customer, w.kind, w.used, w.held
    -- Through an array, so that the planner expects a few and takes the index.
    FROM unnest(ARRAY(SELECT jsonb_array_elements($5::jsonb))) AS e (rise)
    CROSS JOIN LATERAL jsonb_to_record(e.rise)
        AS w (owner text, code text, customer text, kind text, used bigint, held bigint)
),
own AS MATERIALIZED (
    SELECT p.owner, p.code, p.customer, p.kind, p.amount
    FROM coupon_part p WHERE p.namespace = $1 AND p.reference = $2
),
lapsed AS MATERIALIZED (
    SELECT p.reference, p.owner, p.code, p.customer, p.kind, p.amount
    FROM want w CROSS JOIN LATERAL (
        SELECT * FROM coupon_part p
        WHERE p.namespace = $1 AND p.owner = w.owner AND p.code = w.code AND p.customer = w.customer AND p.kind = w.kind
          AND p.lapses_at <= $3 AND p.reference <> $2
        OFFSET 0
    ) p
),
net AS MATERIALIZED (
    SELECT owner, code, customer, kind, sum(used)::bigint AS used, sum(held)::bigint AS held
    FROM (
        SELECT owner, code, customer, kind, used, held FROM want
        UNION ALL SELECT owner, code, customer, kind, 0, -amount FROM own
        UNION ALL SELECT owner, code, customer, kind, 0, -amount FROM lapsed
    ) moved (owner, code, customer, kind, used, held)
    GROUP BY owner, code, customer, kind
),
counted AS (
    UPDATE coupon_counter n SET used = n.used + net.used, held = n.held + net.held
    FROM net
    WHERE n.namespace = $1 AND n.owner = net.owner AND n.code = net.code AND n.customer = net.customer
      AND n.kind = net.kind
),
let_go AS (
    DELETE FROM coupon_part p USING own o
    WHERE p.namespace = $1 AND p.reference = $2 AND p.owner = o.owner AND p.code = o.code AND p.customer = o.customer
      AND p.kind = o.kind
      AND NOT EXISTS (
          SELECT FROM want w
          WHERE w.held > 0 AND w.owner = p.owner AND w.code = p.code AND w.customer = p.customer AND w.kind = p.kind
      )
),
swept AS (
    DELETE FROM coupon_part p USING lapsed l
    WHERE p.namespace = $1 AND p.reference = l.reference AND p.owner = l.owner AND p.code = l.code
      AND p.customer = l.customer AND p.kind = l.kind
),
held AS (
    INSERT INTO coupon_part (namespace, reference, owner, code, customer, kind, amount, lapses_at)
    SELECT $1, $2, owner, code, customer, kind, held, $6 FROM want WHERE held > 0
    ON CONFLICT (namespace, reference, owner, code, customer, kind)
    DO UPDATE SET amount = excluded.amount, lapses_at = excluded.lapses_at
)
-- Of allowances whose window goes with the purchase it has to be known when they were raised.
INSERT INTO coupon_recent (namespace, owner, code, customer, kind, recorded_at, reference, amount)
SELECT $1, owner, code, customer, kind, $4, $2, used FROM want WHERE used > 0 AND kind = 'allowance:'
