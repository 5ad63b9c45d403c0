SELECT e.kind, e.edited_at, e.edited_by, e.note, before.document, after.document
FROM coupon_edit e
JOIN coupon_revision after
    ON after.namespace = e.namespace AND after.coupon = e.coupon AND after.revision = e.revision_after
LEFT JOIN coupon_revision before
    ON before.namespace = e.namespace AND before.coupon = e.coupon AND before.revision = e.revision_before
WHERE e.namespace = $1 AND e.coupon = $2
ORDER BY e.place
