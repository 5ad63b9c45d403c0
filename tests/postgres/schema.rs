//! The tables come to be by one call, however often and by however many at once.

use sqlx::Row as _;
use vouchsafe::PostgresStore;

use crate::postgres;

/// Tables of the store, without their indexes.
async fn tables(connection: &mut sqlx::PgConnection) -> Vec<String> {
    let query = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    let rows = sqlx::query(query).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Proves that an empty database is made ready by one call, and that the call can be made at every start.
#[tokio::test]
async fn an_empty_database_is_migrated_once() {
    let Some(server) = postgres::server() else { return };
    let mut connection = server.empty_database().connect().await;
    assert!(tables(&mut connection).await.is_empty());

    let first = PostgresStore::migrate(&mut connection).await.unwrap();
    let made = tables(&mut connection).await;
    assert!(made.iter().any(|table| table == "coupon_counter"), "{made:?}");
    assert!(made.iter().all(|table| table.starts_with("coupon_")), "{made:?}");

    assert_eq!(PostgresStore::migrate(&mut connection).await.unwrap(), first);
    assert_eq!(tables(&mut connection).await, made);
}

/// Proves that servers of one shop may start at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_start_at_once_migrate_once() {
    let Some(server) = postgres::server() else { return };
    let database = server.empty_database();
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move { PostgresStore::migrate(&mut database.connect().await).await.unwrap() })
        })
        .collect();
    for start in starting {
        assert_eq!(start.await.unwrap(), 1);
    }
    let mut connection = database.connect().await;
    let applied = sqlx::query("SELECT count(*) FROM coupon_schema").fetch_one(&mut connection).await.unwrap();
    assert_eq!(applied.get::<i64, _>(0), 1);
}

/// Proves that every test has its own data.
#[tokio::test]
async fn databases_of_tests_know_nothing_of_each_other() {
    let Some(server) = postgres::server() else { return };
    let (one, other) = (server.database(), server.database());
    assert_ne!(one, other);
    let insert = "INSERT INTO coupon_points (namespace, account, balance) VALUES ('shop', 'id:1', 5)";
    sqlx::query(insert).execute(&mut one.connect().await).await.unwrap();
    let count = "SELECT count(*) FROM coupon_points";
    let rows = sqlx::query(count).fetch_one(&mut other.connect().await).await.unwrap();
    assert_eq!(rows.get::<i64, _>(0), 0);
}

/// Proves that a server that crashed comes back with what was committed.
#[tokio::test]
async fn a_server_that_was_killed_comes_back() {
    let Some(server) = postgres::Server::start() else { return };
    let database = server.database();
    let mut connection = database.connect().await;
    let insert = "INSERT INTO coupon_points (namespace, account, balance) VALUES ('shop', 'id:1', 5)";
    sqlx::query(insert).execute(&mut connection).await.unwrap();
    server.kill();
    assert!(sqlx::query("SELECT 1").execute(&mut connection).await.is_err());
    server.restart();
    let balance = "SELECT balance FROM coupon_points";
    let row = sqlx::query(balance).fetch_one(&mut database.connect().await).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 5);
}
