//! One reference, one redemption.

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

/// The same content again is the same success, and counts once. Replaying from the very start, with another look at the
/// store, gives the same content.
///
/// Proves S4, S23.
pub fn a_repeat_is_the_same_redemption<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).per_customer_limit(1).build().unwrap()).await;
        let basket = Basket::order("o-1").by(&[id("42")]).code("spring");
        let redemption = basket.redemption(&mut store).await;
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.commit(&redemption, at(1)).await.unwrap(), Commit::AlreadyRecorded);
        assert_eq!(store.reserve(&redemption, at(1), at(20)).await.unwrap(), Reserve::AlreadyRecorded);

        let later = basket.clone().at(5);
        let loaded = later.load(&mut store).await;
        assert_eq!(loaded.codes()[0].usage().total(), 0, "the own use is not counted against the repeat");
        assert!(matches!(loaded.progress(), Progress::Recorded(recorded) if recorded.same_content(&redemption)));
        assert_eq!(later.place(&mut store).await, Commit::AlreadyRecorded);
        assert_eq!(desk.state(&total("spring"), at(5)).await, (1, 0));
        assert_eq!(desk.log("spring").await.len(), 1);
    })
}

/// A repeat stays a repeat, whatever became of the definition meanwhile.
///
/// Proves S4, S107.
pub fn a_repeat_outlasts_the_definition<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        let basket = Basket::order("o-1").code("spring");
        let redemption = basket.redemption(&mut store).await;
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        desk.changes(Coupon::builder("spring").code("SPRING").percent_off("50").build().unwrap()).await;
        assert_eq!(basket.place(&mut store).await, Commit::AlreadyRecorded, "priced again, under the recorded terms");
        desk.kills("spring").await;
        assert_eq!(store.commit(&redemption, at(1)).await.unwrap(), Commit::AlreadyRecorded);
    })
}

/// Other content under a recorded reference changes nothing.
///
/// Proves S23.
pub fn other_content_is_different<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(5).build().unwrap()).await;
        desk.has(ten_percent("summer").total_limit(5).build().unwrap()).await;
        let first = Basket::order("o-1").code("spring");
        let others = [
            first.clone().price("90.00"),
            first.clone().by(&[id("42")]),
            Basket::order("o-1").code("summer"),
            Basket::order("o-1"),
        ];
        let mut redemptions = Vec::new();
        for other in &others {
            redemptions.push(other.redemption(&mut store).await);
        }
        assert_eq!(first.place(&mut store).await, Commit::Recorded);
        for other in &redemptions {
            assert_eq!(store.commit(other, at(0)).await.unwrap(), Commit::Different);
            assert_eq!(store.reserve(other, at(0), at(20)).await.unwrap(), Reserve::Different);
        }
        assert_eq!(desk.state(&total("spring"), at(0)).await, (1, 0));
        assert_eq!(desk.state(&total("summer"), at(0)).await, (0, 0));
    })
}

/// A claim and an order of the same name are two references.
///
/// Proves S8.
pub fn a_claim_is_not_an_order<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(
            Coupon::builder("open")
                .code("OPEN")
                .benefit(Benefit::None)
                .assign(proform())
                .total_limit(2)
                .build()
                .unwrap(),
        )
        .await;
        assert_eq!(Basket::claim("7").by(&[id("1")]).code("open").place(&mut store).await, Commit::Recorded);
        assert_eq!(Basket::order("7").by(&[id("2")]).code("open").place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.state(&total("open"), at(0)).await, (2, 0));
    })
}

pub(super) fn proform() -> TypeAssignment {
    TypeAssignment::new("PROFORM".parse().unwrap(), AssignWhen::OnCommit)
}

/// Calls in the wrong order are answered, and do no harm.
///
/// Proves S23.
pub fn calls_in_the_wrong_order_do_no_harm<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        let reference = order("o-1");
        assert_eq!(store.release(&reference, at(0)).await.unwrap(), Release::NothingHeld);
        assert_eq!(store.void(&reference, OnVoid::KEEP, at(0)).await.unwrap(), Void::NotRecorded);

        let redemption = Basket::order("o-1").code("spring").hold(&mut store).await;
        let back = OnVoid::KEEP.with_uses_given_back(true);
        assert_eq!(store.void(&reference, back, at(0)).await.unwrap(), Void::NotRecorded, "held, not recorded");
        assert_eq!(desk.state(&total("spring"), at(0)).await, (0, 1));

        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.release(&reference, at(0)).await.unwrap(), Release::Recorded);
        assert_eq!(desk.state(&total("spring"), at(0)).await, (1, 0));
    })
}

/// What the log tells of a redemption: who, what, how much, and when.
///
/// Proves S86, S95.
pub fn the_usage_log_tells_all<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").campaign("easter".parse().unwrap()).build().unwrap()).await;
        let basket = Basket::order("o-1").by(&[id("42"), email("ann@example.com")]).code("Spring").at(3);
        assert_eq!(basket.place(&mut store).await, Commit::Recorded);
        let log = desk.log("spring").await;
        let [record] = log.as_slice() else { panic!("{log:?}") };
        let redemption = &record.redemption;
        assert_eq!((record.recorded_at, record.voided_at), (at(3), None));
        assert_eq!(redemption.reference(), &order("o-1"));
        assert_eq!(redemption.customer(), [id("42"), email("ann@example.com")]);
        assert_eq!(redemption.payable(), usd("90.00"));
        let [redeemed] = redemption.coupons() else { panic!("{redemption:?}") };
        assert_eq!((redeemed.code.as_str(), redeemed.revision, redeemed.discount), ("SPRING", 1, usd("10.00")));
        assert_eq!(redeemed.campaign, Some("easter".parse().unwrap()));
    })
}
