-- Puts a hold in the place of whatever the reference held.
--   $1 namespace, $2 reference, $3 until, $4 currency, $5 payable, $6 redemption
INSERT INTO coupon_redemption (namespace, reference, state, held_until, currency, payable, document)
VALUES ($1, $2, 1, $3, $4, $5, $6)
ON CONFLICT (namespace, reference) DO UPDATE
SET state = excluded.state, held_until = excluded.held_until, currency = excluded.currency, payable = excluded.payable,
    document = excluded.document
