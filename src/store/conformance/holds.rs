//! Holds: what they keep from others, and what they never do.

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

/// What is held is taken for others, and free for its own reference.
///
/// Proves S23.
pub fn a_hold_stands_for_others_only<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        let late = Basket::order("o-2").code("spring").redemption(&mut store).await;
        let held = Basket::order("o-1").code("spring").hold(&mut store).await;
        let seen = Basket::order("o-2").code("spring").at(5).load(&mut store).await;
        assert_eq!((seen.codes()[0].usage().total(), seen.progress()), (1, &Progress::Open));
        let own = Basket::order("o-1").code("spring").at(5).load(&mut store).await;
        assert_eq!((own.codes()[0].usage().total(), own.progress()), (0, &Progress::Held { until: at(20) }));
        let refused = store.commit(&late, at(5)).await.unwrap();
        let taken = Objection::LimitReached { counter: total("spring"), limit: 1, used: 0, held: 1, wanted: 1 };
        assert_eq!(refused, Commit::Refused(vec![taken]));
        assert_eq!(store.commit(&held, at(5)).await.unwrap(), Commit::Recorded);
        assert_eq!(desk.state(&total("spring"), at(5)).await, (1, 0));
    })
}

/// A shopper who changes the basket is never blocked by the own hold, and holds once.
///
/// Proves trap 15.
pub fn a_changed_basket_replaces_its_own_hold<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let ten_dollars = Amounts::new([usd("10.00")]).unwrap();
        desk.has(ten_percent("spring").total_limit(1).per_customer_limit(1).budget(ten_dollars).build().unwrap()).await;
        desk.has(ten_percent("summer").total_limit(1).build().unwrap()).await;
        let basket = Basket::order("o-1").by(&[id("42")]);
        for price in ["100.00", "60.00", "90.00"] {
            basket.clone().price(price).code("spring").hold(&mut store).await;
            assert_eq!(desk.state(&total("spring"), at(0)).await, (0, 1));
        }
        assert_eq!(desk.state(&budget("spring"), at(0)).await, (0, 900));
        basket.clone().code("summer").hold(&mut store).await;
        assert_eq!(desk.state(&total("spring"), at(0)).await, (0, 0), "the code was taken out of the basket");

        // Changed once more at the till, without another reserve.
        assert_eq!(basket.code("spring").at(1).place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.state(&total("spring"), at(1)).await, (1, 0));
        assert_eq!(desk.state(&total("summer"), at(1)).await, (0, 0));
        assert_eq!(desk.state(&budget("spring"), at(1)).await, (1_000, 0));
    })
}

/// A changed basket that is refused leaves the hold as it was.
///
/// Proves trap 15.
pub fn a_refused_change_keeps_the_hold<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        desk.has(ten_percent("summer").total_limit(1).build().unwrap()).await;
        let changed = Basket::order("o-1").code("spring").code("summer").redemption(&mut store).await;
        let held = Basket::order("o-1").code("spring").hold(&mut store).await;
        assert_eq!(Basket::order("o-2").code("summer").place(&mut store).await, Commit::Recorded);
        assert!(matches!(store.reserve(&changed, at(1), at(40)).await.unwrap(), Reserve::Refused(_)));
        assert!(matches!(store.commit(&changed, at(1)).await.unwrap(), Commit::Refused(_)));
        assert_eq!(desk.state(&total("spring"), at(1)).await, (0, 1));
        assert_eq!(store.commit(&held, at(2)).await.unwrap(), Commit::Recorded);
    })
}

/// A hold lapses at its instant, by the instant of whoever looks, and is never in the way from then on.
///
/// Proves S23.
pub fn a_lapsed_hold_is_never_in_the_way<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        Basket::order("o-1").code("spring").hold(&mut store).await;
        let minute = |n| Basket::order("o-2").code("spring").at(n);
        assert_eq!(minute(19).load(&mut store).await.codes()[0].usage().total(), 1);
        assert_eq!(minute(20).load(&mut store).await.codes()[0].usage().total(), 0);
        assert_eq!(minute(19).load(&mut store).await.codes()[0].usage().total(), 1, "a look changes nothing");
        minute(20).hold(&mut store).await;
        assert_eq!(desk.state(&total("spring"), at(20)).await, (0, 1));
        assert_eq!(store.release(&order("o-1"), at(20)).await.unwrap(), Release::NothingHeld);
        assert_eq!(minute(21).place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.state(&total("spring"), at(60)).await, (1, 0));
    })
}

/// Many lapsed holds, on several counters at once, make room for as many.
///
/// Proves S23.
pub fn lapsed_holds_make_room<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(10).per_customer_limit(10).build().unwrap()).await;
        for n in 0..10 {
            Basket::order(&format!("gone-{n}")).by(&[id("42")]).code("spring").hold(&mut store).await;
        }
        for n in 0..10 {
            let basket = Basket::order(&format!("o-{n}")).by(&[id("42")]).code("spring").at(25);
            assert_eq!(basket.place(&mut store).await, Commit::Recorded);
        }
        let room = Basket::order("o-10").by(&[id("42")]).code("spring").at(25).load(&mut store).await;
        assert_eq!((room.codes()[0].usage().total(), room.codes()[0].usage().customer()), (10, 10));
        assert_eq!(desk.state(&total("spring"), at(25)).await, (10, 0));
    })
}

/// After its hold lapsed a redemption takes the counters again, or is refused.
///
/// Proves trap 28.
pub fn a_commit_after_a_lapse_takes_again_or_refuses<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        let lucky = Basket::order("o-1").code("spring").hold(&mut store).await;
        let late = Basket::order("o-2").code("spring").at(30).hold(&mut store).await;
        let refused = store.commit(&lucky, at(31)).await.unwrap();
        assert_eq!(refused_by(&refused), [&total("spring")]);
        // Nor does it live again for a server whose clock is behind: its room is somebody else's.
        let behind = store.commit(&lucky, at(10)).await.unwrap();
        assert_eq!(refused_by(&behind), [&total("spring")]);
        assert_eq!(store.release(late.reference(), at(32)).await.unwrap(), Release::Released);
        assert_eq!(store.commit(&lucky, at(33)).await.unwrap(), Commit::Recorded);
        assert_eq!(desk.state(&total("spring"), at(33)).await, (1, 0));
    })
}

/// Reserving again extends, and a repeat that arrives late does not shorten.
///
/// Proves trap 28.
pub fn reserving_again_extends<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        let held = Basket::order("o-1").code("spring").hold(&mut store).await;
        assert_eq!(store.reserve(&held, at(15), at(45)).await.unwrap(), Reserve::Held { until: at(45) });
        assert_eq!(store.reserve(&held, at(16), at(30)).await.unwrap(), Reserve::Held { until: at(45) });
        assert_eq!(desk.state(&total("spring"), at(44)).await, (0, 1));
        assert_eq!(desk.state(&total("spring"), at(45)).await, (0, 0));
        assert_eq!(store.commit(&held, at(44)).await.unwrap(), Commit::Recorded);
    })
}

/// What is released is free, once.
///
/// Proves S23.
pub fn a_release_frees_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(2).build().unwrap()).await;
        let held = Basket::order("o-1").code("spring").hold(&mut store).await;
        Basket::order("o-2").code("spring").hold(&mut store).await;
        assert_eq!(store.release(held.reference(), at(1)).await.unwrap(), Release::Released);
        assert_eq!(store.release(held.reference(), at(1)).await.unwrap(), Release::NothingHeld);
        assert_eq!(desk.state(&total("spring"), at(1)).await, (0, 1));
        assert_eq!(
            store.commit(&held, at(2)).await.unwrap(),
            Commit::Recorded,
            "nothing keeps it from being taken again"
        );
    })
}

/// Nothing can be redeemed outside its window, so nothing is held past its end.
///
/// Proves S20, S70, S107.
pub fn a_hold_ends_with_the_window<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("flash").instants(Some(at(-10)), Some(at(10))).total_limit(5).build().unwrap()).await;
        let basket = Basket::order("o-1").code("flash").at(5);
        let redemption = basket.redemption(&mut store).await;
        let outside = |from, until| {
            vec![Objection::OutsideWindow { coupon: "flash".parse().unwrap(), from: Some(from), until: Some(until) }]
        };
        for early_or_late in [-11, 10, 500] {
            let refused = store.reserve(&redemption, at(early_or_late), at(600)).await.unwrap();
            assert_eq!(refused, Reserve::Refused(outside(at(-10), at(10))));
            let refused = store.commit(&redemption, at(early_or_late)).await.unwrap();
            assert_eq!(refused, Commit::Refused(outside(at(-10), at(10))));
        }
        assert_eq!(store.reserve(&redemption, at(5), at(25)).await.unwrap(), Reserve::Held { until: at(10) });
        assert_eq!(store.commit(&redemption, at(10)).await.unwrap(), Commit::Refused(outside(at(-10), at(10))));
        assert_eq!(store.commit(&redemption, at(9)).await.unwrap(), Commit::Recorded);
    })
}

/// Where the total is no longer the one that the shopper agreed to, nothing is recorded.
///
/// Proves S107.
pub fn the_total_is_the_one_that_was_seen<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(5).build().unwrap()).await;
        let seen = Basket::order("o-1").code("spring").redemption(&mut store).await.digest();
        let dearer = Basket::order("o-1").code("spring").price("110.00").redemption(&mut store).await.confirming(seen);
        let changed = vec![Objection::TotalChanged { seen, found: dearer.digest() }];
        assert_eq!(store.reserve(&dearer, at(0), at(20)).await.unwrap(), Reserve::Refused(changed.clone()));
        assert_eq!(store.commit(&dearer, at(0)).await.unwrap(), Commit::Refused(changed));
        let same = Basket::order("o-1").code("spring").redemption(&mut store).await.confirming(seen);
        assert_eq!(store.commit(&same, at(0)).await.unwrap(), Commit::Recorded);
    })
}

/// A limit that is raised lets others take what it adds, and never what is held: priced again, held again or recorded, the
/// order that holds a use has it.
///
/// Proves S55, S69, trap 15.
pub fn a_raised_limit_takes_nothing_from_a_hold<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let terms = |limit| ten_percent("spring").total_limit(limit).per_customer_limit(limit).units_limit(limit);
        desk.has(terms(1).build().unwrap()).await;
        let first = Basket::order("o-1").by(&[id("42")]).code("spring");
        let held = first.hold(&mut store).await;
        desk.changes(terms(2).build().unwrap()).await;
        assert_eq!(Basket::order("o-2").by(&[id("42")]).code("spring").place(&mut store).await, Commit::Recorded);
        // A refreshed page.
        assert_eq!(first.redemption(&mut store).await.digest(), held.digest());
        assert_eq!(store.reserve(&held, at(1), at(30)).await.unwrap(), Reserve::Held { until: at(30) });
        assert_eq!(store.commit(&held, at(2)).await.unwrap(), Commit::Recorded);
        assert_eq!(desk.state(&total("spring"), at(2)).await, (2, 0));
        // A repeat from the very start is priced as it was.
        let again = first.redemption(&mut store).await;
        assert_eq!(store.commit(&again, at(3)).await.unwrap(), Commit::AlreadyRecorded);
        let third = Basket::order("o-3").by(&[id("43")]).code("spring").price_with(&mut store).await;
        assert!(!third.answers()[0].is_applied(), "two of two");
    })
}

/// Another code of the same definition is priced under the terms that stand, and by what is left of them: what an older hold
/// of the order was promised is no measure for it.
///
/// Proves S69, V20.
pub fn another_code_is_priced_by_what_is_left<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let budget_of = |amount| Amounts::new([usd(amount)]).unwrap();
        let terms = |amount| Coupon::builder("promo").percent_off("10").per_code_limit(1).budget(budget_of(amount));
        desk.has(terms("10.00").build().unwrap()).await;
        let codes = ["AAAA", "BBBB", "CCCC", "DDDD", "EEEE"];
        desk.hands_out("promo", codes.iter().map(|code| bearer(code)).collect()).await;
        Basket::order("o-1").price("40.00").code("aaaa").hold(&mut store).await;
        desk.changes(terms("20.00").build().unwrap()).await;
        for (order, code) in [("o-2", "cccc"), ("o-3", "dddd"), ("o-4", "eeee")] {
            assert_eq!(Basket::order(order).price("40.00").code(code).place(&mut store).await, Commit::Recorded);
        }
        // 12.00 of 20.00 are gone to others; its own 4.00 are held for what it had.
        let changed = Basket::order("o-1").price("120.00").code("bbbb").price_with(&mut store).await;
        assert_eq!((changed.answers()[0].wanted(), changed.answers()[0].discount()), (usd("12.00"), usd("8.00")));
        assert_eq!(store.commit(&changed.redemption().unwrap(), at(1)).await.unwrap(), Commit::Recorded);
        assert_eq!(desk.state(&budget("promo"), at(1)).await, (2_000, 0));
    })
}
