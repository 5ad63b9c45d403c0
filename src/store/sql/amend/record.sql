--   $1 namespace, $2 reference
SELECT state, document, taken_besides, place, recorded_at, points_given_back, points_taken_back
FROM coupon_redemption
WHERE namespace = $1 AND reference = $2 AND state >= 2
