//! After the order was cancelled.

use super::Rig;
use super::desk::Desk;
use super::repeats::proform;
use super::scene::*;
use crate::*;

const BACK: OnVoid = OnVoid::KEEP;

/// A void leaves the use used, marks the record, and happens once.
///
/// Proves S106.
pub fn a_void_keeps_the_use<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        let basket = Basket::order("o-1").code("spring");
        let redemption = basket.redemption(&mut store).await;
        let late = Basket::order("o-2").code("spring").redemption(&mut store).await;
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        let voided = store.void(&order("o-1"), OnVoid::default(), at(5)).await.unwrap();
        assert_eq!(
            voided,
            Void::Voided { uses_given_back: false, type_reverted: false, allowances_given_back: false, points: None }
        );
        let again = store.void(&order("o-1"), BACK.with_uses_given_back(true), at(6)).await.unwrap();
        assert_eq!(again, Void::AlreadyVoided);
        assert_eq!(desk.state(&total("spring"), at(6)).await, (1, 0));
        assert_eq!(refused_by(&store.commit(&late, at(6)).await.unwrap()), [&total("spring")]);
        let log = desk.log("spring").await;
        assert_eq!((log.len(), log[0].voided_at, log[0].uses_given_back), (1, Some(at(5)), false));
    })
}

/// What was voided is over: a repeat of it is no success.
///
/// Proves S106.
pub fn a_voided_reference_cannot_be_recorded_again<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(5).build().unwrap()).await;
        let basket = Basket::order("o-1").code("spring");
        let redemption = basket.redemption(&mut store).await;
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        store.void(&order("o-1"), BACK.with_uses_given_back(true), at(5)).await.unwrap();
        assert_eq!(basket.load(&mut store).await.progress(), &Progress::Voided);
        assert_eq!(store.commit(&redemption, at(6)).await.unwrap(), Commit::Refused(vec![Objection::Voided]));
        assert_eq!(store.reserve(&redemption, at(6), at(26)).await.unwrap(), Reserve::Refused(vec![Objection::Voided]));
        assert_eq!(desk.state(&total("spring"), at(6)).await, (0, 0));
    })
}

/// Where policy says so, every counter goes down by what the redemption raised, once; and the code it bound is free.
///
/// Proves S106 with the other policy.
pub fn a_void_can_give_the_use_back<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let fund = Amounts::new([usd("50.00")]).unwrap();
        desk.has(
            Coupon::builder("gift")
                .percent_off("10")
                .per_code_limit(1)
                .per_customer_limit(1)
                .budget(fund)
                .units_limit(7)
                .build()
                .unwrap(),
        )
        .await;
        desk.hands_out("gift", vec![bearer("AAAA")]).await;
        let basket = Basket::order("o-1").by(&[id("42"), email("ann@example.com")]).code("aaaa");
        assert_eq!(basket.place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.state(&budget("gift"), at(0)).await, (1_000, 0));
        for _ in 0..2 {
            store.void(&order("o-1"), BACK.with_uses_given_back(true), at(5)).await.unwrap();
            assert!(
                desk.states(at(5)).await.iter().all(|(_, state)| *state == (0, 0)),
                "{:?}",
                desk.states(at(5)).await
            );
            assert_eq!(desk.holder("AAAA").await, None);
        }
        assert!(desk.log("gift").await[0].uses_given_back);
        assert_eq!(Basket::order("o-2").by(&[id("43")]).code("aaaa").place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.state(&budget("gift"), at(5)).await, (1_000, 0));

        // A limit that is added later does not count what was given back.
        let fund = Amounts::new([usd("50.00")]).unwrap();
        desk.changes(Coupon::builder("gift").percent_off("10").total_limit(5).budget(fund).build().unwrap()).await;
        assert_eq!(desk.state(&total("gift"), at(5)).await, (1, 0));
    })
}

/// A type that was given can be taken back, unless a later one stands.
///
/// Proves S12.
pub fn a_void_can_revert_the_type<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let club = TypeAssignment::new("CLUB".parse().unwrap(), AssignWhen::NextOrder);
        for (name, assign) in [("pro", proform()), ("club", club)] {
            desk.has(Coupon::builder(name).code(name).benefit(Benefit::None).assign(assign).build().unwrap()).await;
        }
        let (ann, bob) = (id("42"), id("43"));
        let claim = |n: &str, who: &IdentityKey, code: &str| Basket::claim(n).by(std::slice::from_ref(who)).code(code);
        let claimed = |n: &str| Reference::Claim(n.parse().unwrap());
        for (n, who) in [("c-1", &ann), ("c-2", &bob), ("c-3", &id("44"))] {
            assert_eq!(claim(n, who, "pro").place(&mut store).await, Commit::Recorded);
        }
        assert_eq!(claim("c-4", &bob, "club").at(1).place(&mut store).await, Commit::Recorded);

        let revert = BACK.with_type_reverted(true);
        let reverted = store.void(&claimed("c-1"), revert, at(5)).await.unwrap();
        assert_eq!(
            reverted,
            Void::Voided { uses_given_back: false, type_reverted: true, allowances_given_back: false, points: None }
        );
        let stands = store.void(&claimed("c-2"), revert, at(5)).await.unwrap();
        assert_eq!(
            stands,
            Void::Voided { uses_given_back: false, type_reverted: false, allowances_given_back: false, points: None }
        );
        let kept = store.void(&claimed("c-3"), OnVoid::KEEP, at(5)).await.unwrap();
        assert_eq!(
            kept,
            Void::Voided { uses_given_back: false, type_reverted: false, allowances_given_back: false, points: None }
        );
        for (who, stored) in [(&ann, "RETAIL"), (&bob, "CLUB"), (&id("44"), "PROFORM")] {
            let loaded = Basket::order("o-1").by(std::slice::from_ref(who)).at(6).load(&mut store).await;
            assert_eq!(loaded.customer_type(), Some(&stored.parse().unwrap()));
        }
        let history = desk.history(&ann).await;
        assert_eq!(history.iter().map(|change| change.reverts).collect::<Vec<_>>(), [false, true]);
    })
}
