-- What is used, and what live holds have.
SELECT c.owner, c.code, c.customer, c.kind, c.used,
    c.held - coalesce((
        SELECT sum(p.amount) FROM coupon_part p
        WHERE p.namespace = c.namespace AND p.owner = c.owner AND p.code = c.code AND p.customer = c.customer
            AND p.kind = c.kind AND p.lapses_at <= $3
    ), 0)
FROM json_each($2) AS given
CROSS JOIN coupon_counter c ON c.namespace = $1 AND c.owner = given.value ->> 'owner'
    AND c.code = given.value ->> 'code' AND c.customer = given.value ->> 'customer' AND c.kind = given.value ->> 'kind'
