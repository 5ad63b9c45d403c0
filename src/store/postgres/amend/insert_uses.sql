--   $1 namespace, $2 reference, $3 place of the record, $4 currency
--   $5 [{part, coupon, code, revision, units, discount, third_party}]
INSERT INTO coupon_use (
    namespace, coupon, place, part, reference, code, revision, units, currency, discount, third_party)
SELECT $1, u.coupon, $3, u.part, $2, u.code, u.revision, u.units, $4, u.discount, u.third_party
FROM jsonb_to_recordset($5::jsonb) AS u (
    part bigint, coupon text, code text, revision bigint, units bigint, discount bigint, third_party bigint)
