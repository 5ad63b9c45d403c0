//! What the second trait answers in SQLite and PostgreSQL is what the memory store answers, word for word.
#![cfg(all(feature = "sqlite", feature = "postgres"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

#[path = "admin/script.rs"]
mod script;
#[path = "support/postgres.rs"]
mod postgres;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use vouchsafe::{MemoryStore, PostgresStore, SqliteStore};

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
