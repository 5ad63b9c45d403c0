//! Returns, transfers, changes and points of one order, one after the other: what one of them did, the next one knows.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

fn movement(id: &str) -> MovementId {
    id.parse().unwrap()
}

fn program(fields: Value) -> PointsProgram {
    let mut document = json!({"earn": {"USD": "1"}, "value": {"USD": "0.01"}});
    for (name, value) in fields.as_object().unwrap() {
        document.as_object_mut().unwrap().insert(name.clone(), value.clone());
    }
    serde_json::from_value(document).unwrap()
}

fn amount_off_from_50(id: &str, dollars: &str) -> Coupon {
    let from_50 = json!([{"minimum_spend": {"amounts": {"USD": "50.00"}}}]);
    coupon(id, json!({"benefits": [{"amount": {"off": {"USD": dollars}}}], "conditions": from_50}))
}

/// Returns units of a line and says what is paid back.
fn paid_back(
    settlement: &mut Settlement,
    placed: &PlacedOrder,
    (id, line, units): (&str, u64, u32),
    policy: ThresholdPolicy,
) -> String {
    let request = RefundRequest::new(movement(id)).units(LineId(line), units).thresholds(policy);
    let refund = settlement.refund_with_terms(placed, &request).unwrap();
    settlement.apply(&refund).unwrap();
    refund.payable().amount_text()
}

fn send(settlement: &mut Settlement, id: &str, line: u64, units: u32) -> Transfer {
    let to = Reference::Order("o-2".parse().unwrap());
    let request = TransferRequest::new(movement(id), LineId(line), units, to, settlement.currency());
    let transfer = settlement.transfer(&request).unwrap();
    settlement.send(&transfer).unwrap();
    transfer
}

/// Proves S108: what a coupon took off units that moved away is not taken off the kept ones once more.
#[test]
fn what_moved_away_with_a_line_is_not_given_again() {
    // 15.00 and another 15.00 off three at 20.00, the second from 50.00 on: 10.00 each. The first of them moves.
    let codes = [amount_off("c", "15.00"), amount_off_from_50("d", "15.00")];
    let placed = order([pieces(1, "20.00", 3)]).codes(codes).place();
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    let transfer = send(&mut settlement, "t-1", 1, 1);
    assert_eq!((transfer.payable(), transfer.coupon_discount()), (usd("10.00"), usd("10.00")));
    // The second comes back: two are not returned, each with 7.50 of the first coupon. 20.00 stood, the third costs 12.50.
    assert_eq!(paid_back(&mut settlement, &placed, ("r-1", 1, 1), ThresholdPolicy::Recompute), "7.50");
    let kept = settlement.line(LineId(1)).unwrap().figures();
    assert_eq!((kept.coupon_discount(), kept.payable()), (usd("7.50"), usd("12.50")));
    let json = serde_json::to_string(&settlement).unwrap();
    assert_eq!(serde_json::from_str::<Settlement>(&json).unwrap(), settlement);
}

/// Proves S108: a line that moved to another order was not returned, and counts towards a threshold.
#[test]
fn what_moved_away_counts_towards_a_threshold() {
    let from_50 = json!([{"minimum_spend": {"amounts": {"USD": "50.00"}}}]);
    let ten = coupon("c", json!({"level": "order", "benefits": [{"percent": {"off": "10"}}], "conditions": from_50}));
    let placed = order([line(1, "30.00"), line(2, "30.00"), line(3, "10.00")]).code(ten).place();
    for policy in [ThresholdPolicy::Recompute, ThresholdPolicy::ClawBack] {
        let mut settlement = Settlement::new(placed.outcome()).unwrap();
        send(&mut settlement, "t-1", 1, 1);
        // 60.00 are left of 70.00: lines 1 and 2.
        assert_eq!(paid_back(&mut settlement, &placed, ("r-1", 3, 1), policy), "9.00", "{policy}");
        assert_eq!(settlement.payable(), usd("27.00"));
    }
}

/// Proves S29: points that a return gave back take nothing off what is kept, whatever the policy of a later return.
#[test]
fn points_that_were_given_back_take_nothing_off_again() {
    // Three at 20.00, less 30.00 from 50.00 on, less 15.00 by points: 5.00 each.
    let case = order([pieces(1, "20.00", 3)]).code(amount_off_from_50("c", "30.00")).customer(customer("ann"));
    let placed = case.points(1_500, 1_500).shop(|shop| shop.points(program(json!({})))).place();
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    let points = |settlement: &Settlement, id: &str| {
        let back = settlement.points_return(placed.outcome(), &movement(id)).unwrap();
        (back.given_back(), back.taken_back())
    };
    assert_eq!(paid_back(&mut settlement, &placed, ("r-1", 1, 1), ThresholdPolicy::Keep), "5.00");
    assert_eq!(points(&settlement, "r-1"), (500, 5));
    // The coupon falls. The third costs 20.00 less the 10.00 that 1,000 points stand for; 10.00 were standing.
    assert_eq!(paid_back(&mut settlement, &placed, ("r-2", 1, 1), ThresholdPolicy::Recompute), "0.00");
    assert_eq!((settlement.payable(), points(&settlement, "r-2")), (usd("10.00"), (0, 0)));
    // With the last one all money and all points are back.
    assert_eq!(paid_back(&mut settlement, &placed, ("r-3", 1, 1), ThresholdPolicy::Recompute), "10.00");
    assert_eq!((settlement.refunded(), points(&settlement, "r-3")), (usd("15.00"), (1_000, 10)));
}

/// Proves S29: of a refund never more goes back as points than is paid back, and all of it with the last one.
#[test]
fn no_more_goes_back_as_points_than_is_paid_back() {
    let tender = program(json!({"redeem_as": "tender", "scope": {"products": ["P1"]}}));
    let from_100 = json!([{"minimum_spend": {"amounts": {"USD": "100.00"}}}]);
    let half = coupon("c", json!({"level": "order", "benefits": [{"percent": {"off": "50"}}], "conditions": from_100}));
    let case = order([line(1, "60.00"), line(2, "60.00")]).code(half).customer(customer("ann"));
    let placed = case.shop(|shop| shop.points(tender)).points(3_000, 3_000).place();
    assert_eq!(placed.outcome().amount_due(), usd("30.00"));
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    let back = |settlement: &Settlement, id: &str| {
        let points = settlement.points_return(placed.outcome(), &movement(id)).unwrap();
        let tender = settlement.tender_return(placed.outcome(), &movement(id)).unwrap();
        (tender.amount_text(), points.given_back())
    };
    // 30.00 come back, and the other line costs 30.00 more without the coupon.
    assert_eq!(paid_back(&mut settlement, &placed, ("r-1", 1, 1), ThresholdPolicy::ClawBack), "0.00");
    assert_eq!(back(&settlement, "r-1"), ("0.00".to_owned(), 0));
    // 60.00 are paid back for it: 30.00 of them in points, and 30.00 in money.
    assert_eq!(paid_back(&mut settlement, &placed, ("r-2", 2, 1), ThresholdPolicy::ClawBack), "60.00");
    assert_eq!(back(&settlement, "r-2"), ("30.00".to_owned(), 3_000));
}

/// Proves S29: points that paid go back by what is kept of what was paid, and not by the money that they stand for, which is
/// rounded: 100 points are 0.10 of 30.00. Of three pieces one is kept, with a third of the points, which is 34.
#[test]
fn points_that_paid_go_back_by_what_is_kept() {
    let tender = program(json!({"redeem_as": "tender", "value": {"USD": "0.001"}}));
    let case = order([pieces(1, "10.00", 3)]).customer(customer("ann")).points(100, 100);
    let placed = case.shop(|shop| shop.points(tender)).place();
    assert_eq!(placed.outcome().amount_due(), usd("29.90"));
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    assert_eq!(paid_back(&mut settlement, &placed, ("r-1", 1, 2), ThresholdPolicy::Keep), "20.00");
    let back = settlement.points_return(placed.outcome(), &movement("r-1")).unwrap();
    // A third of 0.10 is kept, rounded up: 0.04. Of what was not paid with points 19.94 are back of 29.90: 29 points were
    // earned, and 9 are on the 9.96 that stand.
    let tendered = settlement.tender_return(placed.outcome(), &movement("r-1")).unwrap();
    assert_eq!((back.given_back(), back.taken_back(), tendered), (66, 20, usd("0.06")));
    assert_eq!(settlement.points_return(placed.outcome(), &movement("r-2")).unwrap(), PointsReturn::default());
}

/// Where prices contain tax, what is kept earns by its net: 24.20 with 21% in it is 20.00 for two, 10 points for each 1.00
/// of the one that is kept.
#[test]
fn points_of_prices_with_tax_are_taken_back_by_the_net() {
    let case = order([pieces(1, "12.10", 2)]).inclusive().taxed("21").customer(customer("ann")).points(0, 0);
    let placed = case.shop(|shop| shop.points(program(json!({"earn": {"USD": "10"}})))).place();
    assert_eq!(placed.outcome().points().unwrap().earned(), 200);
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    assert_eq!(paid_back(&mut settlement, &placed, ("r-1", 1, 1), ThresholdPolicy::Keep), "12.10");
    let back = settlement.points_returned(placed.outcome()).unwrap();
    assert_eq!((back.given_back(), back.taken_back()), (0, 100));
}

/// An id stands for one thing that happened to an order, and what was planned elsewhere does not fit.
#[test]
fn an_id_of_a_movement_stands_for_one_thing() {
    let place = |name: &str| {
        let reference = Reference::Order(name.parse().unwrap());
        Settlement::new(&order([pieces(1, "20.00", 3), line(2, "5.00")]).reference(reference).run()).unwrap()
    };
    let taken = || SettleError::IdTaken { id: movement("m-1") };
    let to_2 = |units: u32| {
        let to = Reference::Order("o-2".parse().unwrap());
        TransferRequest::new(movement("m-1"), LineId(1), units, to, Currency::USD)
    };
    // A return first: neither another return nor a transfer is under its id.
    let (mut returned, sent) = (place("o-1"), place("o-1").transfer(&to_2(1)).unwrap());
    let (one, two) = (RefundRequest::new(movement("m-1")).units(LineId(1), 1), place("o-1").void(movement("m-1")));
    let one = returned.refund(&one).unwrap();
    assert!(returned.apply(&one).unwrap());
    assert_eq!(returned.apply(&two.unwrap()), Err(taken()));
    assert_eq!(returned.transfer(&to_2(1)), Err(taken()));
    assert_eq!(returned.send(&sent), Err(taken()));
    // A transfer first, on either side.
    let (mut from, mut to) = (place("o-1"), place("o-2"));
    assert!(from.send(&sent).unwrap() && to.receive(&sent, LineId(7)).unwrap());
    assert_eq!(from.transfer(&to_2(2)), Err(taken()));
    assert_eq!(from.apply(&one), Err(taken()));
    assert_eq!(to.receive(&sent, LineId(8)), Err(taken()));
    let both = place("o-1").transfer(&to_2(2)).unwrap();
    assert_eq!((from.send(&both), from.send(&sent)), (Err(taken()), Ok(false)));
    // A void is no return of the same lines, and all of a charge is not a part of it.
    let everything = || RefundRequest::new(movement("m-1")).whole(LineId(1)).whole(LineId(2));
    let (mut voided, void) = (place("o-1"), place("o-1").void(movement("m-1")).unwrap());
    assert!(voided.apply(&void).unwrap());
    assert_eq!(voided.refund(&everything()), Err(taken()));
    let shipped = order([line(1, "20.00")]).charge(shipping(9, usd("4.90"))).run();
    let mut shipped = Settlement::new(&shipped).unwrap();
    let part = RefundRequest::new(movement("m-1")).amount(LineId(9), usd("2.00"));
    let part = shipped.refund(&part).unwrap();
    assert!(shipped.apply(&part).unwrap());
    assert_eq!(shipped.refund(&RefundRequest::new(movement("m-1")).whole(LineId(9))), Err(taken()));
    // Planned where the piece costs less: not what this order makes it.
    let cheap = order([pieces(1, "19.00", 3), line(2, "5.00")]).run();
    let stranger = Settlement::new(&cheap).unwrap().transfer(&to_2(1)).unwrap();
    let why = place("o-1").send(&stranger).unwrap_err().to_string();
    assert_eq!(why, "`transfer` is `m-1`: does not agree with the order it is for");
}

/// Proves S108: of "3 for 2" at 30.00 each one moved away with its 10.00 off, and one comes back. The set is broken: what is
/// kept costs 30.00, and of the 20.00 that were paid for what comes back 10.00 go back.
#[test]
fn what_moved_away_is_no_part_of_a_broken_set() {
    let nth = json!({"benefits": [{"nth": {"of": 3, "take": 1, "reward": "free"}}]});
    let placed = order([pieces(1, "30.00", 3)]).code(coupon("c", nth)).place();
    for policy in [ThresholdPolicy::Recompute, ThresholdPolicy::ClawBack] {
        let mut settlement = Settlement::new(placed.outcome()).unwrap();
        assert_eq!(send(&mut settlement, "t-1", 1, 1).payable(), usd("20.00"));
        assert_eq!(paid_back(&mut settlement, &placed, ("r-1", 1, 1), policy), "10.00", "{policy}");
        assert_eq!(settlement.payable(), usd("30.00"), "{policy}");
    }
    // Of six 60.00 off, of five 30.00: one moved with 10.00, so that the four that are kept have 20.00 too much.
    let nth = json!({"benefits": [{"nth": {"of": 3, "take": 1, "reward": "free"}}]});
    let placed = order([pieces(1, "30.00", 6)]).code(coupon("c", nth)).place();
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    assert_eq!(send(&mut settlement, "t-1", 1, 1).payable(), usd("20.00"));
    assert_eq!(paid_back(&mut settlement, &placed, ("r-1", 1, 1), ThresholdPolicy::ClawBack), "0.00");
    assert_eq!(settlement.payable(), usd("100.00"));
}

/// A charge that was paid back in part keeps what is left of it, whatever is priced anew beside it: 30.00 off from 100.00 on
/// fall with the second line, for which 28.00 were paid, and the first costs 18.00 more.
#[test]
fn a_part_of_a_charge_stays_paid_back() {
    let from_100 = json!([{"minimum_spend": {"amounts": {"USD": "100.00"}}}]);
    let thirty = coupon("c", json!({"benefits": [{"amount": {"off": {"USD": "30.00"}}}], "conditions": from_100}));
    let placed = order([line(1, "60.00"), line(2, "40.00")]).charge(shipping(9, usd("4.90"))).code(thirty).place();
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    let part = RefundRequest::new(movement("r-1")).amount(LineId(9), usd("2.00"));
    let part = settlement.refund(&part).unwrap();
    assert!(settlement.apply(&part).unwrap());
    assert_eq!(paid_back(&mut settlement, &placed, ("r-2", 2, 1), ThresholdPolicy::Recompute), "10.00");
    // 60.00 and 2.90.
    assert_eq!(settlement.payable(), usd("62.90"));
    assert_eq!(settlement.line(LineId(9)).unwrap().figures().payable(), usd("2.90"));
}

/// A shop without points neither gives any back nor takes any.
#[test]
fn without_a_programme_no_points_are_moved() {
    let placed = order([pieces(1, "10.00", 2)]).customer(customer("ann")).points(100, 100).place();
    assert_eq!(placed.outcome().points().map(PointsOutcome::redeemed), Some(0));
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    assert_eq!(paid_back(&mut settlement, &placed, ("r-1", 1, 1), ThresholdPolicy::Keep), "10.00");
    assert_eq!(settlement.points_returned(placed.outcome()).unwrap(), PointsReturn::default());
}

/// Thresholds are judged by the terms of this very order, as it was before anything came back.
#[test]
fn thresholds_are_judged_by_the_terms_of_the_order() {
    let placed = order([pieces(1, "30.00", 3)]).place();
    let settlement = Settlement::new(placed.outcome()).unwrap();
    let request = RefundRequest::new(movement("r-1")).units(LineId(1), 1).thresholds(ThresholdPolicy::Recompute);
    let found = Reference::Order("o-2".parse().unwrap());
    let other = order([pieces(1, "30.00", 3)]).reference(found.clone()).place();
    assert_eq!(settlement.refund_with_terms(&other, &request), Err(SettleError::WrongOrder { found }));
    let four = Amendment::new(movement("a-1")).in_quantity(LineId(1), Quantity::pieces(4).unwrap());
    let changed = placed.amend(&four).unwrap();
    assert_eq!(changed.id(), &movement("a-1"));
    assert_eq!(changed.placed().amendments(), [movement("a-1")]);
    let why = settlement.refund_with_terms(changed.placed(), &request).unwrap_err().to_string();
    assert_eq!(why, "`placed` is `order o-1`: does not agree with the settlement");
}

/// A change of an order of which something came back would pay it back twice.
#[test]
fn an_order_of_which_something_came_back_is_not_changed() {
    let placed = order([pieces(1, "30.00", 3)]).place();
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    let sock = placed.amend(&Amendment::new(movement("a-1")).adding(line(2, "10.00"))).unwrap();
    let two = Amendment::new(movement("a-2")).in_quantity(LineId(1), Quantity::pieces(2).unwrap());
    // Based on what is not settled here yet.
    let both = sock.placed().amend(&two).unwrap();
    assert_eq!(settlement.amend(&both), Err(SettleError::Stale));
    assert_eq!(settlement.amend(&sock), Ok(true));
    assert_eq!(settlement.amend(&sock), Ok(false));
    assert_eq!(settlement.paid(), usd("100.00"));
    assert_eq!(paid_back(&mut settlement, sock.placed(), ("r-1", 1, 1), ThresholdPolicy::Recompute), "30.00");
    // Sent again it is known; another one comes too late.
    assert_eq!(settlement.amend(&sock), Ok(false));
    assert_eq!(settlement.amend(&both), Err(SettleError::AlreadyMoved));
    let void = settlement.void(movement("v-1")).unwrap();
    settlement.apply(&void).unwrap();
    assert_eq!((settlement.refunded(), settlement.paid()), (usd("100.00"), usd("100.00")));
    let other = order([line(1, "30.00")]).reference(Reference::Order("o-2".parse().unwrap())).place();
    let other = other.amend(&two).unwrap();
    let found = Reference::Order("o-2".parse().unwrap());
    assert_eq!(settlement.amend(&other), Err(SettleError::WrongOrder { found }));
}

/// The same change again is the same; another one under its id is different and changes nothing.
#[test]
fn another_change_under_the_same_id_is_different() {
    let budget = json!({"benefits": [{"percent": {"off": "10"}}], "limits": {"money": {"USD": "100.00"}}});
    let ten = coupon("c", budget);
    let store = MemoryStore::new();
    store.define(ten.clone()).unwrap();
    let placed = order([pieces(1, "30.00", 3)]).code(ten).place();
    block_on(store.clone().commit(&placed.redemption().unwrap(), at(NOON))).unwrap();
    let change = |placed: &PlacedOrder, id: &str, pieces: u64| {
        let change = Amendment::new(movement(id)).in_quantity(LineId(1), Quantity::pieces(pieces).unwrap());
        placed.amend(&change).unwrap()
    };
    let two = change(&placed, "a-1", 2);
    let used = || store.counter(&CounterKey::Money { coupon: "c".parse().unwrap(), currency: Currency::USD }, at(NOON));
    assert_eq!(store.amend(&two, at(NOON)), Amend::Amended);
    assert_eq!(store.amend(&change(&placed, "a-1", 1), at(NOON)), Amend::Different);
    assert_eq!(store.amend(&two, at(NOON)), Amend::AlreadyAmended);
    assert_eq!(used().used, 600);
    // After a second change the first one is still known, as it was planned and as it would be planned now.
    let four = change(two.placed(), "a-2", 4);
    assert_eq!(store.amend(&four, at(NOON)), Amend::Amended);
    assert_eq!(store.amend(&two, at(NOON)), Amend::AlreadyAmended);
    assert_eq!(store.amend(&change(four.placed(), "a-1", 2), at(NOON)), Amend::AlreadyAmended);
    assert_eq!(store.amend(&change(&placed, "a-2", 1), at(NOON)), Amend::Different);
    assert_eq!(used().used, 1_200);
}

/// Points that find nothing left to pay for say so: of 10.00, less 1.00 by points, and a piece at nothing the latter stays.
#[test]
fn points_that_find_nothing_left_say_so() {
    let case = order([line(1, "10.00"), line(2, "0.00")]).customer(customer("ann")).points(100, 100);
    let placed = case.shop(|shop| shop.points(program(json!({})))).place();
    let told = |outcome: &Outcome| {
        let points = outcome.points().unwrap();
        (points.redeemed(), points.money(), points.refusal())
    };
    assert_eq!(told(placed.outcome()), (100, usd("1.00"), None));
    let left = placed.reprice(&[(LineId(1), 0)], ThresholdCheck::AsPlaced).unwrap();
    assert_eq!(told(&left), (0, usd("0.00"), Some(PointsRefusal::NotApplicable)));
}
