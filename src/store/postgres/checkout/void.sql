-- Marks a record as void, and gives back what is to be given back. All of it is locked.
--   $1 namespace, $2 reference, $3 now, $4 whether uses go back, $5 whether allowances do
--   $6 [{owner, code, customer, kind, by}] by which counters fall, $7 [code] that are free again, $8 [coupon] of the record
WITH back AS MATERIALIZED (
    SELECT b.owner, b.code, b.customer, b.kind, b.by
    -- Through an array, so that the planner expects a few and takes the index.
    FROM unnest(ARRAY(SELECT jsonb_array_elements($6::jsonb))) AS e (fall)
    CROSS JOIN LATERAL jsonb_to_record(e.fall) AS b (owner text, code text, customer text, kind text, by bigint)
),
record AS (
    UPDATE coupon_redemption SET state = 3, voided_at = $3, uses_given_back = $4, allowances_given_back = $5
    WHERE namespace = $1 AND reference = $2
    RETURNING place, recorded_at
),
lowered AS (
    UPDATE coupon_counter n SET used = greatest(n.used - b.by, 0)
    FROM back b
    WHERE n.namespace = $1 AND n.owner = b.owner AND n.code = b.code AND n.customer = b.customer AND n.kind = b.kind
),
forgotten AS (
    DELETE FROM coupon_recent p USING record r, back b
    WHERE p.namespace = $1 AND p.owner = b.owner AND p.code = b.code AND p.customer = b.customer AND p.kind = b.kind
      AND p.recorded_at = r.recorded_at AND p.reference = $2
),
freed AS (
    UPDATE coupon_code SET holder = NULL
    WHERE namespace = $1 AND code = ANY (ARRAY(SELECT jsonb_array_elements_text($7::jsonb)))
)
UPDATE coupon_use u SET given_back = 1
FROM record r
WHERE $4 = 1 AND u.namespace = $1 AND u.place = r.place
  AND u.coupon = ANY (ARRAY(SELECT jsonb_array_elements_text($8::jsonb)))
