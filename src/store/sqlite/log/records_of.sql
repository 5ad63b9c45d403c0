-- A record that bears several of the keys stands in the history once.
SELECT r.reference, r.document, r.recorded_at, r.voided_at, r.uses_given_back, r.allowances_given_back, r.place
FROM (
    SELECT DISTINCT place FROM coupon_history
    WHERE namespace = $1 AND customer IN (SELECT value FROM json_each($2)) AND place > $3
    ORDER BY place
    LIMIT $4
) h
CROSS JOIN coupon_redemption r
WHERE r.namespace = $1 AND r.place = h.place
ORDER BY h.place
