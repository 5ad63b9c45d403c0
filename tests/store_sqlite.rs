//! What is particular to the store in an SQLite file: one writer, and transactions of the host around it.
#![cfg(feature = "sqlite")]
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, Row};
use vouchsafe::*;

/// A file of its own for each test, with a table of the host's beside ours.
struct File(PathBuf);

impl File {
    async fn fresh() -> Self {
        static FILES: AtomicU64 = AtomicU64::new(0);
        let name = format!("vouchsafe-{}-{}.db", std::process::id(), FILES.fetch_add(1, Ordering::Relaxed));
        let file = Self(std::env::temp_dir().join(name));
        let mut connection = file.connect().await;
        SqliteStore::migrate(&mut connection).await.unwrap();
        sqlx::query("CREATE TABLE orders (id TEXT PRIMARY KEY)").execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        file
    }

    async fn connect(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(&self.0)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(60));
        options.connect().await.unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(end);
            let _ = std::fs::remove_file(path);
        }
    }
}

fn at(minutes: i64) -> DateTime<Utc> {
    parse_instant("2026-03-01T12:00:00Z").unwrap() + TimeDelta::minutes(minutes)
}

fn store(connection: &mut SqliteConnection) -> SqliteStore<'_> {
    SqliteStore::new(connection, "shop".parse().unwrap())
}

fn total() -> CounterKey {
    CounterKey::Total { coupon: "spring".parse().unwrap() }
}

async fn define(connection: &mut SqliteConnection, limit: u64) {
    let coupon = Coupon::builder("spring").code("SPRING").percent_off("10").total_limit(limit).build().unwrap();
    store(connection).define(&coupon, &Edit::new(at(0))).await.unwrap();
}

/// 100.00 and the code, as it is priced for an order.
async fn redemption(connection: &mut SqliteConnection, id: &str) -> Redemption {
    redemption_of(connection, id, "spring").await
}

async fn redemption_of(connection: &mut SqliteConnection, id: &str, code: &str) -> Redemption {
    let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    let reference = Reference::Order(id.parse().unwrap());
    let request = LoadRequest::new(reference.clone(), Currency::USD, at(0)).code(code);
    let loaded = store(connection).load(&request).await.unwrap();
    let prepared = loaded.prepare(&shop).unwrap();
    let codes = loaded.presented(&prepared);
    let boots = Product::new("BOOT".parse().unwrap());
    let line = Line::new(LineId(1), boots, Quantity::pieces(1).unwrap(), UnitPrice::parse("100.00").unwrap());
    let order = Order::builder(Currency::USD).line(line).build().unwrap();
    let ann = Customer::new([IdentityKey::id("42").unwrap()]);
    let outcome = shop.evaluate(&Request::new(&order, &ann, reference, at(0)).with_codes(&codes)).unwrap();
    assert!(outcome.answers()[0].is_applied(), "{:?}", outcome.answers()[0].reasons());
    outcome.redemption().unwrap()
}

async fn count(connection: &mut SqliteConnection, query: &'static str) -> i64 {
    sqlx::query(query).fetch_one(connection).await.unwrap().get(0)
}

/// Proves S4, S23 and trap 14: many connections race for one limit of a file, and nobody is told of a conflict.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_race_on_one_file_is_won_as_often_as_the_limit_says() {
    let file = File::fresh().await;
    let mut connection = file.connect().await;
    define(&mut connection, 25).await;
    let mut priced = Vec::new();
    for n in 0..64 {
        priced.push(redemption(&mut connection, &format!("o-{n}")).await);
    }
    let racing: Vec<_> = priced
        .chunks(8)
        .map(|orders| (orders.to_vec(), file.0.clone()))
        .map(|(orders, path)| {
            tokio::spawn(async move {
                let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(60));
                let mut connection = options.connect().await.unwrap();
                let mut recorded = 0;
                for redemption in orders {
                    match store(&mut connection).commit(&redemption, at(1)).await.unwrap() {
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
    for race in racing {
        recorded += race.await.unwrap();
    }
    assert_eq!(recorded, 25);
    let state = store(&mut connection).counter(&total(), at(1)).await.unwrap();
    assert_eq!((state.used, state.held), (25, 0));
    assert_eq!(count(&mut connection, "SELECT count(*) FROM coupon_redemption WHERE state = 2").await, 25);
}

/// Proves the one rule: order and redemption are recorded together, or neither is.
#[tokio::test]
async fn a_redemption_goes_with_the_order() {
    let file = File::fresh().await;
    let mut connection = file.connect().await;
    define(&mut connection, 1).await;
    let redemption = redemption(&mut connection, "o-1").await;
    for kept in [false, true] {
        let mut transaction = connection.begin().await.unwrap();
        sqlx::query("INSERT INTO orders VALUES ('o-1')").execute(&mut *transaction).await.unwrap();
        let answer = store(&mut transaction).commit(&redemption, at(1)).await.unwrap();
        assert_eq!(answer, Commit::Recorded);
        if kept {
            transaction.commit().await.unwrap()
        } else {
            transaction.rollback().await.unwrap()
        }
        let figures = (
            count(&mut connection, "SELECT count(*) FROM orders").await,
            count(&mut connection, "SELECT count(*) FROM coupon_redemption").await,
            count(&mut connection, "SELECT coalesce(sum(used), 0) FROM coupon_counter").await,
            count(&mut connection, "SELECT count(*) FROM coupon_use").await,
            count(&mut connection, "SELECT count(*) FROM coupon_history").await,
        );
        assert_eq!(figures, if kept { (1, 1, 1, 1, 1) } else { (0, 0, 0, 0, 0) });
    }
}

/// Proves trap 27: a refusal and an error each leave the host's transaction as it was, and nothing of the redemption.
#[tokio::test]
async fn the_transaction_of_the_host_stays_usable() {
    let file = File::fresh().await;
    let mut connection = file.connect().await;
    define(&mut connection, 1).await;
    let (first, second) = (redemption(&mut connection, "o-1").await, redemption(&mut connection, "o-2").await);

    let mut transaction = connection.begin().await.unwrap();
    sqlx::query("INSERT INTO orders VALUES ('o-1')").execute(&mut *transaction).await.unwrap();
    // The last table that is written.
    sqlx::query("ALTER TABLE coupon_history RENAME TO elsewhere").execute(&mut *transaction).await.unwrap();
    let error = store(&mut transaction).commit(&first, at(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Backend { retryable: false, .. }), "{error:?}");
    sqlx::query("ALTER TABLE elsewhere RENAME TO coupon_history").execute(&mut *transaction).await.unwrap();
    assert_eq!(count(&mut transaction, "SELECT count(*) FROM coupon_redemption").await, 0);
    assert_eq!(count(&mut transaction, "SELECT coalesce(sum(used), 0) FROM coupon_counter").await, 0);

    assert_eq!(store(&mut transaction).commit(&first, at(1)).await.unwrap(), Commit::Recorded);
    let refused = store(&mut transaction).commit(&second, at(1)).await.unwrap();
    let full = Objection::LimitReached { counter: total(), limit: 1, used: 1, held: 0, wanted: 1 };
    assert_eq!(refused, Commit::Refused(vec![full]));
    sqlx::query("INSERT INTO orders VALUES ('o-2')").execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(count(&mut connection, "SELECT count(*) FROM orders").await, 2);
    assert_eq!(count(&mut connection, "SELECT count(*) FROM coupon_redemption").await, 1);
}

/// Proves that a transaction that only reads so far is made to write before anything is judged: what others wrote since
/// is a conflict, never an old figure.
#[tokio::test]
async fn an_old_view_is_a_conflict() {
    let file = File::fresh().await;
    let (mut connection, mut other) = (file.connect().await, file.connect().await);
    define(&mut connection, 2).await;
    let (first, second) = (redemption(&mut connection, "o-1").await, redemption(&mut connection, "o-2").await);

    // Begun as SQLite does by itself: nothing is locked before something is written.
    let mut transaction = connection.begin().await.unwrap();
    assert_eq!(count(&mut transaction, "SELECT count(*) FROM orders").await, 0);
    assert_eq!(store(&mut other).commit(&first, at(1)).await.unwrap(), Commit::Recorded);
    let error = store(&mut transaction).commit(&second, at(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }) && error.is_retryable(), "{error:?}");
    transaction.rollback().await.unwrap();

    // A transaction that has not looked at anything sees what is there.
    let mut transaction = connection.begin().await.unwrap();
    let third = redemption(&mut other, "o-3").await;
    assert_eq!(store(&mut other).commit(&third, at(1)).await.unwrap(), Commit::Recorded);
    let refused = store(&mut transaction).commit(&second, at(1)).await.unwrap();
    assert!(matches!(refused, Commit::Refused(_)), "{refused:?}");
    transaction.commit().await.unwrap();
}

/// Proves that whoever waits too long for the one writer is told to try again.
#[tokio::test]
async fn a_writer_in_the_way_is_a_conflict() {
    let file = File::fresh().await;
    let mut connection = file.connect().await;
    define(&mut connection, 1).await;
    let redemption = redemption(&mut connection, "o-1").await;
    let options = SqliteConnectOptions::new().filename(&file.0).busy_timeout(Duration::from_millis(20));
    let mut impatient = options.connect().await.unwrap();

    let writing = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = store(&mut impatient).commit(&redemption, at(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }) && error.is_retryable(), "{error:?}");
    writing.rollback().await.unwrap();
    assert_eq!(store(&mut impatient).commit(&redemption, at(1)).await.unwrap(), Commit::Recorded);
}

/// Proves that what cannot be read is named, and never taken for nothing.
#[tokio::test]
async fn a_broken_document_is_named() {
    let file = File::fresh().await;
    let mut connection = file.connect().await;
    define(&mut connection, 1).await;
    let redemption = redemption(&mut connection, "o-1").await;
    assert_eq!(store(&mut connection).commit(&redemption, at(1)).await.unwrap(), Commit::Recorded);
    let scribble = "UPDATE coupon_redemption SET document = json_remove(document, '$.digest')";
    sqlx::query(scribble).execute(&mut connection).await.unwrap();
    let error = store(&mut connection).commit(&redemption, at(1)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`the document of order:o-1 in coupon_redemption` is stored in a form that cannot be read"
    );
    let request = LoadRequest::new(redemption.reference().clone(), Currency::USD, at(1));
    assert!(matches!(store(&mut connection).load(&request).await, Err(StoreError::Corrupt { .. })));
    let voided = store(&mut connection).void(redemption.reference(), OnVoid::KEEP, at(1)).await;
    assert!(matches!(voided, Err(StoreError::Corrupt { .. })));
}

/// Proves trap 20: a limit of zero in a row that somebody else wrote is neither "none" nor "no limit", it is no definition.
#[tokio::test]
async fn a_stored_limit_of_zero_is_no_limit_at_all() {
    let file = File::fresh().await;
    let mut connection = file.connect().await;
    define(&mut connection, 1).await;
    let scribble = "UPDATE coupon_definition SET document = json_set(document, '$.limits.total', 0)";
    sqlx::query(scribble).execute(&mut connection).await.unwrap();
    let request = LoadRequest::new(Reference::Order("o-1".parse().unwrap()), Currency::USD, at(1)).code("spring");
    let error = store(&mut connection).load(&request).await.unwrap_err();
    assert_eq!(error.to_string(), "`definition `spring`` is stored in a form that cannot be read");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("limits.total"), "{source}");
}

/// Proves that an instant which no database of ours can keep is an error, and not another instant.
#[tokio::test]
async fn an_instant_beyond_all_is_an_error() {
    let file = File::fresh().await;
    let mut connection = file.connect().await;
    define(&mut connection, 1).await;
    let redemption = redemption(&mut connection, "o-1").await;
    let far = parse_instant("2300-01-01T00:00:00Z").unwrap();
    let error = store(&mut connection).reserve(&redemption, at(0), far).await.unwrap_err();
    assert!(!error.is_retryable(), "{error:?}");
    let state = store(&mut connection).counter(&total(), at(0)).await.unwrap();
    assert_eq!((state.used, state.held), (0, 0));
}

/// Proves that a lapsed hold on a full counter is swept with the commit that it stood in the way of, and what it held
/// of other counters stays for whoever comes there.
#[tokio::test]
async fn a_lapsed_hold_is_swept_where_it_is_met() {
    let file = File::fresh().await;
    let mut connection = file.connect().await;
    define(&mut connection, 1).await;
    let (held, late) = (redemption(&mut connection, "o-1").await, redemption(&mut connection, "o-2").await);
    let answer = store(&mut connection).reserve(&held, at(0), at(20)).await.unwrap();
    assert_eq!(answer, Reserve::Held { until: at(20) });
    assert!(matches!(store(&mut connection).commit(&late, at(19)).await.unwrap(), Commit::Refused(_)));
    assert_eq!(store(&mut connection).commit(&late, at(20)).await.unwrap(), Commit::Recorded);
    assert_eq!(count(&mut connection, "SELECT count(*) FROM coupon_part").await, 0);
    assert_eq!(count(&mut connection, "SELECT used * 10 + held FROM coupon_counter").await, 10);
    // Whoever still thinks that the hold lives finds the counter taken.
    assert!(matches!(store(&mut connection).commit(&held, at(19)).await.unwrap(), Commit::Refused(_)));
    assert_eq!(store(&mut connection).release(held.reference(), at(21)).await.unwrap(), Release::NothingHeld);
    assert_eq!(count(&mut connection, "SELECT count(*) FROM coupon_redemption WHERE state < 2").await, 0);
}

/// Proves S23, S69, S107 for what is recorded without a look: whatever speaks against it is found, and nothing is written.
#[tokio::test]
async fn a_simple_redemption_is_asked_about_everything() {
    let file = File::fresh().await;
    let mut connection = file.connect().await;
    define(&mut connection, 2).await;
    let patrol = Coupon::builder("patrol").percent_off("40").per_code_limit(1).build().unwrap();
    store(&mut connection).define(&patrol, &Edit::new(at(0))).await.unwrap();
    let code = |text| Code::parse(text, CodeFormat::Standard).unwrap();
    let codes = ["K7WQ-93MX", "P2HD-8VRT", "W4NC-6JYA"].map(|text| IssuedCode::new(code(text), at(0)));
    store(&mut connection).issue(patrol.id(), &codes).await.unwrap();
    let mut priced = Vec::new();
    for (n, code) in ["spring", "spring", "spring", "K7WQ-93MX", "P2HD-8VRT", "W4NC-6JYA"].into_iter().enumerate() {
        priced.push(redemption_of(&mut connection, &format!("o-{n}"), code).await);
    }
    let other_basket = redemption_of(&mut connection, "o-0", "W4NC-6JYA").await;
    let spring: CouponId = "spring".parse().unwrap();

    // The code: recorded and bound, withdrawn, somebody else's by now.
    assert_eq!(store(&mut connection).commit(&priced[3], at(1)).await.unwrap(), Commit::Recorded);
    let (_, issued) = store(&mut connection).issued(&code("K7WQ-93MX")).await.unwrap().unwrap();
    assert_eq!(issued.holder(), Some(&IdentityKey::id("42").unwrap()));
    store(&mut connection).revoke(&code("P2HD-8VRT"), &Revocation::new(at(1), "lost").unwrap()).await.unwrap();
    let revoked = Objection::CodeRevoked { coupon: patrol.id().clone(), code: code("P2HD-8VRT") };
    let answer = store(&mut connection).commit(&priced[4], at(1)).await.unwrap();
    assert_eq!(answer, Commit::Refused(vec![revoked]));
    let bob = "UPDATE coupon_code SET holder = 'id:bob' WHERE code = 'W4NC6JYA'";
    sqlx::query(bob).execute(&mut connection).await.unwrap();
    let wrong = Objection::WrongCustomer { coupon: patrol.id().clone(), code: code("W4NC-6JYA") };
    let answer = store(&mut connection).commit(&priced[5], at(1)).await.unwrap();
    assert_eq!(answer, Commit::Refused(vec![wrong]));

    // The reference: a repeat, other content, one that is void.
    assert_eq!(store(&mut connection).commit(&priced[0], at(1)).await.unwrap(), Commit::Recorded);
    assert_eq!(store(&mut connection).commit(&priced[0], at(2)).await.unwrap(), Commit::AlreadyRecorded);
    assert_eq!(store(&mut connection).commit(&other_basket, at(2)).await.unwrap(), Commit::Different);
    store(&mut connection).void(priced[0].reference(), OnVoid::KEEP, at(2)).await.unwrap();
    let answer = store(&mut connection).commit(&priced[0], at(2)).await.unwrap();
    assert_eq!(answer, Commit::Refused(vec![Objection::Voided]));

    // The definition: revised, switched off, killed; and a hold that pins it.
    let held = store(&mut connection).reserve(&priced[1], at(2), at(20)).await.unwrap();
    assert_eq!(held, Reserve::Held { until: at(20) });
    store(&mut connection).set_status(&spring, Status::Inactive, &Edit::new(at(2))).await.unwrap();
    let answer = store(&mut connection).commit(&priced[2], at(3)).await.unwrap();
    let full = Objection::LimitReached { counter: total(), limit: 2, used: 1, held: 1, wanted: 1 };
    let off = Objection::NotActive { coupon: spring.clone() };
    assert_eq!(answer, Commit::Refused(vec![off, full]));
    store(&mut connection).set_status(&spring, Status::Active, &Edit::new(at(3))).await.unwrap();
    store(&mut connection).release(priced[1].reference(), at(3)).await.unwrap();
    let stale = Revised { coupon: spring.clone(), priced: 1, current: 3 };
    let answer = store(&mut connection).commit(&priced[2], at(4)).await.unwrap();
    assert_eq!(answer, Commit::Stale(vec![stale]));
    store(&mut connection).kill(&spring, &Edit::new(at(4))).await.unwrap();
    let answer = store(&mut connection).commit(&priced[2], at(5)).await.unwrap();
    assert_eq!(answer, Commit::Refused(vec![Objection::Killed { coupon: spring }]));

    let state = store(&mut connection).counter(&total(), at(5)).await.unwrap();
    assert_eq!((state.used, state.held), (1, 0));
    assert_eq!(count(&mut connection, "SELECT count(*) FROM coupon_redemption").await, 2);
    assert_eq!(count(&mut connection, "SELECT count(*) FROM coupon_use").await, 2);
}
