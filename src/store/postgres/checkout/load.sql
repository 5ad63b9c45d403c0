-- What a checkout is told, in one look. Every row says in its first column what it is of.
--   $1 namespace, $2 reference, $3 holds until this instant have lapsed
--   $4 [code] as canonical spellings of what was typed, $5 [customer]
--   $6 [{owner, code, customer, kind, since}] of allowances, $7 account of points or nothing
WITH own AS MATERIALIZED (
    SELECT * FROM coupon_redemption WHERE namespace = $1 AND reference = $2
),
found AS MATERIALIZED (
    SELECT * FROM coupon_code
    WHERE namespace = $1 AND code = ANY (ARRAY(SELECT jsonb_array_elements_text($4::jsonb))) AND standing <> 1
),
-- The terms that the reference holds or has recorded.
pinned AS MATERIALIZED (
    SELECT r.coupon COLLATE "C" AS coupon, r.revision, r.code COLLATE "C" AS code
    FROM own
    CROSS JOIN LATERAL jsonb_to_recordset(own.document::jsonb -> 'coupons')
        AS r (coupon text, revision bigint, code text)
    WHERE (own.state = 2 OR (own.state = 1 AND own.held_until > $3)) AND $4::jsonb ? r.code
),
pairs AS MATERIALIZED (
    SELECT coupon, code FROM found UNION SELECT coupon, code FROM pinned
),
-- All counters of what was found and of who asks; of allowances only those that are named.
counters AS MATERIALIZED (
    SELECT n.owner, n.code, n.customer, n.kind, n.used, n.held
    FROM (
        SELECT coupon AS owner, '' AS code FROM pairs UNION SELECT coupon, code FROM pairs UNION SELECT '', ''
    ) w
    -- Pair by pair, so that few keys are looked for at a time and the planner takes the index.
    CROSS JOIN LATERAL (
        SELECT * FROM coupon_counter n
        WHERE n.namespace = $1 AND n.owner = w.owner AND n.code = w.code
          AND n.customer = ANY (ARRAY(SELECT jsonb_array_elements_text($5::jsonb) UNION ALL SELECT ''))
        OFFSET 0
    ) n
    WHERE left(n.kind, 10) <> 'allowance:'
    UNION ALL
    SELECT n.owner, n.code, n.customer, n.kind,
           CASE WHEN a.since IS NULL THEN n.used ELSE (
               SELECT coalesce(sum(r.amount), 0)::bigint FROM coupon_recent r
               WHERE r.namespace = $1 AND r.owner = a.owner AND r.code = a.code AND r.customer = a.customer
                 AND r.kind = a.kind AND r.recorded_at >= a.since) END,
           n.held
    FROM jsonb_to_recordset($6::jsonb) AS a (owner text, code text, customer text, kind text, since bigint)
    CROSS JOIN LATERAL (
        SELECT * FROM coupon_counter n
        WHERE n.namespace = $1 AND n.owner = a.owner AND n.code = a.code AND n.customer = a.customer AND n.kind = a.kind
        LIMIT 1
    ) n
)
-- 0: the reference itself.
SELECT 0::bigint AS what, taken_besides AS a, NULL::text AS b, NULL::text AS c, NULL::text AS d, NULL::text AS e, NULL::text AS f,
       document, state AS i, held_until AS j, recorded_at AS k, types_before AS l, points_before AS m,
       points_held_before AS n, uses_given_back AS o, allowances_given_back AS p
FROM own
UNION ALL
-- 1: codes.
SELECT 1, code, coupon, holder, issued_by, batch, occasion,
       revocation, standing, issued_at, valid_from, valid_until, NULL, NULL, NULL, NULL
FROM found
UNION ALL
-- 2: definitions as they stand.
SELECT 2, d.coupon, NULL, NULL, NULL, NULL, NULL,
       d.document, d.revision, d.killed_through, NULL, NULL, NULL, NULL, NULL, NULL
FROM coupon_definition d
WHERE d.namespace = $1 AND d.coupon = ANY (ARRAY(SELECT coupon FROM pairs))
UNION ALL
-- 3: revisions that are pinned, where they stand no more.
SELECT 3, v.coupon, NULL, NULL, NULL, NULL, NULL,
       v.document, v.revision, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM (SELECT DISTINCT coupon, revision FROM pinned) w
CROSS JOIN LATERAL (
    SELECT v.* FROM coupon_definition d, coupon_revision v
    WHERE d.namespace = $1 AND d.coupon = w.coupon AND d.revision <> w.revision
      AND v.namespace = $1 AND v.coupon = w.coupon AND v.revision = w.revision
    LIMIT 1
) v
UNION ALL
-- 4: counters: used, or what was recorded lately; held by others.
SELECT 4, n.owner, n.code, n.customer, n.kind, NULL, NULL,
       NULL, n.used,
       CASE WHEN n.held = 0 THEN 0 ELSE n.held - (
           SELECT coalesce(sum(p.amount), 0)::bigint FROM coupon_part p
           WHERE p.namespace = $1 AND p.owner = n.owner AND p.code = n.code AND p.customer = n.customer
             AND p.kind = n.kind AND p.lapses_at <= $3
       ) - (
           SELECT coalesce(sum(p.amount), 0)::bigint FROM coupon_part p
           WHERE p.namespace = $1 AND p.reference = $2 AND p.owner = n.owner AND p.code = n.code
             AND p.customer = n.customer AND p.kind = n.kind AND p.lapses_at > $3
       ) END,
       NULL, NULL, NULL, NULL, NULL, NULL
FROM counters n
UNION ALL
-- 5: changes of the customer's types.
SELECT 5, NULL, NULL, NULL, NULL, NULL, NULL,
       t.document, t.place, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM coupon_type_change t
WHERE t.namespace = $1 AND t.place = ANY (ARRAY(
    SELECT k.place FROM coupon_type_key k
    WHERE k.namespace = $1 AND k.customer = ANY (ARRAY(SELECT jsonb_array_elements_text($5::jsonb)))
))
UNION ALL
-- 6: the account of points, with what others hold of it.
SELECT 6, n.account, NULL, NULL, NULL, NULL, NULL,
       NULL, n.balance,
       (SELECT coalesce(sum(h.points), 0)::bigint FROM coupon_points_hold h
        WHERE h.namespace = $1 AND h.account = n.account AND h.reference <> $2 AND h.lapses_at > $3),
       NULL, NULL, NULL, NULL, NULL, NULL
FROM coupon_points n WHERE n.namespace = $1 AND n.account = $7
