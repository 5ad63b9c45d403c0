-- One at a time: two servers that start at once must not both make the table. The number says nothing.
SELECT pg_advisory_xact_lock(7083621957);
CREATE TABLE IF NOT EXISTS coupon_schema (
    version     BIGINT PRIMARY KEY,
    applied_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
