-- Moves counters: up by what is recorded or held now, down by what the reference held before and by what has lapsed.
--   $1 namespace, $2 reference, $3 holds until this instant have lapsed, $4 now
--   $5 [{owner, code, customer, kind, used, held}] by which counters rise, $6 when the new hold lapses
INSERT INTO coupon_counter (namespace, owner, code, customer, kind, used, held)
SELECT $1, value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind', value ->> 'used', value ->> 'held'
FROM json_each($5) WHERE true
ON CONFLICT (namespace, owner, code, customer, kind)
DO UPDATE SET used = used + excluded.used, held = held + excluded.held;

-- Every row is there: a join over the list would read all counters.
INSERT INTO coupon_counter (namespace, owner, code, customer, kind, held)
SELECT $1, owner, code, customer, kind, sum(amount) FROM (
    SELECT p.owner, p.code, p.customer, p.kind, p.amount
    FROM coupon_part p WHERE p.namespace = $1 AND p.reference = $2
    UNION ALL
    SELECT p.owner, p.code, p.customer, p.kind, p.amount
    FROM json_each($5) w CROSS JOIN coupon_part p
        ON p.namespace = $1 AND p.owner = w.value ->> 'owner' AND p.code = w.value ->> 'code'
        AND p.customer = w.value ->> 'customer' AND p.kind = w.value ->> 'kind'
        AND p.lapses_at <= $3 AND p.reference <> $2
)
WHERE TRUE
GROUP BY owner, code, customer, kind
ON CONFLICT (namespace, owner, code, customer, kind) DO UPDATE SET held = held - excluded.held;

DELETE FROM coupon_part WHERE namespace = $1 AND reference = $2;

DELETE FROM coupon_part WHERE namespace = $1 AND (reference, owner, code, customer, kind) IN (
    SELECT p.reference, p.owner, p.code, p.customer, p.kind
    FROM json_each($5) w CROSS JOIN coupon_part p
        ON p.namespace = $1 AND p.owner = w.value ->> 'owner' AND p.code = w.value ->> 'code'
        AND p.customer = w.value ->> 'customer' AND p.kind = w.value ->> 'kind' AND p.lapses_at <= $3
);

INSERT INTO coupon_part (namespace, reference, owner, code, customer, kind, amount, lapses_at)
SELECT $1, $2, value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind', value ->> 'held', $6
FROM json_each($5) WHERE value ->> 'held' > 0;

-- Of allowances whose window goes with the purchase it has to be known when they were raised.
INSERT INTO coupon_recent (namespace, owner, code, customer, kind, recorded_at, reference, amount)
SELECT $1, value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind', $4, $2, value ->> 'used'
FROM json_each($5) WHERE value ->> 'used' > 0 AND value ->> 'kind' = 'allowance:';
