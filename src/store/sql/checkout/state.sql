-- How far a reference has come, and whether it holds points.
SELECT r.state, r.held_until,
       CASE WHEN EXISTS (
           SELECT 1 FROM coupon_points_hold h WHERE h.namespace = $1 AND h.reference = $2
       ) THEN 1 ELSE 0 END
FROM coupon_redemption r
WHERE r.namespace = $1 AND r.reference = $2
