-- Codes with their uses and their definition; the columns of code.sql come first.
SELECT c.code, c.coupon, c.standing, c.holder, c.issued_at, c.valid_from, c.valid_until, c.issued_by, c.batch, c.occasion,
    c.revocation,
    (
        SELECT count(*) FROM coupon_use u
        WHERE u.namespace = c.namespace AND u.coupon = c.coupon AND u.code = c.code AND u.given_back = 0
    ) + coalesce((
        SELECT p.uses FROM coupon_purged_use p
        WHERE p.namespace = c.namespace AND p.coupon = c.coupon AND p.code = c.code
    ), 0),
    i.uses, d.document
FROM coupon_code c
JOIN coupon_definition d ON d.namespace = c.namespace AND d.coupon = c.coupon
LEFT JOIN coupon_import i ON i.namespace = c.namespace AND i.coupon = c.coupon AND i.code = c.code
WHERE c.namespace = $1 AND c.code IN (SELECT value FROM json_each($2))
