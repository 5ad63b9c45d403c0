-- Waits for edits and for others who issue, and lets checkouts pass.
SELECT killed_through, codes_issued, document, TRUE
FROM coupon_definition
WHERE namespace = $1 AND coupon = $2
FOR NO KEY UPDATE
