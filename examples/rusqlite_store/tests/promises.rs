//! Every promise of a store, tried on this one: a test of each, from the kit of the library.
#![allow(clippy::unwrap_used, reason = "a test that cannot open its file fails")]

use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use rusqlite_store::{RusqliteStore, open};
use vouchsafe::block_on;
use vouchsafe::store::conformance::{Ending, Rig};

/// A file of its own in a temporary directory.
struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        // What is left of a temporary directory does no harm.
        std::fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

impl Rig for File {
    type Connection = Connection;
    type Transaction<'c> = &'c mut Connection;
    type Store<'c> = RusqliteStore<'c>;

    fn fresh() -> Option<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("rusqlite-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        Some(Self(directory))
    }

    /// The driver waits in the thread that asks, so no runtime is needed.
    fn wait<F: Future>(&self, work: F) -> F::Output {
        block_on(work)
    }

    async fn connect(&self) -> Connection {
        let connection = open(&self.0.join("shop.db")).unwrap();
        // No promise is about a power cut, and the disk of a test need not be waited for.
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        connection
    }

    fn store<'c>(&self, connection: &'c mut Connection) -> RusqliteStore<'c> {
        RusqliteStore::new(connection, "ours".parse().unwrap())
    }

    fn neighbour<'c>(&self, connection: &'c mut Connection) -> RusqliteStore<'c> {
        RusqliteStore::new(connection, "theirs".parse().unwrap())
    }

    async fn begin<'c>(&self, connection: &'c mut Connection) -> Option<&'c mut Connection> {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Some(connection)
    }

    fn inside<'t>(&self, transaction: &'t mut Self::Transaction<'_>) -> RusqliteStore<'t> {
        self.store(transaction)
    }

    async fn end(&self, transaction: Self::Transaction<'_>, ending: Ending) {
        transaction
            .execute_batch(match ending {
                Ending::Commit => "COMMIT",
                Ending::RollBack => "ROLLBACK",
            })
            .unwrap();
    }
}

vouchsafe::conformance!(File);
