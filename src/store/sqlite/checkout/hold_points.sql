-- Holds points of one account for the reference, or of none, in the place of what it held.
--   $1 namespace, $2 reference, $3 account or nothing, $4 points, $5 when the hold lapses
DELETE FROM coupon_points_hold INDEXED BY coupon_points_hold_of_reference WHERE namespace = $1 AND reference = $2;

INSERT INTO coupon_points_hold (namespace, account, reference, lapses_at, points)
SELECT $1, $3, $2, $5, $4 WHERE $3 IS NOT NULL;
