//! One SQLite file, in which every story is a shop of its own: a namespace.

use std::error::Error;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use vouchsafe::{Namespace, SqliteStore};

use super::Unopened;

/// The connection of a run.
#[derive(Debug)]
pub(crate) struct Shelf {
    connection: SqliteConnection,
    run: u128,
}

static KEPT_IN: OnceLock<PathBuf> = OnceLock::new();

/// The file in which everything was kept.
pub(crate) fn kept_in() -> Option<&'static PathBuf> {
    KEPT_IN.get()
}

impl Shelf {
    /// Opens the file, or makes it with its tables; without one, a file in the directory for temporary ones.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Unopened> {
        let file = file.map_or_else(|| std::env::temp_dir().join("vouchsafe-checkout.db"), Path::to_path_buf);
        let failed = |source: Box<dyn Error + Send + Sync>| Unopened {
            what: format!("{} cannot be opened: {source}", file.display()),
            source: Some(source),
        };
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(30));
        let mut connection = wait(options.connect()).map_err(|error| failed(error.into()))?;
        wait(SqliteStore::migrate(&mut connection)).map_err(|error| failed(error.into()))?;
        KEPT_IN.get_or_init(|| file);
        let run = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros();
        Ok(Self { connection, run })
    }

    /// The store of the next story: a shop of its own, so that a story ends the same however often it is told.
    pub(crate) fn next(&mut self) -> Result<SqliteStore<'_>, Unopened> {
        static STORY: AtomicU64 = AtomicU64::new(1);
        let namespace = format!("story-{}-{}", self.run, STORY.fetch_add(1, Ordering::Relaxed)).parse::<Namespace>();
        let namespace = namespace.map_err(|error| Unopened { what: error.to_string(), source: Some(error.into()) })?;
        Ok(SqliteStore::new(&mut self.connection, namespace))
    }
}

/// Waits for the store, which sleeps in a runtime while another program writes.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    static RUNTIME: OnceLock<Option<tokio::runtime::Runtime>> = OnceLock::new();
    let runtime =
        RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().ok());
    match runtime {
        Some(runtime) => runtime.block_on(future),
        None => vouchsafe::block_on(future),
    }
}
