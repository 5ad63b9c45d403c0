-- Puts pseudonyms in the place of keys in every column that is nothing but a key.
--   $1 namespace, $2 [{key, name}], $3 [{owner, code, customer, kind}] of counters
--   $4 [reference] whose records were looked at
UPDATE coupon_history SET customer = (SELECT m.value ->> 'name' FROM json_each($2) m WHERE m.value ->> 'key' = customer)
WHERE namespace = $1 AND customer IN (SELECT value ->> 'key' FROM json_each($2))
    AND reference IN (SELECT value FROM json_each($4));

UPDATE coupon_part INDEXED BY coupon_part_of_counter SET customer = (SELECT m.value ->> 'name' FROM json_each($2) m WHERE m.value ->> 'key' = customer)
WHERE namespace = $1 AND (owner, code, customer, kind) IN (
    SELECT value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind' FROM json_each($3)
);

UPDATE coupon_recent SET customer = (SELECT m.value ->> 'name' FROM json_each($2) m WHERE m.value ->> 'key' = customer)
WHERE namespace = $1 AND (owner, code, customer, kind) IN (
    SELECT value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind' FROM json_each($3)
);

UPDATE coupon_counter SET customer = (SELECT m.value ->> 'name' FROM json_each($2) m WHERE m.value ->> 'key' = customer)
WHERE namespace = $1 AND (owner, code, customer, kind) IN (
    SELECT value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind' FROM json_each($3)
);

UPDATE coupon_customer SET customer = (SELECT m.value ->> 'name' FROM json_each($2) m WHERE m.value ->> 'key' = customer)
WHERE namespace = $1 AND customer IN (SELECT value ->> 'key' FROM json_each($2));

UPDATE coupon_type_key SET customer = (SELECT m.value ->> 'name' FROM json_each($2) m WHERE m.value ->> 'key' = customer)
WHERE namespace = $1 AND customer IN (SELECT value ->> 'key' FROM json_each($2));

UPDATE coupon_points SET account = (SELECT m.value ->> 'name' FROM json_each($2) m WHERE m.value ->> 'key' = account)
WHERE namespace = $1 AND account IN (SELECT value ->> 'key' FROM json_each($2));

UPDATE coupon_points_hold SET account = (SELECT m.value ->> 'name' FROM json_each($2) m WHERE m.value ->> 'key' = account)
WHERE namespace = $1 AND account IN (SELECT value ->> 'key' FROM json_each($2));

UPDATE coupon_points_credit SET account = (SELECT m.value ->> 'name' FROM json_each($2) m WHERE m.value ->> 'key' = account)
WHERE namespace = $1 AND account IN (SELECT value ->> 'key' FROM json_each($2));
