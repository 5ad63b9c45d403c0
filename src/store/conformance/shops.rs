//! Many shops in one database: none knows of another.

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

/// Two shops with the same definitions, codes, orders and customers see nothing of each other.
pub fn shops_know_nothing_of_each_other<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: ours, till);
        let mut next_door = rig.connect().await;
        let mut theirs = rig.neighbour(&mut next_door);
        let (ann, spring) = (id("42"), "spring".parse::<CouponId>().unwrap());
        ours.has(ten_percent("spring").total_limit(2).per_customer_limit(1).build().unwrap()).await;
        assert_eq!(theirs.definition(&spring).await.unwrap(), None);
        assert_eq!(theirs.definitions(None, 9).await.unwrap(), []);
        theirs.has(Coupon::builder("spring").code("SPRING").percent_off("20").total_limit(2).build().unwrap()).await;
        ours.has(Coupon::builder("gift").percent_off("10").per_code_limit(1).build().unwrap()).await;
        theirs.has(Coupon::builder("gift").percent_off("30").per_code_limit(1).build().unwrap()).await;
        ours.hands_out("gift", vec![bearer("AAAA")]).await;
        assert_eq!(theirs.issued(&code("AAAA")).await.unwrap(), None);
        theirs.hands_out("gift", vec![bearer("AAAA")]).await;

        let basket = Basket::order("o-1").by(&[ann.clone()]).product("CLUB-YEAR").code("spring").code("aaaa");
        let held = basket.hold(&mut till).await;
        assert_eq!(basket.load(&mut theirs).await.progress(), &Progress::Open);
        assert_eq!(till.commit(&held, at(0)).await.unwrap(), Commit::Recorded);
        ours.credit_points(&ann, &"start".parse().unwrap(), 100).await.unwrap();

        assert_eq!(theirs.records(Page::first(9)).await.unwrap(), []);
        assert_eq!(theirs.records_of(&[ann.clone()], Page::first(9)).await.unwrap(), []);
        assert_eq!(theirs.states(at(0)).await, []);
        assert_eq!((theirs.history(&ann).await, theirs.holder("AAAA").await), (vec![], None));
        assert_eq!(theirs.points(&ann, at(0)).await.unwrap(), PointsBalance::default());
        assert_eq!(theirs.customers_of_type(&"CLUB".parse().unwrap(), at(0)).await.unwrap(), []);
        assert_eq!(theirs.void(&order("o-1"), OnVoid::KEEP, at(1)).await.unwrap(), Void::NotRecorded);
        assert_eq!(theirs.release(&order("o-1"), at(1)).await.unwrap(), Release::NothingHeld);
        assert_eq!(theirs.forget(&[ann.clone()]).await.unwrap().changed, 0);
        assert_eq!(
            theirs.purge(&Purge::holds(at(99), 9).with_records_before(at(99))).await.unwrap(),
            Purged::default()
        );
        theirs.kills("spring").await;
        theirs.withdraws("AAAA").await;

        // What was done next door has changed nothing here.
        assert_eq!(ours.definition(&spring).await.unwrap().unwrap().status(), Status::Active);
        assert_eq!(ours.definition_log(&spring).await.unwrap().len(), 1);
        assert!(!ours.issued(&code("AAAA")).await.unwrap().unwrap().1.is_revoked());
        assert_eq!(ours.state(&per_customer("spring", ann.clone()), at(1)).await, (1, 0));
        assert_eq!(ours.records_of(&[ann.clone()], Page::first(9)).await.unwrap().len(), 1);
        assert_eq!(ours.points(&ann, at(1)).await.unwrap().balance(), 100);
        assert_eq!(till.commit(&held, at(1)).await.unwrap(), Commit::AlreadyRecorded);

        // The same reference over there is another order.
        theirs.switches("spring", Status::Active).await;
        let elsewhere = Basket::order("o-1").by(&[ann.clone()]).code("spring").at(2);
        assert_eq!(elsewhere.redemption(&mut theirs).await.payable(), usd("80.00"));
        assert_eq!(elsewhere.place(&mut theirs).await, Commit::Recorded);
        assert_eq!(
            (ours.state(&total("spring"), at(2)).await, theirs.state(&total("spring"), at(2)).await),
            ((1, 0), (1, 0))
        );
    });
}
