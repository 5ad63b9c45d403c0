-- What lapsed holds have of a counter is still in `held`.
SELECT c.used, CAST(c.held - coalesce((
    SELECT sum(p.amount) FROM coupon_part p
    WHERE p.namespace = c.namespace AND p.owner = c.owner AND p.code = c.code AND p.customer = c.customer
        AND p.kind = c.kind AND p.lapses_at <= $2
), 0) AS BIGINT), c.owner, c.code, c.customer, c.kind
FROM coupon_counter c
WHERE c.namespace = $1
