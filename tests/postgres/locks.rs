//! Checkouts wait for each other and never in a circle.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use sqlx::Connection;
use vouchsafe::*;

use crate::scene::*;

/// Proves trap 26: coupons that are taken in opposite order, by the one statement, by the many, held, recorded and let go,
/// come to an end, and no transaction is ever chosen to die for the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn coupons_in_opposite_order_never_deadlock() {
    let coupons = ["alpha", "beta", "gamma"].map(|name| ten_percent(name).total_limit(500).per_customer_limit(200));
    let Some(database) = shop_with(coupons).await else { return };
    let next = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let (database, next) = (database.clone(), next.clone());
            tokio::spawn(async move {
                let mut connection = database.connect().await;
                let mut recorded = 0;
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= 240 {
                        return recorded;
                    }
                    let codes = match n % 3 {
                        0 => ["alpha", "beta", "gamma"],
                        1 => ["gamma", "beta", "alpha"],
                        _ => ["beta", "gamma", "alpha"],
                    };
                    let basket = Basket::new(&format!("o-{n}"), &codes).by(&format!("of-{}", n % 5));
                    let store = handle(&mut connection);
                    let mut store = if n % 2 == 0 { store } else { store.carefully() };
                    let redemption = basket.redemption(&mut store).await;
                    assert_eq!(redemption.coupons().len(), 3);
                    if n % 4 < 2 {
                        let until = at(0) + TimeDelta::minutes(20);
                        let held = store.reserve(&redemption, at(0), until).await.unwrap();
                        assert_eq!(held, Reserve::Held { until });
                    }
                    if n % 8 == 1 {
                        assert_eq!(store.release(redemption.reference(), at(0)).await.unwrap(), Release::Released);
                    } else {
                        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
                        recorded += 1;
                    }
                }
            })
        })
        .collect();
    let mut recorded = 0;
    for worker in workers {
        recorded += worker.await.unwrap();
    }
    assert_eq!(recorded, 210);
    for coupon in ["alpha", "beta", "gamma"] {
        assert_eq!(used(&database, coupon).await, (210, 0), "{coupon}");
    }
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(figure(&database, deadlocks).await, 0);
}

/// A repeat that comes while the first is still being recorded waits for it, and is the same redemption.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_repeat_waits_for_the_first() {
    let Some(database) = shop_with([ten_percent("flash").total_limit(1)]).await else { return };
    let priced = redemptions(&database, 0..1, &["flash"]).await.remove(0);
    let asked: Vec<_> = (0..8)
        .map(|n| {
            let (database, priced) = (database.clone(), priced.clone());
            tokio::spawn(async move {
                let mut connection = database.connect().await;
                let store = handle(&mut connection);
                let mut store = if n % 2 == 0 { store } else { store.carefully() };
                store.commit(&priced, at(0)).await.unwrap()
            })
        })
        .collect();
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(asked.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|answer| **answer == Commit::Recorded).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| **answer == Commit::AlreadyRecorded).count(), 7, "{answers:?}");
    assert_eq!(used(&database, "flash").await, (1, 0));
}

/// Proves S76, S103 and trap 17 where many meet: an order of an unlimited coupon whose transaction is still open keeps no
/// other order of it waiting, by the one statement or by the many.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_waits_for_an_unlimited_coupon() {
    let Some(database) = shop_with([ten_percent("spring")]).await else { return };
    let priced = redemptions(&database, 0..4, &["spring"]).await;
    let (mut slow, mut quick) = (database.connect().await, database.connect().await);
    let mut open = slow.begin().await.unwrap();
    assert_eq!(handle(&mut open).commit(&priced[0], at(0)).await.unwrap(), Commit::Recorded);
    assert_eq!(handle(&mut open).carefully().commit(&priced[1], at(0)).await.unwrap(), Commit::Recorded);
    let others = async {
        assert_eq!(handle(&mut quick).commit(&priced[2], at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(handle(&mut quick).carefully().commit(&priced[3], at(0)).await.unwrap(), Commit::Recorded);
    };
    tokio::time::timeout(Duration::from_secs(20), others).await.expect("waited for an order of somebody else");
    open.rollback().await.unwrap();
    let log = handle(&mut quick).usage_log(&"spring".parse().unwrap(), Page::first(9)).await.unwrap();
    assert_eq!(log.len(), 2);
}
