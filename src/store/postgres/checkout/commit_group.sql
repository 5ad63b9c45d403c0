-- Records redemptions where nothing speaks against them: coupon_commit of the schema.
--   $1 namespace, $2 now, $3 redemptions, $4 codes, $5 counters, $6 definitions
-- Says besides whether this is a transaction that a step of the store began.
SELECT coupon_commit($1, $2, $3::jsonb, $4::jsonb, $5::jsonb, $6::jsonb),
       coalesce(current_setting('vouchsafe.step', true), '') = 'begun'
