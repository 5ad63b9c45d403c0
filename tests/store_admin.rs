//! What the second trait answers in SQLite and PostgreSQL is what the memory store answers, word for word.
#![cfg(all(feature = "sqlite", feature = "postgres"))]
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "admin/revise.rs"]
mod revise;
#[path = "admin/script.rs"]
mod script;

use revise::Connect;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use vouchsafe::{AdminFailure, Coupon, CouponAdmin, Edit, MemoryStore, PostgresStore, SqliteStore};

/// A database in a file of its own, removed with the last handle on it.
#[derive(Clone)]
struct SqliteFile(std::sync::Arc<Directory>);

struct Directory(std::path::PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

impl SqliteFile {
    async fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vouchsafe-admin-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let file = Self(std::sync::Arc::new(Directory(path)));
        SqliteStore::migrate(&mut file.connect().await).await.unwrap();
        file
    }
}

impl Connect for SqliteFile {
    type Dialect = sqlx::Sqlite;

    async fn connect(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(self.0.0.join("store.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(std::time::Duration::from_secs(60));
        options.connect().await.unwrap()
    }
}

#[derive(Clone)]
struct PostgresDatabase(postgres::Database);

impl Connect for PostgresDatabase {
    type Dialect = sqlx::Postgres;

    async fn connect(&self) -> sqlx::PgConnection {
        self.0.connect().await
    }
}

/// Runs a story on both databases.
macro_rules! on_both {
    ($(#[$meta:meta])* $sqlite:ident, $postgres:ident, $story:ident) => {
        $(#[$meta])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $sqlite() {
            revise::$story(SqliteFile::new(stringify!($story)).await).await;
        }

        $(#[$meta])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $postgres() {
            let Some(server) = postgres::server() else { return };
            revise::$story(PostgresDatabase(server.database())).await;
        }
    };
}

on_both! {
    /// Proves S69, S98, trap 14: limits that are added in the middle of a campaign count every use, and those of live holds.
    sqlite_counts_all_uses_when_limits_are_added, postgres_counts_all_uses_when_limits_are_added,
    limits_are_added_while_checkouts_run
}
on_both! {
    /// Proves S69, S106 and trap 25 for limits that come later.
    sqlite_stops_at_a_limit_that_came_later, postgres_stops_at_a_limit_that_came_later,
    a_limit_below_what_was_used_stops_the_next
}
on_both! {
    /// Proves that of edits at once none is lost, and that the log has each of them.
    sqlite_loses_no_edit, postgres_loses_no_edit, of_two_edits_at_once_one_is_told
}
on_both! {
    /// Proves S81, S99: one code for each occasion, however many jobs run.
    sqlite_has_one_code_for_an_occasion, postgres_has_one_code_for_an_occasion, an_occasion_has_one_code_whoever_asks
}
on_both! {
    /// Proves S7, S80, S81 for more codes and records than fit into one page.
    sqlite_has_lists_longer_than_a_page, postgres_has_lists_longer_than_a_page, lists_are_longer_than_a_page
}

/// Proves S98, trap 18 in all three stores.
#[tokio::test]
async fn a_customer_is_the_same_by_id_alias_and_device() {
    revise::a_customer_is_the_same_by_any_key(&mut MemoryStore::new()).await;
    revise::a_customer_is_the_same_by_any_key(&mut SqliteStore::new(&mut sqlite().await, "shop".parse().unwrap()))
        .await;
    let Some(server) = postgres::server() else { return };
    let mut connection = server.database().connect().await;
    revise::a_customer_is_the_same_by_any_key(&mut PostgresStore::new(&mut connection, "shop".parse().unwrap())).await;
}

/// Proves that under a level of isolation that does not see what others recorded meanwhile, a limit is not added: an error
/// says so, nothing was changed, and edits that count nothing are made.
#[tokio::test]
async fn postgres_adds_no_limit_that_it_cannot_count() {
    let Some(server) = postgres::server() else { return };
    let mut connection = server.database().connect().await;
    let shop = || "shop".parse().unwrap();
    let spring = |off: &str| Coupon::builder("spring").code("SPRING").percent_off(off);
    let edit = Edit::new(script::at(0));
    PostgresStore::new(&mut connection, shop()).define(&spring("10").build().unwrap(), &edit).await.unwrap();
    let mut host = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    let mut store = PostgresStore::new(&mut host, shop());
    let limited = spring("10").total_limit(5).build().unwrap();
    let Err(AdminFailure::Store(error)) = store.revise(&limited, &edit).await else { panic!() };
    assert!(!error.is_retryable());
    assert_eq!(store.revise(&spring("12").build().unwrap(), &edit).await.unwrap(), 2);
    host.commit().await.unwrap();
    // Its own transaction sees what it has to, whatever the connection is set to.
    sqlx::query("SET default_transaction_isolation = 'serializable'").execute(&mut connection).await.unwrap();
    let mut store = PostgresStore::new(&mut connection, shop());
    assert_eq!(store.revise(&spring("10").revision(2).total_limit(5).build().unwrap(), &edit).await.unwrap(), 3);
}

async fn sqlite() -> SqliteConnection {
    let mut connection = SqliteConnectOptions::new().in_memory(true).connect().await.unwrap();
    SqliteStore::migrate(&mut connection).await.unwrap();
    connection
}

fn compare(expected: &[String], found: &[String]) {
    for (expected, found) in expected.iter().zip(found) {
        assert_eq!(expected, found);
    }
    assert_eq!(expected.len(), found.len());
}

/// Proves S7, S16, S18, S80, S81 and S128 alike in memory and in SQLite, on a connection and in the host's transaction.
#[tokio::test]
async fn sqlite_answers_as_the_memory_store_does() {
    let expected = script::run(&mut MemoryStore::new(), true).await;
    let mut connection = sqlite().await;
    let shop = || "shop".parse().unwrap();
    compare(&expected, &script::run(&mut SqliteStore::new(&mut connection, shop()), true).await);

    let mut host = connection.begin().await.unwrap();
    let other = "other".parse().unwrap();
    compare(&expected, &script::run(&mut SqliteStore::new(&mut host, other), true).await);
    host.rollback().await.unwrap();
    let none = "SELECT count(*) FROM coupon_code WHERE namespace = 'other'";
    assert_eq!(sqlx::query_scalar::<_, i64>(none).fetch_one(&mut connection).await.unwrap(), 0);
}

/// Proves S7, S16, S18, S80, S81 and S128 alike in memory and in PostgreSQL, on a connection and in the host's transaction
/// at each level of isolation.
#[tokio::test]
async fn postgres_answers_as_the_memory_store_does() {
    let Some(server) = postgres::server() else { return };
    let expected = script::run(&mut MemoryStore::new(), true).await;
    let mut connection = server.database().connect().await;
    compare(&expected, &script::run(&mut PostgresStore::new(&mut connection, "shop".parse().unwrap()), true).await);

    for (begin, sees_the_latest) in [
        ("BEGIN", true),
        ("BEGIN ISOLATION LEVEL REPEATABLE READ", false),
        ("BEGIN ISOLATION LEVEL SERIALIZABLE", false),
    ] {
        let expected = script::run(&mut MemoryStore::new(), sees_the_latest).await;
        let mut host = connection.begin_with(begin).await.unwrap();
        let other = "other".parse().unwrap();
        compare(&expected, &script::run(&mut PostgresStore::new(&mut host, other), sees_the_latest).await);
        host.rollback().await.unwrap();
        let none = "SELECT count(*) FROM coupon_code WHERE namespace = 'other'";
        assert_eq!(sqlx::query_scalar::<_, i64>(none).fetch_one(&mut connection).await.unwrap(), 0);
    }
}
