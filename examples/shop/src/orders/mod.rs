//! The shop's own table of orders, and the databases that hold it.

use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Database, Pool, Postgres, Row, Sqlite, Transaction};
use vouchsafe::Dialect;

use crate::options::StoreName;

/// An order as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderRow {
    #[serde(rename = "order")]
    pub id: String,
    #[serde(skip)]
    pub account: String,
    pub state: String,
    pub currency: String,
    /// In minor units.
    pub payable: i64,
    #[serde(skip)]
    pub payment: i64,
    pub placed_at: String,
    #[serde(skip)]
    pub basket: String,
    #[serde(skip)]
    pub outcome: String,
}

/// Not captured yet.
pub const PLACED: &str = "placed";
pub const PAID: &str = "paid";
pub const CANCELLED: &str = "cancelled";

/// A database that holds orders and coupons side by side.
pub trait Orders: Dialect {
    /// Begins a transaction that will write.
    fn begin_writing(pool: &Pool<Self>)
    -> impl Future<Output = Result<Transaction<'static, Self>, sqlx::Error>> + Send;

    /// Makes the table where there is none.
    fn prepare(connection: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Writes an order; says whether there was none of this id.
    fn insert(
        connection: &mut Self::Connection,
        order: &OrderRow,
    ) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;

    /// The order of this id.
    fn find(
        connection: &mut Self::Connection,
        id: &str,
    ) -> impl Future<Output = Result<Option<OrderRow>, sqlx::Error>> + Send;

    /// Moves an order on, where it stands as it should; says whether it did.
    fn move_on(
        connection: &mut Self::Connection,
        id: &str,
        from: &'static str,
        to: &'static str,
    ) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;
}

const INSERT: &str = "
    INSERT INTO shop_order (id, account, state, currency, payable, payment, placed_at, basket, outcome)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO NOTHING";
const FIND: &str = "
    SELECT id, account, state, currency, payable, payment, placed_at, basket, outcome FROM shop_order WHERE id = $1";
const MOVE_ON: &str = "UPDATE shop_order SET state = $3 WHERE id = $1 AND state = $2";

/// Both databases understand the same statements; only a driver's types differ.
macro_rules! orders {
    ($database:ty, $schema:literal, $begin:literal) => {
        impl Orders for $database {
            async fn begin_writing(pool: &Pool<Self>) -> Result<Transaction<'static, Self>, sqlx::Error> {
                pool.begin_with($begin).await
            }

            async fn prepare(connection: &mut <Self as Database>::Connection) -> Result<(), sqlx::Error> {
                sqlx::raw_sql(include_str!($schema)).execute(connection).await.map(drop)
            }

            async fn insert(
                connection: &mut <Self as Database>::Connection,
                order: &OrderRow,
            ) -> Result<bool, sqlx::Error> {
                let written = sqlx::query(INSERT)
                    .bind(&order.id)
                    .bind(&order.account)
                    .bind(&order.state)
                    .bind(&order.currency)
                    .bind(order.payable)
                    .bind(order.payment)
                    .bind(&order.placed_at)
                    .bind(&order.basket)
                    .bind(&order.outcome)
                    .execute(connection)
                    .await?;
                Ok(written.rows_affected() == 1)
            }

            async fn find(
                connection: &mut <Self as Database>::Connection,
                id: &str,
            ) -> Result<Option<OrderRow>, sqlx::Error> {
                let row = sqlx::query(FIND).bind(id).fetch_optional(connection).await?;
                row.map(|row| {
                    Ok(OrderRow {
                        id: row.try_get(0)?,
                        account: row.try_get(1)?,
                        state: row.try_get(2)?,
                        currency: row.try_get(3)?,
                        payable: row.try_get(4)?,
                        payment: row.try_get(5)?,
                        placed_at: row.try_get(6)?,
                        basket: row.try_get(7)?,
                        outcome: row.try_get(8)?,
                    })
                })
                .transpose()
            }

            async fn move_on(
                connection: &mut <Self as Database>::Connection,
                id: &str,
                from: &'static str,
                to: &'static str,
            ) -> Result<bool, sqlx::Error> {
                let moved = sqlx::query(MOVE_ON).bind(id).bind(from).bind(to).execute(connection).await?;
                Ok(moved.rows_affected() == 1)
            }
        }
    };
}

// SQLite has one writer: whoever will write waits for the turn at the beginning, not in the middle.
orders!(Sqlite, "sqlite.sql", "BEGIN IMMEDIATE");
orders!(Postgres, "postgres.sql", "BEGIN");

/// How long a request waits for a connection, and for SQLite's one writer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pool of a store: one that the command line may name.
#[derive(Debug, Clone)]
pub enum Pools {
    Sqlite(Pool<Sqlite>),
    Postgres(Pool<Postgres>),
}

impl Pools {
    /// Connects.
    ///
    /// # Errors
    /// There is no such database, or it cannot be used.
    pub async fn connect(store: &StoreName) -> Result<Self, sqlx::Error> {
        match store {
            StoreName::Sqlite(file) => {
                let options = SqliteConnectOptions::new()
                    .filename(file)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(PATIENCE);
                let pool = SqlitePoolOptions::new().max_connections(8).acquire_timeout(PATIENCE);
                Ok(Self::Sqlite(pool.connect_with(options).await?))
            }
            StoreName::Postgres(url) => {
                let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(PATIENCE);
                Ok(Self::Postgres(pool.connect_with(url.parse::<PgConnectOptions>()?).await?))
            }
        }
    }
}

/// Makes the shop's table and those of the coupons.
pub(crate) async fn migrate<D: Orders>(pool: &Pool<D>) -> Result<(), crate::AppError> {
    let mut connection = pool.acquire().await?;
    vouchsafe::SqlStore::<D>::migrate(&mut connection).await?;
    D::prepare(&mut connection).await?;
    connection.ping().await?;
    Ok(())
}
