-- Places of a definition rise under its lock.
INSERT INTO coupon_edit (namespace, coupon, place, kind, revision_before, revision_after, edited_at, edited_by, note)
VALUES (
    $1, $2, (SELECT coalesce(max(place), 0) + 1 FROM coupon_edit WHERE namespace = $1 AND coupon = $2),
    $3, $4, $5, $6, $7, $8
)
