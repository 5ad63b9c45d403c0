//! Codes that belong to somebody, and types that a code gives.

use super::Rig;
use super::desk::Desk;
use super::repeats::proform;
use super::scene::*;
use crate::*;

fn pro() -> Coupon {
    Coupon::builder("pro").benefit(Benefit::None).assign(proform()).per_code_limit(1).build().unwrap()
}

/// A pro-form code typed on an empty cart: the code is consumed, the type is stored, and later orders need no code.
///
/// Proves S1, S8, S12.
pub fn a_claim_gives_the_type_for_good<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(pro()).await;
        desk.hands_out("pro", vec![bearer("K7WQ93MX")]).await;
        let ann = [id("42"), email("ann@example.com")];
        let claim = Basket::claim("c-1").by(&ann).code("k7wq-93mx");
        let redemption = claim.hold(&mut store).await;
        assert_eq!(claim.load(&mut store).await.customer_type(), None, "nothing durable before it is committed");
        assert_eq!(store.commit(&redemption, at(1)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.commit(&redemption, at(2)).await.unwrap(), Commit::AlreadyRecorded);

        // A repeat from the very start comes to the same content.
        assert_eq!(claim.clone().at(3).place(&mut store).await, Commit::AlreadyRecorded);

        // By any of the keys, without a code, in a later order.
        for keys in [&ann[..], &ann[..1], &ann[1..]] {
            let loaded = Basket::order("o-1").by(keys).at(10).load(&mut store).await;
            assert_eq!(loaded.customer_type(), Some(&"PROFORM".parse().unwrap()));
        }
        let history = desk.history(&id("42")).await;
        let [change] = history.as_slice() else { panic!("{history:?}") };
        assert_eq!(
            (change.change.from.clone(), change.change.to.clone()),
            (Some("RETAIL".parse().unwrap()), Some("PROFORM".parse().unwrap()))
        );
        assert_eq!(change.at, at(1));
        let cause = TypeCause::Coupon { coupon: "pro".parse().unwrap(), code: code("K7WQ93MX") };
        assert_eq!(change.change.cause, cause);
        assert_eq!(&change.reference, redemption.reference());
    })
}

/// A bearer code is bound to nobody when it is issued or held, and to the customer who redeems it.
///
/// Proves S3, S10.
pub fn a_bearer_code_is_bound_when_it_is_committed<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(Coupon::builder("solo").percent_off("10").per_code_limit(1).build().unwrap()).await;
        desk.hands_out("solo", vec![bearer("AAAA")]).await;
        let bob = Basket::order("o-2").by(&[id("43")]).code("aaaa").hold(&mut store).await;
        assert_eq!(desk.holder("AAAA").await, None);
        let ann = Basket::order("o-1").by(&[email("ann@example.com"), id("42")]).code("aaaa").at(20);
        assert_eq!(ann.place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.holder("AAAA").await, Some(id("42")));
        let Commit::Refused(objections) = store.commit(&bob, at(21)).await.unwrap() else { panic!() };
        let theirs = Objection::WrongCustomer { coupon: "solo".parse().unwrap(), code: code("AAAA") };
        assert_eq!((objections.len(), &objections[0]), (2, &theirs));
        assert!(matches!(&objections[1], Objection::LimitReached { used: 1, .. }), "{objections:?}");
        let seen = Basket::order("o-3").by(&[id("43")]).code("aaaa").at(22).price_with(&mut store).await;
        assert!(seen.answers()[0].reasons().contains(&Refusal::WrongCustomer));
    })
}

/// A code that was issued to one customer is nobody else's, at the till as well.
///
/// Proves S55, S105, S135.
pub fn a_personal_code_is_its_holders<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(Coupon::builder("duo").kind(Kind::Personal).percent_off("10").build().unwrap()).await;
        desk.hands_out("duo", vec![bearer("AAAA").with_holder(id("42"))]).await;
        let mut next_door = rig.connect().await;
        let mut elsewhere = rig.neighbour(&mut next_door);
        elsewhere.has(Coupon::builder("duo").kind(Kind::Personal).percent_off("10").build().unwrap()).await;
        elsewhere.hands_out("duo", vec![bearer("AAAA").with_holder(id("43"))]).await;
        let bob = Basket::order("o-1").by(&[id("43")]).code("aaaa");
        let seen = bob.price_with(&mut store).await;
        assert_eq!(seen.answers()[0].reasons(), [Refusal::WrongCustomer]);
        let forged = bob.redemption(&mut elsewhere).await;
        let theirs = Objection::WrongCustomer { coupon: "duo".parse().unwrap(), code: code("AAAA") };
        assert_eq!(store.commit(&forged, at(0)).await.unwrap(), Commit::Refused(vec![theirs]));
        let ann = |order| Basket::order(order).by(&[id("42")]).code("aaaa");
        let late = ann("o-3").redemption(&mut store).await;
        assert_eq!(ann("o-2").place(&mut store).await, Commit::Recorded);
        let again = store.commit(&late, at(0)).await.unwrap();
        assert_eq!(refused_by(&again).len(), 2, "the code and the customer are both used up");
    })
}

/// A code that many may use stays everybody's.
///
/// Proves S103.
pub fn a_code_for_many_is_bound_to_nobody<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(Coupon::builder("influencer").percent_off("10").build().unwrap()).await;
        desk.hands_out("influencer", vec![bearer("MIA10")]).await;
        for n in 0..3 {
            let basket = Basket::order(&format!("o-{n}")).by(&[id(&n.to_string())]).code("mia10");
            assert_eq!(basket.place(&mut store).await, Commit::Recorded);
        }
        assert_eq!(desk.holder("MIA10").await, None);
    })
}

/// A type that nobody can be given is not given to nobody, and the code stays unused.
///
/// Proves S3, S12.
pub fn a_type_needs_somebody<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(
            Coupon::builder("open")
                .code("OPEN")
                .benefit(Benefit::None)
                .assign(proform())
                .total_limit(1)
                .build()
                .unwrap(),
        )
        .await;
        let nobody = Basket::claim("c-1").code("open").redemption(&mut store).await;
        let objection = Objection::CustomerRequired { coupon: "open".parse().ok() };
        assert_eq!(store.commit(&nobody, at(0)).await.unwrap(), Commit::Refused(vec![objection]));
        assert_eq!(desk.state(&total("open"), at(0)).await, (0, 0));
        assert_eq!(
            Basket::claim("c-1").by(&[email("ann@example.com")]).code("open").place(&mut store).await,
            Commit::Recorded
        );
    })
}
