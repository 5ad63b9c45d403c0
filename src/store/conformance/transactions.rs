//! The transaction of the host: what is done in it is there with the order, or not at all.
//!
//! Tried on stores whose rig can [begin](super::Rig::begin) one.

use super::desk::Desk;
use super::scene::*;
use super::{Ending, Rig};
use crate::*;

/// What is recorded in a transaction is there when that is committed, for every other connection.
///
/// Proves S23.
pub fn what_is_committed_with_the_order_stays<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(2).build().unwrap()).await;
        let redemption = Basket::order("o-1").code("spring").redemption(&mut store).await;
        let mut connection = rig.connect().await;
        let Some(mut transaction) = rig.begin(&mut connection).await else { return };
        let answer = rig.inside(&mut transaction).commit(&redemption, at(0)).await.unwrap();
        assert_eq!(answer, Commit::Recorded);
        assert_eq!(desk.state(&total("spring"), at(0)).await, (0, 0), "not yet");
        assert_eq!(desk.record(&order("o-1")).await.unwrap(), None, "not yet");
        rig.end(transaction, Ending::Commit).await;
        assert_eq!(desk.state(&total("spring"), at(0)).await, (1, 0));
        assert_eq!(store.commit(&redemption, at(1)).await.unwrap(), Commit::AlreadyRecorded);
    });
}

/// Whatever was done in a transaction that is rolled back has not been done: no counter, hold, record, binding, type,
/// point, code or definition is left of it.
///
/// Proves S23.
pub fn a_rollback_leaves_nothing<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let fund = Amounts::new([usd("50.00")]).unwrap();
        let solo = Coupon::builder("solo").percent_off("10").per_code_limit(1).total_limit(5).budget(fund);
        desk.has(solo.build().unwrap()).await;
        desk.hands_out("solo", vec![bearer("AAAA"), bearer("BBBB"), bearer("CCCC")]).await;
        let placed = Basket::order("o-0").by(&[id("44")]).code("cccc").redemption(&mut store).await;
        assert_eq!(store.commit(&placed, at(0)).await.unwrap(), Commit::Recorded);
        let ann = [id("42"), email("ann@example.com")];
        let bought = Basket::order("o-1").by(&ann).product("CLUB-YEAR").code("aaaa").redemption(&mut store).await;
        let held = Basket::order("o-2").by(&[id("43")]).code("bbbb").redemption(&mut store).await;
        let live = Basket::order("o-3").by(&[id("45")]).price("10.00").redemption(&mut store).await;
        assert_eq!(store.reserve(&live, at(0), at(20)).await.unwrap(), Reserve::Held { until: at(20) });
        let before = (desk.states(at(1)).await, desk.records(Page::first(10)).await.unwrap());

        let mut connection = rig.connect().await;
        let Some(mut transaction) = rig.begin(&mut connection).await else { return };
        let mut inside = rig.inside(&mut transaction);
        assert_eq!(inside.commit(&bought, at(1)).await.unwrap(), Commit::Recorded);
        assert_eq!(inside.reserve(&held, at(1), at(21)).await.unwrap(), Reserve::Held { until: at(21) });
        assert_eq!(inside.release(&order("o-3"), at(1)).await.unwrap(), Release::Released);
        let back = OnVoid::KEEP.with_uses_given_back(true);
        assert!(matches!(inside.void(&order("o-0"), back, at(1)).await.unwrap(), Void::Voided { .. }));
        inside.credit_points(&id("42"), &"start".parse().unwrap(), 100).await.unwrap();
        inside.has(ten_percent("new").build().unwrap()).await;
        inside.changes(Coupon::builder("solo").percent_off("50").build().unwrap()).await;
        inside.hands_out("solo", vec![bearer("DDDD")]).await;
        inside.withdraws("BBBB").await;
        inside.forget(&[id("44")]).await.unwrap();
        // Within the transaction it is all there.
        assert_eq!(inside.commit(&bought, at(1)).await.unwrap(), Commit::AlreadyRecorded);
        assert_eq!(inside.points(&id("42"), at(1)).await.unwrap().balance(), 100);
        drop(inside);
        rig.end(transaction, Ending::RollBack).await;

        assert_eq!((desk.states(at(1)).await, desk.records(Page::first(10)).await.unwrap()), before);
        assert_eq!(desk.record(&order("o-1")).await.unwrap(), None);
        assert_eq!((desk.holder("AAAA").await, desk.holder("CCCC").await), (None, Some(id("44"))));
        assert_eq!(desk.history(&id("42")).await, []);
        assert_eq!(desk.points(&id("42"), at(1)).await.unwrap(), PointsBalance::default());
        assert_eq!(desk.definition(&"new".parse().unwrap()).await.unwrap(), None);
        assert_eq!(desk.definition_log(&"solo".parse().unwrap()).await.unwrap().len(), 1);
        assert_eq!(desk.issued(&code("DDDD")).await.unwrap(), None);
        assert_eq!(desk.issued_count(&"solo".parse().unwrap()).await.unwrap(), 3);
        // And everything can be done as if for the first time.
        assert_eq!(store.commit(&bought, at(2)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.commit(&held, at(2)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.release(&order("o-3"), at(2)).await.unwrap(), Release::Released);
        assert_eq!(desk.state(&total("solo"), at(2)).await, (3, 0));
    });
}

/// A "no" never aborts the transaction of the host, whoever says it: what is done in it before and after is recorded, and
/// nothing of what was refused.
///
/// Proves S23, trap 27.
pub fn a_refusal_leaves_the_transaction_usable<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).per_customer_limit(1).build().unwrap()).await;
        desk.has(ten_percent("summer").total_limit(9).build().unwrap()).await;
        let basket = |n: &str, code| Basket::order(n).by(&[id("42")]).code(code);
        let late = basket("o-2", "spring").redemption(&mut store).await;
        let stale = basket("o-3", "summer").redemption(&mut store).await;
        desk.changes(ten_percent("summer").total_limit(8).build().unwrap()).await;
        assert_eq!(basket("o-1", "spring").place(&mut store).await, Commit::Recorded);
        let before = basket("o-4", "summer").redemption(&mut store).await;
        let after = basket("o-5", "summer").redemption(&mut store).await;

        let mut connection = rig.connect().await;
        let Some(mut transaction) = rig.begin(&mut connection).await else { return };
        let mut inside = rig.inside(&mut transaction);
        assert_eq!(inside.commit(&before, at(1)).await.unwrap(), Commit::Recorded);
        assert!(matches!(inside.commit(&late, at(1)).await.unwrap(), Commit::Refused(_)));
        assert!(matches!(inside.reserve(&late, at(1), at(20)).await.unwrap(), Reserve::Refused(_)));
        assert!(matches!(inside.commit(&stale, at(1)).await.unwrap(), Commit::Stale(_)));
        let other = basket("o-1", "summer").redemption(&mut inside).await;
        assert_eq!(inside.commit(&other, at(1)).await.unwrap(), Commit::Different);
        for answer in [
            inside.define(&ten_percent("spring").build().unwrap(), &Edit::new(at(1))).await.map(drop),
            inside.revise(&ten_percent("summer").build().unwrap(), &Edit::new(at(1))).await.map(drop),
            // The first code is free, the second is not: neither is stored.
            inside.issue(&"spring".parse().unwrap(), &[bearer("QQQQ"), bearer("SUMMER")]).await,
            inside.revoke(&code("ZZZZ"), &Revocation::new(at(1), "lost").unwrap()).await,
        ] {
            assert!(matches!(answer, Err(AdminFailure::Refused(_))), "{answer:?}");
        }
        assert_eq!(inside.commit(&after, at(1)).await.unwrap(), Commit::Recorded);
        drop(inside);
        rig.end(transaction, Ending::Commit).await;
        assert_eq!(desk.state(&total("summer"), at(1)).await, (2, 0));
        assert_eq!(desk.state(&total("spring"), at(1)).await, (1, 0));
        assert_eq!(desk.records(Page::first(10)).await.unwrap().len(), 3);
        assert_eq!(desk.issued(&code("QQQQ")).await.unwrap(), None, "a no changes nothing");
    });
}
