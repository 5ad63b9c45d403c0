-- Writes down a redemption of the simple kind, if nothing at all speaks against it: no changes of types, no points, no
-- rolling days, nothing held. The first statement asks and marks the reference; the others go by the mark, and the last
-- takes it away. Where anything speaks against it nothing is changed, and somebody else finds out what.
--   $1 namespace, $2 reference, $3 now, $4 currency, $5 payable, $6 redemption
--   $7 [{coupon, revision}] that must stand, $8 [{coupon, code}] that must be live, $9 [customer]
--   $10 [{owner, code, customer, kind, by, limit}] of counters, $11 [code] to be bound, $12 to whom
--   $13 [{part, coupon, code, revision, units, discount, third_party}]
INSERT INTO coupon_redemption (
    namespace, reference, state, place, recorded_at, types_before, currency, payable, bound, document)
SELECT $1, $2, 0,
    1 + max(
        (SELECT coalesce(max(place), 0) FROM coupon_redemption WHERE namespace = $1 AND place IS NOT NULL),
        coalesce((SELECT purged_place FROM coupon_mark WHERE namespace = $1), 0)),
    $3,
    (SELECT coalesce(max(place), 0) FROM coupon_type_change WHERE namespace = $1),
    $4, $5,
    nullif((
        SELECT json_group_array(c.code) FROM json_each($11) b CROSS JOIN coupon_code c
            ON c.namespace = $1 AND c.code = b.value AND c.standing = 2 AND c.holder IS NULL
    ), '[]'),
    $6
WHERE NOT EXISTS (SELECT 1 FROM coupon_redemption WHERE namespace = $1 AND reference = $2)
  AND NOT EXISTS (
      SELECT 1 FROM json_each($7) p LEFT JOIN coupon_definition d
          ON d.namespace = $1 AND d.coupon = p.value ->> 'coupon'
      WHERE d.revision IS NOT p.value ->> 'revision' OR d.active = 0
  )
  AND NOT EXISTS (
      SELECT 1 FROM json_each($8) p LEFT JOIN coupon_code c ON c.namespace = $1 AND c.code = p.value ->> 'code'
      WHERE c.standing IS NOT 2 OR c.coupon <> p.value ->> 'coupon' OR c.revocation IS NOT NULL
         OR (c.holder IS NOT NULL AND c.holder NOT IN (SELECT value FROM json_each($9)))
  )
  AND NOT EXISTS (
      SELECT 1 FROM json_each($10) w LEFT JOIN coupon_counter n
          ON n.namespace = $1 AND n.owner = w.value ->> 'owner' AND n.code = w.value ->> 'code'
          AND n.customer = w.value ->> 'customer' AND n.kind = w.value ->> 'kind'
      WHERE coalesce(n.used, 0) + coalesce(n.held, 0) + (w.value ->> 'by') > w.value ->> 'limit'
  );

INSERT INTO coupon_counter (namespace, owner, code, customer, kind, used)
SELECT $1, value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind', value ->> 'by'
FROM json_each($10)
WHERE EXISTS (SELECT 1 FROM coupon_redemption WHERE namespace = $1 AND reference = $2 AND state = 0)
ON CONFLICT (namespace, owner, code, customer, kind) DO UPDATE SET used = used + excluded.used;

INSERT INTO coupon_use (
    namespace, coupon, place, part, reference, code, revision, units, currency, discount, third_party)
SELECT $1, u.value ->> 'coupon', r.place, u.value ->> 'part', $2, u.value ->> 'code', u.value ->> 'revision',
       u.value ->> 'units', $4, u.value ->> 'discount', u.value ->> 'third_party'
FROM coupon_redemption r CROSS JOIN json_each($13) u
WHERE r.namespace = $1 AND r.reference = $2 AND r.state = 0;

INSERT INTO coupon_history (namespace, customer, place, reference)
SELECT $1, k.value, r.place, $2
FROM coupon_redemption r CROSS JOIN json_each($9) k
WHERE r.namespace = $1 AND r.reference = $2 AND r.state = 0;

UPDATE coupon_code SET holder = $12
WHERE namespace = $1 AND standing = 2 AND holder IS NULL AND code IN (
    SELECT b.value FROM coupon_redemption r CROSS JOIN json_each(r.bound) b
    WHERE r.namespace = $1 AND r.reference = $2 AND r.state = 0
);

UPDATE coupon_redemption SET state = 2 WHERE namespace = $1 AND reference = $2 AND state = 0;
