//! A whole store of coupons over a driver that the library knows nothing of: `rusqlite`, without a runtime.
//!
//! Read it in this order:
//!
//! | file | what it shows |
//! |---|---|
//! | `schema.sql` | the rows |
//! | `step.rs` | all or nothing: a transaction of its own, or a part of the host's; errors and refusals kept apart |
//! | `checkout.rs` | `commit`: compare, judge, record; then `reserve` and `release` |
//! | `counters.rs` | who took which part of a counter, and how it is given back once |
//! | `facts.rs` | what the library's rules ask before they answer |
//! | `load.rs` | what a checkout sees |
//! | `after.rs`, `points.rs`, `types.rs` | voids, changes of an order, accounts of points, customers' types |
//! | `definitions.rs`, `codes.rs`, `issuing.rs`, `imports.rs` | what an admin does |
//! | `logs.rs`, `life.rs` | what was recorded; who is forgotten, and what is purged |
//! | `admin.rs` | the second trait, one line for each method |
//! | `tests/promises.rs` | every promise of a store, tried on this one |
//!
//! It keeps both traits whole. What it does not do: it is not fast (each step is a dozen small statements with the write lock
//! held), it has no migrations, and its futures block the thread that polls them, as `rusqlite` does: under an async
//! runtime, poll them where blocking is allowed.

mod admin;
mod after;
mod checkout;
mod codes;
mod counters;
mod definitions;
mod facts;
mod imports;
mod issuing;
mod life;
mod load;
mod logs;
mod points;
mod step;
mod types;

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, TransactionBehavior};
use vouchsafe::{
    Commit, CouponStore, Grace, LoadRequest, Loaded, Namespace, OnVoid, Redemption, Reference, Release, Reserve,
    StoreError, Void,
};

use step::{Failure, Rows, Step, step};

/// A handle on the store of one shop. It borrows a connection, or a transaction that was begun on it, and is thrown away.
#[derive(Debug)]
pub struct RusqliteStore<'c> {
    connection: &'c mut Connection,
    shop: Namespace,
    grace: Grace,
}

/// Opens a file with the tables in it. A commit is on the disk when it is answered, and whoever finds the write lock taken
/// waits for it.
pub fn open(path: &Path) -> Result<Connection, rusqlite::Error> {
    let mut connection = Connection::open(path)?;
    connection.busy_handler(Some(wait_for_the_lock))?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let tables = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tables.execute_batch(include_str!("schema.sql"))?;
    tables.commit()?;
    Ok(connection)
}

/// For a minute, a thousandth of a second at a time: a step is shorter than the steps in which SQLite's own timeout sleeps.
fn wait_for_the_lock(tries: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    tries < 60_000
}

impl<'c> RusqliteStore<'c> {
    /// The store of a shop, over a connection. Where the host has begun a transaction on that, every step is a part of it;
    /// begin it with `BEGIN IMMEDIATE`, so that it has the write lock before it reads.
    pub fn new(connection: &'c mut Connection, shop: Namespace) -> Self {
        Self { connection, shop, grace: Grace::NONE }
    }

    /// The same with a grace for clocks that are apart.
    pub fn with_grace(self, grace: Grace) -> Self {
        Self { grace, ..self }
    }

    fn step<T>(&mut self, kind: Step, work: impl FnOnce(&Rows<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let (shop, grace) = (self.shop.as_str(), self.grace);
        step(self.connection, kind, |db| work(&Rows { db, shop, grace }))
    }

    fn read<T>(&mut self, work: impl FnOnce(&Rows<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        self.step(Step::Read, work)
    }

    fn write<T>(&mut self, work: impl FnOnce(&Rows<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        self.step(Step::Write, work)
    }
}

impl CouponStore for RusqliteStore<'_> {
    async fn load(&mut self, request: &LoadRequest) -> Result<Loaded, StoreError> {
        Ok(self.read(|rows| rows.load(request))?)
    }

    async fn reserve(
        &mut self,
        redemption: &Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Reserve, StoreError> {
        Ok(self.write(|rows| rows.reserve(redemption, at, until))?)
    }

    async fn commit(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit, StoreError> {
        Ok(self.write(|rows| rows.commit(redemption, at))?)
    }

    async fn release(&mut self, reference: &Reference, at: DateTime<Utc>) -> Result<Release, StoreError> {
        Ok(self.write(|rows| rows.release(reference, at))?)
    }

    async fn void(&mut self, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Result<Void, StoreError> {
        Ok(self.write(|rows| rows.void(reference, policy, at))?)
    }
}
