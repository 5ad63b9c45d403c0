//! How one kind of database differs from another.

use std::future::Future;

use sqlx::{Database, Transaction};

use super::{Row, Statement, Value};
use crate::store::StoreError;

/// A kind of database that the store knows: SQLite or PostgreSQL, as `sqlx` names them. For another one implement
/// [`CouponStore`](crate::CouponStore); this trait is none to implement.
///
/// ```
/// use vouchsafe::Dialect;
/// # #[cfg(feature = "sqlite")]
/// assert!(sqlx::Sqlite::SCHEMA[0].contains("CREATE TABLE coupon_definition"));
/// # #[cfg(feature = "postgres")]
/// assert!(sqlx::Postgres::SCHEMA[0].contains("CREATE TABLE coupon_definition"));
/// ```
pub trait Dialect: Database {
    /// The steps of the schema, oldest first: files that a host may copy into its own migrations. Copy them or call
    /// [`migrate`](crate::SqlStore::migrate), not both: it keeps the number of the last step in `coupon_schema`, and would run
    /// every step again where it finds no number.
    const SCHEMA: &'static [&'static str];

    /// Records redemptions in one round trip, all of them or none, where nothing speaks against them: a row that says whether
    /// it did, and whether it was in a transaction that a step began.
    #[doc(hidden)]
    const COMMIT_GROUP: Option<Statement> = None;

    /// The statement in the words of this database.
    #[doc(hidden)]
    fn pick(statement: &Statement) -> &'static str;

    /// Runs a statement and reads all of its rows.
    #[doc(hidden)]
    fn rows(
        connection: &mut Self::Connection,
        statement: &Statement,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// Runs a statement; says how many rows it changed.
    #[doc(hidden)]
    fn execute(
        connection: &mut Self::Connection,
        statement: &Statement,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Runs a file of statements without values.
    #[doc(hidden)]
    fn batch(
        connection: &mut Self::Connection,
        text: &'static str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What an error of the driver means: whether a retry helps.
    #[doc(hidden)]
    fn failure(error: sqlx::Error) -> StoreError;

    /// Begins a transaction that may write, or a savepoint inside of the host's.
    #[doc(hidden)]
    fn begin(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<Transaction<'_, Self>, StoreError>> + Send;

    /// Has the driver know again that a connection is in no transaction, where an error had the database end ours by itself.
    #[doc(hidden)]
    fn mend(connection: &mut Self::Connection) -> impl Future<Output = ()> + Send;

    /// Ends a transaction that the driver does not know of, since the call that began it was dropped.
    #[doc(hidden)]
    fn end_stray(connection: &mut Self::Connection) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether a transaction that may write is the only one. It needs no locks of rows, and is not looked for before it is
    /// begun: a look would fix what a transaction of the host sees, and have it refused when it writes.
    #[doc(hidden)]
    const ONE_WRITER: bool;
}
