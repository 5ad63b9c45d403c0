-- Where the next page of the uses of a definition ends.
SELECT max(place)
FROM (
    SELECT place FROM coupon_use
    WHERE namespace = $1 AND coupon = $2 AND place > $3
    ORDER BY place
    LIMIT $4
) page
