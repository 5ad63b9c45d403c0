-- The numbers of the next pseudonyms; says the last of them.
--   $1 namespace, $2 how many
INSERT INTO coupon_mark (namespace, pseudonym) VALUES ($1, $2)
ON CONFLICT (namespace) DO UPDATE SET pseudonym = coupon_mark.pseudonym + excluded.pseudonym
RETURNING pseudonym
