//! Which types a customer holds, as it was recorded.

use vouchsafe::*;

use crate::rig::*;

fn kind(name: &str) -> CustomerTypeId {
    name.parse().unwrap()
}

fn buys(reference: &str, who: &IdentityKey, product: &'static str) -> Basket {
    Basket::order(reference).by(std::slice::from_ref(who)).product(product)
}

fn makes(reference: &str, who: &IdentityKey, to: &str) -> Basket {
    let assignment = TypeAssignment::new(kind(to), AssignWhen::OnCommit);
    let event = TypeEvent::Administrator { actor: "eve".parse().unwrap(), assignment };
    Basket::claim(reference).by(std::slice::from_ref(who)).event(event)
}

fn claimed(reference: &str) -> Reference {
    Reference::Claim(reference.parse().unwrap())
}

/// The types that the customer is known to hold.
async fn held<S: CouponStore>(store: &mut S, who: &IdentityKey, minutes: i64) -> Vec<String> {
    let loaded = buys("look", who, "BOOT").at(minutes).load(store).await;
    loaded.held().types_at(at(minutes)).map(ToString::to_string).collect()
}

/// A purchase, an administrator and an end are recorded like codes: when they are committed, and once.
pub async fn types_are_recorded_once<R: Rig>(rig: R) {
    let (mut store, ann) = (rig.store(), id("42"));
    let basket = buys("o-1", &ann, "CLUB-YEAR");
    let redemption = basket.hold(&mut store).await;
    assert_eq!(held(&mut store, &ann, 1).await, [""; 0], "nothing durable before it is committed");
    assert_eq!(store.commit(&redemption, at(1)).await.unwrap(), Commit::Recorded);
    assert_eq!(store.commit(&redemption, at(2)).await.unwrap(), Commit::AlreadyRecorded);
    // A repeat from the very start, days later: not a year more.
    let days_later = basket.clone().at(5 * 24 * 60);
    assert_eq!(days_later.place(&mut store).await, Commit::AlreadyRecorded);
    assert_eq!(makes("c-1", &ann, "PROFORM").at(3).place(&mut store).await, Commit::Recorded);
    assert_eq!(days_later.place(&mut store).await, Commit::AlreadyRecorded, "whatever came after it");
    assert_eq!(held(&mut store, &ann, 4).await, ["PROFORM", "CLUB"]);

    let history = rig.type_history(&ann);
    let [joined, made] = history.as_slice() else { panic!("{history:?}") };
    assert_eq!(joined.change.cause, TypeCause::Purchase { product: "CLUB-YEAR".parse().unwrap(), line: LineId(1) });
    // Bought on 1 March 2026.
    assert_eq!(joined.change.until, Some(parse_instant("2027-03-02T00:00:00Z").unwrap()));
    assert_eq!((joined.at, &joined.reference, joined.reverts), (at(1), &order("o-1"), false));
    assert_eq!((made.change.from.clone(), made.change.to.clone()), (Some(kind("RETAIL")), Some(kind("PROFORM"))));
}

/// Memberships come side by side, each with its own time, and a renewal is added to what runs.
pub async fn memberships_stand_side_by_side<R: Rig>(rig: R) {
    let (mut store, ann) = (rig.store(), id("42"));
    for (n, product, minutes) in [("o-1", "CLUB-YEAR", 0), ("o-2", "GUILD-YEAR", 1), ("o-3", "CLUB-YEAR", 2)] {
        assert_eq!(buys(n, &ann, product).at(minutes).place(&mut store).await, Commit::Recorded);
    }
    assert_eq!(held(&mut store, &ann, 3).await, ["CLUB", "GUILD"]);
    let loaded = buys("look", &ann, "BOOT").at(3).load(&mut store).await;
    let ends: Vec<_> = loaded.held().memberships().iter().map(|m| m.window().until().unwrap()).collect();
    let instant = |text| parse_instant(text).unwrap();
    // Through 1 March 2027 and 365 days more, 29 February 2028 among them: through 29 February 2028.
    assert_eq!(ends, [instant("2028-03-01T00:00:00Z"), instant("2027-03-02T00:00:00Z")]);

    // By the clock alone, and by leaving.
    let year = 366 * 24 * 60;
    assert_eq!(held(&mut store, &ann, year).await, ["CLUB"]);
    let leave = TypeEvent::Leave { actor: "eve".parse().unwrap(), membership: kind("CLUB") };
    let left = Basket::claim("c-1").by(std::slice::from_ref(&ann)).event(leave).at(year);
    assert_eq!(left.place(&mut store).await, Commit::Recorded);
    assert_eq!(held(&mut store, &ann, year).await, [""; 0]);
}

/// What a void turns back is policy; a membership is turned back by itself, and nothing over a later change of the same.
pub async fn types_are_turned_back_by_policy<R: Rig>(rig: R) {
    let (mut store, ann) = (rig.store(), id("42"));
    let revert = OnVoid::KEEP.with_type_reverted(true);
    let voided = |type_reverted| Void::Voided { uses_given_back: false, type_reverted, allowances_given_back: false };
    for (n, product) in [("o-1", "CLUB-YEAR"), ("o-2", "GUILD-YEAR"), ("o-3", "CLUB-YEAR"), ("o-4", "BOOT")] {
        assert_eq!(buys(n, &ann, product).place(&mut store).await, Commit::Recorded);
    }
    // The club was renewed since; the guild was not, whatever else came.
    assert_eq!(store.void(&order("o-1"), revert, at(1)).await.unwrap(), voided(false));
    assert_eq!(store.void(&order("o-2"), revert, at(1)).await.unwrap(), voided(true));
    assert_eq!(store.void(&order("o-2"), revert, at(2)).await.unwrap(), Void::AlreadyVoided);
    assert_eq!(store.void(&order("o-4"), revert, at(2)).await.unwrap(), voided(false), "it changed none");
    assert_eq!(held(&mut store, &ann, 3).await, ["CLUB"]);
    // The renewal is turned back to the first year.
    assert_eq!(store.void(&order("o-3"), revert, at(3)).await.unwrap(), voided(true));
    let loaded = buys("look", &ann, "BOOT").at(4).load(&mut store).await;
    let until = loaded.held().memberships()[0].window().until();
    assert_eq!(until, Some(parse_instant("2027-03-02T00:00:00Z").unwrap()));
    assert_eq!(rig.type_history(&ann).iter().filter(|record| record.reverts).count(), 2);

    // A later change that was turned back itself stands no longer.
    for (n, to) in [("c-1", "PROFORM"), ("c-2", "CLUB")] {
        assert_eq!(makes(n, &ann, to).at(5).place(&mut store).await, Commit::Recorded);
    }
    assert_eq!(store.void(&claimed("c-2"), revert, at(6)).await.unwrap(), voided(true));
    assert_eq!(held(&mut store, &ann, 6).await, ["PROFORM", "CLUB"]);
    assert_eq!(store.void(&claimed("c-1"), revert, at(7)).await.unwrap(), voided(true));
    assert_eq!(held(&mut store, &ann, 7).await, ["RETAIL", "CLUB"]);
}

/// A type for nobody is not recorded, nor held.
pub async fn a_type_is_for_somebody<R: Rig>(rig: R) {
    let mut store = rig.store();
    let redemption = Basket::order("o-1").product("CLUB-YEAR").redemption(&mut store).await;
    let objection = Objection::CustomerRequired { coupon: None };
    let held = store.reserve(&redemption, at(0), at(20)).await.unwrap();
    assert_eq!(held, Reserve::Refused(vec![objection.clone()]));
    assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Refused(vec![objection]));
    // Log in, and it is recorded.
    assert_eq!(buys("o-1", &id("42"), "CLUB-YEAR").place(&mut store).await, Commit::Recorded);
}
