//! Many shoppers at once.
//!
//! Where a store answers with an error that a retry helps, it is asked again: what is promised is that no limit is passed,
//! and that everybody comes to an end.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

/// Runs a checkout of each number on so many threads that begin together, each with its own connection.
pub(super) fn race<R: Rig>(
    rig: &R,
    threads: usize,
    shoppers: usize,
    checkout: impl Fn(&R, &mut R::Connection, usize) + Sync,
) {
    let (together, next) = (Barrier::new(threads), AtomicUsize::new(0));
    let connections: Vec<R::Connection> = (0..threads).map(|_| rig.wait(rig.connect())).collect();
    thread::scope(|scope| {
        for mut connection in connections {
            let (together, next, checkout) = (&together, &next, &checkout);
            scope.spawn(move || {
                together.wait();
                loop {
                    let shopper = next.fetch_add(1, Ordering::SeqCst);
                    if shopper >= shoppers {
                        break;
                    }
                    checkout(rig, &mut connection, shopper);
                }
            });
        }
    });
}

/// Limit 1,000, and 5,000 checkouts that all saw it free: exactly 1,000, however often each of them repeats.
///
/// Proves V18, S23, S69, trap 14.
pub fn a_thousand_of_five_thousand<R: Rig>(rig: R) {
    let redemptions: Vec<Redemption> = rig.wait(async {
        open!(rig: store);
        store.has(ten_percent("flash").total_limit(1_000).build().unwrap()).await;
        let mut redemptions = Vec::new();
        for n in 0..5_000 {
            redemptions.push(Basket::order(&format!("o-{n}")).code("flash").redemption(&mut store).await);
        }
        redemptions
    });
    let (recorded, refused, repeated) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    race(&rig, 16, 10_000, |rig, connection, attempt| {
        // Everybody asks twice, from whichever thread.
        let redemption = &redemptions[attempt % 5_000];
        let answer = rig.wait(async { insist!(rig.store(connection).commit(redemption, at(0))) });
        match answer {
            Commit::Recorded => recorded.fetch_add(1, Ordering::SeqCst),
            Commit::AlreadyRecorded => repeated.fetch_add(1, Ordering::SeqCst),
            no => {
                assert_eq!(refused_by(&no), [&total("flash")]);
                refused.fetch_add(1, Ordering::SeqCst)
            }
        };
    });
    let counts = [&recorded, &repeated, &refused].map(|count| count.load(Ordering::SeqCst));
    assert_eq!(counts, [1_000, 1_000, 8_000]);
    rig.wait(async {
        open!(rig: desk);
        assert_eq!(desk.state(&total("flash"), at(0)).await, (1_000, 0));
        assert_eq!(desk.log("flash").await.len(), 1_000);
    });
}

/// The whole checkout in a race, with holds, changed baskets, releases and repeats: the books are right afterwards.
///
/// Proves S23, S98, trap 25.
pub fn the_books_are_right_after_a_race<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        let fund = Amounts::new([usd("900.00")]).unwrap();
        desk.has(ten_percent("flash").total_limit(100).budget(fund).per_customer_limit(3).build().unwrap()).await;
    });
    race(&rig, 8, 800, |rig, connection, shopper| {
        rig.wait(async {
            let mut store = rig.store(connection);
            let keys = [id(&(shopper % 70).to_string())];
            let basket = Basket::order(&format!("o-{shopper}")).by(&keys).code("flash");
            let Ok(redemption) = basket.price_with(&mut store).await.redemption() else { return };
            if redemption.coupons().is_empty() {
                return;
            }
            let held = insist!(store.reserve(&redemption, at(0), at(20)));
            match shopper % 4 {
                0 => {
                    insist!(store.release(redemption.reference(), at(0)));
                }
                // An abandoned basket.
                1 => {}
                2 => {
                    let cheaper = basket.price("50.00").price_with(&mut store).await.redemption().unwrap();
                    insist!(store.commit(&cheaper, at(1)));
                }
                _ => {
                    let answer = insist!(store.commit(&redemption, at(1)));
                    assert!(answer.is_recorded() || !matches!(held, Reserve::Held { .. }), "{held:?}, {answer:?}");
                }
            }
        });
    });
    let mut limits = vec![(total("flash"), 100), (budget("flash"), 90_000)];
    limits.extend((0..70).map(|n| (per_customer("flash", id(&n.to_string())), 3)));
    rig.wait(async {
        open!(rig: desk);
        desk.check_books(&["flash"], &limits, at(1)).await;
        assert!(desk.state(&total("flash"), at(1)).await.0 > 0);
    });
}

/// One customer on many devices: one first order.
///
/// Proves S16.
pub fn one_first_order_in_a_race<R: Rig>(rig: R) {
    let redemptions: Vec<Redemption> = rig.wait(async {
        open!(rig: desk, store);
        let mut redemptions = Vec::new();
        for n in 0..8 {
            desk.has(ten_percent(&format!("hello{n}")).condition(Condition::FirstOrder).build().unwrap()).await;
            let basket = Basket::order(&format!("o-{n}")).by(&[id("42")]).code(&format!("hello{n}"));
            redemptions.push(basket.redemption(&mut store).await);
        }
        redemptions
    });
    let recorded = AtomicUsize::new(0);
    race(&rig, 8, 8, |rig, connection, n| {
        let answer = rig.wait(async { insist!(rig.store(connection).commit(&redemptions[n], at(0))) });
        if answer == Commit::Recorded {
            recorded.fetch_add(1, Ordering::SeqCst);
        }
    });
    assert_eq!(recorded.load(Ordering::SeqCst), 1);
}

/// One customer buys a year on sixteen devices at once, and each that is refused is priced again: sixteen years.
///
/// Proves S23, S49.
pub fn sixteen_years_in_a_race<R: Rig>(rig: R) {
    let basket = |n: usize| Basket::order(&format!("o-{n}")).by(&[id("42")]).product("CLUB-YEAR");
    // Each saw a customer without any year.
    let priced: Vec<Redemption> = rig.wait(async {
        open!(rig: store);
        let mut priced = Vec::new();
        for n in 0..16 {
            priced.push(basket(n).redemption(&mut store).await);
        }
        priced
    });
    let refused = AtomicUsize::new(0);
    race(&rig, 16, 16, |rig, connection, n| {
        rig.wait(async {
            let (mut store, mut redemption) = (rig.store(connection), priced[n].clone());
            // Of those who are refused at once each time one is recorded, so that sixteen rounds are enough for all.
            for _ in 0..16 {
                match insist!(store.commit(&redemption, at(0))) {
                    Commit::Recorded => return,
                    Commit::Refused(objections) => {
                        assert!(matches!(objections[..], [Objection::TypesChanged { .. }]), "{objections:?}");
                        refused.fetch_add(1, Ordering::SeqCst);
                    }
                    other => panic!("{other:?}"),
                }
                redemption = basket(n).redemption(&mut store).await;
            }
            panic!("o-{n} is refused for ever");
        });
    });
    assert!(refused.load(Ordering::SeqCst) >= 15, "of those who saw the same, one is first");
    rig.wait(async {
        open!(rig: store);
        let loaded = Basket::order("look").by(&[id("42")]).load(&mut store).await;
        let [club] = loaded.held().memberships() else { panic!("{loaded:?}") };
        // From noon of 1 March to its end, and 16 times 365 days.
        let end = parse_instant("2026-03-02T00:00:00Z").unwrap() + chrono::TimeDelta::days(5_840);
        assert_eq!((club.window().from(), club.window().until()), (Some(at(0)), Some(end)));
        assert_eq!((loaded.held().revision(), store.history(&id("42")).await.len()), (Some(16), 16));
    });
}

/// Two coupons, typed in this order by some and in that by others: counters are taken in the order of their keys, so
/// that all checkouts come to an end, and both counters agree.
///
/// Proves trap 26.
pub fn two_coupons_in_opposite_order<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        for name in ["a", "b"] {
            desk.has(ten_percent(name).total_limit(100).build().unwrap()).await;
        }
    });
    race(&rig, 8, 400, |rig, connection, shopper| {
        rig.wait(async {
            let mut store = rig.store(connection);
            let (first, second) = if shopper % 2 == 0 { ("a", "b") } else { ("b", "a") };
            let basket = Basket::order(&format!("o-{shopper}")).code(first).code(second);
            let redemption = basket.price_with(&mut store).await.redemption().unwrap();
            assert!(redemption.deltas().is_sorted_by(|x, y| x.key() < y.key()));
            if redemption.coupons().len() == 2 {
                insist!(store.reserve(&redemption, at(0), at(20)));
                insist!(store.commit(&redemption, at(0)));
            }
        });
    });
    rig.wait(async {
        open!(rig: desk);
        assert_eq!(desk.state(&total("a"), at(0)).await, (100, 0));
        assert_eq!(desk.state(&total("b"), at(0)).await, (100, 0));
        desk.check_books(&["a", "b"], &[(total("a"), 100), (total("b"), 100)], at(0)).await;
    });
}
