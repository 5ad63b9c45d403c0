INSERT INTO coupon_amendment (namespace, reference, movement, based_on, document) VALUES ($1, $2, $3, $4, $5)
