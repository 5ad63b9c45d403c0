-- A record that bears several of the keys stands in the history once.
SELECT r.reference, r.document, r.recorded_at, r.voided_at, r.uses_given_back, r.allowances_given_back, r.place
FROM coupon_redemption r
JOIN (
    SELECT DISTINCT place FROM coupon_history
    WHERE namespace = $1 AND customer = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) AND place > $3
    ORDER BY place
    LIMIT $4
) h ON h.place = r.place
WHERE r.namespace = $1
ORDER BY r.place
