-- Writes down changes of a customer's types, whose rows are locked.
--   $1 namespace, $2 reference, $3 now, $4 [customer], $5 [change], oldest first
WITH touched AS (
    UPDATE coupon_customer SET touched = touched + 1
    WHERE namespace = $1 AND customer = ANY (ARRAY(SELECT jsonb_array_elements_text($4::jsonb)))
),
changed AS (
    INSERT INTO coupon_type_change (namespace, place, reference, recorded_at, reverts, customer, document)
    SELECT $1, nextval('coupon_place'), $2, $3, 0, $4, c.document
    FROM (
        SELECT e.document::text AS document
        FROM json_array_elements($5::json) WITH ORDINALITY AS e (document, place)
        ORDER BY e.place
    ) c
    RETURNING place
)
INSERT INTO coupon_type_key (namespace, customer, place)
SELECT $1, k.customer, c.place FROM changed c CROSS JOIN jsonb_array_elements_text($4::jsonb) AS k (customer)
