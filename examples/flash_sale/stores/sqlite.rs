//! In an SQLite file.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use vouchsafe::{Namespace, SqliteStore};

use super::{Backend, Failure};

#[derive(Debug)]
pub(crate) struct Sqlite {
    options: SqliteConnectOptions,
    namespace: Namespace,
}

impl Sqlite {
    /// Opens the file and makes the tables. What is committed outlives the power: `synchronous` is full.
    pub(crate) async fn open(file: &Path, namespace: Namespace) -> Result<Self, Failure> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // There is one writer at a time; the others wait for their turn.
            .busy_timeout(Duration::from_secs(60))
            .disable_statement_logging();
        let sqlite = Self { options, namespace };
        let mut connection = sqlite.connect().await?;
        SqliteStore::migrate(&mut connection).await?;
        connection.close().await.map_err(|error| Failure::Connect(error.into()))?;
        Ok(sqlite)
    }
}

impl Backend for Sqlite {
    type Connection = SqliteConnection;
    type Store<'c> = SqliteStore<'c>;

    async fn connect(&self) -> Result<SqliteConnection, Failure> {
        self.options.connect().await.map_err(|error| Failure::Connect(error.into()))
    }

    fn store<'c>(&self, connection: &'c mut SqliteConnection) -> SqliteStore<'c> {
        SqliteStore::new(connection, self.namespace.clone())
    }
}
