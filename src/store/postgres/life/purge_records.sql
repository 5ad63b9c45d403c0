-- Takes records away, whose rows are locked. What they raised counters by stays counted, and a code that was used stays
-- used. Places come from a sequence, so that none is given again.
--   $1 namespace, $2 [{reference, place}], $3 [{coupon, place}], $4 [{customer, place}]
WITH purged AS MATERIALIZED (
    SELECT reference FROM unnest(ARRAY(SELECT jsonb_array_elements($2::jsonb))) AS ge (item)
    CROSS JOIN LATERAL jsonb_to_record(ge.item) AS g (reference text, place bigint)
),
uses AS (
    DELETE FROM coupon_use u
    USING unnest(ARRAY(SELECT jsonb_array_elements($3::jsonb))) AS ge (item)
    CROSS JOIN LATERAL jsonb_to_record(ge.item) AS g (coupon text, place bigint)
    WHERE u.namespace = $1 AND u.coupon = g.coupon AND u.place = g.place
    RETURNING u.coupon, u.code, u.given_back
),
kept AS (
    INSERT INTO coupon_purged_use AS k (namespace, coupon, code, uses)
    SELECT $1, coupon, code, count(*) FROM uses WHERE given_back = 0
    GROUP BY coupon, code
    ORDER BY coupon, code
    ON CONFLICT (namespace, coupon, code) DO UPDATE SET uses = k.uses + excluded.uses
),
history AS (
    DELETE FROM coupon_history h
    USING unnest(ARRAY(SELECT jsonb_array_elements($4::jsonb))) AS ge (item)
    CROSS JOIN LATERAL jsonb_to_record(ge.item) AS g (customer text, place bigint)
    WHERE h.namespace = $1 AND h.customer = g.customer AND h.place = g.place
),
amendments AS (
    DELETE FROM coupon_amendment a USING purged g WHERE a.namespace = $1 AND a.reference = g.reference
),
returns AS (
    DELETE FROM coupon_points_return p USING purged g WHERE p.namespace = $1 AND p.reference = g.reference
)
DELETE FROM coupon_redemption r USING purged g WHERE r.namespace = $1 AND r.reference = g.reference
