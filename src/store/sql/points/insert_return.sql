INSERT INTO coupon_points_return
    (namespace, reference, movement, asked_back, asked_away, given_back, taken_back, shortfall)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
