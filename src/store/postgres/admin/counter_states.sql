-- What is used, and what live holds have.
SELECT c.owner, c.code, c.customer, c.kind, c.used,
    c.held - coalesce((
        SELECT sum(p.amount) FROM coupon_part p
        WHERE p.namespace = c.namespace AND p.owner = c.owner AND p.code = c.code AND p.customer = c.customer
            AND p.kind = c.kind AND p.lapses_at <= $3
    ), 0)::bigint
FROM jsonb_to_recordset($2::jsonb) AS given (owner text, code text, customer text, kind text)
JOIN coupon_counter c ON c.namespace = $1 AND c.owner = given.owner AND c.code = given.code
    AND c.customer = given.customer AND c.kind = given.kind
