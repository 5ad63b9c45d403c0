-- Locks the customers and their accounts of points, and makes rows of those that have none: a change that is being recorded
-- waits, and finds them renamed.
--   $1 namespace, $2 [key]
SELECT coupon_lock($1, NULL, '[]', '[]', '[]', $2::jsonb, $2::jsonb)
