//! In PostgreSQL.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use vouchsafe::{Namespace, PostgresStore};

use super::{Backend, Failure};

#[derive(Debug)]
pub(crate) struct Postgres {
    options: PgConnectOptions,
    namespace: Namespace,
}

impl Postgres {
    /// Connects and makes the tables.
    pub(crate) async fn open(url: &str, namespace: Namespace) -> Result<Self, Failure> {
        let options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| Failure::Connect(error.into()))?;
        let postgres = Self { options: options.disable_statement_logging(), namespace };
        let mut connection = postgres.connect().await?;
        PostgresStore::migrate(&mut connection).await?;
        connection.close().await.map_err(|error| Failure::Connect(error.into()))?;
        Ok(postgres)
    }
}

impl Backend for Postgres {
    type Connection = PgConnection;
    type Store<'c> = PostgresStore<'c>;

    async fn connect(&self) -> Result<PgConnection, Failure> {
        self.options.connect().await.map_err(|error| Failure::Connect(error.into()))
    }

    fn store<'c>(&self, connection: &'c mut PgConnection) -> PostgresStore<'c> {
        PostgresStore::new(connection, self.namespace.clone())
    }
}
