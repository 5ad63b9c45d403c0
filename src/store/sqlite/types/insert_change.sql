-- Under the one writer the next place is free.
INSERT INTO coupon_type_change (namespace, place, reference, recorded_at, reverts, customer, document)
VALUES (
    $1, (SELECT coalesce(max(place), 0) + 1 FROM coupon_type_change WHERE namespace = $1), $2, $3, 1, $4, $5
)
RETURNING place
