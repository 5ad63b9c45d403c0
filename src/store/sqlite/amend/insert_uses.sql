--   $1 namespace, $2 reference, $3 place of the record, $4 currency
--   $5 [{part, coupon, code, revision, units, discount, third_party}]
INSERT INTO coupon_use (
    namespace, coupon, place, part, reference, code, revision, units, currency, discount, third_party)
SELECT $1, value ->> 'coupon', $3, value ->> 'part', $2, value ->> 'code', value ->> 'revision',
       value ->> 'units', $4, value ->> 'discount', value ->> 'third_party'
FROM json_each($5)
