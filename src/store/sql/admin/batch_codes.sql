-- A batch with its codes in their order; the columns of code.sql come first.
SELECT c.code, c.coupon, c.standing, c.holder, c.issued_at, c.valid_from, c.valid_until, c.issued_by, c.batch, c.occasion,
    c.revocation, b.coupon, b.added_at, b.exported_at
FROM coupon_batch b
LEFT JOIN coupon_code c ON c.namespace = b.namespace AND c.batch = b.batch AND c.batch IS NOT NULL
WHERE b.namespace = $1 AND b.batch = $2
ORDER BY c.place
