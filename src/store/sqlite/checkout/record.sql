-- Writes down a redemption that everything agreed to.
--   $1 namespace, $2 reference, $3 now, $4 currency, $5 payable, $6 redemption
--   $7 what it takes besides its deltas, $8 [code] to be bound, $9 to whom
--   $10 [{part, coupon, code, revision, units, discount, third_party}], $11 [customer] of the history
--   $12 points of the account before, $13 of these held by others
INSERT INTO coupon_redemption (
    namespace, reference, state, place, recorded_at, types_before, points_before, points_held_before, currency, payable,
    taken_besides, bound, document)
VALUES (
    $1, $2, 2,
    -- A place is never given again, not even that of a record that was purged.
    1 + max(
        (SELECT coalesce(max(place), 0) FROM coupon_redemption WHERE namespace = $1 AND place IS NOT NULL),
        coalesce((SELECT purged_place FROM coupon_mark WHERE namespace = $1), 0)),
    $3,
    (SELECT coalesce(max(place), 0) FROM coupon_type_change WHERE namespace = $1),
    $12, $13, $4, $5, $7, $8, $6)
ON CONFLICT (namespace, reference) DO UPDATE
SET state = excluded.state, held_until = NULL, place = excluded.place, recorded_at = excluded.recorded_at,
    types_before = excluded.types_before, points_before = excluded.points_before,
    points_held_before = excluded.points_held_before, currency = excluded.currency, payable = excluded.payable,
    taken_besides = excluded.taken_besides, bound = excluded.bound, document = excluded.document;

INSERT INTO coupon_use (
    namespace, coupon, place, part, reference, code, revision, units, currency, discount, third_party)
SELECT $1, u.value ->> 'coupon', r.place, u.value ->> 'part', $2, u.value ->> 'code', u.value ->> 'revision',
       u.value ->> 'units', $4, u.value ->> 'discount', u.value ->> 'third_party'
FROM coupon_redemption r CROSS JOIN json_each($10) u
WHERE r.namespace = $1 AND r.reference = $2;

INSERT INTO coupon_history (namespace, customer, place, reference)
SELECT $1, k.value, r.place, $2
FROM coupon_redemption r CROSS JOIN json_each($11) k
WHERE r.namespace = $1 AND r.reference = $2;

UPDATE coupon_code SET holder = $9
WHERE namespace = $1 AND code IN (SELECT value FROM json_each($8)) AND standing = 2 AND holder IS NULL;
