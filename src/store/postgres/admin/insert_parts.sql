INSERT INTO coupon_part (namespace, reference, owner, code, customer, kind, amount, lapses_at)
SELECT $1, reference, owner, code, customer, kind, amount, lapses_at
FROM jsonb_to_recordset($2::jsonb) AS given (reference text, owner text, code text, customer text, kind text,
    amount bigint, lapses_at bigint)
