-- What the record has of counters of rolling days.
--   $1 namespace, $2 reference, $3 when it was recorded, $4 [{owner, code, customer, kind, by}]
DELETE FROM coupon_recent
WHERE namespace = $1 AND reference = $2 AND recorded_at = $3 AND (owner, code, customer, kind) IN (
    SELECT value ->> 'owner', value ->> 'code', value ->> 'customer', value ->> 'kind' FROM json_each($4)
)
