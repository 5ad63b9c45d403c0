SELECT occasion, occasion_of, code FROM coupon_code
WHERE namespace = $1 AND coupon = $2 AND occasion IS NOT NULL AND (occasion_of, occasion) IN (
    SELECT "of", occasion FROM jsonb_to_recordset($3::jsonb) AS wanted ("of" text, occasion text)
)
