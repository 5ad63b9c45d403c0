//! Limits hold under every isolation level of the host's transaction, and conflicts are told as such.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{Connection, PgConnection, Row as _};
use vouchsafe::*;

use crate::postgres::Database;
use crate::scene::*;

const LEVELS: [&str; 3] = [
    "BEGIN ISOLATION LEVEL READ COMMITTED",
    "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
];

async fn order_table(database: &Database) {
    let table = "CREATE TABLE shop_order (id TEXT PRIMARY KEY)";
    sqlx::query(table).execute(&mut database.connect().await).await.unwrap();
}

/// One checkout as a host writes it: the order and its redemption in one transaction, begun anew after a conflict.
async fn place(
    connection: &mut PgConnection,
    begin: &'static str,
    redemption: &Redemption,
    careful: bool,
    conflicts: &AtomicUsize,
) -> Commit {
    loop {
        match try_to_place(connection, begin, redemption, careful).await {
            Ok(answer) => return answer,
            Err(error) => {
                assert!(matches!(error, StoreError::Conflict { .. }) && error.is_retryable(), "{error:?}");
                conflicts.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

async fn try_to_place(
    connection: &mut PgConnection,
    begin: &'static str,
    redemption: &Redemption,
    careful: bool,
) -> Result<Commit, StoreError> {
    let mut transaction = connection.begin_with(begin).await.unwrap();
    let store = handle(&mut transaction);
    let mut store = if careful { store.carefully() } else { store };
    let answer = store.commit(redemption, at(0)).await?;
    if answer == Commit::Recorded {
        let insert = sqlx::query("INSERT INTO shop_order (id) VALUES ($1)").bind(redemption.reference().to_string());
        insert.execute(&mut *transaction).await.map_err(of_driver)?;
    }
    // A refusal leaves the transaction usable: this would fail in one that is aborted.
    sqlx::query("SELECT count(*) FROM shop_order").fetch_one(&mut *transaction).await.map_err(of_driver)?;
    transaction.commit().await.map_err(of_driver)?;
    Ok(answer)
}

/// What a host makes of the errors of its own statements.
fn of_driver(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
    match code.as_deref() {
        Some("40001" | "40P01") => StoreError::conflict(error),
        _ => StoreError::backend(error),
    }
}

/// Proves S23 and trap 14 at each level: exactly as many orders as the limit allows, each with its redemption.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_holds_at_every_level() {
    for (level, careful) in LEVELS.into_iter().flat_map(|level| [(level, false), (level, true)]) {
        let flash = ten_percent("flash").total_limit(7).per_customer_limit(1);
        let Some(database) = shop_with([flash]).await else { return };
        order_table(&database).await;
        let queue = Arc::new((redemptions(&database, 0..40, &["flash"]).await, AtomicUsize::new(0)));
        let conflicts = Arc::new(AtomicUsize::new(0));
        let workers: Vec<_> = (0..8)
            .map(|_| {
                let (database, queue, conflicts) = (database.clone(), queue.clone(), conflicts.clone());
                tokio::spawn(async move {
                    let mut connection = database.connect().await;
                    let mut recorded = 0;
                    while let Some(redemption) = queue.0.get(queue.1.fetch_add(1, Ordering::SeqCst)) {
                        match place(&mut connection, level, redemption, careful, &conflicts).await {
                            Commit::Recorded => recorded += 1,
                            Commit::Refused(_) => {}
                            other => panic!("{other:?}"),
                        }
                    }
                    recorded
                })
            })
            .collect();
        let mut recorded = 0;
        for worker in workers {
            recorded += worker.await.unwrap();
        }
        assert_eq!(recorded, 7, "{level}");
        assert_eq!(used(&database, "flash").await, (7, 0), "{level}");
        assert_eq!(figure(&database, "SELECT count(*) FROM shop_order").await, 7, "{level}");
        assert_eq!(figure(&database, "SELECT count(*) FROM coupon_redemption").await, 7, "{level}");
        println!("{level}, careful {careful}: {} conflicts", conflicts.load(Ordering::SeqCst));
    }
}

/// Proves that a transaction that saw too little is told to begin anew, and that beginning anew helps.
#[tokio::test]
async fn a_conflict_is_told_and_a_retry_wins() {
    for (level, careful) in LEVELS.into_iter().flat_map(|level| [(level, false), (level, true)]) {
        let Some(database) = shop_with([ten_percent("flash").total_limit(2)]).await else { return };
        let priced = redemptions(&database, 0..2, &["flash"]).await;
        let (mut mine, mut theirs) = (database.connect().await, database.connect().await);

        let mut transaction = mine.begin_with(level).await.unwrap();
        // The transaction sees the database as it is now, where its level says so.
        sqlx::query("SELECT count(*) FROM coupon_counter").fetch_one(&mut *transaction).await.unwrap();
        assert_eq!(handle(&mut theirs).commit(&priced[0], at(0)).await.unwrap(), Commit::Recorded);
        let store = handle(&mut transaction);
        let mut store = if careful { store.carefully() } else { store };
        let answer = store.commit(&priced[1], at(0)).await;
        if level == LEVELS[0] {
            assert_eq!(answer.unwrap(), Commit::Recorded);
            transaction.commit().await.unwrap();
        } else {
            let error = answer.unwrap_err();
            assert!(matches!(error, StoreError::Conflict { .. }), "{level}, careful {careful}: {error:?}");
            transaction.rollback().await.unwrap();
            assert_eq!(used(&database, "flash").await, (1, 0), "{level}");
            assert_eq!(handle(&mut mine).commit(&priced[1], at(0)).await.unwrap(), Commit::Recorded);
        }
        assert_eq!(used(&database, "flash").await, (2, 0), "{level}");
    }
}

/// Proves that what the host rolls back leaves nothing, and that a refusal leaves its transaction usable (trap 27).
#[tokio::test]
async fn what_is_rolled_back_leaves_nothing() {
    for (level, careful) in LEVELS.into_iter().flat_map(|level| [(level, false), (level, true)]) {
        let Some(database) = shop_with([ten_percent("flash").total_limit(1)]).await else { return };
        order_table(&database).await;
        let priced = redemptions(&database, 0..2, &["flash"]).await;
        let mut connection = database.connect().await;

        let mut transaction = connection.begin_with(level).await.unwrap();
        let store = handle(&mut transaction);
        let mut store = if careful { store.carefully() } else { store };
        assert_eq!(store.commit(&priced[0], at(0)).await.unwrap(), Commit::Recorded);
        let refused = store.commit(&priced[1], at(0)).await.unwrap();
        assert!(matches!(&refused, Commit::Refused(no) if no.len() == 1), "{refused:?}");
        let count = sqlx::query("SELECT count(*) FROM shop_order").fetch_one(&mut *transaction).await.unwrap();
        assert_eq!(count.get::<i64, _>(0), 0);
        transaction.rollback().await.unwrap();

        assert_eq!(used(&database, "flash").await, (0, 0), "{level}");
        for table in ["coupon_redemption", "coupon_use", "coupon_history", "coupon_part"] {
            let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            let count = sqlx::query(count).fetch_one(&mut connection).await.unwrap();
            assert_eq!(count.get::<i64, _>(0), 0, "{table}, {level}, careful {careful}");
        }
    }
}
