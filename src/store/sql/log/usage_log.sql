-- A record may have several codes of a definition, and stands in the log once.
SELECT r.reference, r.document, r.recorded_at, r.voided_at, r.uses_given_back, r.allowances_given_back, r.place
FROM (
    SELECT DISTINCT place FROM coupon_use
    WHERE namespace = $1 AND coupon = $2 AND place > $3
    ORDER BY place
    LIMIT $4
) u
CROSS JOIN coupon_redemption r
WHERE r.namespace = $1 AND r.place = u.place
ORDER BY u.place
