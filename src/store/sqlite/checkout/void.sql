-- Marks a record as void, and gives back what is to be given back.
--   $1 namespace, $2 reference, $3 now, $4 whether uses go back, $5 whether allowances do
--   $6 [{owner, code, customer, kind, by}] by which counters fall, $7 [code] that are free again, $8 [coupon] of the record
UPDATE coupon_redemption SET state = 3, voided_at = $3, uses_given_back = $4, allowances_given_back = $5
WHERE namespace = $1 AND reference = $2;

UPDATE coupon_counter SET used = max(used - (
    SELECT g.value ->> 'by' FROM json_each($6) g
    WHERE owner = g.value ->> 'owner' AND code = g.value ->> 'code' AND customer = g.value ->> 'customer'
      AND kind = g.value ->> 'kind'
), 0)
WHERE namespace = $1 AND (owner, code, customer, kind) IN (
    SELECT g.value ->> 'owner', g.value ->> 'code', g.value ->> 'customer', g.value ->> 'kind' FROM json_each($6) g
);

DELETE FROM coupon_recent WHERE namespace = $1 AND (owner, code, customer, kind, recorded_at, reference) IN (
    SELECT g.value ->> 'owner', g.value ->> 'code', g.value ->> 'customer', g.value ->> 'kind', r.recorded_at, $2
    FROM json_each($6) g CROSS JOIN coupon_redemption r ON r.namespace = $1 AND r.reference = $2
);

UPDATE coupon_use SET given_back = 1
WHERE $4 = 1 AND namespace = $1 AND coupon IN (SELECT value FROM json_each($8))
  AND place = (SELECT r.place FROM coupon_redemption r WHERE r.namespace = $1 AND r.reference = $2);

UPDATE coupon_code SET holder = NULL
WHERE namespace = $1 AND code IN (SELECT value FROM json_each($7));
