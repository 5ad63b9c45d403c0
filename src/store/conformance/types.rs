//! Which types a customer holds, as it was recorded.

use chrono::{DateTime, Utc};

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

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
///
/// Proves S12, S49.
pub fn types_are_recorded_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let ann = id("42");
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

        let history = desk.history(&ann).await;
        let [joined, made] = history.as_slice() else { panic!("{history:?}") };
        assert_eq!(joined.change.cause, TypeCause::Purchase { product: "CLUB-YEAR".parse().unwrap(), line: LineId(1) });
        // Bought on 1 March 2026.
        assert_eq!(joined.change.until, Some(parse_instant("2027-03-02T00:00:00Z").unwrap()));
        assert_eq!((joined.at, &joined.reference, joined.reverts), (at(1), &order("o-1"), false));
        assert_eq!((made.change.from.clone(), made.change.to.clone()), (Some(kind("RETAIL")), Some(kind("PROFORM"))));
    })
}

/// Memberships come side by side, each with its own time, and a renewal is added to what runs.
///
/// Proves S49, S52.
pub fn memberships_stand_side_by_side<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: store);
        let ann = id("42");
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
    })
}

/// What a void turns back is policy; a membership is turned back by itself, and nothing over a later change of the same.
///
/// Proves S12, S106.
pub fn types_are_turned_back_by_policy<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let ann = id("42");
        let revert = OnVoid::KEEP.with_type_reverted(true);
        let voided = |type_reverted| Void::Voided {
            uses_given_back: false,
            type_reverted,
            allowances_given_back: false,
            points: None,
        };
        for (n, product) in [("o-1", "CLUB-YEAR"), ("o-2", "GUILD-YEAR"), ("o-3", "CLUB-YEAR"), ("o-4", "BOOT")] {
            assert_eq!(buys(n, &ann, product).place(&mut store).await, Commit::Recorded);
        }
        // The club was renewed since; the guild was not, whatever else came.
        assert_eq!(store.void(&order("o-1"), revert, at(1)).await.unwrap(), voided(false));
        assert_eq!(store.void(&order("o-2"), revert, at(1)).await.unwrap(), voided(true));
        assert_eq!(store.void(&order("o-2"), revert, at(2)).await.unwrap(), Void::AlreadyVoided);
        assert_eq!(store.void(&order("o-4"), revert, at(2)).await.unwrap(), voided(false), "it changed none");
        assert_eq!(held(&mut store, &ann, 3).await, ["CLUB"]);
        // With the renewal goes the first year, which was to be turned back before and for which nothing stands any more.
        assert_eq!(store.void(&order("o-3"), revert, at(3)).await.unwrap(), voided(true));
        assert_eq!(held(&mut store, &ann, 3).await, [""; 0]);
        assert_eq!(desk.history(&ann).await.iter().filter(|record| record.reverts).count(), 3);

        // A renewal alone is turned back to the first year.
        for n in ["o-5", "o-6"] {
            assert_eq!(buys(n, &ann, "CLUB-YEAR").at(3).place(&mut store).await, Commit::Recorded);
        }
        assert_eq!(store.void(&order("o-6"), revert, at(4)).await.unwrap(), voided(true));
        let loaded = buys("look", &ann, "BOOT").at(4).load(&mut store).await;
        let until = loaded.held().memberships()[0].window().until();
        assert_eq!(until, Some(parse_instant("2027-03-02T00:00:00Z").unwrap()));

        // A later change that was turned back itself stands no longer.
        for (n, to) in [("c-1", "PROFORM"), ("c-2", "CLUB")] {
            assert_eq!(makes(n, &ann, to).at(5).place(&mut store).await, Commit::Recorded);
        }
        assert_eq!(store.void(&claimed("c-2"), revert, at(6)).await.unwrap(), voided(true));
        assert_eq!(held(&mut store, &ann, 6).await, ["PROFORM", "CLUB"]);
        assert_eq!(store.void(&claimed("c-1"), revert, at(7)).await.unwrap(), voided(true));
        assert_eq!(held(&mut store, &ann, 7).await, ["RETAIL", "CLUB"]);
    })
}

fn changed(priced: u64, current: u64) -> Vec<Objection> {
    vec![Objection::TypesChanged { priced, current }]
}

fn revision(redemption: &Redemption) -> Option<u64> {
    redemption.guards().iter().find_map(|guard| match guard {
        Guard::Types { revision } => Some(*revision),
        _ => None,
    })
}

/// When the membership ends that the customer is known to have.
async fn end<S: CouponStore>(store: &mut S, who: &IdentityKey) -> Option<DateTime<Utc>> {
    let loaded = buys("look", who, "BOOT").load(store).await;
    loaded.held().memberships()[0].window().until()
}

/// Two orders of one customer that were priced at once and each add a year: the second is told, and priced again it adds
/// its year to the first one's. A repeat of either is still a repeat.
///
/// Proves S12, S23, S49.
pub fn a_year_is_added_to_a_year<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let ann = id("42");
        let [first, second] = ["o-1", "o-2"].map(|n| buys(n, &ann, "CLUB-YEAR"));
        let on_the_phone = first.hold(&mut store).await;
        // A hold gives nothing, and is in nobody's way.
        let on_the_laptop = second.hold(&mut store).await;
        assert_eq!((revision(&on_the_phone), revision(&on_the_laptop)), (Some(0), Some(0)));
        assert_eq!(store.commit(&on_the_phone, at(1)).await.unwrap(), Commit::Recorded);
        for _ in 0..2 {
            assert_eq!(store.commit(&on_the_laptop, at(1)).await.unwrap(), Commit::Refused(changed(0, 1)));
            assert_eq!(store.reserve(&on_the_laptop, at(1), at(21)).await.unwrap(), Reserve::Refused(changed(0, 1)));
        }
        let instant = |text| parse_instant(text).ok();
        assert_eq!(end(&mut store, &ann).await, instant("2027-03-02T00:00:00Z"), "what is refused changes nothing");
        assert_eq!(second.clone().at(2).load(&mut store).await.progress(), &Progress::Held { until: at(20) });

        // Priced again under the same reference.
        let again = second.clone().at(2).hold(&mut store).await;
        assert_eq!(revision(&again), Some(1));
        assert_eq!(store.commit(&again, at(2)).await.unwrap(), Commit::Recorded);
        assert_eq!(end(&mut store, &ann).await, instant("2028-03-01T00:00:00Z"));

        // What was recorded is recorded, whatever came after it; from the very start it comes to the same content, priced
        // from the same revision.
        for (basket, recorded, priced) in [(&first, &on_the_phone, 0), (&second, &again, 1)] {
            assert_eq!(store.commit(recorded, at(3)).await.unwrap(), Commit::AlreadyRecorded);
            assert_eq!(store.reserve(recorded, at(3), at(23)).await.unwrap(), Reserve::AlreadyRecorded);
            let repeated = basket.clone().at(3).redemption(&mut store).await;
            assert!(repeated.same_content(recorded));
            assert_eq!(revision(&repeated), Some(priced));
            assert_eq!(store.commit(&repeated, at(3)).await.unwrap(), Commit::AlreadyRecorded);
        }
        assert_eq!(desk.history(&ann).await.len(), 2);
    })
}

/// Two changes of the primary type, known by different keys: neither is made from a type that is no longer there. A void
/// that sets a type back counts as a change, and one that does not is none.
///
/// Proves S12, S23.
pub fn a_primary_type_is_changed_from_what_it_is<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: store);
        let ann = [id("42"), email("ann@example.com")];
        let pro = makes("c-1", &ann[0], "PROFORM").by(&ann);
        let club = makes("c-2", &ann[1], "CLUB");
        let (to_pro, to_club) = (pro.redemption(&mut store).await, club.redemption(&mut store).await);
        assert_eq!(store.commit(&to_pro, at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.commit(&to_club, at(0)).await.unwrap(), Commit::Refused(changed(0, 1)));
        assert_eq!(held(&mut store, &ann[0], 1).await, ["PROFORM"]);
        let to_club = club.redemption(&mut store).await;
        assert_eq!(to_club.type_change().and_then(|change| change.from.clone()), Some(kind("PROFORM")));

        // A void that leaves the types alone leaves the revision alone, too.
        assert_eq!(buys("o-1", &ann[1], "BOOT").place(&mut store).await, Commit::Recorded);
        store.void(&order("o-1"), OnVoid::KEEP.with_type_reverted(true), at(1)).await.unwrap();
        let late = makes("c-3", &ann[1], "GUILD").redemption(&mut store).await;
        assert_eq!((revision(&to_club), revision(&late)), (Some(1), Some(1)));
        store.void(&claimed("c-1"), OnVoid::KEEP.with_type_reverted(true), at(1)).await.unwrap();
        assert_eq!(store.commit(&to_club, at(2)).await.unwrap(), Commit::Refused(changed(1, 2)));
        let to_club = club.redemption(&mut store).await;
        assert_eq!(to_club.type_change().and_then(|change| change.from.clone()), Some(kind("RETAIL")));
        assert_eq!(store.commit(&to_club, at(2)).await.unwrap(), Commit::Recorded);

        // Under all keys at once a change counts once.
        let all = makes("c-4", &ann[0], "PROFORM").by(&ann).redemption(&mut store).await;
        assert_eq!(revision(&all), Some(3));
        // Somebody else's types are nothing to it.
        assert_eq!(buys("o-2", &id("43"), "CLUB-YEAR").place(&mut store).await, Commit::Recorded);
        assert_eq!(store.commit(&all, at(3)).await.unwrap(), Commit::Recorded);
    })
}

/// An order that changes no type is recorded whatever became of the types, and so are those of a host that keeps types
/// itself.
///
/// Proves S23, S49.
pub fn types_are_in_nobodys_way<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: store);
        let ann = id("42");
        let boots = buys("o-1", &ann, "BOOT").hold(&mut store).await;
        let own = ["o-2", "o-3"].map(|n| buys(n, &ann, "CLUB-YEAR").with_own_types());
        let [first, second] = [own[0].redemption(&mut store).await, own[1].redemption(&mut store).await];
        assert_eq!([&boots, &first, &second].map(revision), [None; 3]);
        assert_eq!(first.type_changes().len(), 1);
        for redemption in [&first, &second, &boots] {
            assert_eq!(store.reserve(redemption, at(1), at(20)).await.unwrap(), Reserve::Held { until: at(20) });
            assert_eq!(store.commit(redemption, at(1)).await.unwrap(), Commit::Recorded);
        }
    })
}

/// A type for nobody is not recorded, nor held.
///
/// Proves S49.
pub fn a_type_is_for_somebody<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: store);
        let redemption = Basket::order("o-1").product("CLUB-YEAR").redemption(&mut store).await;
        let objection = Objection::CustomerRequired { coupon: None };
        let held = store.reserve(&redemption, at(0), at(20)).await.unwrap();
        assert_eq!(held, Reserve::Refused(vec![objection.clone()]));
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Refused(vec![objection]));
        // Log in, and it is recorded.
        assert_eq!(buys("o-1", &id("42"), "CLUB-YEAR").place(&mut store).await, Commit::Recorded);
    })
}

/// The customers of a type are found by it, each once, with all keys that were ever given together; those whose time is
/// over, and those who were set back, are not among them.
///
/// Proves S12, S40.
pub fn the_customers_of_a_type_are_found<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let (ann, mail, bob, cid) = (id("42"), email("ann@example.com"), id("43"), id("44"));
        for (basket, minutes) in [
            (buys("o-1", &ann, "CLUB-YEAR"), 0),
            (buys("o-2", &ann, "BOOT").by(&[mail.clone(), ann.clone()]).product("GUILD-YEAR"), 1),
            (buys("o-3", &bob, "CLUB-YEAR"), 2),
            (buys("o-4", &cid, "CLUB-YEAR"), 3),
            (makes("c-1", &bob, "PROFORM"), 4),
        ] {
            assert_eq!(basket.at(minutes).place(&mut store).await, Commit::Recorded);
        }
        store.void(&order("o-4"), OnVoid::KEEP.with_type_reverted(true), at(5)).await.unwrap();
        let of = |customers: Vec<Customer>| -> Vec<Vec<IdentityKey>> {
            customers.iter().map(|customer| customer.keys().to_vec()).collect()
        };
        let both = Customer::new([ann.clone(), mail.clone()]).keys().to_vec();
        let club = desk.customers_of_type(&kind("CLUB"), at(6)).await.unwrap();
        assert_eq!(of(club), [both.clone(), vec![bob.clone()]]);
        assert_eq!(of(desk.customers_of_type(&kind("GUILD"), at(6)).await.unwrap()), [both]);
        assert_eq!(of(desk.customers_of_type(&kind("PROFORM"), at(6)).await.unwrap()), [vec![bob.clone()]]);
        let over = at(60 * 24 * 400);
        assert_eq!(of(desk.customers_of_type(&kind("CLUB"), over).await.unwrap()), [[]; 0]);

        // What an admin sees of a customer is what a checkout is told.
        for keys in [vec![ann.clone()], vec![mail.clone()], vec![ann, mail], vec![bob], vec![cid]] {
            let loaded = Basket::order("look").by(&keys).at(6).load(&mut store).await;
            assert_eq!(&desk.held_types(&keys).await.unwrap(), loaded.held(), "{keys:?}");
        }
    });
}
