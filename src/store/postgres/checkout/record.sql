-- Writes down a redemption that everything agreed to. The row of the reference is there, and locked.
--   $1 namespace, $2 reference, $3 now, $4 currency, $5 payable, $6 redemption
--   $7 what it takes besides its deltas, $8 [code] to be bound, $9 to whom
--   $10 [{part, coupon, code, revision, units, discount, third_party}], $11 [customer] of the history
--   $12 points of the account before, $13 of these held by others
WITH record AS (
    UPDATE coupon_redemption
    SET state = 2, held_until = NULL, place = nextval('coupon_place'), recorded_at = $3,
        types_before = (SELECT coalesce(max(t.place), 0) FROM coupon_type_change t WHERE t.namespace = $1),
        points_before = $12, points_held_before = $13, currency = $4, payable = $5, taken_besides = $7, bound = $8,
        document = $6
    WHERE namespace = $1 AND reference = $2
    RETURNING place
),
used AS (
    INSERT INTO coupon_use (
        namespace, coupon, place, part, reference, code, revision, units, currency, discount, third_party)
    SELECT $1, u.coupon, r.place, u.part, $2, u.code, u.revision, u.units, $4, u.discount, u.third_party
    FROM record r CROSS JOIN jsonb_to_recordset($10::jsonb) AS u (
        part bigint, coupon text, code text, revision bigint, units bigint, discount bigint, third_party bigint)
),
bound AS (
    UPDATE coupon_code SET holder = $9
    WHERE namespace = $1 AND code = ANY (ARRAY(SELECT jsonb_array_elements_text(coalesce($8, '[]')::jsonb)))
      AND standing = 2 AND holder IS NULL
)
INSERT INTO coupon_history (namespace, customer, place, reference)
SELECT $1, k.customer, r.place, $2
FROM record r CROSS JOIN jsonb_array_elements_text($11::jsonb) AS k (customer)
