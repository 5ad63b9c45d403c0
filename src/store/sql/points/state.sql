SELECT
    coalesce((SELECT balance FROM coupon_points WHERE namespace = $1 AND account = $2), 0),
    CAST(coalesce((
        SELECT sum(points) FROM coupon_points_hold
        WHERE namespace = $1 AND account = $2 AND lapses_at > $3
    ), 0) AS BIGINT)
