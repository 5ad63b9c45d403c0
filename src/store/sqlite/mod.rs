//! The store in an SQLite file.

use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Connection, Row as _, Sqlite, Transaction, TypeInfo, ValueRef};

use super::StoreError;
use super::sql::{Dialect, Row, SqlStore, Statement, Value};

/// A handle on a store in an SQLite file.
///
/// SQLite has one writer at a time. Set a busy timeout, so that whoever comes second waits; who waited too long is told of a
/// [conflict](StoreError::Conflict). Begin a transaction around a commit with `BEGIN IMMEDIATE`: one that only read so far
/// is refused where somebody else wrote since.
///
/// A full disk and a failing device have SQLite take back the whole transaction around a call by itself. Whatever is asked of
/// the store in it then is an error, and so is the host's own commit: begin anew, on another connection where even the
/// rollback fails.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use sqlx::{Connection, SqliteConnection};
/// use vouchsafe::*;
///
/// let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
/// SqliteStore::migrate(&mut connection).await?;
/// let namespace: Namespace = "my-shop".parse()?;
/// let (spring, at) = (Coupon::builder("spring").code("SPRING").percent_off("10").build()?, parse_instant("2026-03-01T12:00:00Z")?);
/// SqliteStore::new(&mut connection, namespace.clone()).define(&spring, &Edit::new(at)).await?;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let reference = Reference::Order("o-1".parse()?);
/// let request = LoadRequest::new(reference.clone(), Currency::USD, at).code("spring");
/// let loaded = SqliteStore::new(&mut connection, namespace.clone()).load(&request).await?;
/// let prepared = loaded.prepare(&shop)?;
/// let codes = loaded.presented(&prepared);
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(1)?, UnitPrice::parse("120.00")?);
/// let (order, guest) = (Order::builder(Currency::USD).line(line).build()?, Customer::anonymous());
/// let outcome = shop.evaluate(&Request::new(&order, &guest, reference, at).with_codes(&codes))?;
///
/// let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
/// // ... insert the order ...
/// let answer = SqliteStore::new(&mut transaction, namespace).commit(&outcome.redemption()?, at).await?;
/// assert_eq!(answer, Commit::Recorded);
/// transaction.commit().await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })
/// # }
/// ```
pub type SqliteStore<'c> = SqlStore<'c, Sqlite>;

impl Dialect for Sqlite {
    const ONE_WRITER: bool = true;
    const SCHEMA: &'static [&'static str] = &[include_str!("schema/1.sql")];

    fn pick(statement: &Statement) -> &'static str {
        statement.sqlite
    }

    async fn rows(
        connection: &mut SqliteConnection,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = bind(statement, values).fetch_all(connection).await.map_err(failure)?;
        rows.iter().map(read).collect()
    }

    async fn execute(
        connection: &mut SqliteConnection,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        Ok(bind(statement, values).execute(connection).await.map_err(failure)?.rows_affected())
    }

    fn failure(error: sqlx::Error) -> StoreError {
        failure(error)
    }

    async fn batch(connection: &mut SqliteConnection, text: &'static str) -> Result<(), StoreError> {
        sqlx::raw_sql(text).execute(connection).await.map(drop).map_err(failure)
    }

    /// A full disk and a failing device have SQLite roll back by itself; the driver finds nothing to roll back then, and
    /// would take the connection to be inside of a transaction for ever.
    async fn mend(connection: &mut SqliteConnection) {
        // Behind the rollback that was left to the driver.
        let flushed = connection.ping().await;
        if flushed.is_ok() && connection.is_in_transaction() {
            // An empty one for it to roll back, which it does where it cannot begin another.
            drop(sqlx::raw_sql("BEGIN").execute(&mut *connection).await);
            drop(connection.begin_with("BEGIN").await);
            drop(connection.ping().await);
        }
    }

    /// The driver knows of every transaction that it began.
    async fn end_stray(_: &mut SqliteConnection) -> Result<(), StoreError> {
        Ok(())
    }

    /// A transaction that waits for the one writer at once, rather than to be refused in its middle.
    async fn begin(connection: &mut SqliteConnection) -> Result<Transaction<'_, Sqlite>, StoreError> {
        let begun = if connection.is_in_transaction() {
            if sqlx::raw_sql("BEGIN").execute(&mut *connection).await.is_ok() {
                // What the driver takes for the host's transaction is none any more, since an error had the database roll it
                // back: what is written now would stay though the order does not.
                sqlx::raw_sql("ROLLBACK").execute(connection).await.map_err(failure)?;
                return Err(StoreError::unavailable("the database has rolled the transaction back"));
            }
            connection.begin().await
        } else {
            connection.begin_with("BEGIN IMMEDIATE").await
        };
        begun.map_err(failure)
    }
}

fn bind(statement: &Statement, values: Vec<Value>) -> sqlx::query::Query<'static, Sqlite, SqliteArguments> {
    let query = sqlx::query(statement.sqlite);
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
    })
}

fn read(row: &SqliteRow) -> Result<Row, StoreError> {
    let value = |place| {
        let raw = row.try_get_raw(place)?;
        if raw.is_null() {
            return Ok(Value::Int(None));
        }
        match raw.type_info().name() {
            "TEXT" => row.try_get(place).map(Value::Text),
            _ => row.try_get(place).map(Value::Int),
        }
    };
    let values: Result<Vec<Value>, sqlx::Error> = (0..row.len()).map(value).collect();
    values.map(Row).map_err(failure)
}

/// What an error of SQLite means: another writer and a full disk pass, a missing table does not.
fn failure(error: sqlx::Error) -> StoreError {
    let code = match &error {
        sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<u32>().ok()),
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::PoolTimedOut => {
            return StoreError::unavailable(error);
        }
        _ => None,
    };
    match code.map(|code| code & 0xff) {
        // Busy, locked, and a race for the lock of a write-ahead log.
        Some(5 | 6 | 15) => StoreError::conflict(error),
        // An error of the device, a full disk, a file that cannot be opened.
        Some(10 | 13 | 14) => StoreError::unavailable(error),
        _ => StoreError::backend(error),
    }
}
