-- Every row is there: a join over the list would read all records.
INSERT INTO coupon_redemption (namespace, reference, state, currency, payable, document, taken_besides)
SELECT $1, value ->> 'key', 0, '', 0, '{}', value ->> 'value'
FROM json_each($2)
WHERE TRUE
ON CONFLICT (namespace, reference) DO UPDATE SET taken_besides = excluded.taken_besides
