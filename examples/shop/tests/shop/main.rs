//! The shop over real HTTP, on an SQLite file and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]

mod client;
#[path = "../../../../tests/support/postgres.rs"]
mod postgres;
mod program;
mod race;
mod story;
mod trouble;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Database, Pool, Sqlite};
use tokio::net::TcpListener;
use vouchsafe_shop::options::StoreName;
use vouchsafe_shop::orders::{Orders, Pools};
use vouchsafe_shop::payment::{Payments, Standing};
use vouchsafe_shop::{App, router};

use client::Client;

pub(crate) const TOKEN: &str = "an-admins-token";

/// A shop that is open, and what lies behind it.
pub(crate) struct Open<D: Database> {
    pub(crate) client: Client,
    pub(crate) payments: Arc<Payments>,
    pub(crate) pool: Pool<D>,
}

/// Opens a shop on a free port of the loopback.
pub(crate) async fn open<D: Orders>(pool: Pool<D>) -> Open<D> {
    let payments = Arc::new(Payments::default());
    let app = App::open(pool.clone(), "shop", Some(TOKEN.to_owned()), payments.clone()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router(app)).await });
    Open { client, payments, pool }
}

impl<D: Database> Open<D> {
    /// How many payments stand so, and what they come to in minor units.
    pub(crate) fn paid(&self, standing: Standing) -> (usize, i64) {
        let payments = self.payments.all();
        let so = payments.iter().filter(|payment| payment.standing == standing);
        (so.clone().count(), so.map(|payment| payment.amount.minor()).sum())
    }
}

/// A file of its own for each test, gone with it.
pub(crate) struct File(pub(crate) PathBuf);

impl File {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("shop-{}-{}.db", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    pub(crate) async fn pool(&self) -> Pool<Sqlite> {
        match Pools::connect(&StoreName::Sqlite(self.0.clone())).await.unwrap() {
            Pools::Sqlite(pool) => pool,
            Pools::Postgres(_) => panic!("not a file"),
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for extension in ["db", "db-wal", "db-shm"] {
            drop(std::fs::remove_file(self.0.with_extension(extension)));
        }
    }
}

/// A story on both databases.
macro_rules! on_both {
    ($($(#[$doc:meta])* $story:ident),* $(,)?) => {
        mod on_sqlite {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let file = crate::File::new();
                super::$story(crate::open(file.pool().await).await).await;
            })*
        }
        mod on_postgres {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let Some(server) = crate::postgres::server() else { return };
                let store = vouchsafe_shop::options::StoreName::Postgres(server.empty_database().url());
                let vouchsafe_shop::orders::Pools::Postgres(pool) =
                    vouchsafe_shop::orders::Pools::connect(&store).await.unwrap()
                else {
                    panic!("not a server")
                };
                super::$story(crate::open(pool).await).await;
            })*
        }
    };
}
pub(crate) use on_both;
