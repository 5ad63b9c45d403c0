-- Takes holds away with all they have. Their rows are locked, and so are the counters.
--   $1 namespace, $2 [reference]
WITH purged AS MATERIALIZED (
    SELECT given.reference FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) AS given (reference)
),
parts AS (
    DELETE FROM coupon_part p USING purged g WHERE p.namespace = $1 AND p.reference = g.reference
    RETURNING p.owner, p.code, p.customer, p.kind, p.amount
),
gone AS (
    SELECT owner, code, customer, kind, sum(amount)::bigint AS amount FROM parts GROUP BY owner, code, customer, kind
),
lowered AS (
    UPDATE coupon_counter n SET held = n.held - gone.amount
    FROM gone
    WHERE n.namespace = $1 AND n.owner = gone.owner AND n.code = gone.code AND n.customer = gone.customer
        AND n.kind = gone.kind
),
points AS (
    DELETE FROM coupon_points_hold h USING purged g WHERE h.namespace = $1 AND h.reference = g.reference
)
DELETE FROM coupon_redemption r USING purged g
WHERE r.namespace = $1 AND r.reference = g.reference
