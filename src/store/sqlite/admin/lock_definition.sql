-- There is one writer in SQLite. To write, if only what is there, makes this transaction the one.
UPDATE coupon_definition SET revision = revision
WHERE namespace = $1 AND coupon = $2
RETURNING killed_through, codes_issued, document, 1
