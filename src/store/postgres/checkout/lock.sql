-- Locks what a step is about, and what the reference holds already: coupon_lock of the schema.
--   $1 namespace, $2 reference, $3 [coupon], $4 [code], $5 [{owner, code, customer, kind}] of counters, $6 [customer],
--   $7 [account] of points
SELECT coupon_lock($1, $2, $3::jsonb, $4::jsonb, $5::jsonb, $6::jsonb, $7::jsonb)
