//! A store in a relational database: what SQLite and PostgreSQL share, written once.
//!
//! The databases differ in their [`Dialect`]: how a statement is run, how a transaction begins, and the text of the
//! statements that cannot be the same. Everything else is here: which rows are read, who says no (the rules of
//! `judge`, shared with the memory store), which rows are written.

mod admin;
mod amend;
mod cell;
mod checkout;
mod dialect;
mod forget;
mod log;
mod migrate;
mod points;
mod purge;
mod statement;
mod step;
mod types;
mod value;

use sqlx::{Connection, Database};

pub(super) use cell::Cell;
pub use dialect::Dialect;
pub(super) use statement::Statement;
pub(super) use value::{Row, Value, nanos};

use crate::key::Namespace;
use crate::store::Grace;

/// A handle on a store in a database: `SqliteStore` or `PostgresStore`, by the features `sqlite` and
/// `postgres`. It borrows a connection, or the connection of a transaction that the host opened, and is made anew for each
/// use.
///
/// On a bare connection each call is a transaction of its own. In a transaction of the host what a call wrote is recorded
/// with it, or not at all.
///
/// # The transaction of the host
///
/// A refusal leaves it usable, and as it was. After a [`StoreError`](crate::StoreError), and after a call that was dropped
/// before it was answered (a timeout, a browser that went away), roll it back: a database may have aborted it, and a driver
/// may take it for ended. On a bare connection ask again, on this one or another; a call that was dropped there has been
/// done, or has not, and never by half.
///
/// **Give a pool of PostgreSQL an `after_release` that runs `ROLLBACK`.** The driver, `sqlx` 0.9, does not know of a transaction
/// whose `BEGIN` was under way when its future was dropped, and hands it to whoever gets the connection next: what that one
/// does outside of a transaction of its own is lost with it. Where the `BEGIN` was one of this store, the next commit finds
/// out and ends it; where it was the host's, nobody can.
///
/// Instants are kept to the nanosecond, which fits those from 1678 to 2261; another one is an error. Figures go up to
/// 2^63 - 1.
pub struct SqlStore<'c, D: Dialect> {
    connection: &'c mut <D as Database>::Connection,
    namespace: Namespace,
    grace: Grace,
    /// Whether simple commits may be one statement, where the database has it.
    at_once: bool,
    /// Whether every step has a transaction of its own.
    bare: bool,
}

impl<D: Dialect> std::fmt::Debug for SqlStore<'_, D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore")
            .field("namespace", &self.namespace)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}

impl<'c, D: Dialect> SqlStore<'c, D> {
    /// A handle on the store of a shop.
    #[must_use]
    pub fn new(connection: &'c mut <D as Database>::Connection, namespace: Namespace) -> Self {
        let bare = !connection.is_in_transaction();
        Self { connection, namespace, grace: Grace::NONE, at_once: true, bare }
    }

    /// With a grace for clocks that are apart; the same one for all handles of a shop. A statement compares the end of a
    /// hold with [`Grace::lapsed_through`] in the place of the instant of the call.
    #[must_use]
    pub fn with_grace(mut self, grace: Grace) -> Self {
        self.grace = grace;
        self
    }

    /// Ends a step that may have written: after an error the connection is as it was before.
    async fn ended<T, E>(&mut self, answer: Result<T, E>) -> Result<T, E> {
        if self.bare && answer.is_err() {
            D::mend(self.connection).await;
        }
        answer
    }

    /// Never commits without a look: for tests that what is recorded at once is what the many statements record.
    #[doc(hidden)]
    #[must_use]
    pub fn carefully(mut self) -> Self {
        self.at_once = false;
        self
    }
}
