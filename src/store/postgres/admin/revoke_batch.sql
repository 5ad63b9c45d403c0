-- Codes are locked in their order, as every checkout locks them.
WITH live AS MATERIALIZED (
    SELECT code FROM coupon_code
    WHERE namespace = $1 AND batch = $2 AND revocation IS NULL
    ORDER BY code
    FOR NO KEY UPDATE
)
UPDATE coupon_code SET revocation = $3
FROM live
WHERE coupon_code.namespace = $1 AND coupon_code.code = live.code
RETURNING coupon_code.code
