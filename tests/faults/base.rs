//! What the workers and the checks ask of each kind of database besides the store.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, Postgres, Row, Sqlite, Transaction};
use vouchsafe::{Dialect, StoreError};

use crate::dice::Dice;

/// A database that can be put under fire. Its place is the path of a file or a URL.
pub trait Base: Dialect {
    async fn open(place: &str) -> Result<Self::Connection, sqlx::Error>;
    /// A transaction of the host.
    async fn transaction<'c>(
        connection: &'c mut Self::Connection,
        dice: &mut Dice,
    ) -> Result<Transaction<'c, Self>, sqlx::Error>;
    async fn insert_order(connection: &mut Self::Connection, reference: &str) -> Result<(), sqlx::Error>;
    /// Rows of texts, as they are, past the store.
    async fn rows_of(connection: &mut Self::Connection, sql: &'static str) -> Result<Vec<Vec<String>>, sqlx::Error>;
    /// A view of the whole database at one moment, until the end of the transaction.
    async fn snapshot(connection: &mut Self::Connection) -> Result<Transaction<'_, Self>, sqlx::Error>;
    /// What an error of the host's own statements means.
    fn means(error: sqlx::Error) -> StoreError {
        Self::failure(error)
    }
}

/// The order table of the host.
pub const ORDERS: &str = "CREATE TABLE orders (reference TEXT PRIMARY KEY)";
const INSERT: &str = "INSERT INTO orders (reference) VALUES ($1) ON CONFLICT (reference) DO NOTHING";

macro_rules! rows_of {
    ($connection:expr, $sql:expr) => {{
        let rows = sqlx::query($sql).fetch_all($connection).await?;
        rows.iter().map(|row| (0..row.len()).map(|column| text(row.try_get(column)?)).collect()).collect()
    }};
}

fn text(value: Option<String>) -> Result<String, sqlx::Error> {
    Ok(value.unwrap_or_default())
}

/// How the rollback journal is kept is in the place: `FILE` or `FILE?journal`.
pub fn sqlite_options(place: &str) -> SqliteConnectOptions {
    let (file, mode) = match place.split_once('?') {
        Some((file, _)) => (file, SqliteJournalMode::Delete),
        None => (place, SqliteJournalMode::Wal),
    };
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(mode)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(20))
}

impl Base for Sqlite {
    async fn open(place: &str) -> Result<SqliteConnection, sqlx::Error> {
        sqlite_options(place).connect().await
    }

    async fn transaction<'c>(
        connection: &'c mut SqliteConnection,
        dice: &mut Dice,
    ) -> Result<Transaction<'c, Sqlite>, sqlx::Error> {
        // One that begins to write late must still be safe.
        if dice.once_in(3) { connection.begin().await } else { connection.begin_with("BEGIN IMMEDIATE").await }
    }

    async fn insert_order(connection: &mut SqliteConnection, reference: &str) -> Result<(), sqlx::Error> {
        sqlx::query(INSERT).bind(reference).execute(connection).await.map(drop)
    }

    async fn rows_of(connection: &mut SqliteConnection, sql: &'static str) -> Result<Vec<Vec<String>>, sqlx::Error> {
        rows_of!(connection, sql)
    }

    async fn snapshot(connection: &mut SqliteConnection) -> Result<Transaction<'_, Sqlite>, sqlx::Error> {
        connection.begin().await
    }
}

impl Base for Postgres {
    async fn open(place: &str) -> Result<PgConnection, sqlx::Error> {
        PgConnectOptions::from_str(place)?.connect().await
    }

    async fn transaction<'c>(
        connection: &'c mut PgConnection,
        dice: &mut Dice,
    ) -> Result<Transaction<'c, Postgres>, sqlx::Error> {
        const LEVELS: [&str; 4] = [
            "BEGIN",
            "BEGIN ISOLATION LEVEL READ COMMITTED",
            "BEGIN ISOLATION LEVEL REPEATABLE READ",
            "BEGIN ISOLATION LEVEL SERIALIZABLE",
        ];
        connection.begin_with(LEVELS[dice.below(4) as usize]).await
    }

    async fn insert_order(connection: &mut PgConnection, reference: &str) -> Result<(), sqlx::Error> {
        sqlx::query(INSERT).bind(reference).execute(connection).await.map(drop)
    }

    async fn rows_of(connection: &mut PgConnection, sql: &'static str) -> Result<Vec<Vec<String>>, sqlx::Error> {
        rows_of!(connection, sql)
    }

    async fn snapshot(connection: &mut PgConnection) -> Result<Transaction<'_, Postgres>, sqlx::Error> {
        let transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        Ok(transaction)
    }
}

/// Runs statements of the host.
pub async fn run<D: Base>(connection: &mut D::Connection, sql: &'static str) -> Result<(), sqlx::Error>
where
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    connection.execute(sqlx::raw_sql(sql)).await.map(drop)
}
