-- Says which codes were free. No code and no occasion is taken twice. In one order, so that of two who want the same codes
-- one waits for the other.
INSERT INTO coupon_code (namespace, coupon, standing, code, holder, issued_at, valid_from, valid_until, issued_by, batch,
    place, occasion, occasion_of, revocation)
SELECT $1, $2, $3, code, holder, issued_at, valid_from, valid_until, issued_by, batch, place, occasion, occasion_of,
    revocation
FROM jsonb_to_recordset($4::jsonb) AS given (code text, holder text, issued_at bigint, valid_from bigint,
    valid_until bigint, issued_by text, batch text, place bigint, occasion text, occasion_of text, revocation text)
ORDER BY code COLLATE "C"
ON CONFLICT DO NOTHING
RETURNING code
