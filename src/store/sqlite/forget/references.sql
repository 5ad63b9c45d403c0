-- References whose records or holds bear any of the keys. Of holds there are few: those that live, and those not yet purged.
--   $1 namespace, $2 [key], $3 [key as it stands in a document]
SELECT reference FROM coupon_history
WHERE namespace = $1 AND customer IN (SELECT value FROM json_each($2))
UNION
SELECT r.reference FROM coupon_redemption r INDEXED BY coupon_redemption_by_lapse
WHERE r.namespace = $1 AND r.state < 2 AND r.held_until > -9000000000000000000
    AND EXISTS (SELECT 1 FROM json_each($3) k WHERE instr(r.document, k.value) > 0)
ORDER BY 1
