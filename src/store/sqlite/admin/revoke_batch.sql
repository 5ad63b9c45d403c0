UPDATE coupon_code INDEXED BY coupon_code_of_batch SET revocation = $3
WHERE namespace = $1 AND batch = $2 AND batch IS NOT NULL AND revocation IS NULL
RETURNING code
