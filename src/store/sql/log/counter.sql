-- What lapsed holds have of a counter is still in `held`.
SELECT c.used, CAST(c.held - coalesce((
    SELECT sum(p.amount) FROM coupon_part p
    WHERE p.namespace = c.namespace AND p.owner = c.owner AND p.code = c.code AND p.customer = c.customer
        AND p.kind = c.kind AND p.lapses_at <= $6
), 0) AS BIGINT)
FROM coupon_counter c
WHERE c.namespace = $1 AND c.owner = $2 AND c.code = $3 AND c.customer = $4 AND c.kind = $5
