-- Holds points of one account for the reference, or of none, in the place of what it held. The accounts are locked.
--   $1 namespace, $2 reference, $3 account or nothing, $4 points, $5 when the hold lapses
WITH touched AS (
    UPDATE coupon_points n SET touched = n.touched + 1
    FROM (
        SELECT h.account FROM coupon_points_hold h WHERE h.namespace = $1 AND h.reference = $2
        UNION SELECT $3 WHERE $3 IS NOT NULL
    ) a
    WHERE n.namespace = $1 AND n.account = a.account
),
gone AS (
    DELETE FROM coupon_points_hold h
    WHERE h.namespace = $1 AND h.reference = $2 AND ($3 IS NULL OR h.account <> $3)
)
INSERT INTO coupon_points_hold (namespace, account, reference, lapses_at, points)
SELECT $1, $3, $2, $5, $4 WHERE $3 IS NOT NULL
ON CONFLICT (namespace, account, reference) DO UPDATE SET lapses_at = excluded.lapses_at, points = excluded.points
