INSERT INTO coupon_part (namespace, reference, owner, code, customer, kind, amount, lapses_at)
SELECT $1, value ->> 'reference', value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind',
    value ->> 'amount', value ->> 'lapses_at'
FROM json_each($2)
