SELECT b.batch, b.coupon, b.prepared,
    (SELECT coalesce(max(c.place) + 1, 0) FROM coupon_code c WHERE c.namespace = b.namespace AND c.batch = b.batch)
FROM coupon_batch b
WHERE b.namespace = $1 AND b.batch = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
