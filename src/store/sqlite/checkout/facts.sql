-- What a redemption is judged by, in one look. Every row says in its first column what it is of.
--   $1 namespace, $2 reference, $3 holds until this instant have lapsed
--   $4 [{coupon, revision}] that were priced, $5 [code], $6 [{owner, code, customer, kind, since}] of counters,
--   $7 [customer] whose types change, $8 account of points or nothing
WITH want AS MATERIALIZED (
    SELECT value ->> 'owner' AS owner, value ->> 'code' AS code, value ->> 'customer' AS customer, value ->> 'kind' AS kind,
           value ->> 'since' AS since
    FROM json_each($6)
)
-- 0: the reference itself.
SELECT 0 AS what, NULL AS a, NULL AS b, NULL AS c, NULL AS d, document,
       state AS i, held_until AS j, NULL AS k, NULL AS l
FROM coupon_redemption WHERE namespace = $1 AND reference = $2
UNION ALL
-- 1: definitions, with their terms where these are not the ones that were priced.
SELECT 1, d.coupon, NULL, NULL, NULL, CASE WHEN d.revision <> p.value ->> 'revision' THEN d.document END,
       d.revision, d.active, d.killed_through, NULL
FROM json_each($4) p CROSS JOIN coupon_definition d ON d.namespace = $1 AND d.coupon = p.value ->> 'coupon'
UNION ALL
-- 2: codes.
SELECT 2, c.code, c.coupon, c.holder, NULL, NULL, c.standing, c.revocation IS NOT NULL, NULL, NULL
FROM json_each($5) p CROSS JOIN coupon_code c ON c.namespace = $1 AND c.code = p.value
UNION ALL
-- 3: counters: used, or what was recorded lately; held; of that lapsed; of that alive and the reference's own.
SELECT 3, w.owner, w.code, w.customer, w.kind, NULL,
       CASE WHEN w.since IS NULL THEN n.used ELSE (
           SELECT coalesce(sum(r.amount), 0) FROM coupon_recent r
           WHERE r.namespace = $1 AND r.owner = w.owner AND r.code = w.code AND r.customer = w.customer
             AND r.kind = w.kind AND r.recorded_at >= w.since) END,
       n.held,
       CASE WHEN n.held = 0 THEN 0 ELSE (
           SELECT coalesce(sum(p.amount), 0) FROM coupon_part p
           WHERE p.namespace = $1 AND p.owner = w.owner AND p.code = w.code AND p.customer = w.customer
             AND p.kind = w.kind AND p.lapses_at <= $3) END,
       CASE WHEN n.held = 0 THEN 0 ELSE (
           SELECT coalesce(sum(p.amount), 0) FROM coupon_part p
           WHERE p.namespace = $1 AND p.reference = $2 AND p.owner = w.owner AND p.code = w.code
             AND p.customer = w.customer AND p.kind = w.kind AND p.lapses_at > $3) END
FROM want w CROSS JOIN coupon_counter n
    ON n.namespace = $1 AND n.owner = w.owner AND n.code = w.code AND n.customer = w.customer AND n.kind = w.kind
UNION ALL
-- 4: how many changes of types there are.
SELECT 4, NULL, NULL, NULL, NULL, NULL, count(DISTINCT t.place), NULL, NULL, NULL
FROM json_each($7) p CROSS JOIN coupon_type_key t ON t.namespace = $1 AND t.customer = p.value
UNION ALL
-- 5: the account of points, with what others hold of it.
SELECT 5, n.account, NULL, NULL, NULL, NULL, n.balance,
       (SELECT coalesce(sum(h.points), 0) FROM coupon_points_hold h
        WHERE h.namespace = $1 AND h.account = n.account AND h.reference <> $2 AND h.lapses_at > $3), NULL, NULL
FROM coupon_points n WHERE n.namespace = $1 AND n.account = $8
UNION ALL
-- 6: accounts that the reference holds points of already.
SELECT 6, h.account, NULL, NULL, NULL, NULL, h.points, h.lapses_at, NULL, NULL
FROM coupon_points_hold h INDEXED BY coupon_points_hold_of_reference WHERE h.namespace = $1 AND h.reference = $2
