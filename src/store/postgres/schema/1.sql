-- The tables of the store. Every key begins with the namespace, the shop that a row belongs to, so one database serves many
-- shops. Instants are nanoseconds since 1970 in UTC, amounts are minor units of the currency beside them, documents are
-- JSON with a version of their own, references are `order:...` or `claim:...`, customers are `kind:value`.

-- Definitions as they stand. Edits lock this row; whoever takes from a limit locks its key against edits.
CREATE TABLE coupon_definition (
    namespace       TEXT COLLATE "C" NOT NULL,
    coupon          TEXT COLLATE "C" NOT NULL,
    revision        BIGINT  NOT NULL,
    active          BIGINT  NOT NULL,
    -- Holds on revisions up to this one are worth nothing.
    killed_through  BIGINT  NOT NULL DEFAULT 0,
    -- Codes that the limit on codes counts, and those of them that lie in a batch.
    codes_issued    BIGINT  NOT NULL DEFAULT 0,
    codes_prepared  BIGINT  NOT NULL DEFAULT 0,
    document        TEXT NOT NULL,
    PRIMARY KEY (namespace, coupon)
);

-- Every revision that a definition had: records and holds refer to the one they were priced under.
CREATE TABLE coupon_revision (
    namespace  TEXT COLLATE "C" NOT NULL,
    coupon     TEXT COLLATE "C" NOT NULL,
    revision   BIGINT  NOT NULL,
    document   TEXT NOT NULL,
    PRIMARY KEY (namespace, coupon, revision)
);

-- The audit log: who changed a definition, when, from which revision to which.
CREATE TABLE coupon_edit (
    namespace  TEXT COLLATE "C" NOT NULL,
    coupon     TEXT COLLATE "C" NOT NULL,
    place      BIGINT  NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    revision_before BIGINT,
    revision_after  BIGINT  NOT NULL,
    edited_at  BIGINT  NOT NULL,
    edited_by  TEXT COLLATE "C",
    note       TEXT,
    PRIMARY KEY (namespace, coupon, place)
);

-- Codes: the shared one of a definition (0), one that lies in a batch (1), one that was handed out (2).
CREATE TABLE coupon_code (
    namespace    TEXT COLLATE "C" NOT NULL,
    code         TEXT COLLATE "C" NOT NULL,
    coupon       TEXT COLLATE "C" NOT NULL,
    standing     BIGINT  NOT NULL,
    holder       TEXT COLLATE "C",
    issued_at    BIGINT,
    valid_from   BIGINT,
    valid_until  BIGINT,
    issued_by    TEXT COLLATE "C",
    batch        TEXT COLLATE "C",
    -- Where the code stands in its batch.
    place        BIGINT,
    occasion     TEXT COLLATE "C",
    -- Whom the code was issued to for the occasion: a bearer code that was bound since is still the one of nobody.
    occasion_of  TEXT COLLATE "C",
    revocation   TEXT COLLATE "C",
    PRIMARY KEY (namespace, code)
);
CREATE INDEX coupon_code_of_coupon ON coupon_code (namespace, coupon, code);
CREATE INDEX coupon_code_of_batch ON coupon_code (namespace, batch, place) WHERE batch IS NOT NULL;
CREATE INDEX coupon_code_of_holder ON coupon_code (namespace, holder) WHERE holder IS NOT NULL;
CREATE UNIQUE INDEX coupon_code_of_occasion ON coupon_code (namespace, coupon, occasion_of, occasion)
    WHERE occasion IS NOT NULL;

CREATE TABLE coupon_batch (
    namespace    TEXT COLLATE "C" NOT NULL,
    batch        TEXT COLLATE "C" NOT NULL,
    coupon       TEXT COLLATE "C" NOT NULL,
    -- Whether its codes were stored first and handed out later, all at once.
    prepared     BIGINT  NOT NULL,
    added_at     BIGINT  NOT NULL,
    exported_at  BIGINT,
    PRIMARY KEY (namespace, batch)
);

-- Uses that a code had in an older system, and what they raised counters by.
CREATE TABLE coupon_import (
    namespace  TEXT COLLATE "C" NOT NULL,
    coupon     TEXT COLLATE "C" NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    uses       TEXT NOT NULL,
    taken      TEXT NOT NULL,
    PRIMARY KEY (namespace, coupon, code)
);

-- Counters, locked in the order of their key. `held` is the sum of the rows of coupon_part, the lapsed ones among them.
CREATE TABLE coupon_counter (
    namespace  TEXT COLLATE "C" NOT NULL,
    owner      TEXT COLLATE "C" NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    customer   TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    used       BIGINT  NOT NULL DEFAULT 0 CHECK (used >= 0),
    held       BIGINT  NOT NULL DEFAULT 0 CHECK (held >= 0),
    PRIMARY KEY (namespace, owner, code, customer, kind)
);
CREATE INDEX coupon_counter_of_customer ON coupon_counter (namespace, customer) WHERE customer <> '';

-- What a hold has of a counter. Guarded by the lock of the counter, never by that of the reference.
CREATE TABLE coupon_part (
    namespace  TEXT COLLATE "C" NOT NULL,
    reference  TEXT COLLATE "C" NOT NULL,
    owner      TEXT COLLATE "C" NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    customer   TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    amount     BIGINT  NOT NULL,
    lapses_at  BIGINT  NOT NULL,
    PRIMARY KEY (namespace, reference, owner, code, customer, kind)
);
CREATE INDEX coupon_part_of_counter ON coupon_part (namespace, owner, code, customer, kind, lapses_at);
CREATE INDEX coupon_part_by_lapse ON coupon_part (namespace, lapses_at);

-- What makes up a counter of rolling days, by when it was recorded.
CREATE TABLE coupon_recent (
    namespace    TEXT COLLATE "C" NOT NULL,
    owner        TEXT COLLATE "C" NOT NULL,
    code         TEXT COLLATE "C" NOT NULL,
    customer     TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    recorded_at  BIGINT  NOT NULL,
    reference    TEXT COLLATE "C" NOT NULL,
    amount       BIGINT  NOT NULL,
    PRIMARY KEY (namespace, owner, code, customer, kind, recorded_at, reference)
);

-- One row for each order or claim: free to be taken (0), held (1), recorded (2), voided (3).
CREATE TABLE coupon_redemption (
    namespace              TEXT COLLATE "C" NOT NULL,
    reference              TEXT COLLATE "C" NOT NULL,
    state                  BIGINT  NOT NULL,
    held_until             BIGINT,
    -- The order in which records were written.
    place                  BIGINT,
    recorded_at            BIGINT,
    voided_at              BIGINT,
    uses_given_back        BIGINT  NOT NULL DEFAULT 0,
    allowances_given_back  BIGINT  NOT NULL DEFAULT 0,
    -- The last change of types that was recorded before it.
    types_before           BIGINT,
    -- The account of points before it, and what returns have undone since.
    points_before          BIGINT,
    points_held_before     BIGINT,
    points_given_back      BIGINT  NOT NULL DEFAULT 0,
    points_taken_back      BIGINT  NOT NULL DEFAULT 0,
    currency               TEXT COLLATE "C" NOT NULL,
    payable                BIGINT  NOT NULL,
    -- What it raised counters by beyond the deltas of its document: limits that were added later. JSON.
    taken_besides          TEXT,
    -- Codes that belonged to nobody before. JSON.
    bound                  TEXT,
    document               TEXT NOT NULL,
    PRIMARY KEY (namespace, reference)
);
CREATE UNIQUE INDEX coupon_redemption_by_place ON coupon_redemption (namespace, place) WHERE place IS NOT NULL;
CREATE INDEX coupon_redemption_by_time ON coupon_redemption (namespace, recorded_at) WHERE recorded_at IS NOT NULL;
CREATE INDEX coupon_redemption_by_lapse ON coupon_redemption (namespace, held_until) WHERE state < 2;

-- The usage log: one row for each coupon of a record.
CREATE TABLE coupon_use (
    namespace    TEXT COLLATE "C" NOT NULL,
    coupon       TEXT COLLATE "C" NOT NULL,
    place        BIGINT  NOT NULL,
    part         BIGINT  NOT NULL,
    reference    TEXT COLLATE "C" NOT NULL,
    code         TEXT COLLATE "C" NOT NULL,
    revision     BIGINT  NOT NULL,
    units        BIGINT  NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    discount     BIGINT  NOT NULL,
    third_party  BIGINT  NOT NULL,
    given_back   BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (namespace, coupon, place, part)
);
CREATE INDEX coupon_use_of_code ON coupon_use (namespace, coupon, code) WHERE given_back = 0;

-- The history of a customer: one row for each key of a record.
CREATE TABLE coupon_history (
    namespace  TEXT COLLATE "C" NOT NULL,
    customer   TEXT COLLATE "C" NOT NULL,
    place      BIGINT  NOT NULL,
    reference  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (namespace, customer, place)
);

-- Changes that were made to a record since.
CREATE TABLE coupon_amendment (
    namespace  TEXT COLLATE "C" NOT NULL,
    reference  TEXT COLLATE "C" NOT NULL,
    movement   TEXT COLLATE "C" NOT NULL,
    based_on   TEXT COLLATE "C" NOT NULL,
    document   TEXT NOT NULL,
    PRIMARY KEY (namespace, reference, movement)
);

-- One row for each key of a customer, locked while the customer's types change.
CREATE TABLE coupon_customer (
    namespace  TEXT COLLATE "C" NOT NULL,
    customer   TEXT COLLATE "C" NOT NULL,
    -- Raised with every change of types, under the lock: the row itself must change, or a transaction with an older
    -- snapshot (repeatable read) that locks it later would not be refused.
    touched    BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (namespace, customer)
);

-- Every change of type, by place.
CREATE TABLE coupon_type_change (
    namespace    TEXT COLLATE "C" NOT NULL,
    place        BIGINT  NOT NULL,
    reference    TEXT COLLATE "C" NOT NULL,
    recorded_at  BIGINT  NOT NULL,
    reverts      BIGINT  NOT NULL,
    reverted     BIGINT  NOT NULL DEFAULT 0,
    -- It is to be set back as soon as no later change of the same stands.
    due          BIGINT  NOT NULL DEFAULT 0,
    -- The keys that it is stored under. JSON.
    customer     TEXT COLLATE "C" NOT NULL,
    document     TEXT NOT NULL,
    PRIMARY KEY (namespace, place)
);
CREATE INDEX coupon_type_change_of_reference ON coupon_type_change (namespace, reference);

CREATE TABLE coupon_type_key (
    namespace  TEXT COLLATE "C" NOT NULL,
    customer   TEXT COLLATE "C" NOT NULL,
    place      BIGINT  NOT NULL,
    PRIMARY KEY (namespace, customer, place)
);

-- Accounts of points.
CREATE TABLE coupon_points (
    namespace  TEXT COLLATE "C" NOT NULL,
    account    TEXT COLLATE "C" NOT NULL,
    balance    BIGINT  NOT NULL DEFAULT 0 CHECK (balance >= 0),
    -- Raised whenever a hold comes or goes, for the same reason as that of coupon_customer.
    touched    BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (namespace, account)
);

CREATE TABLE coupon_points_hold (
    namespace  TEXT COLLATE "C" NOT NULL,
    account    TEXT COLLATE "C" NOT NULL,
    reference  TEXT COLLATE "C" NOT NULL,
    lapses_at  BIGINT  NOT NULL,
    points     BIGINT  NOT NULL,
    PRIMARY KEY (namespace, account, reference)
);
CREATE INDEX coupon_points_hold_of_reference ON coupon_points_hold (namespace, reference);

-- Points that came without an order.
CREATE TABLE coupon_points_credit (
    namespace  TEXT COLLATE "C" NOT NULL,
    account    TEXT COLLATE "C" NOT NULL,
    movement   TEXT COLLATE "C" NOT NULL,
    points     BIGINT  NOT NULL,
    PRIMARY KEY (namespace, account, movement)
);

-- What a return moved: what was asked, and what was there.
CREATE TABLE coupon_points_return (
    namespace        TEXT COLLATE "C" NOT NULL,
    reference        TEXT COLLATE "C" NOT NULL,
    movement         TEXT COLLATE "C" NOT NULL,
    asked_back       BIGINT  NOT NULL,
    asked_away       BIGINT  NOT NULL,
    given_back       BIGINT  NOT NULL,
    taken_back       BIGINT  NOT NULL,
    shortfall        BIGINT  NOT NULL,
    PRIMARY KEY (namespace, reference, movement)
);

-- What must not be given again: the number of the last pseudonym of somebody who was forgotten, and the highest place of a
-- record that was purged.
CREATE TABLE coupon_mark (
    namespace     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    pseudonym     BIGINT  NOT NULL DEFAULT 0,
    purged_place  BIGINT  NOT NULL DEFAULT 0
);

-- Uses of codes that stood in records that were purged.
CREATE TABLE coupon_purged_use (
    namespace  TEXT COLLATE "C" NOT NULL,
    coupon     TEXT COLLATE "C" NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    uses       BIGINT  NOT NULL,
    PRIMARY KEY (namespace, coupon, code)
);

-- Places of records and of changes of type: rising, with gaps.
CREATE SEQUENCE coupon_place;
