//! What only a store can keep: limits at the moment of recording, and the same answer to the same question.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::json;
use vouchsafe::*;

use crate::support::*;

fn limited(limits: serde_json::Value) -> Coupon {
    coupon("ten", json!({"limits": limits, "benefits": [{"percent": {"off": "10"}}]}))
}

fn refused(answer: &Commit) -> &[Objection] {
    match answer {
        Commit::Refused(objections) => objections,
        other => panic!("{other:?}"),
    }
}

/// Golden vector V18. Trap 14. Proves S23, S69: many at once, one limit, never one more; a repeat does not count.
#[test]
fn v18_a_thousand_of_five_thousand() {
    let till = Till::new([limited(json!({"total": 1_000}))]);
    let recorded = AtomicU64::new(0);
    thread::scope(|scope| {
        for worker in 0..8_u64 {
            let (till, recorded) = (till.clone(), &recorded);
            scope.spawn(move || {
                for attempt in 0..625_u64 {
                    let name = format!("{worker}-{attempt}");
                    // Every shopper saw a free place on the page: the limit is kept where it is recorded.
                    let outcome = till.price(&name, &Customer::anonymous(), "ten", "10.00", NOON);
                    if !outcome.answers()[0].is_applied() {
                        continue;
                    }
                    if till.commit(&outcome, NOON) == Commit::Recorded {
                        recorded.fetch_add(1, Ordering::Relaxed);
                        assert_eq!(till.commit(&outcome, NOON), Commit::AlreadyRecorded);
                    }
                }
            });
        }
    });
    assert_eq!((recorded.load(Ordering::Relaxed), till.used("ten")), (1_000, 1_000));
}

/// Trap 14: everybody checks before anybody writes.
#[test]
fn trap_14_a_check_before_the_write_is_no_guard() {
    let till = Till::new([limited(json!({"total": 3}))]);
    let shoppers = ["a", "b", "c", "d", "e"];
    let priced = shoppers.map(|name| till.price(name, &Customer::anonymous(), "ten", "10.00", NOON));
    assert!(priced.iter().all(|outcome| outcome.answers()[0].is_applied()));
    let answers = priced.map(|outcome| till.commit(&outcome, NOON));
    assert_eq!(answers.iter().filter(|a| a.is_recorded()).count(), 3);
    let counter = CounterKey::Total { coupon: "ten".parse().unwrap() };
    let reached = Objection::LimitReached { counter, limit: 3, used: 3, held: 0, wanted: 1 };
    assert_eq!(refused(&answers[4]), [reached]);
}

/// Proves S4, S10, S55: a one-time code is gone after the first commit by anyone; the same order again is no second use.
#[test]
fn a_one_time_code_is_used_once_and_a_repeat_is_the_same_use() {
    let batch =
        coupon("patrol", json!({"code": null, "limits": {"per_code": 1}, "benefits": [{"percent": {"off": "40"}}]}));
    let till = Till::new([batch]);
    till.store.issue(&"patrol".parse().unwrap(), [issued_code("K7WQ93MX", "2026-01-01T00:00:00Z")]).unwrap();
    let (ann, bob) = (customer("ann"), customer("bob"));
    let (first, second) =
        (till.price("o-1", &ann, "k7wq-93mx", "10.00", NOON), till.price("o-2", &bob, "K7WQ93MX", "10.00", NOON));
    assert_eq!((payable(&first).as_str(), payable(&second).as_str()), ("6.00", "6.00"));
    assert_eq!(till.commit(&first, NOON), Commit::Recorded);
    assert_eq!(till.commit(&first, "2026-03-29T13:00:00Z"), Commit::AlreadyRecorded);
    let said = refused(&till.commit(&second, NOON)).to_vec();
    assert!(said.iter().any(|o| matches!(o, Objection::LimitReached { used: 1, limit: 1, .. })), "{said:?}");
    // Whoever asks from now on is refused at the page already, the owner too.
    for who in [&ann, &bob] {
        let again = till.price("o-3", who, "K7WQ93MX", "10.00", NOON);
        assert!(reasons(&again)[0].contains(&"limit_reached"), "{who:?}");
        assert_eq!(payable(&again), "10.00");
    }
    // The page of the order that used it stays what it was.
    assert_eq!(payable(&till.price("o-1", &ann, "K7WQ93MX", "10.00", NOON)), "6.00");
}

/// Proves S3: a bearer code good for one use belongs to whoever redeemed it.
#[test]
fn a_bearer_code_is_bound_at_commit() {
    let batch = coupon(
        "patrol",
        json!({"code": null, "limits": {"per_code": 1}, "benefits": ["none"], "assign": {"to": "PROFORM"}}),
    );
    let till = Till::new([batch]);
    let code = issued_code("K7WQ93MX", "2026-01-01T00:00:00Z");
    till.store.issue(&"patrol".parse().unwrap(), [code.clone()]).unwrap();
    let ann = customer("ann");
    let outcome = till.price("o-1", &ann, "K7WQ93MX", "10.00", NOON);
    assert_eq!(till.store.held_types(ann.keys()), HeldTypes::default());
    assert_eq!(till.commit(&outcome, NOON), Commit::Recorded);
    // From the next order on the type is there, without a code (S8, S12).
    assert_eq!(till.store.held_types(ann.keys()).primary(), Some(&"PROFORM".parse().unwrap()));
    let (_, bound) = till.store.issued(code.code()).unwrap();
    assert_eq!(bound.holder(), Some(&IdentityKey::id("ann").unwrap()));
}

/// Proves S98: one use per customer is kept over all keys of a customer.
#[test]
fn one_use_per_customer_is_kept_over_all_keys() {
    let till = Till::new([limited(json!({"per_customer": 1}))]);
    let keys = [IdentityKey::id("1").unwrap(), IdentityKey::email("ann@example.com").unwrap()];
    let ann = Customer::new(keys.clone());
    assert_eq!(till.commit(&till.price("o-1", &ann, "TEN", "10.00", NOON), NOON), Commit::Recorded);
    for key in keys {
        let again = till.price("o-2", &Customer::new([key]), "TEN", "10.00", NOON);
        assert_eq!(reasons(&again)[0], ["limit_reached"]);
    }
    assert!(applied(&till.price("o-2", &customer("2"), "TEN", "10.00", NOON)));
}

/// Proves S107: what was decided at the page is checked again when the order is placed.
#[test]
fn eligibility_is_decided_when_the_order_is_placed() {
    let spring = coupon("ten", json!({"validity": {"thru": "2026-03-29"}, "benefits": [{"percent": {"off": "10"}}]}));
    let till = Till::new([spring]);
    let outcome = till.price("o-1", &customer("1"), "TEN", "10.00", "2026-03-29T23:59:00Z");
    let late = till.commit(&outcome, "2026-03-30T00:00:00Z");
    assert!(matches!(refused(&late), [Objection::OutsideWindow { .. }]));
    assert_eq!(till.commit(&outcome, "2026-03-29T23:59:59Z"), Commit::Recorded);
    // A definition that was revised meanwhile is priced again.
    let outcome = till.price("o-2", &customer("1"), "TEN", "10.00", NOON);
    till.store.revise(coupon("ten", json!({"benefits": [{"percent": {"off": "5"}}]}))).unwrap();
    assert!(matches!(till.commit(&outcome, NOON), Commit::Stale(_)));
    // One that was switched off is refused.
    let outcome = till.price("o-2", &customer("1"), "TEN", "10.00", NOON);
    till.store.set_status(&"ten".parse().unwrap(), Status::Inactive).unwrap();
    assert!(matches!(refused(&till.commit(&outcome, NOON)), [Objection::NotActive { .. }]));
}

/// A first-order offer is one per customer, whatever the coupon, at commit and not only at the page.
#[test]
fn a_first_order_is_claimed_once() {
    let first = |id: &str| coupon(id, json!({"conditions": ["first_order"], "benefits": [{"percent": {"off": "10"}}]}));
    let till = Till::new([first("a"), first("b")]);
    let ann = customer("ann");
    let (one, two) = (till.price("o-1", &ann, "A", "10.00", NOON), till.price("o-2", &ann, "B", "10.00", NOON));
    assert!(applied(&one) && applied(&two));
    assert_eq!(till.commit(&one, NOON), Commit::Recorded);
    assert!(matches!(refused(&till.commit(&two, NOON)), [Objection::LimitReached { .. }]));
    assert_eq!(reasons(&till.price("o-3", &ann, "B", "10.00", NOON))[0], ["first_order"]);
}

/// Trap 13: what discounted nothing burns no limit, and free shipping is counted.
#[test]
fn trap_13_what_gave_nothing_is_not_counted() {
    let till =
        Till::new([coupon("dust", json!({"limits": {"total": 1}, "benefits": [{"percent": {"off": "0.001"}}]}))]);
    let outcome = till.price("o-1", &customer("1"), "DUST", "1.00", NOON);
    assert_eq!(why(&outcome), [Refusal::NoBenefit]);
    till.commit(&outcome, NOON);
    assert_eq!(till.used("dust"), 0);
    let free = || coupon("free", json!({"limits": {"total": 1}, "benefits": [{"shipping": "free"}]}));
    let counted = |case: Case| case.code(free()).run().redemption().unwrap().deltas().len();
    assert_eq!(counted(order([line(1, "1.00")]).charge(shipping(2, usd("4.00")))), 1);
    assert_eq!(counted(order([line(1, "1.00")]).charge(shipping(2, usd("0.00")))), 0);
    assert_eq!(counted(order([line(1, "1.00")])), 0);
}

/// Trap 15.
#[test]
fn trap_15_ones_own_hold_never_blocks_the_retry() {
    let till = Till::new([limited(json!({"total": 1, "per_customer": 1}))]);
    let ann = customer("ann");
    let outcome = till.price("o-1", &ann, "TEN", "10.00", NOON);
    let until = "2026-03-29T12:30:00Z";
    assert!(matches!(till.reserve(&outcome, NOON, until), Reserve::Held { .. }));
    // The same basket, and a changed one, of the same order: priced and held again.
    assert!(matches!(till.reserve(&till.price("o-1", &ann, "TEN", "10.00", NOON), NOON, until), Reserve::Held { .. }));
    let changed = till.price("o-1", &ann, "TEN", "20.00", NOON);
    assert!(applied(&changed));
    assert!(matches!(till.reserve(&changed, NOON, until), Reserve::Held { .. }));
    // Another order is kept out as long as the hold lives, and not longer.
    assert_eq!(reasons(&till.price("o-2", &customer("bob"), "TEN", "10.00", NOON))[0], ["limit_reached"]);
    assert!(applied(&till.price("o-2", &customer("bob"), "TEN", "10.00", until)));
    assert_eq!(till.commit(&changed, NOON), Commit::Recorded);
    assert_eq!(till.used("ten"), 1);
}

/// Trap 19. Proves S19.
#[test]
fn trap_19_a_code_in_small_letters_is_marked_used() {
    let till = Till::new([limited(json!({"per_code": 2, "total": 2}))]);
    assert_eq!(till.commit(&till.price("o-1", &customer("1"), " t-e-n ", "10.00", NOON), NOON), Commit::Recorded);
    assert_eq!(till.commit(&till.price("o-2", &customer("2"), "ten", "10.00", NOON), NOON), Commit::Recorded);
    assert_eq!(
        reasons(&till.price("o-3", &customer("3"), "TEN", "10.00", NOON))[0],
        ["limit_reached", "limit_reached"]
    );
}

/// Trap 25: a budget is not overshot by the last order, whatever both shoppers saw.
#[test]
fn trap_25_the_last_order_does_not_overshoot_the_budget() {
    let seven = coupon(
        "seven",
        json!({"limits": {"money": {"USD": "10.00"}}, "benefits": [{"amount": {"off": {"USD": "7.00"}}}]}),
    );
    let till = Till::new([seven]);
    let (one, two) = (
        till.price("o-1", &customer("1"), "SEVEN", "20.00", NOON),
        till.price("o-2", &customer("2"), "SEVEN", "20.00", NOON),
    );
    assert_eq!((total_off(&one).as_str(), total_off(&two).as_str()), ("7.00", "7.00"));
    assert_eq!(till.commit(&one, NOON), Commit::Recorded);
    let said = till.commit(&two, NOON);
    assert!(
        matches!(refused(&said), [Objection::LimitReached { limit: 1_000, used: 700, wanted: 700, .. }]),
        "{said:?}"
    );
    // Priced again, it gets what is left, and then nobody gets anything.
    let clipped = till.price("o-2", &customer("2"), "SEVEN", "20.00", NOON);
    assert_eq!((total_off(&clipped).as_str(), clipped.answers()[0].wanted()), ("3.00", usd("7.00")));
    assert_eq!(till.commit(&clipped, NOON), Commit::Recorded);
    assert_eq!(reasons(&till.price("o-3", &customer("3"), "SEVEN", "20.00", NOON))[0], ["budget_exhausted"]);
}

/// Trap 27: a limit that is reached is an answer and no error, and the store goes on.
#[test]
fn trap_27_a_refusal_is_an_answer_and_the_store_goes_on() {
    let till = Till::new([limited(json!({"total": 1})), percent_off("other", "5")]);
    let (one, two) = (
        till.price("o-1", &customer("1"), "TEN", "10.00", NOON),
        till.price("o-2", &customer("2"), "TEN", "10.00", NOON),
    );
    assert_eq!(till.commit(&one, NOON), Commit::Recorded);
    assert_eq!(refused(&till.commit(&two, NOON)).len(), 1);
    // All or none: nothing of the refused one stays, and the same order is placed without the coupon.
    assert_eq!(till.used("ten"), 1);
    let without = till.price("o-2", &customer("2"), "OTHER", "10.00", NOON);
    assert_eq!(till.commit(&without, NOON), Commit::Recorded);
}

/// Trap 28: reserve, authorise, commit. Who holds is never told after the payment that the limit is reached; who let the
/// hold lapse takes the counters again or is refused.
#[test]
fn trap_28_a_payment_is_never_captured_past_the_limit() {
    let till = Till::new([limited(json!({"total": 1}))]);
    let (ann, bob) = (customer("ann"), customer("bob"));
    let held = till.price("o-1", &ann, "TEN", "10.00", NOON);
    let seen_by_bob = till.price("o-2", &bob, "TEN", "10.00", NOON);
    let until = "2026-03-29T12:20:00Z";
    assert_eq!(till.reserve(&held, NOON, until), Reserve::Held { until: at(until) });
    // While the payment is under way nobody else gets in, and the definition may even be switched off.
    assert!(matches!(till.reserve(&seen_by_bob, "2026-03-29T12:10:00Z", until), Reserve::Refused(_)));
    till.store.set_status(&"ten".parse().unwrap(), Status::Inactive).unwrap();
    assert_eq!(till.commit(&held, "2026-03-29T12:19:59Z"), Commit::Recorded);

    let till = Till::new([limited(json!({"total": 1}))]);
    let held = till.price("o-1", &ann, "TEN", "10.00", NOON);
    assert!(matches!(till.reserve(&held, NOON, until), Reserve::Held { .. }));
    // The hold lapsed, and somebody else was served: the host voids the authorisation.
    assert_eq!(till.commit(&till.price("o-2", &bob, "TEN", "10.00", until), until), Commit::Recorded);
    assert!(matches!(refused(&till.commit(&held, until)), [Objection::LimitReached { used: 1, .. }]));
    // Had nobody been served, the counters are taken again.
    let till = Till::new([limited(json!({"total": 1}))]);
    let held = till.price("o-1", &ann, "TEN", "10.00", NOON);
    assert!(matches!(till.reserve(&held, NOON, until), Reserve::Held { .. }));
    assert_eq!(till.commit(&held, "2026-03-29T13:00:00Z"), Commit::Recorded);
}

/// Section 8: the same reference with other content is different, and changes nothing.
#[test]
fn another_content_under_the_same_reference_is_different() {
    let till = Till::new([limited(json!({"total": 5}))]);
    let (one, two) = (
        till.price("o-1", &customer("1"), "TEN", "10.00", NOON),
        till.price("o-1", &customer("1"), "TEN", "20.00", NOON),
    );
    assert_eq!(till.commit(&one, NOON), Commit::Recorded);
    assert_eq!(till.commit(&two, NOON), Commit::Different);
    assert_eq!(till.used("ten"), 1);
}
