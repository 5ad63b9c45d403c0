//! What the comparison with a second implementation found of orders after they were placed, worked out by hand.

use serde_json::json;
use vouchsafe::*;

use crate::support::*;

/// Proves trap 13: a code that waits for shipping was not used. A line that is added later does not let it act, since
/// nothing would count it.
#[test]
fn a_code_that_waits_for_shipping_takes_nothing_off_added_lines() {
    // Free shipping, and 10% off sneakers: there are neither, so that it waits.
    let benefits = json!([{"shipping": {"free": true}}, {"percent": {"off": "10", "scope": {"products": ["P2"]}}}]);
    let case = order([line(1, "40.00")]).code(coupon("free", json!({ "benefits": benefits })));
    let placed = case.place();
    assert_eq!(placed.outcome().answers()[0].state(), AnswerState::WaitingForShipping);
    let change = Amendment::new("a-1".parse().unwrap()).adding(line(2, "50.00"));
    let amended = placed.amend(&change).unwrap();
    assert_eq!(amended.placed().outcome().answers()[0].state(), AnswerState::WaitingForShipping);
    assert_eq!(amended.to_pay(), usd("50.00"));
    assert!(amended.changes().is_empty() && amended.redemption().coupons().is_empty());
}

/// Proves trap 22: a range of prices covers of a changed order what it covered when that was sold, also when the changed
/// order is recomputed, stored and changed once more. 10% up to 15.00, on a cheese at 20.00 of which a half is kept: 10.00.
#[test]
fn a_changed_order_recomputes_to_what_it_was_changed_to() {
    let scope = json!({"price_range": {"max": {"USD": "15.00"}}});
    let cheap = coupon("cheap", json!({"benefits": [{"percent": {"off": "10", "scope": scope}}]}));
    let kilos = |text: &str| Quantity::measured(text.parse::<rust_decimal::Decimal>().unwrap()).unwrap();
    let cheese = Line::new(LineId(1), product("P1"), kilos("1"), price("20.00"));
    let placed = order([cheese, line(2, "5.00")]).code(cheap).place();
    assert_eq!(placed.outcome().totals().payable(), usd("24.50"));
    let change = |id: &str, quantity| Amendment::new(id.parse().unwrap()).in_quantity(LineId(1), quantity);
    let half = placed.amend(&change("a-1", kilos("0.5"))).unwrap();
    assert_eq!(half.placed().outcome().totals().payable(), usd("14.50"));
    let stored: PlacedOrder = serde_json::from_str(&serde_json::to_string(half.placed()).unwrap()).unwrap();
    assert_eq!(stored, *half.placed());
    assert_eq!(stored.recompute().unwrap(), Recomputed::Same);
    let less = stored.amend(&change("a-2", kilos("0.4"))).unwrap();
    assert_eq!(less.placed().outcome().totals().payable(), usd("12.50"));
}

/// A changed order is worked out from what was sold, so that changes to and fro lose no cent: neither of what the shop took
/// off, nor of what the host computed.
#[test]
fn changes_to_and_fro_lose_no_cent() {
    let discount = ShopDiscount::new("season".parse().unwrap(), usd("6.00"));
    let lines = || [pieces(1, "1.00", 1_000).with_discount(discount.clone()), line(2, "5.00")];
    let host = || coupon("host", json!({"benefits": [{"host": {}}]}));
    for (case, all, one) in [
        (order(lines()), "999.00", "5.99"),
        (order(lines()).code(Entry::from(host()).host(&[(1, usd("4.00"))])), "995.00", "5.99"),
    ] {
        let placed = case.place();
        assert_eq!(placed.outcome().totals().payable(), usd(all));
        let change = |placed: &PlacedOrder, id: &str, count| {
            let count = Quantity::pieces(count).unwrap();
            let amended = placed.amend(&Amendment::new(id.parse().unwrap()).in_quantity(LineId(1), count)).unwrap();
            let stored: PlacedOrder = serde_json::from_str(&serde_json::to_string(amended.placed()).unwrap()).unwrap();
            assert_eq!(stored, *amended.placed());
            assert_eq!(stored.recompute().unwrap(), Recomputed::Same);
            stored
        };
        let less = change(&placed, "a-1", 1);
        // 1.00 less 0.006, which is 0.01.
        assert_eq!(less.outcome().totals().payable(), usd(one));
        let again = change(&less, "a-2", 1_000);
        assert_eq!(again.outcome().totals(), placed.outcome().totals());
    }
}

/// Proves S44 for changed orders: six pairs in all, of which one was bought before. Four are ordered; five fit, six do not.
#[test]
fn a_changed_order_keeps_to_its_allowances() {
    let six = json!({"id": "six", "goods": [{"product": "P1"}], "quantity": 6});
    let six: Allowance = serde_json::from_value(six).unwrap();
    let case = order([pieces(1, "30.00", 4), line(2, "5.00")]).customer(customer("ann")).taken("six", 1);
    let placed = case.shop(|shop| shop.allowance(six)).place();
    assert_eq!(placed.outcome().allowances()[0].granted(), 4);
    let change = |id: &str, pieces| {
        let pieces = Quantity::pieces(pieces).unwrap();
        placed.amend(&Amendment::new(id.parse().unwrap()).in_quantity(LineId(1), pieces))
    };
    let five = change("a-1", 5).unwrap();
    assert_eq!(five.placed().outcome().allowances()[0].granted(), 5);
    assert_eq!(five.changes().iter().map(|change| change.by()).collect::<Vec<_>>(), [1]);
    let too_many = AmendError::Allowance { allowance: "six".parse().unwrap(), left: 5, wanted: 6 };
    assert_eq!(change("a-2", 6), Err(too_many));
    // What is not counted leaves it as it was.
    let other = Amendment::new("a-3".parse().unwrap()).removing(LineId(2));
    assert!(placed.amend(&other).unwrap().changes().is_empty());
}

/// Proves S140 for changed orders: a coupon takes the place of no discount that stood beside it when the order was placed. 10%
/// from four pieces of a line, on four at 10.00 and three at 10.00 of which the shop takes 6.00: 36.00 and 24.00. The three
/// become four, less 8.00: 32.00, where the discount given up for 10% would be 36.00.
#[test]
fn a_line_that_grew_keeps_its_discount() {
    let benefits = json!([{"percent": {"off": "10", "pieces_from": 4}}]);
    let combination = json!({"with_discounts": false});
    let four = coupon("four", json!({"benefits": benefits, "combination": combination}));
    let drop = Policy::builder(Currency::USD).discount_conflict(DiscountConflict::DropDiscounts).build().unwrap();
    let discount = ShopDiscount::new("season".parse().unwrap(), usd("6.00"));
    let lines = [pieces(1, "10.00", 4), pieces(2, "10.00", 3).with_discount(discount)];
    let placed = order_under(drop, lines).code(four).place();
    assert_eq!(placed.outcome().totals().payable(), usd("60.00"));
    let more = Amendment::new("a-1".parse().unwrap()).in_quantity(LineId(2), Quantity::pieces(4).unwrap());
    let amended = placed.amend(&more).unwrap();
    let line = amended.placed().outcome().line(LineId(2)).unwrap();
    assert_eq!(
        (line.shop_discount(), line.coupon_discount(), line.payable()),
        (usd("8.00"), usd("0.00"), usd("32.00"))
    );
    assert_eq!(amended.placed().outcome().totals().payable(), usd("68.00"));
}

/// A coupon that falls, but took nothing off what is kept, is no reason to price that anew: its tax keeps its share. 50% off a
/// chair at 4.00 from 5.00 on, beside a mug at 1.24 and a fee of 0.22; 15.535% on 3.46 are 0.54, of which the chair has 0.31,
/// the mug 0.19 and the fee 0.04. On 1.46, which is less than 5.00, they are 0.23: the mug would have 0.20 and the fee 0.03.
#[test]
fn what_a_fallen_coupon_took_nothing_off_stays_as_it_was() {
    let half = json!([{"percent": {"off": "50", "scope": {"products": ["P2"]}}}]);
    let from_5 = json!([{"minimum_spend": {"amounts": {"USD": "5.00"}, "basis": "remaining", "range": "order"}}]);
    let half = coupon("half", json!({"benefits": half, "conditions": from_5}));
    let fee = Charge::fee(LineId(100), usd("0.22"));
    let placed = order([line(1, "1.24"), line(2, "4.00")]).charge(fee).taxed("15.535").code(half).place();
    let tax = |id| placed.outcome().line(LineId(id)).unwrap().tax().unwrap();
    assert_eq!([tax(2), tax(1), tax(100)], [usd("0.31"), usd("0.19"), usd("0.04")]);
    let settlement = Settlement::new(placed.outcome()).unwrap();
    for policy in [ThresholdPolicy::Keep, ThresholdPolicy::Recompute, ThresholdPolicy::ClawBack] {
        let request = RefundRequest::new("r-1".parse().unwrap()).units(LineId(2), 1).thresholds(policy);
        let refund = settlement.refund_with_terms(&placed, &request).unwrap();
        assert_eq!((refund.payable(), refund.kept()), (usd("2.31"), [].as_slice()), "{policy:?}");
    }
}

/// A coupon that falls may have made what is kept cheaper without taking anything off it: one that overrides prices put the
/// list price, 60.00, in the place of the customer's own, 80.00. 50% off 100.00 and that from 150.00 on: 50.00 and 60.00. The
/// first comes back, and the second costs 80.00: of 50.00 that were paid 30.00 go back.
#[test]
fn a_price_that_a_fallen_coupon_overrode_is_the_customers_again() {
    let half = json!([{"percent": {"off": "50", "scope": {"products": ["P1"]}}}]);
    let from_150 = json!([{"minimum_spend": {"amounts": {"USD": "150.00"}, "range": "order"}}]);
    let half = json!({"benefits": half, "combination": {"overrides": "everything"}, "conditions": from_150});
    let lines = [line(1, "100.00"), line(2, "60.00").with_customer_price(price("80.00"))];
    let placed = order(lines).code(coupon("half", half)).place();
    assert_eq!(placed.outcome().totals().payable(), usd("110.00"));
    let settlement = Settlement::new(placed.outcome()).unwrap();
    for (policy, back) in [(ThresholdPolicy::Recompute, "30.00"), (ThresholdPolicy::ClawBack, "50.00")] {
        let request = RefundRequest::new("r-1".parse().unwrap()).units(LineId(1), 1).thresholds(policy);
        assert_eq!(settlement.refund_with_terms(&placed, &request).unwrap().payable(), usd(back), "{policy}");
    }
}

/// Of codes that no longer reach their thresholds the one goes first that stood in the way of the others. 20.00 off the cheapest
/// piece that no code has for itself, 10% from 45.00 on off the plates at 30.00, 10% from 45.00 on off the spoon at 1.00, on its
/// line: of three plates and the spoon 20.00, 7.00 and 0.10. Of two plates 41.00 would be left before either. Without the code
/// that keeps the spoon, only 1.00 is taken, off that, so that 60.00 are left and 6.00 stand.
#[test]
fn a_code_that_kept_a_line_falls_before_the_others() {
    let from_45 = json!([{"minimum_spend": {"amounts": {"USD": "45.00"}, "basis": "remaining", "range": "order"}}]);
    let ten = |id: &str, priority: i32, product: &str| {
        let benefits = json!([{"percent": {"off": "10", "scope": {"products": [product]}}}]);
        coupon(id, json!({"benefits": benefits, "priority": priority, "conditions": from_45}))
    };
    let twenty = json!([{"amount": {"off": {"USD": "20.00"}, "per": "unit", "max_units": 1}}]);
    let twenty = coupon("twenty", json!({"benefits": twenty, "priority": 2}));
    let any = policy(|policy| policy.max_codes(None).line_codes(true));
    let case = order_under(any, [pieces(1, "30.00", 3), line(2, "1.00")]).code(twenty).code(ten("plates", 1, "P1"));
    let placed = case.code(Entry::from(ten("spoon", 0, "P2")).on_line(2)).place();
    assert_eq!(placed.outcome().totals().payable(), usd("63.90"));
    let left = placed.reprice(&[(LineId(1), 2)], ThresholdCheck::Anew).unwrap();
    assert_eq!(left.totals().payable(), usd("54.00"));
}
