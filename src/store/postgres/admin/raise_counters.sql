-- In the order of the keys, as every checkout locks them.
INSERT INTO coupon_counter (namespace, owner, code, customer, kind, used, held)
SELECT $1, owner, code, customer, kind, used, held
FROM jsonb_to_recordset($2::jsonb) AS given (owner text, code text, customer text, kind text, used bigint, held bigint)
ORDER BY owner COLLATE "C", code COLLATE "C", customer COLLATE "C", kind COLLATE "C"
ON CONFLICT (namespace, owner, code, customer, kind) DO UPDATE
SET used = coupon_counter.used + excluded.used, held = coupon_counter.held + excluded.held
