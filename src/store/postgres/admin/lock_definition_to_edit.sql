-- Waits for every checkout that takes from a limit of the definition, and has the next ones wait. The last column tells
-- whether statements from here on see what those checkouts wrote.
SELECT killed_through, codes_issued, document,
    current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')
FROM coupon_definition
WHERE namespace = $1 AND coupon = $2
FOR UPDATE
