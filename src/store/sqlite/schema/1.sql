-- The tables of the store. Every key begins with the namespace, the shop that a row belongs to, so one database serves many
-- shops. Instants are nanoseconds since 1970 in UTC, amounts are minor units of the currency beside them, documents are
-- JSON with a version of their own, references are `order:...` or `claim:...`, customers are `kind:value`.

-- Definitions as they stand. Edits lock this row; whoever takes from a limit locks its key against edits.
CREATE TABLE coupon_definition (
    namespace       TEXT    NOT NULL,
    coupon          TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    active          INTEGER NOT NULL,
    -- Holds on revisions up to this one are worth nothing.
    killed_through  INTEGER NOT NULL DEFAULT 0,
    -- Codes that the limit on codes counts, and those of them that lie in a batch.
    codes_issued    INTEGER NOT NULL DEFAULT 0,
    codes_prepared  INTEGER NOT NULL DEFAULT 0,
    document        TEXT    NOT NULL,
    PRIMARY KEY (namespace, coupon)
);

-- Every revision that a definition had: records and holds refer to the one they were priced under.
CREATE TABLE coupon_revision (
    namespace  TEXT    NOT NULL,
    coupon     TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    document   TEXT    NOT NULL,
    PRIMARY KEY (namespace, coupon, revision)
);

-- The audit log: who changed a definition, when, from which revision to which.
CREATE TABLE coupon_edit (
    namespace  TEXT    NOT NULL,
    coupon     TEXT    NOT NULL,
    place      INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    revision_before INTEGER,
    revision_after  INTEGER NOT NULL,
    edited_at  INTEGER NOT NULL,
    edited_by  TEXT,
    note       TEXT,
    PRIMARY KEY (namespace, coupon, place)
) WITHOUT ROWID;

-- Codes: the shared one of a definition (0), one that lies in a batch (1), one that was handed out (2).
CREATE TABLE coupon_code (
    namespace    TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    coupon       TEXT    NOT NULL,
    standing     INTEGER NOT NULL,
    holder       TEXT,
    issued_at    INTEGER,
    valid_from   INTEGER,
    valid_until  INTEGER,
    issued_by    TEXT,
    batch        TEXT,
    -- Where the code stands in its batch.
    place        INTEGER,
    occasion     TEXT,
    -- Whom the code was issued to for the occasion: a bearer code that was bound since is still the one of nobody.
    occasion_of  TEXT,
    revocation   TEXT,
    PRIMARY KEY (namespace, code)
) WITHOUT ROWID;
CREATE INDEX coupon_code_of_coupon ON coupon_code (namespace, coupon, code);
CREATE INDEX coupon_code_of_batch ON coupon_code (namespace, batch, place) WHERE batch IS NOT NULL;
CREATE INDEX coupon_code_of_holder ON coupon_code (namespace, holder) WHERE holder IS NOT NULL;
CREATE UNIQUE INDEX coupon_code_of_occasion ON coupon_code (namespace, coupon, occasion_of, occasion)
    WHERE occasion IS NOT NULL;

CREATE TABLE coupon_batch (
    namespace    TEXT    NOT NULL,
    batch        TEXT    NOT NULL,
    coupon       TEXT    NOT NULL,
    -- Whether its codes were stored first and handed out later, all at once.
    prepared     INTEGER NOT NULL,
    added_at     INTEGER NOT NULL,
    exported_at  INTEGER,
    PRIMARY KEY (namespace, batch)
) WITHOUT ROWID;

-- Uses that a code had in an older system, and what they raised counters by.
CREATE TABLE coupon_import (
    namespace  TEXT    NOT NULL,
    coupon     TEXT    NOT NULL,
    code       TEXT    NOT NULL,
    uses       TEXT    NOT NULL,
    taken      TEXT    NOT NULL,
    PRIMARY KEY (namespace, coupon, code)
);

-- Counters, locked in the order of their key. `held` is the sum of the rows of coupon_part, the lapsed ones among them.
CREATE TABLE coupon_counter (
    namespace  TEXT    NOT NULL,
    owner      TEXT    NOT NULL,
    code       TEXT    NOT NULL,
    customer   TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
    held       INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    PRIMARY KEY (namespace, owner, code, customer, kind)
) WITHOUT ROWID;
CREATE INDEX coupon_counter_of_customer ON coupon_counter (namespace, customer) WHERE customer <> '';

-- What a hold has of a counter. Guarded by the lock of the counter, never by that of the reference.
CREATE TABLE coupon_part (
    namespace  TEXT    NOT NULL,
    reference  TEXT    NOT NULL,
    owner      TEXT    NOT NULL,
    code       TEXT    NOT NULL,
    customer   TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    amount     INTEGER NOT NULL,
    lapses_at  INTEGER NOT NULL,
    PRIMARY KEY (namespace, reference, owner, code, customer, kind)
) WITHOUT ROWID;
CREATE INDEX coupon_part_of_counter ON coupon_part (namespace, owner, code, customer, kind, lapses_at);
CREATE INDEX coupon_part_by_lapse ON coupon_part (namespace, lapses_at);

-- What makes up a counter of rolling days, by when it was recorded.
CREATE TABLE coupon_recent (
    namespace    TEXT    NOT NULL,
    owner        TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    customer     TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    recorded_at  INTEGER NOT NULL,
    reference    TEXT    NOT NULL,
    amount       INTEGER NOT NULL,
    PRIMARY KEY (namespace, owner, code, customer, kind, recorded_at, reference)
) WITHOUT ROWID;

-- One row for each order or claim: free to be taken (0), held (1), recorded (2), voided (3).
CREATE TABLE coupon_redemption (
    namespace              TEXT    NOT NULL,
    reference              TEXT    NOT NULL,
    state                  INTEGER NOT NULL,
    held_until             INTEGER,
    -- The order in which records were written.
    place                  INTEGER,
    recorded_at            INTEGER,
    voided_at              INTEGER,
    uses_given_back        INTEGER NOT NULL DEFAULT 0,
    allowances_given_back  INTEGER NOT NULL DEFAULT 0,
    -- The last change of types that was recorded before it.
    types_before           INTEGER,
    -- The account of points before it, and what returns have undone since.
    points_before          INTEGER,
    points_held_before     INTEGER,
    points_given_back      INTEGER NOT NULL DEFAULT 0,
    points_taken_back      INTEGER NOT NULL DEFAULT 0,
    currency               TEXT    NOT NULL,
    payable                INTEGER NOT NULL,
    -- What it raised counters by beyond the deltas of its document: limits that were added later. JSON.
    taken_besides          TEXT,
    -- Codes that belonged to nobody before. JSON.
    bound                  TEXT,
    document               TEXT    NOT NULL,
    PRIMARY KEY (namespace, reference)
);
CREATE UNIQUE INDEX coupon_redemption_by_place ON coupon_redemption (namespace, place) WHERE place IS NOT NULL;
CREATE INDEX coupon_redemption_by_time ON coupon_redemption (namespace, recorded_at) WHERE recorded_at IS NOT NULL;
CREATE INDEX coupon_redemption_by_lapse ON coupon_redemption (namespace, held_until) WHERE state < 2;

-- The usage log: one row for each coupon of a record.
CREATE TABLE coupon_use (
    namespace    TEXT    NOT NULL,
    coupon       TEXT    NOT NULL,
    place        INTEGER NOT NULL,
    part         INTEGER NOT NULL,
    reference    TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    units        INTEGER NOT NULL,
    currency     TEXT    NOT NULL,
    discount     INTEGER NOT NULL,
    third_party  INTEGER NOT NULL,
    given_back   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (namespace, coupon, place, part)
) WITHOUT ROWID;
CREATE INDEX coupon_use_of_code ON coupon_use (namespace, coupon, code) WHERE given_back = 0;

-- The history of a customer: one row for each key of a record.
CREATE TABLE coupon_history (
    namespace  TEXT    NOT NULL,
    customer   TEXT    NOT NULL,
    place      INTEGER NOT NULL,
    reference  TEXT    NOT NULL,
    PRIMARY KEY (namespace, customer, place)
) WITHOUT ROWID;

-- Changes that were made to a record since.
CREATE TABLE coupon_amendment (
    namespace  TEXT    NOT NULL,
    reference  TEXT    NOT NULL,
    movement   TEXT    NOT NULL,
    based_on   TEXT    NOT NULL,
    document   TEXT    NOT NULL,
    PRIMARY KEY (namespace, reference, movement)
);

-- One row for each key of a customer, locked while the customer's types change.
CREATE TABLE coupon_customer (
    namespace  TEXT    NOT NULL,
    customer   TEXT    NOT NULL,
    -- Raised with every change of types, under the lock: the row itself must change, or a transaction with an older
    -- snapshot (repeatable read) that locks it later would not be refused.
    touched    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (namespace, customer)
) WITHOUT ROWID;

-- Every change of type, by place.
CREATE TABLE coupon_type_change (
    namespace    TEXT    NOT NULL,
    place        INTEGER NOT NULL,
    reference    TEXT    NOT NULL,
    recorded_at  INTEGER NOT NULL,
    reverts      INTEGER NOT NULL,
    reverted     INTEGER NOT NULL DEFAULT 0,
    -- It is to be set back as soon as no later change of the same stands.
    due          INTEGER NOT NULL DEFAULT 0,
    -- The keys that it is stored under. JSON.
    customer     TEXT    NOT NULL,
    document     TEXT    NOT NULL,
    PRIMARY KEY (namespace, place)
);
CREATE INDEX coupon_type_change_of_reference ON coupon_type_change (namespace, reference);

CREATE TABLE coupon_type_key (
    namespace  TEXT    NOT NULL,
    customer   TEXT    NOT NULL,
    place      INTEGER NOT NULL,
    PRIMARY KEY (namespace, customer, place)
) WITHOUT ROWID;

-- Accounts of points.
CREATE TABLE coupon_points (
    namespace  TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    balance    INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0),
    -- Raised whenever a hold comes or goes, for the same reason as that of coupon_customer.
    touched    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (namespace, account)
) WITHOUT ROWID;

CREATE TABLE coupon_points_hold (
    namespace  TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    reference  TEXT    NOT NULL,
    lapses_at  INTEGER NOT NULL,
    points     INTEGER NOT NULL,
    PRIMARY KEY (namespace, account, reference)
) WITHOUT ROWID;
CREATE INDEX coupon_points_hold_of_reference ON coupon_points_hold (namespace, reference);

-- Points that came without an order.
CREATE TABLE coupon_points_credit (
    namespace  TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    movement   TEXT    NOT NULL,
    points     INTEGER NOT NULL,
    PRIMARY KEY (namespace, account, movement)
) WITHOUT ROWID;

-- What a return moved: what was asked, and what was there.
CREATE TABLE coupon_points_return (
    namespace        TEXT    NOT NULL,
    reference        TEXT    NOT NULL,
    movement         TEXT    NOT NULL,
    asked_back       INTEGER NOT NULL,
    asked_away       INTEGER NOT NULL,
    given_back       INTEGER NOT NULL,
    taken_back       INTEGER NOT NULL,
    shortfall        INTEGER NOT NULL,
    PRIMARY KEY (namespace, reference, movement)
) WITHOUT ROWID;

-- What must not be given again: the number of the last pseudonym of somebody who was forgotten, and the highest place of a
-- record that was purged.
CREATE TABLE coupon_mark (
    namespace     TEXT    NOT NULL PRIMARY KEY,
    pseudonym     INTEGER NOT NULL DEFAULT 0,
    purged_place  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Uses of codes that stood in records that were purged.
CREATE TABLE coupon_purged_use (
    namespace  TEXT    NOT NULL,
    coupon     TEXT    NOT NULL,
    code       TEXT    NOT NULL,
    uses       INTEGER NOT NULL,
    PRIMARY KEY (namespace, coupon, code)
) WITHOUT ROWID;
