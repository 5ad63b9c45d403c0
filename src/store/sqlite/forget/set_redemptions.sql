-- Every row is there: a join over the list would read all records.
--   $1 namespace, $2 [{reference, document, besides}]
INSERT INTO coupon_redemption (namespace, reference, state, currency, payable, document, taken_besides)
SELECT $1, value ->> 'reference', 0, '', 0, value ->> 'document', value ->> 'besides'
FROM json_each($2)
WHERE TRUE
ON CONFLICT (namespace, reference) DO UPDATE SET document = excluded.document, taken_besides = excluded.taken_besides
