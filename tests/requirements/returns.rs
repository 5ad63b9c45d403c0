//! Refunds, transfers and voids of placed orders, with figures worked out by hand.

use serde_json::json;
use vouchsafe::*;

use crate::support::*;

fn id(text: &str) -> MovementId {
    text.parse().unwrap()
}

fn settled(case: &Case) -> Settlement {
    Settlement::new(&case.clone().run()).unwrap()
}

fn refund(settlement: &mut Settlement, request: RefundRequest) -> Refund {
    let refund = settlement.refund(&request).unwrap();
    assert!(settlement.apply(&refund).unwrap());
    whole(settlement);
    let text = serde_json::to_string(&refund).unwrap();
    assert_eq!(serde_json::from_str::<Refund>(&text).unwrap(), refund);
    refund
}

/// What is stored is read back whole.
fn whole(settlement: &Settlement) {
    let text = serde_json::to_string(settlement).unwrap();
    assert_eq!(serde_json::from_str::<Settlement>(&text).unwrap(), *settlement);
}

/// Proves V12, S110: three at 100.00 less 10%, two returned; the third keeps its 90.00.
#[test]
fn v12_units_go_back_at_what_was_paid() {
    let mut s = settled(&order([pieces(1, "100.00", 3)]).code(percent_off("ten", "10")));
    let back = refund(&mut s, RefundRequest::new(id("r-1")).units(LineId(1), 2));
    assert_eq!(back.payable(), usd("180.00"));
    assert_eq!(back.coupon_discount(), usd("20.00"));
    assert_eq!(s.payable(), usd("90.00"));
    assert_eq!(s.line(LineId(1)).unwrap().figures().payable(), usd("90.00"));
    assert_eq!((s.paid(), s.refunded()), (usd("270.00"), usd("180.00")));
}

/// Proves V13, trap 23: 150.00 and 60.00 less 20%; the first goes back, the second keeps its share.
#[test]
fn v13_the_share_of_a_returned_line_does_not_move() {
    let mut s = settled(&order([line(1, "150.00"), line(2, "60.00")]).code(order_percent_off("twenty", "20")));
    let back = refund(&mut s, RefundRequest::new(id("r-1")).whole(LineId(1)));
    assert_eq!(back.payable(), usd("120.00"));
    let kept = s.line(LineId(2)).unwrap().figures();
    assert_eq!((kept.coupon_discount(), kept.payable()), (usd("12.00"), usd("48.00")));
}

/// Proves trap 24: 100.00 over three units with 8% tax and shipping goes back unit by unit, and all together is what was
/// paid.
#[test]
fn trap_24_all_together_is_exactly_what_was_paid() {
    let case = order([pieces(1, "40.00", 3)])
        .code(coupon("off", json!({"benefits": [{"amount": {"off": {"USD": "20.00"}}}]})))
        .charge(shipping(9, usd("4.90")))
        .taxed("8");
    let mut s = settled(&case);
    // 100.00 + 8.00 and 4.90 + 0.39.
    assert_eq!(s.paid(), usd("113.29"));
    let mut paid_back = Vec::new();
    for n in 1..=3 {
        let back = refund(&mut s, RefundRequest::new(id(&format!("r-{n}"))).units(LineId(1), 1));
        let figures = back.lines()[0].figures();
        paid_back.push((figures.net().minor(), figures.tax().unwrap().minor(), back.payable().minor()));
    }
    // 36.00 each; of the net the first unit carries the odd cent.
    assert_eq!(paid_back, [(3_334, 266, 3_600), (3_333, 267, 3_600), (3_333, 267, 3_600)]);
    let last = refund(&mut s, RefundRequest::new(id("r-4")).amount(LineId(9), usd("2.00")));
    assert_eq!(last.lines()[0].units(), None);
    let void = s.void(id("v-1")).unwrap();
    assert_eq!(void.payable(), usd("3.29"));
    s.apply(&void).unwrap();
    whole(&s);
    assert_eq!((s.refunded(), s.payable()), (usd("113.29"), usd("0.00")));
}

/// Proves trap 5: what comes back is the mirror image of what was given, ties included.
#[test]
fn trap_5_a_full_refund_is_the_mirror_of_the_order() {
    let case = order([line(1, "10.00"), line(2, "10.00"), line(3, "10.00")])
        .code(coupon("off", json!({"benefits": [{"amount": {"off": {"USD": "10.00"}}}]})));
    let outcome = case.clone().run();
    let mut s = settled(&case);
    let void = s.void(id("v-1")).unwrap();
    for (back, line) in void.lines().iter().zip(outcome.lines()) {
        assert_eq!(back.figures().coupon_discount(), line.coupon_discount());
        assert_eq!(back.figures().payable(), line.payable());
    }
    assert_eq!(void.payable(), outcome.totals().payable());
    s.apply(&void).unwrap();
    assert_eq!(s.void(id("v-1")).unwrap(), void);
    assert_eq!(s.void(id("v-2")), Err(SettleError::NothingLeft));
}
