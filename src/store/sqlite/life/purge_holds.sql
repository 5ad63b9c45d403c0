-- Takes holds away with all they have.
--   $1 namespace, $2 [reference]
UPDATE coupon_counter AS n SET held = n.held - gone.amount
FROM (
    SELECT owner, code, customer, kind, sum(amount) AS amount
    FROM coupon_part
    WHERE namespace = $1 AND reference IN (SELECT value FROM json_each($2))
    GROUP BY owner, code, customer, kind
) AS gone
WHERE n.namespace = $1 AND n.owner = gone.owner AND n.code = gone.code AND n.customer = gone.customer AND n.kind = gone.kind;

DELETE FROM coupon_part WHERE namespace = $1 AND reference IN (SELECT value FROM json_each($2));

DELETE FROM coupon_points_hold WHERE namespace = $1 AND reference IN (SELECT value FROM json_each($2));

DELETE FROM coupon_redemption WHERE namespace = $1 AND reference IN (SELECT value FROM json_each($2)) AND state < 2;
