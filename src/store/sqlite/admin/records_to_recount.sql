-- Records of a definition that still count, in the order in which they were written.
SELECT place, reference, document, taken_besides
FROM coupon_redemption
WHERE namespace = $1 AND state >= 2 AND uses_given_back = 0 AND place IN (
    SELECT place FROM coupon_use WHERE namespace = $1 AND coupon = $2 AND place > $3 AND place <= $4
)
ORDER BY place
