-- The shop's own table. Coupons have theirs beside it, in the same database, so that one transaction writes both.
CREATE TABLE IF NOT EXISTS shop_order (
    id         TEXT    NOT NULL PRIMARY KEY,
    -- Who ordered; nothing for a guest.
    account    TEXT    NOT NULL,
    -- placed (not captured yet), paid, cancelled.
    state      TEXT    NOT NULL,
    currency   TEXT    NOT NULL,
    -- In minor units.
    payable    INTEGER NOT NULL,
    payment    INTEGER NOT NULL,
    placed_at  TEXT    NOT NULL,
    -- What was asked for, to tell a repeat from another order.
    basket     TEXT    NOT NULL,
    -- The outcome as it was priced, for audits, returns and changes.
    outcome    TEXT    NOT NULL
);
