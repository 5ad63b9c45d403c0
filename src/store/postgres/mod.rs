//! The store in PostgreSQL.

use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{Column, Connection, Postgres, Row as _, Transaction, TypeInfo};

use super::StoreError;
use super::sql::{Dialect, Row, SqlStore, Statement, Value};

/// A handle on a store in PostgreSQL.
///
/// Works under every isolation level. Under repeatable read and serializable two checkouts that want one counter may be in
/// each other's way: the second is told of a [conflict](StoreError::Conflict), and its transaction is to be begun anew.
/// Under read committed it waits.
///
/// ```no_run
/// use chrono::{DateTime, Utc};
/// use sqlx::{Connection, PgConnection};
/// use vouchsafe::{CouponStore, Namespace, PostgresStore, Redemption};
///
/// async fn place(
///     connection: &mut PgConnection,
///     shop: Namespace,
///     redemption: &Redemption,
///     at: DateTime<Utc>,
/// ) -> Result<bool, Box<dyn std::error::Error>> {
///     let mut transaction = connection.begin().await?;
///     sqlx::query("INSERT INTO orders (id) VALUES (1)").execute(&mut *transaction).await?;
///     if !PostgresStore::new(&mut transaction, shop).commit(redemption, at).await?.is_recorded() {
///         return Ok(false);
///     }
///     transaction.commit().await?;
///     Ok(true)
/// }
/// ```
pub type PostgresStore<'c> = SqlStore<'c, Postgres>;

/// A transaction of a step, marked as one in the same message: a call that is dropped while this travels leaves it open
/// behind the driver's back, and empty. What begins next goes on in it; what is one statement finds the mark.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL vouchsafe.step = 'begun'";

impl Dialect for Postgres {
    const ONE_WRITER: bool = false;
    const SCHEMA: &'static [&'static str] =
        &[concat!(include_str!("schema/1.sql"), include_str!("schema/functions.sql"))];
    const COMMIT_GROUP: Option<Statement> = Some(Statement::both(include_str!("checkout/commit_group.sql")));

    fn pick(statement: &Statement) -> &'static str {
        statement.postgres
    }

    async fn rows(
        connection: &mut PgConnection,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = bind(statement, values).fetch_all(connection).await.map_err(failure)?;
        rows.iter().map(read).collect()
    }

    async fn execute(
        connection: &mut PgConnection,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        Ok(bind(statement, values).execute(connection).await.map_err(failure)?.rows_affected())
    }

    fn failure(error: sqlx::Error) -> StoreError {
        failure(error)
    }

    async fn batch(connection: &mut PgConnection, text: &'static str) -> Result<(), StoreError> {
        sqlx::raw_sql(text).execute(connection).await.map(drop).map_err(failure)
    }

    /// A transaction whose statements see what others committed meanwhile, whatever the server is set to: every limit is a row
    /// that is locked first.
    /// What failed here stays open until the driver rolls it back.
    async fn mend(_: &mut PgConnection) {}

    async fn end_stray(connection: &mut PgConnection) -> Result<(), StoreError> {
        sqlx::raw_sql("ROLLBACK").execute(connection).await.map(drop).map_err(failure)
    }

    async fn begin(connection: &mut PgConnection) -> Result<Transaction<'_, Postgres>, StoreError> {
        let begun =
            if connection.is_in_transaction() { connection.begin().await } else { connection.begin_with(BEGIN).await };
        begun.map_err(failure)
    }
}

fn bind(statement: &Statement, values: Vec<Value>) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(statement.postgres);
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
    })
}

fn read(row: &PgRow) -> Result<Row, StoreError> {
    let value = |column: &sqlx::postgres::PgColumn| {
        let place = column.ordinal();
        Ok(match column.type_info().name() {
            "INT8" => Value::Int(row.try_get(place)?),
            "INT4" => Value::Int(row.try_get::<Option<i32>, _>(place)?.map(i64::from)),
            "BOOL" => Value::Int(row.try_get::<Option<bool>, _>(place)?.map(i64::from)),
            _ => Value::Text(row.try_get(place)?),
        })
    };
    let values: Result<Vec<Value>, sqlx::Error> = row.columns().iter().map(value).collect();
    values.map(Row).map_err(failure)
}

/// What an error of PostgreSQL means, by its class.
fn failure(error: sqlx::Error) -> StoreError {
    let code = match &error {
        sqlx::Error::Database(error) => error.code().map(|code| code.into_owned()),
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => {
            return StoreError::unavailable(error);
        }
        _ => None,
    };
    match code.as_deref() {
        // Serialization failure, deadlock, lock not available, and a wait that was cut short by a timeout of the host.
        Some("40001" | "40P01" | "55P03" | "57014") => StoreError::conflict(error),
        // A transaction that took too long, and a server that was the first one until a moment ago.
        Some("25P03" | "25P04" | "25006") => StoreError::unavailable(error),
        // Lost connections, lacking resources, a server that goes down.
        Some(code) if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") => {
            StoreError::unavailable(error)
        }
        _ => StoreError::backend(error),
    }
}
