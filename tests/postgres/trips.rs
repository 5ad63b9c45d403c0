//! How often a checkout has to wait for the server.

use chrono::TimeDelta;
use sqlx::Connection;
use vouchsafe::*;

use crate::postgres::server;
use crate::proxy::proxy;
use crate::scene::*;

/// Proves that load and commit are two round trips, and counts those of everything else. A statement that a connection
/// sees for the first time is prepared by one more, so each is made once before anything is counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkout_is_two_round_trips() {
    let coupon = ten_percent("flash").total_limit(12).per_customer_limit(5);
    let Some(database) = shop_with([coupon, ten_percent("open")]).await else { return };
    let (port, trips) = proxy(server().unwrap().port()).await;
    let mut connection = database.through(port).connect().await;
    let mut counted = Vec::new();
    for round in 0..2 {
        counted.clear();
        let mut store = handle(&mut connection);
        let until = at(0) + TimeDelta::minutes(20);
        trips.since_then();

        let basket = |what: &str, codes: &[&str]| Basket::new(&format!("{what}-{round}"), codes);
        let redemption = basket("at-once", &["flash", "open"]).redemption(&mut store).await;
        counted.push(("load", trips.since_then()));
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        counted.push(("commit", trips.since_then()));
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::AlreadyRecorded);
        counted.push(("commit again", trips.since_then()));

        let redemption = basket("held", &["flash"]).redemption(&mut store).await;
        trips.since_then();
        assert_eq!(store.reserve(&redemption, at(0), until).await.unwrap(), Reserve::Held { until });
        counted.push(("reserve", trips.since_then()));
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        counted.push(("commit a hold", trips.since_then()));

        let redemption = basket("released", &["flash"]).redemption(&mut store).await;
        assert_eq!(store.reserve(&redemption, at(0), until).await.unwrap(), Reserve::Held { until });
        trips.since_then();
        assert_eq!(store.release(redemption.reference(), at(0)).await.unwrap(), Release::Released);
        counted.push(("release", trips.since_then()));

        let redemption = basket("club", &["flash"]).product("CLUB-YEAR").redemption(&mut store).await;
        assert_eq!(redemption.type_changes().len(), 1);
        trips.since_then();
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        counted.push(("commit a type", trips.since_then()));
        assert!(matches!(store.void(redemption.reference(), OnVoid::KEEP, at(0)).await.unwrap(), Void::Voided { .. }));
        counted.push(("void", trips.since_then()));

        let mut queue = Vec::new();
        for n in 0..3 {
            queue.push(basket(&format!("group-{n}"), &["flash"]).redemption(&mut store).await);
        }
        trips.since_then();
        let answers = store.commit_all(&queue, at(0)).await.unwrap();
        assert!(answers.iter().all(|answer| *answer == Commit::Recorded), "{answers:?}");
        counted.push(("commit three", trips.since_then()));
    }
    let redemption = {
        let mut store = handle(&mut connection);
        let mut redemption = Basket::new("late", &["open"]).redemption(&mut store).await;
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        redemption = Basket::new("in-order", &["open"]).redemption(&mut store).await;
        redemption
    };
    trips.since_then();
    // In the host's transaction it costs the same: BEGIN and COMMIT are the host's.
    let mut transaction = connection.begin().await.unwrap();
    trips.since_then();
    assert_eq!(handle(&mut transaction).commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
    counted.push(("commit in an order's transaction", trips.since_then()));
    transaction.commit().await.unwrap();

    println!("round trips: {counted:?}");
    let most = [
        ("load", 1),
        ("commit", 1),
        ("commit again", 2),
        ("reserve", 7),
        ("commit a hold", 8),
        ("release", 7),
        ("commit a type", 9),
        ("void", 8),
        ("commit three", 1),
        ("commit in an order's transaction", 1),
    ];
    assert_eq!(counted.len(), most.len());
    for ((what, count), (expected, most)) in counted.into_iter().zip(most) {
        assert_eq!(what, expected);
        assert!(count <= most, "{what} took {count} round trips");
    }
}
