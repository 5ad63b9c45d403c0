//! Many shoppers at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use vouchsafe::*;

use crate::rig::*;

/// Runs a checkout of each number on so many threads that begin together.
fn race<R: Rig>(rig: &R, threads: usize, shoppers: usize, checkout: impl Fn(&R, usize) + Sync) {
    let barrier = Barrier::new(threads);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                barrier.wait();
                loop {
                    let shopper = next.fetch_add(1, Ordering::SeqCst);
                    if shopper >= shoppers {
                        break;
                    }
                    checkout(rig, shopper);
                }
            });
        }
    });
}

/// Limit 1,000, and 5,000 checkouts that all saw it free: exactly 1,000, however often each of them repeats.
pub fn a_thousand_of_five_thousand<R: Rig>(rig: R) {
    rig.define(ten_percent("flash").total_limit(1_000).build().unwrap());
    let redemptions: Vec<Redemption> = rig.wait(async {
        let mut store = rig.store();
        let mut redemptions = Vec::new();
        for n in 0..5_000 {
            redemptions.push(Basket::order(&format!("o-{n}")).code("flash").redemption(&mut store).await);
        }
        redemptions
    });
    let (recorded, refused, repeated) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    race(&rig, 16, 10_000, |rig, attempt| {
        // Everybody asks twice, from whichever thread.
        let redemption = &redemptions[attempt % 5_000];
        let mut store = rig.store();
        match rig.wait(store.commit(redemption, at(0))).unwrap() {
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
    assert_eq!(rig.counter(&total("flash"), at(0)), (1_000, 0));
    assert_eq!(rig.log("flash").len(), 1_000);
}

/// The whole checkout in a race, with holds, changed baskets, releases and repeats: the books are right afterwards.
pub fn the_books_are_right_after_a_race<R: Rig>(rig: R) {
    let fund = Amounts::new([usd("900.00")]).unwrap();
    rig.define(ten_percent("flash").total_limit(100).budget(fund).per_customer_limit(3).build().unwrap());
    race(&rig, 8, 800, |rig, shopper| {
        let mut store = rig.store();
        rig.wait(async {
            let keys = [id(&(shopper % 70).to_string())];
            let basket = Basket::order(&format!("o-{shopper}")).by(&keys).code("flash");
            let Ok(redemption) = basket.price_with(&mut store).await.redemption() else { return };
            if redemption.coupons().is_empty() {
                return;
            }
            let held = store.reserve(&redemption, at(0), at(20)).await.unwrap();
            match shopper % 4 {
                0 => {
                    store.release(redemption.reference(), at(0)).await.unwrap();
                }
                // An abandoned basket.
                1 => {}
                2 => {
                    let cheaper = basket.price("50.00").price_with(&mut store).await.redemption().unwrap();
                    store.commit(&cheaper, at(1)).await.unwrap();
                }
                _ => {
                    let answer = store.commit(&redemption, at(1)).await.unwrap();
                    assert!(answer.is_recorded() || !matches!(held, Reserve::Held { .. }), "{held:?}, {answer:?}");
                }
            }
        });
    });
    let mut limits = vec![(total("flash"), 100), (budget("flash"), 90_000)];
    limits.extend((0..70).map(|n| (per_customer("flash", id(&n.to_string())), 3)));
    check_books(&rig, &["flash"], &limits, at(1));
    assert!(rig.counter(&total("flash"), at(1)).0 > 0);
}

/// One customer on many devices: one first order.
pub fn one_first_order_in_a_race<R: Rig>(rig: R) {
    for n in 0..8 {
        rig.define(ten_percent(&format!("hello{n}")).condition(Condition::FirstOrder).build().unwrap());
    }
    let redemptions: Vec<Redemption> = rig.wait(async {
        let mut store = rig.store();
        let mut redemptions = Vec::new();
        for n in 0..8 {
            let basket = Basket::order(&format!("o-{n}")).by(&[id("42")]).code(&format!("hello{n}"));
            redemptions.push(basket.redemption(&mut store).await);
        }
        redemptions
    });
    let recorded = AtomicUsize::new(0);
    race(&rig, 8, 8, |rig, n| {
        if rig.wait(rig.store().commit(&redemptions[n], at(0))).unwrap() == Commit::Recorded {
            recorded.fetch_add(1, Ordering::SeqCst);
        }
    });
    assert_eq!(recorded.load(Ordering::SeqCst), 1);
}

/// One customer buys a year on sixteen devices at once, and each that is refused is priced again: sixteen years.
pub fn sixteen_years_in_a_race<R: Rig>(rig: R) {
    let (all_priced, refused) = (Barrier::new(16), AtomicUsize::new(0));
    race(&rig, 16, 16, |rig, n| {
        let mut store = rig.store();
        let basket = Basket::order(&format!("o-{n}")).by(&[id("42")]).product("CLUB-YEAR");
        let mut redemption = rig.wait(basket.redemption(&mut store));
        // Each saw a customer without any year.
        all_priced.wait();
        loop {
            match rig.wait(store.commit(&redemption, at(0))).unwrap() {
                Commit::Recorded => break,
                Commit::Refused(objections) => {
                    assert!(matches!(objections[..], [Objection::TypesChanged { .. }]), "{objections:?}");
                    refused.fetch_add(1, Ordering::SeqCst);
                }
                other => panic!("{other:?}"),
            }
            redemption = rig.wait(basket.redemption(&mut store));
        }
    });
    assert!(refused.load(Ordering::SeqCst) >= 15, "of those who saw the same, one is first");
    let loaded = rig.wait(Basket::order("look").by(&[id("42")]).load(&mut rig.store()));
    let [club] = loaded.held().memberships() else { panic!("{loaded:?}") };
    // From noon of 1 March to its end, and 16 times 365 days.
    let end = parse_instant("2026-03-02T00:00:00Z").unwrap() + chrono::TimeDelta::days(5_840);
    assert_eq!((club.window().from(), club.window().until()), (Some(at(0)), Some(end)));
    assert_eq!((loaded.held().revision(), rig.type_history(&id("42")).len()), (Some(16), 16));
}

/// Two coupons, typed in this order by some and in that by others: counters are taken in the order of their keys, so
/// that all checkouts come to an end, and both counters agree.
pub fn two_coupons_in_opposite_order<R: Rig>(rig: R) {
    for name in ["a", "b"] {
        rig.define(ten_percent(name).total_limit(100).build().unwrap());
    }
    race(&rig, 8, 400, |rig, shopper| {
        let mut store = rig.store();
        rig.wait(async {
            let (first, second) = if shopper % 2 == 0 { ("a", "b") } else { ("b", "a") };
            let basket = Basket::order(&format!("o-{shopper}")).code(first).code(second);
            let redemption = basket.price_with(&mut store).await.redemption().unwrap();
            assert!(redemption.deltas().is_sorted_by(|x, y| x.key() < y.key()));
            if redemption.coupons().len() == 2 {
                store.reserve(&redemption, at(0), at(20)).await.unwrap();
                store.commit(&redemption, at(0)).await.unwrap();
            }
        });
    });
    assert_eq!(rig.counter(&total("a"), at(0)), (100, 0));
    assert_eq!(rig.counter(&total("b"), at(0)), (100, 0));
    check_books(&rig, &["a", "b"], &[(total("a"), 100), (total("b"), 100)], at(0));
}
