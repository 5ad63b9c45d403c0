//! Many redemptions in one step.

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use vouchsafe::*;

use crate::postgres::Database;
use crate::scene::*;

/// A queue of orders, and what each is to be told.
async fn queue(database: &Database) -> Option<(Vec<Redemption>, Vec<&'static str>)> {
    let mut connection = database.connect().await;
    let mut store = handle(&mut connection);
    let earlier = Basket::new("earlier", &["flash"]).redemption(&mut store).await;
    assert_eq!(store.commit(&earlier, at(0)).await.unwrap(), Commit::Recorded);
    let other = Basket::new("earlier", &["flash"]).product("SHOE").by("other").redemption(&mut store).await;
    let mut queue = Vec::new();
    // Five are left of six.
    for n in 0..4 {
        queue.push((Basket::new(&format!("q-{n}"), &["flash"]).redemption(&mut store).await, "recorded"));
    }
    queue.push((queue[1].0.clone(), "already"));
    queue.push((earlier, "already"));
    queue.push((other, "different"));
    queue.push((Basket::new("year", &["flash"]).product("CLUB-YEAR").redemption(&mut store).await, "recorded"));
    queue.push((Basket::new("late", &["flash"]).redemption(&mut store).await, "refused"));
    queue.push((Basket::new("open", &["open"]).redemption(&mut store).await, "recorded"));
    Some(queue.into_iter().unzip())
}

fn word(answer: &Commit) -> &'static str {
    match answer {
        Commit::Recorded => "recorded",
        Commit::AlreadyRecorded => "already",
        Commit::Different => "different",
        Commit::Refused(_) => "refused",
        Commit::Stale(_) => "stale",
    }
}

fn season() -> [CouponBuilder; 2] {
    [ten_percent("flash").total_limit(6), ten_percent("open")]
}

/// Proves S23 for groups: each is answered as if it had come alone, in their order, by the one statement or the many, in a
/// transaction of the host or not.
#[tokio::test]
async fn each_of_a_group_is_answered_as_if_it_were_alone() {
    for (careful, inside) in [(false, false), (false, true), (true, false), (true, true)] {
        let Some(database) = shop_with(season()).await else { return };
        let (redemptions, expected) = queue(&database).await.unwrap();
        let mut connection = database.connect().await;
        let answers = if inside {
            let mut transaction = connection.begin().await.unwrap();
            let store = handle(&mut transaction);
            let mut store = if careful { store.carefully() } else { store };
            let answers = store.commit_all(&redemptions, at(0)).await.unwrap();
            transaction.commit().await.unwrap();
            answers
        } else {
            let store = handle(&mut connection);
            let mut store = if careful { store.carefully() } else { store };
            store.commit_all(&redemptions, at(0)).await.unwrap()
        };
        let words: Vec<&str> = answers.iter().map(word).collect();
        assert_eq!(words, expected, "careful {careful}, inside {inside}");
        assert_eq!(used(&database, "flash").await, (6, 0));
        let free = "SELECT count(*) FROM coupon_redemption WHERE state = 0";
        assert_eq!(figure(&database, free).await, 0);
        assert_eq!(figure(&database, "SELECT count(*) FROM coupon_redemption").await, 7);
        // Asked once more, nothing is counted twice.
        let again = handle(&mut connection).commit_all(&redemptions, at(0)).await.unwrap();
        assert!(again.iter().all(|answer| *answer != Commit::Recorded), "{again:?}");
        assert_eq!(used(&database, "flash").await, (6, 0));
    }
}

/// Proves S23: a group of a transaction that is rolled back was never there.
#[tokio::test]
async fn a_group_goes_with_its_transaction() {
    let Some(database) = shop_with(season()).await else { return };
    let (redemptions, _) = queue(&database).await.unwrap();
    let mut connection = database.connect().await;
    let mut transaction = connection.begin().await.unwrap();
    handle(&mut transaction).commit_all(&redemptions, at(0)).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(used(&database, "flash").await, (1, 0));
    assert_eq!(figure(&database, "SELECT count(*) FROM coupon_redemption").await, 1);
}

/// Proves traps 14 and 26 for groups in a race: groups that want two coupons in opposite order neither pass a limit nor deadlock.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn groups_in_a_race_pass_no_limit() {
    let coupons = ["alpha", "beta"].map(|name| ten_percent(name).total_limit(50));
    let Some(database) = shop_with(coupons).await else { return };
    let workers: Vec<_> = (0..6)
        .map(|worker| {
            let database = database.clone();
            tokio::spawn(async move {
                let mut connection = database.connect().await;
                let mut store = handle(&mut connection);
                let mut recorded = 0;
                for group in 0..3 {
                    let mut queue = Vec::new();
                    for n in 0..8 {
                        let codes = if (worker + n) % 2 == 0 { ["alpha", "beta"] } else { ["beta", "alpha"] };
                        let basket = Basket::new(&format!("o-{worker}-{group}-{n}"), &codes);
                        queue.push(basket.redemption(&mut store).await);
                    }
                    queue.retain(|redemption| redemption.coupons().len() == 2);
                    let answers = store.commit_all(&queue, at(0)).await.unwrap();
                    recorded += answers.iter().filter(|answer| **answer == Commit::Recorded).count();
                }
                recorded
            })
        })
        .collect();
    let mut recorded = 0;
    for worker in workers {
        recorded += worker.await.unwrap();
    }
    assert_eq!(recorded, 50);
    assert_eq!((used(&database, "alpha").await, used(&database, "beta").await), ((50, 0), (50, 0)));
}

/// Proves the same on SQLite, where a group is one transaction.
#[tokio::test]
async fn a_group_in_sqlite_is_one_transaction() {
    let mut connection = SqliteConnection::connect(":memory:").await.unwrap();
    SqliteStore::migrate(&mut connection).await.unwrap();
    let mut store = SqliteStore::new(&mut connection, "shop".parse().unwrap());
    for coupon in season() {
        store.define(&coupon.build().unwrap(), &Edit::new(at(-60))).await.unwrap();
    }
    let mut queue = Vec::new();
    for n in 0..8 {
        queue.push(Basket::new(&format!("q-{n}"), &["flash"]).redemption(&mut store).await);
    }
    queue.push(queue[0].clone());
    let answers = store.commit_all(&queue, at(0)).await.unwrap();
    let words: Vec<&str> = answers.iter().map(word).collect();
    assert_eq!(words[..6], ["recorded"; 6]);
    assert_eq!(words[6..], ["refused", "refused", "already"]);
    let key = CounterKey::Total { coupon: "flash".parse().unwrap() };
    assert_eq!(store.counter(&key, at(0)).await.unwrap().used, 6);
}

/// Proves trap 26 for a group in an order's transaction: whoever waits for a reference holds no counter yet, as everywhere,
/// so that whoever has the reference can go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_group_waits_for_references_before_it_locks_counters() {
    let Some(database) = shop_with([ten_percent("flash").total_limit(9)]).await else { return };
    let mut connection = database.connect().await;
    let mut store = handle(&mut connection);
    let held = Basket::new("o-1", &["flash"]).redemption(&mut store).await;
    store.reserve(&held, at(0), at(20)).await.unwrap();
    let mut owner = connection.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM coupon_redemption FOR UPDATE").execute(&mut *owner).await.unwrap();
    let other = database.clone();
    let group = tokio::spawn(async move {
        let mut connection = other.connect().await;
        let mut order = connection.begin().await.unwrap();
        let answers = handle(&mut order).commit_all(&[held], at(1)).await.unwrap();
        order.commit().await.unwrap();
        answers
    });
    until_somebody_waits(&database).await;
    let free = sqlx::query("SELECT 1 FROM coupon_counter FOR UPDATE NOWAIT").execute(&mut *owner).await;
    assert!(free.is_ok(), "{free:?}");
    owner.rollback().await.unwrap();
    assert_eq!(group.await.unwrap(), [Commit::Recorded]);
    assert_eq!(used(&database, "flash").await, (1, 0));
}
