-- Says which codes were free. No code and no occasion is taken twice.
INSERT INTO coupon_code (namespace, coupon, standing, code, holder, issued_at, valid_from, valid_until, issued_by, batch,
    place, occasion, occasion_of, revocation)
SELECT $1, $2, $3, value ->> 'code', value ->> 'holder', value ->> 'issued_at', value ->> 'valid_from',
    value ->> 'valid_until', value ->> 'issued_by', value ->> 'batch', value ->> 'place', value ->> 'occasion',
    value ->> 'occasion_of', value ->> 'revocation'
FROM json_each($4)
WHERE TRUE
ON CONFLICT DO NOTHING
RETURNING code
