-- Every row is there: a join over the list would read all imports.
INSERT INTO coupon_import (namespace, coupon, code, uses, taken)
SELECT $1, $2, value ->> 'key', '[]', value ->> 'value'
FROM json_each($3)
WHERE TRUE
ON CONFLICT (namespace, coupon, code) DO UPDATE SET taken = excluded.taken
