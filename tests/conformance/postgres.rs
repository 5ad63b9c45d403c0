//! The store in PostgreSQL, on a server of the tests' own.

use std::future::Future;

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Postgres};
use tokio::runtime::Runtime;
use vouchsafe::store::conformance::{Ending, Rig};
use vouchsafe::*;

#[path = "../support/postgres.rs"]
mod server;

/// A database of its own, and a runtime to wait in; tried with the one statement that records what is simple, and
/// carefully, without it.
pub struct Server<const CAREFULLY: bool> {
    database: server::Database,
    runtime: Runtime,
}

impl<const CAREFULLY: bool> Server<CAREFULLY> {
    fn handle<'c>(connection: &'c mut PgConnection, shop: &str) -> PostgresStore<'c> {
        let store = PostgresStore::new(connection, shop.parse().unwrap());
        if CAREFULLY { store.carefully() } else { store }
    }
}

impl<const CAREFULLY: bool> Rig for Server<CAREFULLY> {
    type Connection = PgConnection;
    type Transaction<'c> = sqlx::Transaction<'c, Postgres>;
    type Store<'c> = PostgresStore<'c>;

    fn fresh() -> Option<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Some(Self { database: server::server()?.database(), runtime })
    }

    fn wait<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// Under the isolation level that `POSTGRES_ISOLATION` names, such as `serializable`.
    async fn connect(&self) -> PgConnection {
        let mut connection = self.database.connect().await;
        if let Ok(level) = std::env::var("POSTGRES_ISOLATION") {
            let set = sqlx::query("SELECT set_config('default_transaction_isolation', $1, false)").bind(level);
            set.execute(&mut connection).await.unwrap();
        }
        connection
    }

    fn store<'c>(&self, connection: &'c mut PgConnection) -> PostgresStore<'c> {
        Self::handle(connection, "ours")
    }

    fn neighbour<'c>(&self, connection: &'c mut PgConnection) -> PostgresStore<'c> {
        Self::handle(connection, "theirs")
    }

    async fn begin<'c>(&self, connection: &'c mut PgConnection) -> Option<sqlx::Transaction<'c, Postgres>> {
        Some(connection.begin().await.unwrap())
    }

    fn inside<'t>(&self, transaction: &'t mut Self::Transaction<'_>) -> PostgresStore<'t> {
        Self::handle(transaction, "ours")
    }

    async fn end(&self, transaction: Self::Transaction<'_>, ending: Ending) {
        match ending {
            Ending::Commit => transaction.commit().await.unwrap(),
            Ending::RollBack => transaction.rollback().await.unwrap(),
        }
    }
}

vouchsafe::conformance!(Server<false>);

mod carefully {
    vouchsafe::conformance!(super::Server<true>);
}
