SELECT occasion, occasion_of, code FROM coupon_code
WHERE namespace = $1 AND coupon = $2 AND occasion IS NOT NULL AND (occasion_of, occasion) IN (
    SELECT value ->> 'of', value ->> 'occasion' FROM json_each($3)
)
