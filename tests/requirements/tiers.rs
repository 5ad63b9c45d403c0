//! More off, the more is bought: tiers by spend and by quantity.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

fn tiers(tiers: Value) -> Coupon {
    coupon("more", json!({"benefits": [{"tiers": tiers}]}))
}

/// 5% from 50.00, 10% from 100.00.
fn by_spend() -> Value {
    json!([{"from": {"USD": "50.00"}, "percent": "5"}, {"from": {"USD": "100.00"}, "percent": "10"}])
}

/// 5% from 1 piece, 10% from 4.
fn by_quantity() -> Value {
    json!([{"from": 1, "percent": "5"}, {"from": 4, "percent": "10"}])
}

/// Proves S17: a step is reached at its threshold, and applies to everything.
#[test]
fn the_highest_step_that_is_reached_applies_to_all() {
    let coupon = || tiers(json!({"steps": by_spend()}));
    let run = |a: &str, b: &str| order([line(1, a), line(2, b)]).code(coupon()).run();
    assert_eq!(off(&run("60.00", "39.99")), ["3.00", "2.00"]);
    assert_eq!(off(&run("60.00", "40.00")), ["6.00", "4.00"]);
    assert_eq!(off(&run("30.00", "20.00")), ["1.50", "1.00"]);
    // Below the first step it says what is missing.
    let below = run("30.00", "19.99");
    assert_eq!(why(&below), [Refusal::MinimumSpend { required: usd("50.00"), found: usd("49.99") }]);
    assert_eq!(payable(&below), "49.99");
}

/// Proves S17, trap 10: judged before any coupon, taken of what remains.
#[test]
fn a_step_is_judged_on_the_snapshot_and_taken_of_what_remains() {
    let first =
        coupon("first", json!({"priority": 5, "benefits": [{"amount": {"off": {"USD": "20.00"}, "per": "line"}}]}));
    let outcome = order([line(1, "100.00")]).code(first).code(tiers(json!({"steps": by_spend()}))).run();
    // 100.00 reached the second step: 10% of the 80.00 that are left.
    assert_eq!(payable(&outcome), "72.00");
    // What the shop gave comes before the snapshot.
    let sale = line(1, "100.00").with_discount(discount("sale", usd("0.01")));
    assert_eq!(payable(&order([sale]).code(tiers(json!({"steps": by_spend()}))).run()), "94.99");
}

/// Proves S17: of its own lines, of the whole order, or of each line.
#[test]
fn what_is_counted_is_said() {
    let coupon = |within: &str| tiers(json!({"in": within, "steps": by_spend(), "scope": {"products": ["P1", "P2"]}}));
    let lines = || [line(1, "60.00"), line(2, "30.00"), line(3, "10.00")];
    assert_eq!(off(&order(lines()).code(coupon("qualifying")).run()), ["3.00", "1.50", "0.00"]);
    assert_eq!(off(&order(lines()).code(coupon("order")).run()), ["6.00", "3.00", "0.00"]);
    assert_eq!(off(&order(lines()).code(coupon("line")).run()), ["3.00", "0.00", "0.00"]);
    let none = order([line(1, "49.00"), line(2, "30.00")]).code(coupon("line")).run();
    assert_eq!(why(&none), [Refusal::MinimumSpend { required: usd("50.00"), found: usd("49.00") }]);
}

/// Each step for its own part: 150.00 is 100.00 at 5%... and 50.00 at 10%.
#[test]
fn marginal_steps_by_spend_are_each_for_their_part() {
    let steps = json!([{"from": {"USD": "0.00"}, "percent": "5"}, {"from": {"USD": "100.00"}, "percent": "10"}]);
    let coupon = |within: &str| tiers(json!({"in": within, "steps": steps, "marginal": true}));
    // 5.00 + 5.00, shared 2 to 1.
    assert_eq!(off(&order([line(1, "100.00"), line(2, "50.00")]).code(coupon("qualifying")).run()), ["6.67", "3.33"]);
    // On each line: 5.00, and 2.50.
    assert_eq!(off(&order([line(1, "100.00"), line(2, "50.00")]).code(coupon("line")).run()), ["5.00", "2.50"]);
    assert_eq!(off(&order([line(1, "100.01")]).code(coupon("line")).run()), ["5.00"]);
    assert_eq!(off(&order([line(1, "100.05")]).code(coupon("line")).run()), ["5.01"]);
    // Of what an earlier coupon left it is the same percentage: 10.00 of 150.00 is 9.33 of 140.00.
    let ten = json!({"priority": 5, "benefits": [{"amount": {"off": {"USD": "10.00"}, "per": "line"}}]});
    let outcome = order([line(1, "150.00")]).code(first(ten)).code(coupon("qualifying")).run();
    assert_eq!(payable(&outcome), "130.67");
}

/// One that comes first, since it has the higher rank.
fn first(fields: Value) -> Coupon {
    coupon("first", fields)
}

/// Each step for its own pieces, numbered in the order of the pick, whatever line they are on.
#[test]
fn marginal_steps_by_quantity_are_each_for_their_pieces() {
    let coupon = |pick: &str, within: &str| {
        tiers(json!({"by": "quantity", "in": within, "steps": by_quantity(), "marginal": true, "pick": pick}))
    };
    let lines = || [pieces(1, "10.00", 2), pieces(2, "20.00", 4)];
    // Cheapest first: 10, 10, 20 at 5% and three times 20 at 10%: 1.00 and 1.00 + 6.00.
    assert_eq!(off(&order(lines()).code(coupon("cheapest", "qualifying")).run()), ["1.00", "7.00"]);
    // Dearest first: three times 20 at 5%, then 20 and twice 10 at 10%.
    assert_eq!(off(&order(lines()).code(coupon("dearest", "qualifying")).run()), ["2.00", "5.00"]);
    // Each line by itself: 2 pieces at 5%; 3 at 5% and 1 at 10%.
    assert_eq!(off(&order(lines()).code(coupon("cheapest", "line")).run()), ["1.00", "5.00"]);
    // A billion pieces are no more work.
    let outcome = order([pieces(1, "0.10", 1_000_000_000)]).code(coupon("cheapest", "line")).run();
    // 3 x 0.005, and 999,999,997 x 0.01.
    assert_eq!(off(&outcome), ["9999999.99"]);
}

/// Proves S17: steps by quantity count pieces, over all lines or on each, and may give amounts.
#[test]
fn steps_count_pieces_too() {
    let by = |within: &str| {
        let steps = json!([{"from": 3, "amount": {"USD": "2.00"}}, {"from": 5, "amount": {"USD": "7.00"}}]);
        tiers(json!({"by": "quantity", "in": within, "steps": steps}))
    };
    let lines = || [pieces(1, "4.00", 3), pieces(2, "6.00", 2)];
    // Once over all: 7.00 shared as 12 to 12.
    assert_eq!(off(&order(lines()).code(by("qualifying")).run()), ["3.50", "3.50"]);
    // On the one line that has three.
    assert_eq!(off(&order(lines()).code(by("line")).run()), ["2.00", "0.00"]);
    let none = order([pieces(1, "4.00", 2)]).code(by("line")).run();
    assert_eq!(why(&none), [Refusal::MinimumQuantity { required: 3, found: 2 }]);
}

/// Proves S63: an amount of a step is never more than there is, and the rest is forfeited. Proves trap 3 for tiers.
#[test]
fn an_amount_of_a_step_and_a_cap_hold() {
    let steps = json!([{"from": {"USD": "1.00"}, "amount": {"USD": "9.00"}}]);
    let outcome = order([line(1, "4.00"), line(2, "1.00")]).code(tiers(json!({"steps": steps}))).run();
    assert_eq!(off(&outcome), ["4.00", "1.00"]);
    assert_eq!(outcome.answers()[0].forfeited(), usd("4.00"));
    let capped = tiers(json!({"steps": by_spend(), "cap": {"USD": "7.00"}}));
    assert_eq!(off(&order([line(1, "60.00"), line(2, "60.00")]).code(capped).run()), ["3.50", "3.50"]);
    let in_yen = order_in(Currency::JPY, [line(1, "900")]).code(tiers(json!({"steps": by_spend()}))).run();
    assert_eq!(why(&in_yen), [Refusal::NoAmountInCurrency { currency: Currency::JPY }]);
}

/// A floor keeps what is below it, and an amount over the order moves to lines that have room.
#[test]
fn floors_hold_against_tiers() {
    let lines = || [line(1, "60.00").with_floor_price(price("58.00")), line(2, "60.00")];
    // 12.00 wanted: 2.00 fit the first line.
    assert_eq!(off(&order(lines()).code(tiers(json!({"steps": by_spend()}))).run()), ["2.00", "10.00"]);
    let each = tiers(json!({"in": "line", "steps": by_spend()}));
    assert_eq!(off(&order(lines()).code(each).run()), ["2.00", "3.00"]);
}

/// Line tiers come before every coupon of the order, whatever its priority; order tiers by rank.
#[test]
fn tiers_of_lines_come_first() {
    let five = json!({"priority": 9, "benefits": [{"amount": {"off": {"USD": "10.00"}}}]});
    let run = |within: &str| {
        let tiers = tiers(json!({"in": within, "steps": by_spend()}));
        payable(&order([line(1, "110.00")]).code(first(five.clone())).code(tiers).run())
    };
    // 110.00 less 10%, less 10.00; or 100.00 less 10%.
    assert_eq!(run("line"), "89.00");
    assert_eq!(run("qualifying"), "90.00");
}

/// Rounded on each unit where policy says so.
#[test]
fn tiers_of_lines_are_rounded_as_percentages_are() {
    let rules = |percent| policy(|p| p.rounding(RoundingRules { percent, ..RoundingRules::default() }));
    let steps = json!([{"from": 2, "percent": "10"}]);
    let run = |percent| {
        let coupon = tiers(json!({"by": "quantity", "in": "line", "steps": steps}));
        off(&order_under(rules(percent), [pieces(1, "0.05", 3), line(2, "1.00")]).code(coupon).run())
    };
    // 10% of 0.15, or three times 10% of 0.05.
    assert_eq!(run(PercentRounding::PerLine), ["0.02", "0.00"]);
    assert_eq!(run(PercentRounding::PerUnit), ["0.03", "0.00"]);
}

/// Proves S140 for tiers: a coupon whose tier is not reached and that waits for shipping leaves the shop's discounts alone.
#[test]
fn a_coupon_that_waits_for_shipping_drops_no_discount() {
    let both = coupon(
        "both",
        json!({"combination": {"with_discounts": false}, "benefits": [{"shipping": "free"}, {"tiers": {"steps": by_spend()}}]}),
    );
    let sale = line(1, "55.00").with_discount(discount("sale", usd("10.00")));
    let drop = policy(|p| p.discount_conflict(DiscountConflict::DropDiscounts));
    let outcome = order_under(drop, [sale]).code(both).run();
    assert_eq!(outcome.answers()[0].state(), AnswerState::WaitingForShipping);
    assert_eq!(payable(&outcome), "45.00");
}
