-- Takes holds away with all they have.
--   $1 namespace, $2 [reference]
-- Every counter is there: a join over the list would read all counters.
INSERT INTO coupon_counter (namespace, owner, code, customer, kind, held)
SELECT $1, p.owner, p.code, p.customer, p.kind, sum(p.amount)
FROM json_each($2) g CROSS JOIN coupon_part p ON p.namespace = $1 AND p.reference = g.value
WHERE TRUE
GROUP BY p.owner, p.code, p.customer, p.kind
ON CONFLICT (namespace, owner, code, customer, kind) DO UPDATE SET held = held - excluded.held;

DELETE FROM coupon_part WHERE namespace = $1 AND reference IN (SELECT value FROM json_each($2));

DELETE FROM coupon_points_hold INDEXED BY coupon_points_hold_of_reference
WHERE namespace = $1 AND reference IN (SELECT value FROM json_each($2));

DELETE FROM coupon_redemption WHERE namespace = $1 AND reference IN (SELECT value FROM json_each($2)) AND state < 2;
