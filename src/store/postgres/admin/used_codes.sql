SELECT given.code FROM jsonb_array_elements_text($3::jsonb) AS given (code)
WHERE EXISTS (
        SELECT 1 FROM coupon_use u
        WHERE u.namespace = $1 AND u.coupon = $2 AND u.code = given.code AND u.given_back = 0
    )
    OR EXISTS (SELECT 1 FROM coupon_purged_use p WHERE p.namespace = $1 AND p.coupon = $2 AND p.code = given.code)
    OR EXISTS (SELECT 1 FROM coupon_import i WHERE i.namespace = $1 AND i.coupon = $2 AND i.code = given.code)
