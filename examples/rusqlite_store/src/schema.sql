-- The rows of the store. `shop` comes first in every key, so one database serves many shops. Instants are nanoseconds since
-- 1970 in UTC; documents, references, customers and counters are the JSON that the library writes for them.

-- Definitions: which revision stands, and up to which one holds are worth nothing.
CREATE TABLE IF NOT EXISTS definition (
    shop TEXT, coupon TEXT, current INTEGER NOT NULL, killed_through INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (shop, coupon)
);
-- Every revision stays: records and holds refer to the one they were priced under.
CREATE TABLE IF NOT EXISTS revision (
    shop TEXT, coupon TEXT, revision INTEGER, document TEXT NOT NULL,
    PRIMARY KEY (shop, coupon, revision)
);
-- The audit log of definitions.
CREATE TABLE IF NOT EXISTS edit (
    place INTEGER PRIMARY KEY, shop TEXT NOT NULL, coupon TEXT NOT NULL, kind TEXT NOT NULL,
    before INTEGER, after INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT, note TEXT
);
CREATE INDEX IF NOT EXISTS edit_of_coupon ON edit (shop, coupon);

-- Codes, each once: `shared` by all, `prepared` in a batch, `issued`. `document` is the code as it was handed out; whose it
-- became with its first use stands in `bound`, so that a void can take that back. `occasion` has one code for each holder.
CREATE TABLE IF NOT EXISTS code (
    place INTEGER PRIMARY KEY, shop TEXT NOT NULL, code TEXT NOT NULL, coupon TEXT NOT NULL, state TEXT NOT NULL,
    batch TEXT, document TEXT, bound TEXT, revocation TEXT, occasion TEXT,
    UNIQUE (shop, code), UNIQUE (shop, coupon, occasion)
);
CREATE INDEX IF NOT EXISTS code_of_coupon ON code (shop, coupon, code);
CREATE INDEX IF NOT EXISTS code_of_batch ON code (shop, batch);
CREATE TABLE IF NOT EXISTS batch (
    shop TEXT, batch TEXT, coupon TEXT NOT NULL, prepared INTEGER NOT NULL, added_at INTEGER NOT NULL,
    exported_at INTEGER,
    PRIMARY KEY (shop, batch)
);
-- Uses that a code had in an older system.
CREATE TABLE IF NOT EXISTS imported (
    shop TEXT, code TEXT, coupon TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (shop, code)
);

-- What is used of a counter for good; and who took which part of it: a hold `until` an instant, a record or an import `at`
-- one. What is held is no figure of its own: it is the sum of the parts that have not lapsed.
CREATE TABLE IF NOT EXISTS counter (
    shop TEXT, counter TEXT, used INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
    PRIMARY KEY (shop, counter)
);
CREATE TABLE IF NOT EXISTS part (
    shop TEXT, owner TEXT, counter TEXT, amount INTEGER NOT NULL, until INTEGER, at INTEGER,
    PRIMARY KEY (shop, owner, counter)
);
CREATE INDEX IF NOT EXISTS part_held ON part (shop, counter, until) WHERE until IS NOT NULL;
CREATE INDEX IF NOT EXISTS part_recorded ON part (shop, counter, at) WHERE at IS NOT NULL;

CREATE TABLE IF NOT EXISTS hold (
    shop TEXT, reference TEXT, until INTEGER NOT NULL, account TEXT, points INTEGER NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (shop, reference)
);
CREATE INDEX IF NOT EXISTS hold_of_account ON hold (shop, account) WHERE account IS NOT NULL;
CREATE INDEX IF NOT EXISTS hold_by_lapse ON hold (shop, until);

-- Records, in the order in which they were written; a place is never given twice.
CREATE TABLE IF NOT EXISTS record (
    place INTEGER PRIMARY KEY AUTOINCREMENT, shop TEXT NOT NULL, reference TEXT NOT NULL, at INTEGER NOT NULL,
    voided_at INTEGER, uses_back INTEGER NOT NULL DEFAULT 0, allowances_back INTEGER NOT NULL DEFAULT 0,
    bound TEXT NOT NULL, types_before INTEGER NOT NULL,
    balance_before INTEGER NOT NULL, held_before INTEGER NOT NULL,
    given_back INTEGER NOT NULL DEFAULT 0, taken_back INTEGER NOT NULL DEFAULT 0, document TEXT NOT NULL,
    UNIQUE (shop, reference)
);
CREATE INDEX IF NOT EXISTS record_by_time ON record (shop, at);
-- By which definition and code, by which customer. A use whose record was purged has no place any more.
CREATE TABLE IF NOT EXISTS used (
    shop TEXT NOT NULL, coupon TEXT NOT NULL, code TEXT NOT NULL, place INTEGER, times INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS used_of_code ON used (shop, coupon, code);
CREATE INDEX IF NOT EXISTS used_of_record ON used (place);
CREATE TABLE IF NOT EXISTS buyer (
    shop TEXT, customer TEXT, place INTEGER,
    PRIMARY KEY (shop, customer, place)
);
CREATE INDEX IF NOT EXISTS buyer_of_record ON buyer (place);
CREATE TABLE IF NOT EXISTS amendment (
    shop TEXT, reference TEXT, movement TEXT, based_on TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (shop, reference, movement)
);

-- Changes of customers' types, in their order, each under every key that it was recorded for.
CREATE TABLE IF NOT EXISTS type_change (
    place INTEGER PRIMARY KEY AUTOINCREMENT, shop TEXT NOT NULL, reference TEXT NOT NULL, at INTEGER NOT NULL,
    reverts INTEGER NOT NULL, reverted INTEGER NOT NULL, due INTEGER NOT NULL, customer TEXT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS type_change_of_reference ON type_change (shop, reference);
CREATE TABLE IF NOT EXISTS type_key (
    shop TEXT, customer TEXT, place INTEGER,
    PRIMARY KEY (shop, customer, place)
);

-- Accounts of points, and what moved them besides orders, each once.
CREATE TABLE IF NOT EXISTS account (
    shop TEXT, account TEXT, balance INTEGER NOT NULL CHECK (balance >= 0),
    PRIMARY KEY (shop, account)
);
CREATE TABLE IF NOT EXISTS credit (shop TEXT, account TEXT, movement TEXT, PRIMARY KEY (shop, account, movement));
CREATE TABLE IF NOT EXISTS points_return (
    shop TEXT, reference TEXT, movement TEXT, asked TEXT NOT NULL, returned TEXT NOT NULL,
    PRIMARY KEY (shop, reference, movement)
);

-- The number of the last pseudonym that was given.
CREATE TABLE IF NOT EXISTS pseudonym (shop TEXT PRIMARY KEY, last INTEGER NOT NULL);
