INSERT INTO coupon_import (namespace, coupon, code, uses, taken)
SELECT $1, $2, code, uses, taken
FROM jsonb_to_recordset($3::jsonb) AS given (code text, uses text, taken text)
