-- Takes records away. What they raised counters by stays counted, and a code that was used stays used.
--   $1 namespace, $2 [{reference, place}], $3 [{coupon, place}], $4 [{customer, place}]
INSERT INTO coupon_purged_use (namespace, coupon, code, uses)
SELECT $1, u.coupon, u.code, count(*)
FROM json_each($3) g CROSS JOIN coupon_use u
    ON u.namespace = $1 AND u.coupon = g.value ->> 'coupon' AND u.place = g.value ->> 'place'
WHERE u.given_back = 0
GROUP BY u.coupon, u.code
ON CONFLICT (namespace, coupon, code) DO UPDATE SET uses = uses + excluded.uses;

DELETE FROM coupon_use WHERE namespace = $1 AND (coupon, place) IN (
    SELECT value ->> 'coupon', value ->> 'place' FROM json_each($3)
);

DELETE FROM coupon_history WHERE namespace = $1 AND (customer, place) IN (
    SELECT value ->> 'customer', value ->> 'place' FROM json_each($4)
);

DELETE FROM coupon_amendment WHERE namespace = $1 AND reference IN (SELECT value ->> 'reference' FROM json_each($2));

DELETE FROM coupon_points_return WHERE namespace = $1 AND reference IN (SELECT value ->> 'reference' FROM json_each($2));

INSERT INTO coupon_mark (namespace, purged_place)
SELECT $1, max(value ->> 'place') FROM json_each($2) WHERE TRUE
ON CONFLICT (namespace) DO UPDATE SET purged_place = max(purged_place, excluded.purged_place);

DELETE FROM coupon_redemption WHERE namespace = $1 AND reference IN (SELECT value ->> 'reference' FROM json_each($2));
