//! What the comparison found, worked out by hand. Each of these once came out differently.

use crate::answer::Answer;
use crate::case::{
    Basis, Benefit, Case, Charge, Condition, Conflict, Coupon, Entered, Funding, Line, Number, Overrides, Per, Policy,
    Scope, ShippingValue, Target, View,
};
use crate::combining::{Combining, Depths};
use crate::fraction::Mode;
use crate::types::Seen;
use crate::{engine, twin};

fn policy() -> Policy {
    Policy {
        exponent: 2,
        inclusive: false,
        discount_rounding: Mode::HalfUp,
        tax_rounding: Mode::HalfUp,
        percent_per_unit: false,
        tax_per_line: false,
        max_codes: None,
        line_codes: false,
        conflict: Conflict::Refuse,
        cash: None,
        depths: Depths::default(),
    }
}

fn number(minor: i128) -> Number {
    Number { digits: minor, scale: 2 }
}

fn line(id: u64, price: i128, quantity: i128) -> Line {
    Line {
        id,
        product: u8::try_from(id).unwrap(),
        parent: None,
        categories: vec![1],
        on_sale: false,
        quantity: Number { digits: quantity, scale: 0 },
        measured: false,
        price: number(price),
        customer_price: None,
        floor: None,
        discountable: true,
        class: None,
        discounts: Vec::new(),
        refused: false,
    }
}

fn shipping(amount: i128, method: u8) -> Charge {
    Charge { id: 100 + u64::from(method), shipping: Some(Some(method)), amount, class: None, discounts: Vec::new() }
}

fn coupon(id: &str, benefits: Vec<Benefit>) -> Coupon {
    Coupon {
        id: id.to_owned(),
        priority: 0,
        order_level: false,
        scope: Scope::Open,
        benefits,
        conditions: Vec::new(),
        funding: Funding::Seller,
        with_discounts: true,
        combining: Combining::default(),
        several_codes: false,
        overrides: Overrides::Nothing,
        assign: None,
        budget: None,
        refuse_when_short: false,
        units: None,
        total: None,
    }
}

fn percent(off: i128) -> Benefit {
    Benefit::Percent { off, original: false, cap: None, shipping: false, target: Target::default() }
}

fn amount(off: i128, per: Per, target: Target) -> Benefit {
    Benefit::Amount { off, per, view: View::AsPriced, shipping: false, target }
}

/// One code for each coupon, A, B, C.
fn case(lines: Vec<Line>, coupons: Vec<Coupon>) -> Case {
    let codes = (0..coupons.len()).zip('A'..).map(|(coupon, name)| code(coupon, &name.to_string())).collect();
    Case {
        policy: policy(),
        rates: Vec::new(),
        lines,
        charges: Vec::new(),
        offers: Vec::new(),
        coupons,
        codes,
        seen: Seen::default(),
    }
}

fn code(coupon: usize, code: &str) -> Entered {
    Entered { coupon, code: code.to_owned(), on_line: None, operator_amount: None, host_amounts: None }
}

fn both(case: &Case) -> Answer {
    let (expected, found) = (twin::evaluate(case), engine::evaluate(case).unwrap());
    assert_eq!(expected.differences(&found), Vec::<String>::new(), "{case}");
    found
}

fn offs(answer: &Answer) -> Vec<i128> {
    answer.lines.iter().map(|l| l.coupon_discount).collect()
}

fn states(answer: &Answer) -> Vec<String> {
    let text =
        |c: &crate::answer::CodeAnswer| if c.reasons.is_empty() { c.state.to_owned() } else { c.reasons.join(" ") };
    answer.codes.iter().map(text).collect()
}

#[test]
fn a_cap_does_not_move_what_a_floor_refused_to_other_lines() {
    // 10% of 100.00 and 100.00, the first not below 95.00: 5.00 + 10.00. Capped at 12.00 that is 4.00 + 8.00.
    let floored = Line { floor: Some(number(9_500)), ..line(1, 10_000, 1) };
    let capped =
        Benefit::Percent { off: 10_000, original: false, cap: Some(1_200), shipping: false, target: Target::default() };
    let found = both(&case(vec![floored, line(2, 10_000, 1)], vec![coupon("a", vec![capped])]));
    assert_eq!(offs(&found), [400, 800]);
}

#[test]
fn two_codes_of_one_definition_share_its_budget_and_its_limits() {
    // 8.00 and 8.00 out of a budget of 10.00: the second gets 2.00.
    let repeated = Coupon { several_codes: true, ..coupon("a", vec![amount(800, Per::Order, Target::default())]) };
    let clipped = Coupon { budget: Some((1_000, 0)), ..repeated.clone() };
    let twice = |coupon: Coupon| Case {
        codes: vec![code(0, "A1"), code(0, "A2")],
        ..case(vec![line(1, 5_000, 5)], vec![coupon])
    };
    let found = both(&twice(clipped.clone()));
    assert_eq!(found.codes.iter().map(|c| c.discount).collect::<Vec<_>>(), [800, 200]);
    let found = both(&twice(Coupon { refuse_when_short: true, ..clipped }));
    assert_eq!(states(&found), ["applied", "budget_exhausted"]);
    // One use left.
    let found = both(&twice(Coupon { total: Some((3, 2)), ..repeated.clone() }));
    assert_eq!(states(&found), ["applied", "limit_reached"]);
    // Three units in all, five pieces: the second code finds none left.
    let each = Coupon { benefits: vec![amount(100, Per::Unit, Target::default())], units: Some((3, 0)), ..repeated };
    let found = both(&twice(each));
    assert_eq!((offs(&found), states(&found)), (vec![300], vec!["applied".to_owned(), "limit_reached".to_owned()]));
}

#[test]
fn a_shipping_charge_is_no_unit() {
    // Half off one piece, shipping included: the piece at 20.00 and the shipping of 5.00, not the shipping alone.
    let one = Target { max_units: Some(1), ..Target::default() };
    let half = Benefit::Percent { off: 50_000, original: false, cap: None, shipping: true, target: one };
    let case = Case { charges: vec![shipping(500, 1)], ..case(vec![line(1, 2_000, 3)], vec![coupon("a", vec![half])]) };
    assert_eq!(offs(&both(&case)), [1_000, 250]);
}

#[test]
fn a_percentage_per_unit_is_taken_from_its_unit() {
    // Four pieces at 0.94, 0.89 off three of them: 0.94, 0.05, 0.05, 0.05. Then 10% of each by itself is 0.09 and three
    // times 0.01, so that the dearest piece has 0.85 left, which the third coupon takes.
    let some = |n| Target { max_units: Some(n), ..Target::default() };
    let free = Benefit::Percent { off: 100_000, original: false, cap: None, shipping: false, target: some(1) };
    let coupons = vec![
        Coupon { priority: 2, ..coupon("a", vec![amount(89, Per::Unit, some(3))]) },
        Coupon { priority: 1, ..coupon("b", vec![percent(10_000)]) },
        coupon("c", vec![free]),
    ];
    let mut case = case(vec![line(1, 94, 4)], coupons);
    case.policy.percent_per_unit = true;
    let found = both(&case);
    assert_eq!(found.codes.iter().map(|c| c.discount).collect::<Vec<_>>(), [267, 12, 85]);
}

#[test]
fn a_coupon_conflicts_with_the_discounts_of_what_it_touches_only() {
    let discounted = Charge { discounts: vec![(100, Funding::Seller)], ..shipping(500, 1) };
    let alone = |benefit| Coupon { with_discounts: false, ..coupon("a", vec![benefit]) };
    let free =
        |method| Benefit::Shipping { value: ShippingValue::Free, each: false, methods: Some(vec![method]), cap: None };
    let including =
        Benefit::Percent { off: 10_000, original: false, cap: None, shipping: true, target: Target::default() };
    for (benefit, state) in [(free(1), "not_with_discounts"), (free(2), "applied"), (including, "not_with_discounts")] {
        let charges = vec![discounted.clone(), shipping(700, 2)];
        let found = both(&Case { charges, ..case(vec![line(1, 2_000, 1)], vec![alone(benefit)]) });
        assert_eq!(states(&found), [state]);
    }
}

#[test]
fn a_code_whose_budget_runs_short_does_not_starve_the_others() {
    // The first takes all of line 1, then its second benefit exceeds the budget, so it is refused. The other one, which
    // found nothing left on line 1 in that round, is priced again.
    let narrow = Target { scope: Some(Scope::Products(vec![1])), ..Target::default() };
    let first = Benefit::Percent { off: 100_000, original: false, cap: None, shipping: false, target: narrow };
    let greedy = Coupon {
        priority: 1,
        budget: Some((1_000, 0)),
        refuse_when_short: true,
        ..coupon("a", vec![first, amount(500, Per::Order, Target::default())])
    };
    let second = Coupon { scope: Scope::Products(vec![1]), ..coupon("b", vec![percent(10_000)]) };
    let found = both(&case(vec![line(1, 800, 1), line(2, 5_000, 1)], vec![greedy, second]));
    assert_eq!(
        (states(&found), offs(&found)),
        (vec!["budget_exhausted".to_owned(), "applied".to_owned()], vec![80, 0])
    );
}

#[test]
fn a_code_that_comes_to_nothing_does_not_keep_its_line() {
    // 1% of 0.40 on its line is nothing, so the code of the order gets the line.
    let mut case =
        case(vec![line(1, 40, 1)], vec![coupon("a", vec![percent(1_000)]), coupon("b", vec![percent(50_000)])]);
    case.policy.line_codes = true;
    case.codes[0].on_line = Some(1);
    let found = both(&case);
    assert_eq!((states(&found), offs(&found)), (vec!["no_benefit".to_owned(), "applied".to_owned()], vec![20]));
}

#[test]
fn the_better_of_two_is_found_with_everybody_back_in_the_race() {
    // 10.00 less 6.00 by the shop. The first coupon drops that discount for a price of 3.95, where the second one, which
    // wants at least 3.97 to remain, is refused. Without the first coupon 4.00 remains, and 10% off makes 3.60.
    let discounted = Line { discounts: vec![(600, Funding::Seller)], ..line(1, 1_000, 1) };
    let price = Benefit::SetPrice { price: number(395), target: Target::default() };
    let first = Coupon { with_discounts: false, priority: 1, ..coupon("a", vec![price]) };
    let enough = Condition::Spend {
        amount: 397,
        basis: Basis::Remaining,
        view: View::AsPriced,
        whole_order: false,
        inclusive: true,
    };
    let second = Coupon { conditions: vec![enough], ..coupon("b", vec![percent(10_000)]) };
    let mut case = case(vec![discounted], vec![first, second]);
    case.policy.conflict = Conflict::Better;
    let found = both(&case);
    assert_eq!(states(&found), ["not_with_discounts", "applied"]);
    assert_eq!(found.totals.payable, 360);
}

fn both_in(market: &crate::market::Market) -> Box<crate::market::twin::MarketAnswer> {
    let (expected, found) = (crate::market::twin::evaluate(market), crate::market::engine::evaluate(market).unwrap());
    assert_eq!(expected.differences(&found), Vec::<String>::new(), "{market}");
    match found {
        crate::market::twin::Verdict::Answer(answer) => answer,
        crate::market::twin::Verdict::Mistaken => panic!("a mistake: {market}"),
    }
}

/// One product, on lines of so many pieces at 10.00, of which an allowance that caps leaves some.
fn capped(pieces: &[i128], left: u64) -> crate::market::Market {
    use crate::quantities::{Allowance, Window};
    let lines = (1..).zip(pieces).map(|(id, pieces)| Line { product: 1, ..line(id, 1_000, *pieces) }).collect();
    let (goods, to) = (vec![crate::types::Goods::Everything], crate::types::Audience::default());
    let window = Window::Ever;
    let allowance = Allowance { id: 1, goods, to, quantity: left, window, shared: false, caps: true };
    crate::market::Market { allowances: vec![allowance], ..crate::market::Market::plain(case(lines, Vec::new())) }
}

#[test]
fn a_price_by_quantity_looks_at_what_is_sold_though_a_whole_line_is_not() {
    // 1.00 off from two pieces on. Of two lines of one piece each one is sold.
    use crate::prices::{Entry, Holders, List, Value};
    let value = Value::AmountOff(number(100), false);
    let entries = vec![Entry { goods: crate::types::Goods::Everything, from: 2, value }];
    let list = List { id: 1, holders: Holders::Customers(vec![1]), priority: 0, days: (None, None), entries };
    let priced = |left| both_in(&crate::market::Market { lists: vec![list.clone()], ..capped(&[1, 1], left) });
    assert_eq!(priced(2).answer.totals.payable, 1_800);
    assert_eq!(priced(1).answer.totals.payable, 1_000);
}

#[test]
fn a_line_that_is_capped_to_nothing_says_its_own_figures() {
    let found = both_in(&capped(&[4, 1, 2], 4));
    let reasons: Vec<String> = found.lines.iter().filter_map(|l| l.refusal.as_ref()).map(ToString::to_string).collect();
    let exceeded = |n| format!(r#"{{"allocation_exceeded":{{"remaining":0,"requested":{n}}}}}"#);
    assert_eq!(reasons, [exceeded(1), exceeded(2)]);
}

#[test]
fn a_coupon_that_waits_for_shipping_overrides_nothing_and_is_not_refused() {
    let free = Benefit::Shipping { value: ShippingValue::Free, each: false, methods: None, cap: None };
    let coupon = Coupon { overrides: Overrides::Everything, ..coupon("a", vec![free]) };
    let cheap = Line { customer_price: Some(number(800)), ..line(1, 1_000, 1) };
    let found = both(&case(vec![cheap], vec![coupon]));
    assert_eq!((states(&found), found.totals.payable), (vec!["waiting".to_owned()], 800));
}

#[test]
fn an_offer_whose_shipping_the_host_discounted_already_gives_no_gift() {
    // A quarter off the shipping, and a mug with it. Nothing else is in the order, so once the host has given that
    // discount itself the offer finds nothing that it may act on.
    let off = Benefit::Percent { off: 25_000, original: false, cap: None, shipping: true, target: Target::default() };
    let mug = Benefit::Gift { product: 9, pieces: 1, value: None };
    let offer = Coupon { id: "discount 0".to_owned(), ..coupon("a", vec![off, mug]) };
    let gifts = |discounts| {
        let charges = vec![Charge { discounts, ..shipping(500, 1) }];
        both(&Case { charges, offers: vec![offer.clone()], ..case(Vec::new(), Vec::new()) }).gifts.len()
    };
    assert_eq!((gifts(Vec::new()), gifts(vec![(100, Funding::Seller)])), (1, 0));
}
