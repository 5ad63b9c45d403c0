-- Starts the clock of every code that was not withdrawn.
UPDATE coupon_code INDEXED BY coupon_code_of_batch SET standing = 2, issued_at = $3, issued_by = $4
WHERE namespace = $1 AND batch = $2 AND batch IS NOT NULL AND standing = 1 AND revocation IS NULL
RETURNING code, place
