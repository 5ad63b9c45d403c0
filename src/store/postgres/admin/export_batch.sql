-- Starts the clock of every code that was not withdrawn. Codes are locked in their order, as every checkout locks them.
WITH live AS MATERIALIZED (
    SELECT code FROM coupon_code
    WHERE namespace = $1 AND batch = $2 AND standing = 1 AND revocation IS NULL
    ORDER BY code
    FOR NO KEY UPDATE
)
UPDATE coupon_code SET standing = 2, issued_at = $3, issued_by = $4
FROM live
WHERE coupon_code.namespace = $1 AND coupon_code.code = live.code
RETURNING coupon_code.code, coupon_code.place
