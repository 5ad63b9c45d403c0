//! The store in an SQLite file.

use std::future::Future;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, Sqlite};
use tokio::runtime::Runtime;
use vouchsafe::store::conformance::{Ending, Rig};
use vouchsafe::*;

/// A file in a temporary directory, and a runtime to wait in; tried with the one statement that records what is simple,
/// and carefully, without it.
pub struct File<const CAREFULLY: bool> {
    directory: Directory,
    runtime: Runtime,
}

/// Is removed with all that is in it.
struct Directory(std::path::PathBuf);

impl Directory {
    fn fresh() -> Self {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("vouchsafe-kit-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left of a temporary directory does no harm.
        std::fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

impl<const CAREFULLY: bool> File<CAREFULLY> {
    fn handle<'c>(connection: &'c mut SqliteConnection, shop: &str) -> SqliteStore<'c> {
        let store = SqliteStore::new(connection, shop.parse().unwrap());
        if CAREFULLY { store.carefully() } else { store }
    }
}

impl<const CAREFULLY: bool> Rig for File<CAREFULLY> {
    type Connection = SqliteConnection;
    type Transaction<'c> = sqlx::Transaction<'c, Sqlite>;
    type Store<'c> = SqliteStore<'c>;

    fn fresh() -> Option<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let file = Self { directory: Directory::fresh(), runtime };
        file.wait(async {
            SqliteStore::migrate(&mut file.connect().await).await.unwrap();
        });
        Some(file)
    }

    fn wait<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    async fn connect(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(self.directory.0.join("shop.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(std::time::Duration::from_secs(60));
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    fn store<'c>(&self, connection: &'c mut SqliteConnection) -> SqliteStore<'c> {
        Self::handle(connection, "ours")
    }

    fn neighbour<'c>(&self, connection: &'c mut SqliteConnection) -> SqliteStore<'c> {
        Self::handle(connection, "theirs")
    }

    async fn begin<'c>(&self, connection: &'c mut SqliteConnection) -> Option<sqlx::Transaction<'c, Sqlite>> {
        Some(connection.begin().await.unwrap())
    }

    fn inside<'t>(&self, transaction: &'t mut Self::Transaction<'_>) -> SqliteStore<'t> {
        Self::handle(transaction, "ours")
    }

    async fn end(&self, transaction: Self::Transaction<'_>, ending: Ending) {
        match ending {
            Ending::Commit => transaction.commit().await.unwrap(),
            Ending::RollBack => transaction.rollback().await.unwrap(),
        }
    }
}

vouchsafe::conformance!(File<false>);

mod carefully {
    vouchsafe::conformance!(super::File<true>);
}
