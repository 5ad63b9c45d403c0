INSERT INTO coupon_import (namespace, coupon, code, uses, taken)
SELECT $1, $2, value ->> 'code', value ->> 'uses', value ->> 'taken'
FROM json_each($3)
