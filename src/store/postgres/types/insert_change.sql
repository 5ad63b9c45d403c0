INSERT INTO coupon_type_change (namespace, place, reference, recorded_at, reverts, customer, document)
VALUES ($1, nextval('coupon_place'), $2, $3, 1, $4, $5)
RETURNING place
