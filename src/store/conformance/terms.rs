//! Which terms hold: those that were priced, as long as they stand or a live hold pins them.

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

fn spring(percent: &str) -> Coupon {
    Coupon::builder("spring").code("SPRING").percent_off(percent).total_limit(10).build().unwrap()
}

fn stale(priced: u32, current: u32) -> Vec<Revised> {
    vec![Revised { coupon: "spring".parse().unwrap(), priced, current }]
}

fn spring_is(objection: fn(CouponId) -> Objection) -> Commit {
    Commit::Refused(vec![objection("spring".parse().unwrap())])
}

/// What was priced under a definition that was revised since is not recorded.
///
/// Proves S107.
pub fn a_revised_definition_is_stale<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(spring("10")).await;
        let basket = Basket::order("o-1").code("spring");
        let old = basket.redemption(&mut store).await;
        desk.changes(spring("20")).await;
        assert_eq!(store.commit(&old, at(0)).await.unwrap(), Commit::Stale(stale(1, 2)));
        assert_eq!(store.reserve(&old, at(0), at(20)).await.unwrap(), Reserve::Stale(stale(1, 2)));
        assert_eq!(desk.state(&total("spring"), at(0)).await, (0, 0));
        let new = basket.redemption(&mut store).await;
        assert_eq!(new.payable(), usd("80.00"));
        assert_eq!(store.commit(&new, at(0)).await.unwrap(), Commit::Recorded);
    })
}

/// A live hold pins revision and terms, for a changed basket as well, and for nobody else.
///
/// Proves S107.
pub fn a_live_hold_pins_its_terms<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(spring("10")).await;
        let basket = Basket::order("o-1").code("spring");
        basket.hold(&mut store).await;
        desk.changes(spring("20")).await;
        let changed = basket.clone().price("200.00").at(5);
        assert_eq!(changed.load(&mut store).await.codes()[0].revision(), Some((&"spring".parse().unwrap(), 1)));
        let redemption = changed.hold(&mut store).await;
        assert_eq!(redemption.payable(), usd("180.00"), "the terms that it was held under");
        let other = Basket::order("o-2").code("spring").at(5).redemption(&mut store).await;
        assert_eq!(other.payable(), usd("80.00"), "the terms of the day");
        assert_eq!(store.commit(&redemption, at(24)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.commit(&other, at(24)).await.unwrap(), Commit::Recorded);
    })
}

/// The pin lapses with the hold.
///
/// Proves S107.
pub fn a_lapsed_hold_pins_nothing<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(spring("10")).await;
        let old = Basket::order("o-1").code("spring").hold(&mut store).await;
        desk.changes(spring("20")).await;
        assert_eq!(store.commit(&old, at(20)).await.unwrap(), Commit::Stale(stale(1, 2)));
        let again = Basket::order("o-1").code("spring").at(21).redemption(&mut store).await;
        assert_eq!(again.payable(), usd("80.00"));
    })
}

/// The pin is for what is held: another coupon of the same basket must stand by itself.
///
/// Proves S107.
pub fn a_hold_pins_only_what_it_holds<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(spring("10")).await;
        desk.has(ten_percent("summer").build().unwrap()).await;
        let both = Basket::order("o-1").code("spring").code("summer").redemption(&mut store).await;
        Basket::order("o-1").code("summer").hold(&mut store).await;
        desk.changes(spring("20")).await;
        assert_eq!(store.commit(&both, at(0)).await.unwrap(), Commit::Stale(stale(1, 2)));
    })
}

/// Switched off, a definition takes no new hold; what is held can still be paid for.
///
/// Proves S131.
pub fn deactivating_spares_live_holds<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(spring("10")).await;
        let held = Basket::order("o-1").code("spring").hold(&mut store).await;
        let late = Basket::order("o-2").code("spring").redemption(&mut store).await;
        desk.switches("spring", Status::Inactive).await;
        let off = |coupon| Objection::NotActive { coupon };
        assert_eq!(store.commit(&late, at(1)).await.unwrap(), spring_is(off));
        assert!(matches!(store.reserve(&late, at(1), at(20)).await.unwrap(), Reserve::Refused(_)));
        let seen = Basket::order("o-2").code("spring").at(1).price_with(&mut store).await;
        assert_eq!(seen.answers()[0].reasons(), [Refusal::Inactive]);
        assert_eq!(store.reserve(&held, at(1), at(30)).await.unwrap(), Reserve::Held { until: at(30) });
        assert_eq!(store.commit(&held, at(25)).await.unwrap(), Commit::Recorded);

        desk.switches("spring", Status::Active).await;
        assert_eq!(Basket::order("o-2").code("spring").at(26).place(&mut store).await, Commit::Recorded);
    })
}

/// Killed, it takes nothing any more; not even what is held.
///
/// Proves S131.
pub fn killing_spares_nothing<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(spring("10")).await;
        let basket = Basket::order("o-1").code("spring");
        let held = basket.hold(&mut store).await;
        desk.kills("spring").await;
        let killed = |coupon| Objection::Killed { coupon };
        assert_eq!(store.commit(&held, at(1)).await.unwrap(), spring_is(killed));
        let seen = basket.clone().at(1).price_with(&mut store).await;
        assert_eq!(seen.answers()[0].reasons(), [Refusal::Inactive]);
        // Set active again it starts anew, and what was priced before the kill is not revived by it.
        desk.switches("spring", Status::Active).await;
        assert_eq!(store.commit(&held, at(2)).await.unwrap(), Commit::Stale(stale(1, 3)));
        assert_eq!(basket.at(3).place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.state(&total("spring"), at(3)).await, (1, 0));
    })
}

/// A withdrawn code is worth nothing, held or not.
///
/// Proves S10.
pub fn revoking_spares_nothing<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(Coupon::builder("patrol").percent_off("40").per_code_limit(1).build().unwrap()).await;
        desk.hands_out("patrol", vec![bearer("AAAA"), bearer("BBBB")]).await;
        let held = Basket::order("o-1").code("aaaa").hold(&mut store).await;
        let other = Basket::order("o-2").code("bbbb").redemption(&mut store).await;
        desk.withdraws("AAAA").await;
        let revoked = Objection::CodeRevoked { coupon: "patrol".parse().unwrap(), code: code("AAAA") };
        assert_eq!(store.commit(&held, at(1)).await.unwrap(), Commit::Refused(vec![revoked]));
        let seen = Basket::order("o-3").code("aaaa").price_with(&mut store).await;
        assert!(seen.answers()[0].reasons().contains(&Refusal::CodeRevoked));
        assert_eq!(store.commit(&other, at(1)).await.unwrap(), Commit::Recorded);
    })
}

/// What another store priced is unknown here, and said to be.
///
/// Proves S84 for a store.
pub fn what_is_not_defined_is_refused<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let mut next_door = rig.connect().await;
        let mut elsewhere = rig.neighbour(&mut next_door);
        elsewhere.has(spring("10")).await;
        elsewhere.has(Coupon::builder("patrol").percent_off("40").build().unwrap()).await;
        elsewhere.hands_out("patrol", vec![bearer("AAAA")]).await;
        let foreign = Basket::order("o-1").code("spring").redemption(&mut elsewhere).await;
        let foreign_code = Basket::order("o-2").code("aaaa").redemption(&mut elsewhere).await;
        assert_eq!(
            store.commit(&foreign, at(0)).await.unwrap(),
            spring_is(|coupon| Objection::UnknownCoupon { coupon })
        );
        desk.has(Coupon::builder("patrol").percent_off("40").build().unwrap()).await;
        let missing = Objection::UnknownCode { coupon: "patrol".parse().unwrap(), code: code("AAAA") };
        assert_eq!(store.commit(&foreign_code, at(0)).await.unwrap(), Commit::Refused(vec![missing]));
    })
}

/// The countdown of a code runs from its own issue.
///
/// Proves S79.
pub fn a_countdown_is_guarded_at_commit<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(Coupon::builder("days").kind(Kind::Personal).percent_off("10").countdown(0, 2).build().unwrap()).await;
        desk.hands_out("days", vec![bearer("AAAA").with_holder(id("42"))]).await;
        let basket = Basket::order("o-1").by(&[id("42")]).code("aaaa");
        let redemption = basket.redemption(&mut store).await;
        assert!(
            matches!(store.commit(&redemption, at(60)).await.unwrap(), Commit::Refused(_)),
            "issued at -60, two hours"
        );
        assert_eq!(store.commit(&redemption, at(59)).await.unwrap(), Commit::Recorded);
    })
}
