//! Sentences about the order of work that no numbered rule proves already: money, steps, stages, tax and effects.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

fn with(id: &str, fields: Value) -> Coupon {
    let mut all = json!({"benefits": [{"percent": {"off": "10"}}]});
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    coupon(id, all)
}

/// Section 1: the exponent comes from the currency, and an amount is named per currency and never converted.
#[test]
fn amounts_are_named_per_currency() {
    let ten = || coupon("c", json!({"benefits": [{"amount": {"off": {"USD": "10.00", "JPY": "1000"}}}]}));
    assert_eq!(total_off(&order_in(Currency::JPY, [line(1, "5000")]).code(ten()).run()), "1000");
    assert_eq!(total_off(&order_in(Currency::USD, [line(1, "50.00")]).code(ten()).run()), "10.00");
    let euros = order_in(Currency::EUR, [line(1, "50.00")]).code(ten()).run();
    assert_eq!(why(&euros), [Refusal::NoAmountInCurrency { currency: Currency::EUR }]);
    // One figure for every other currency, as such; not where it is finer than the currency.
    let any = |figure: &str| coupon("c", json!({"benefits": [{"amount": {"off": {"USD": "1.00", "other": figure}}}]}));
    assert_eq!(total_off(&order_in(Currency::EUR, [line(1, "50.00")]).code(any("2.5")).run()), "2.50");
    assert_eq!(total_off(&order_in(Currency::USD, [line(1, "50.00")]).code(any("2.5")).run()), "1.00");
    let yen = order_in(Currency::JPY, [line(1, "50")]).code(any("2.5")).run();
    assert_eq!(why(&yen), [Refusal::NoAmountInCurrency { currency: Currency::JPY }]);
}

/// Section 1: cash rounding touches only the amount to pay, as an entry of its own.
#[test]
fn cash_rounding_touches_only_the_amount_to_pay() {
    let policy = Policy::builder(Currency::CHF).cash(CashInterval::parse("0.05").unwrap()).build().unwrap();
    let outcome = order_under(policy, [line(1, "11.09")]).code(percent_off("ten", "10")).run();
    // 11.09 - 1.11 = 9.98, nearest 10.00.
    assert_eq!(off(&outcome), ["1.11"]);
    assert_eq!((outcome.lines()[0].payable().amount_text(), payable(&outcome)), ("9.98".into(), "10.00".into()));
    assert_eq!(outcome.totals().cash_rounding().amount_text(), "0.02");
    assert_eq!(outcome.totals().taxable().amount_text(), "9.98");
}

/// Section 1: a unit price may be finer than the minor unit; the extended amount is rounded once. A measured line is one
/// unit.
#[test]
fn extended_amounts_are_rounded_once() {
    let list = |line: Line| order([line]).run().lines()[0].list().amount_text();
    assert_eq!(list(pieces(1, "0.0035", 1_000)), "3.50");
    // 0.0035 x 3 = 0.0105; rounded per piece it would be nothing.
    assert_eq!(list(pieces(1, "0.0035", 3)), "0.01");
    let weighed = Quantity::measured("1.25".parse().unwrap()).unwrap();
    let cheese = Line::new(LineId(1), product("CHEESE"), weighed, price("3.99"));
    // 1.25 x 3.99 = 4.9875.
    let per_unit = coupon("c", json!({"benefits": [{"amount": {"off": {"USD": "1.00"}, "per": "unit"}}]}));
    let outcome = order([cheese]).code(per_unit).run();
    assert_eq!((outcome.lines()[0].list(), outcome.lines()[0].units()), (usd("4.99"), 1));
    assert_eq!(off(&outcome), ["1.00"]);
}

/// Section 1: quantity is never expanded: a thousand million pieces cost what one costs, and unit by unit to the cent.
#[test]
fn a_thousand_million_pieces_are_no_more_work_than_one() {
    let per_unit = coupon(
        "c",
        json!({"benefits": [{"amount": {"off": {"USD": "0.01"}, "per": "unit", "max_units": 999_999_999}}]}),
    );
    let outcome = order([pieces(1, "0.07", 1_000_000_000)]).codes([per_unit, percent_off("p", "10")]).run();
    // 70,000,000.00 - 9,999,999.99 = 60,000,000.01, a tenth of it 6,000,000.001.
    assert_eq!(total_off(&outcome), "15999999.99");
    assert_eq!(payable(&outcome), "54000000.01");
}

/// Step 5: discounts of the shop are listed each with id, amount, account and funding.
#[test]
fn the_shops_discounts_are_listed_one_by_one() {
    let maker = Funding::ThirdParty { party: "ACME".parse().unwrap() };
    let sold = line(1, "100.00")
        .with_discount(discount("sale", usd("20.00")).with_account("R-1".parse().unwrap()))
        .with_discount(discount("mail-in", usd("5.00")).with_funding(maker));
    let outcome = order([sold]).taxed("10").run();
    let listed: Vec<_> = outcome
        .adjustments()
        .map(|a| match a.source {
            Source::Discount { id, account } => {
                (id.to_string(), account.map(AccountId::to_string), a.amount.amount_text(), a.third_party.amount_text())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let text = str::to_owned;
    assert_eq!(listed[0], (text("sale"), Some(text("R-1")), text("20.00"), text("0.00")));
    assert_eq!(listed[1], (text("mail-in"), None, text("5.00"), text("5.00")));
    // Taxable 80.00 with what the maker pays, tax 8.00, to pay 75.00 + 8.00.
    assert_eq!((outcome.totals().taxable(), payable(&outcome).as_str()), (usd("80.00"), "83.00"));
}

/// Step 6: every code is judged on one snapshot, before any coupon; what remains is judged at the coupon's turn, after
/// earlier coupons and never counting itself.
#[test]
fn eligibility_is_judged_on_one_snapshot() {
    let from = |id: &str, basis: &str| {
        let spend = json!({"minimum_spend": {"amounts": {"USD": "100.00"}, "basis": basis}});
        with(id, json!({"conditions": [spend], "benefits": [{"percent": {"off": "50"}}]}))
    };
    let run = |codes: Vec<Coupon>| order([line(1, "100.00")]).codes(codes).run();
    assert_eq!(payable(&run(vec![from("a", "discounted"), from("b", "discounted")])), "25.00");
    let second = run(vec![from("a", "discounted"), from("b", "remaining")]);
    assert_eq!(payable(&second), "50.00");
    assert_eq!(second.answers()[1].reasons(), [Refusal::MinimumSpend { required: usd("100.00"), found: usd("50.00") }]);
    assert_eq!(payable(&run(vec![from("a", "remaining"), from("b", "discounted")])), "25.00");
    assert_eq!(payable(&run(vec![from("b", "remaining")])), "50.00");
    // Beside one on what remains, another condition is still judged on the snapshot: 100.00, and 50.00 remain.
    let both = json!([
        {"minimum_spend": {"amounts": {"USD": "100.00"}}},
        {"minimum_spend": {"amounts": {"USD": "50.00"}, "basis": "remaining"}}
    ]);
    assert_eq!(payable(&run(vec![from("a", "discounted"), with("b", json!({"conditions": both}))])), "45.00");
}

/// Step 6: list is the list price times the quantity, whatever price this customer has.
#[test]
fn a_threshold_on_list_prices_looks_at_list_prices() {
    let from = |basis: &str| {
        let spend = json!({"minimum_spend": {"amounts": {"USD": "100.00"}, "basis": basis}});
        with("c", json!({"conditions": [spend]}))
    };
    let agreed = || pieces(1, "50.00", 2).with_customer_price(price("30.00"));
    assert_eq!(payable(&order([agreed()]).code(from("list")).run()), "54.00");
    let found = order([agreed()]).code(from("discounted")).run();
    assert_eq!(why(&found), [Refusal::MinimumSpend { required: usd("100.00"), found: usd("60.00") }]);
}

/// Step 7: a code accepted before pricing keeps its place, so nothing exclusive stands beside it; exclusive itself, it
/// shuts the others out.
#[test]
fn a_code_accepted_before_pricing_keeps_its_place() {
    let shop = |shop: ShopBuilder| shop.customer_type("CLUB".parse().unwrap());
    let club = |exclusive: bool| {
        let assign = json!({"to": "CLUB", "when": "before_pricing"});
        with("z", json!({"assign": assign, "combination": {"exclusive": exclusive}, "priority": -9}))
    };
    let exclusive = || with("a", json!({"combination": {"exclusive": true}, "priority": 9}));
    let run = |codes: Vec<Coupon>| order([line(1, "10.00")]).shop(shop).codes(codes).run();
    let beside = run(vec![exclusive(), club(false), with("b", json!({}))]);
    assert_eq!(
        (winners(&beside), reasons(&beside)[0].as_slice()),
        (vec!["b".into(), "z".into()], &["not_stackable"][..])
    );
    assert_eq!(winners(&run(vec![exclusive(), club(true), with("b", json!({}))])), ["z"]);
    // It takes a slot, whatever its rank.
    let one = policy(|p| p.max_codes(Some(1)));
    let outcome = order_under(one, [line(1, "10.00")]).shop(shop).codes([with("a", json!({})), club(false)]).run();
    assert_eq!((winners(&outcome), reasons(&outcome)[0].as_slice()), (vec!["z".to_owned()], &["too_many_codes"][..]));
}

/// Section 3: a clipped budget gives exactly what is left, shared by what the lines would have got; one that is met
/// exactly is not short. The same for pieces.
#[test]
fn a_limit_that_runs_short_gives_what_is_left() {
    let half = |when_short: &str, left: &str| {
        let limits = json!({"money": {"USD": left}, "when_short": when_short});
        let half = coupon("c", json!({"limits": limits, "benefits": [{"percent": {"off": "50"}}]}));
        order([line(1, "30.00"), line(2, "10.00")]).code(half).run()
    };
    assert_eq!(off(&half("clip", "8.00")), ["6.00", "2.00"]);
    // 6.00 per line would be 4.00 and 6.00; 5.00 are left, so 2.00 and 3.00, whatever the lines stand at.
    let limits = json!({"money": {"USD": "5.00"}});
    let six = coupon("c", json!({"limits": limits, "benefits": [{"amount": {"off": {"USD": "6.00"}, "per": "line"}}]}));
    assert_eq!(off(&order([line(1, "4.00"), line(2, "10.00")]).code(six).run()), ["2.00", "3.00"]);
    assert_eq!(off(&half("refuse", "20.00")), ["15.00", "5.00"]);
    assert_eq!(reasons(&half("refuse", "19.99"))[0], ["budget_exhausted"]);
    let free = |when_short: &str, used: u64| {
        let limits = json!({"units": 5, "when_short": when_short});
        let free = coupon("c", json!({"limits": limits, "benefits": [{"percent": {"off": "100", "max_units": 3}}]}));
        let entry = Entry::new(free).usage(Usage::default().with_units(used));
        order([pieces(1, "1.00", 9)]).code(entry).run()
    };
    assert_eq!((off(&free("clip", 2)), free("clip", 2).answers()[0].units()), (vec!["3.00".to_owned()], 3));
    assert_eq!((off(&free("clip", 3)), free("clip", 3).answers()[0].units()), (vec!["2.00".to_owned()], 2));
    assert_eq!(off(&free("refuse", 2)), ["3.00"]);
    let short = free("refuse", 3);
    assert_eq!(why(&short), [Refusal::LimitReached { limit: LimitKind::Units, allowed: 5, taken: 3 }]);
    assert_eq!(payable(&short), "9.00");
}

/// Step 7: an eligible exclusive coupon shuts the others out, whatever their priority; of several the first by rank.
#[test]
fn an_exclusive_coupon_stands_alone() {
    let alone = |id: &str, fields: Value| {
        let mut all = json!({"combination": {"exclusive": true}});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        with(id, all)
    };
    let run = |codes: Vec<Coupon>| order([line(1, "1.00")]).codes(codes).run();
    let shut =
        run(vec![with("b", json!({"priority": 99})), alone("x", json!({"priority": -99})), with("c", json!({}))]);
    assert_eq!((winners(&shut), payable(&shut)), (vec!["x".to_owned()], "0.90".into()));
    assert_eq!(reasons(&shut), [vec!["not_stackable"], vec![], vec!["not_stackable"]]);
    let two = run(vec![alone("y", json!({})), alone("x", json!({}))]);
    assert_eq!(winners(&two), ["x"]);
    let two = run(vec![alone("y", json!({"priority": 1})), alone("x", json!({}))]);
    assert_eq!(winners(&two), ["y"]);
    // One that is not eligible, or comes to nothing, shuts nobody out: 0.001% of 1.00 is no cent.
    let off = run(vec![alone("x", json!({"status": "inactive"})), with("b", json!({}))]);
    assert_eq!(winners(&off), ["b"]);
    let nothing = run(vec![alone("x", json!({"benefits": [{"percent": {"off": "0.001"}}]})), with("b", json!({}))]);
    assert_eq!((winners(&nothing), reasons(&nothing)[0].as_slice()), (vec!["b".to_owned()], &["no_benefit"][..]));
}

/// Step 7: codes are judged first; of the eligible the first by rank stay, by priority, then id. Ineligible codes take
/// no slot, and one that comes to nothing frees its own.
#[test]
fn of_the_eligible_codes_the_first_by_rank_stay() {
    let run = |codes: Vec<Coupon>| order_under(policy(|p| p.max_codes(Some(1))), [line(1, "1.00")]).codes(codes).run();
    assert_eq!(winners(&run(vec![with("b", json!({})), with("a", json!({}))])), ["a"]);
    assert_eq!(winners(&run(vec![with("b", json!({"priority": 1})), with("a", json!({}))])), ["b"]);
    assert_eq!(winners(&run(vec![with("a", json!({"priority": -1})), with("b", json!({}))])), ["b"]);
    let ineligible = run(vec![with("a", json!({"status": "inactive"})), with("b", json!({}))]);
    assert_eq!((winners(&ineligible), reasons(&ineligible)[0].as_slice()), (vec!["b".to_owned()], &["inactive"][..]));
    let nothing = run(vec![with("a", json!({"benefits": [{"percent": {"off": "0.001"}}]})), with("b", json!({}))]);
    assert_eq!((winners(&nothing), reasons(&nothing)[0].as_slice()), (vec!["b".to_owned()], &["no_benefit"][..]));
}

/// Step 7: the same code twice is a duplicate; two codes of one definition count as one unless it says otherwise.
#[test]
fn codes_of_one_definition_count_as_one() {
    let twice = order([line(1, "100.00")])
        .codes([Entry::new(with("a", json!({}))), Entry::typed(" a-", with("a", json!({})))])
        .run();
    assert_eq!(payable(&twice), "90.00");
    assert_eq!(reasons(&twice), [vec![], vec!["duplicate_code"]]);
    let batch = |several: bool, codes: [&str; 2]| {
        let batch = with("batch", json!({"code": null, "combination": {"several_codes": several}}));
        let entries = codes.map(|code| Entry::issued(issued_code(code, "2026-01-01T00:00:00Z"), batch.clone()));
        order([line(1, "100.00")]).codes(entries).run()
    };
    let one = batch(false, ["CODE2", "CODE1"]);
    assert_eq!(payable(&one), "90.00");
    // Of two codes of one definition, the smaller code.
    assert_eq!(reasons(&one), [vec!["same_coupon"], vec![]]);
    assert_eq!(payable(&batch(true, ["CODE2", "CODE1"])), "81.00");
}

/// Step 8: line stage, order stage, shipping stage; inside a stage by rank, and a level says nothing about amounts.
#[test]
fn coupons_act_in_stages() {
    let five = |id: &str, fields: Value| {
        let mut all = json!({"benefits": [{"amount": {"off": {"USD": "5.00"}}}]});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        coupon(id, all)
    };
    let run = |codes: Vec<Coupon>| {
        let outcome = order([line(1, "100.00")]).codes(codes.clone()).run();
        let flipped = order([line(1, "100.00")]).codes(codes.into_iter().rev()).run();
        assert_eq!(payable(&outcome), payable(&flipped));
        payable(&outcome)
    };
    // 100.00 - 10.00 - 5.00, though the amount has the higher priority and says "line".
    assert_eq!(run(vec![with("p", json!({})), five("a", json!({"priority": 9}))]), "85.00");
    assert_eq!(run(vec![with("p", json!({})), five("a", json!({"priority": 9, "level": "line"}))]), "85.00");
    // In the order stage both: by priority, 95.00 - 9.50, or by id, 95.00 - 9.50 and 90.00 - 5.00.
    let of_order = |priority: i32| with("p", json!({"level": "order", "priority": priority}));
    assert_eq!(run(vec![of_order(0), five("a", json!({}))]), "85.50");
    assert_eq!(run(vec![of_order(1), five("a", json!({}))]), "85.00");
    // An amount per line acts in the line stage, by rank beside the percentage: 95.00 - 9.50.
    let per_line = five("a", json!({"benefits": [{"amount": {"off": {"USD": "5.00"}, "per": "line"}}]}));
    assert_eq!(run(vec![with("p", json!({})), per_line]), "85.50");
}

/// Step 8: a coupon leaves shipping alone unless it says otherwise; then shipping is weighed like a line, last in ties;
/// the shipping stage comes last.
#[test]
fn shipping_is_a_line_of_its_own() {
    let case = || order([line(9, "10.00")]).charge(shipping(1, usd("5.00")));
    assert_eq!(payable(&case().code(order_percent_off("c", "10")).run()), "14.00");
    let incl = |off: &str| {
        with("c", json!({"level": "order", "benefits": [{"percent": {"off": off, "include_shipping": true}}]}))
    };
    // 10% of 15.00 is 1.50: 1.00 and 0.50.
    let outcome = case().code(incl("10")).run();
    assert_eq!((off(&outcome), outcome.charges()[0].coupon_discount()), (vec!["1.00".to_owned()], usd("0.50")));
    assert_eq!(outcome.totals().shipping_discount(), usd("0.50"));
    // One cent over two equals: to the line, though the charge has the smaller id.
    let cent = coupon("c", json!({"benefits": [{"amount": {"off": {"USD": "0.01"}, "include_shipping": true}}]}));
    let outcome = order([line(9, "5.00")]).charge(shipping(1, usd("5.00"))).code(cent).run();
    assert_eq!((off(&outcome), outcome.charges()[0].coupon_discount()), (vec!["0.01".to_owned()], usd("0.00")));
    // Half of shipping is half of what the order coupon left of it: 4.50.
    let half = coupon("a", json!({"priority": 9, "benefits": [{"shipping": {"percent": "50"}}]}));
    let outcome = case().codes([incl("10"), half]).run();
    assert_eq!(outcome.charges()[0].payable(), usd("2.25"));
    // 4.50 less 2.00; before the order coupon it would be 3.00 less a tenth.
    let two = coupon("a", json!({"priority": 9, "benefits": [{"shipping": {"amount": {"USD": "2.00"}}}]}));
    let outcome = case().codes([incl("10"), two]).run();
    assert_eq!(outcome.charges()[0].payable(), usd("2.50"));
    // A fee is nobody's to touch.
    let fee = order([line(1, "10.00")]).charge(Charge::fee(LineId(2), usd("3.00"))).codes([incl("100")]).run();
    assert_eq!((payable(&fee).as_str(), fee.totals().fees()), ("3.00", usd("3.00")));
}

/// Section 3: no shipping line yet: waiting, neither refused nor counted; shipping at zero already: no benefit.
#[test]
fn a_shipping_coupon_waits_for_shipping() {
    let free = || coupon("free", json!({"limits": {"total": 5}, "benefits": [{"shipping": "free"}]}));
    let waiting = order([line(1, "10.00")]).code(free()).run();
    assert_eq!((waiting.answers()[0].state(), why(&waiting)), (AnswerState::WaitingForShipping, &[][..]));
    let record = waiting.redemption().unwrap();
    assert_eq!((record.coupons().len(), record.deltas().len()), (0, 0));
    let nothing = order([line(1, "10.00")]).charge(shipping(2, usd("0.00"))).code(free()).run();
    assert_eq!(why(&nothing), [Refusal::NoBenefit]);
    let there = order([line(1, "10.00")]).charge(shipping(2, usd("4.00"))).code(free()).run();
    assert_eq!((payable(&there).as_str(), there.redemption().unwrap().deltas().len()), ("10.00", 1));
    // For another method there is shipping, and nothing of it is covered.
    let air = coupon("air", json!({"benefits": [{"shipping": {"free": true, "methods": ["air"]}}]}));
    let road = shipping(2, usd("4.00")).with_method("road".parse().unwrap());
    assert_eq!(why(&order([line(1, "10.00")]).charge(road).code(air).run()), [Refusal::NotApplicable]);
}

/// Section 2: the base of a percentage is what remains, or the amount after step 5; additive shares are capped in total
/// at the remainder, by rank, and what a line cannot hold is forfeited and not moved.
#[test]
fn additive_percentages_are_capped_at_what_remains() {
    let of_original = |id: &str, off: &str, level: &str| {
        coupon(id, json!({"level": level, "benefits": [{"percent": {"off": off, "base": "original"}}]}))
    };
    for level in ["line", "order"] {
        let outcome =
            order([line(1, "100.00")]).codes([of_original("b", "60", level), of_original("a", "70", level)]).run();
        assert_eq!((payable(&outcome).as_str(), outcome.answers()[1].discount()), ("0.00", usd("70.00")));
        assert_eq!((outcome.answers()[0].discount(), outcome.answers()[0].forfeited()), (usd("30.00"), usd("30.00")));
    }
    // The amount after step 5 is the base: 10% of 80.00, after 50.00 are gone.
    let sold = line(1, "100.00").with_discount(discount("sale", usd("20.00")));
    let fifty = coupon("a", json!({"benefits": [{"amount": {"off": {"USD": "50.00"}, "per": "line"}}]}));
    let outcome = order([sold]).codes([fifty, of_original("b", "10", "line")]).run();
    assert_eq!(outcome.answers()[1].discount(), usd("8.00"));
    // 60% of 200.00 is 60.00 on each; the first has 50.00 left, and 10.00 are lost.
    let first = coupon(
        "a",
        json!({"scope": {"products": ["P1"]}, "benefits": [{"amount": {"off": {"USD": "50.00"}, "per": "line"}}]}),
    );
    let outcome = order([line(1, "100.00"), line(2, "100.00")]).codes([first, of_original("b", "60", "order")]).run();
    assert_eq!(
        (off(&outcome), outcome.answers()[1].forfeited()),
        (vec!["100.00".into(), "60.00".into()], usd("10.00"))
    );
}

/// Section 2: units are picked cheapest first or dearest, by unit price after step 5, then line id; of a line those with
/// most left, and units at zero are passed over.
#[test]
fn units_are_picked_by_price_then_line() {
    let free = |id: &str, target: Value| {
        let mut all = json!({"off": "100"});
        all.as_object_mut().unwrap().extend(target.as_object().unwrap().clone());
        coupon(id, json!({"benefits": [{"percent": all}]}))
    };
    let lines = || [pieces(1, "5.00", 2), pieces(2, "3.00", 3), line(3, "5.00")];
    let run = |target: Value| off(&order(lines()).code(free("c", target)).run());
    assert_eq!(run(json!({"max_units": 4})), ["5.00", "9.00", "0.00"]);
    assert_eq!(run(json!({"max_units": 2, "pick": "dearest"})), ["10.00", "0.00", "0.00"]);
    assert_eq!(run(json!({"max_units": 3, "pick": "dearest"})), ["10.00", "0.00", "5.00"]);
    assert_eq!(run(json!({"max_units_per_line": 1})), ["5.00", "3.00", "5.00"]);
    assert_eq!(run(json!({"max_units_per_line": 1, "max_units": 2})), ["5.00", "3.00", "0.00"]);
    // After the discount the first is the cheaper one: 4.00 a piece.
    let sold = pieces(1, "10.00", 2).with_discount(discount("sale", usd("12.00")));
    let outcome = order([sold, line(2, "5.00")]).code(free("c", json!({"max_units": 1}))).run();
    assert_eq!(off(&outcome), ["4.00", "0.00"]);
    // Units at zero are passed over: the second coupon takes the next unit, and the third nothing.
    let one = |id: &str| free(id, json!({"max_units": 1}));
    let outcome = order([pieces(1, "5.00", 2)]).codes([one("a"), one("b"), one("c")]).run();
    assert_eq!((payable(&outcome).as_str(), winners(&outcome)), ("0.00", vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(reasons(&outcome)[2], ["no_benefit"]);
    // A line at zero is passed over for the next cheapest.
    let outcome = order([line(1, "2.00"), line(2, "3.00")]).codes([one("a"), one("b")]).run();
    assert_eq!(off(&outcome), ["2.00", "3.00"]);
    // Of units at 10.00, 10.00 and 5.00, one with most left.
    let five = coupon("a", json!({"benefits": [{"amount": {"off": {"USD": "5.00"}, "per": "unit", "max_units": 1}}]}));
    let outcome = order([pieces(1, "10.00", 3)]).codes([five, one("b")]).run();
    assert_eq!((outcome.answers()[1].discount(), payable(&outcome).as_str()), (usd("10.00"), "15.00"));
}

/// Section 2: no coupon touches a line that is not discountable; it counts for thresholds over the whole order only.
#[test]
fn a_line_can_be_out_of_reach() {
    let lines = || [line(1, "40.00"), line(2, "60.00").with_discountable(false)];
    assert_eq!(off(&order(lines()).code(amount_off("c", "50.00")).run()), ["40.00", "0.00"]);
    let scoped = with("c", json!({"scope": {"products": ["P1", "P2"]}}));
    assert_eq!(off(&order(lines()).code(scoped).run()), ["4.00", "0.00"]);
    let spend = |range: &str| {
        with("c", json!({"conditions": [{"minimum_spend": {"amounts": {"USD": "50.00"}, "range": range}}]}))
    };
    assert_eq!(off(&order(lines()).code(spend("order")).run()), ["4.00", "0.00"]);
    let own = order(lines()).code(spend("qualifying")).run();
    assert_eq!(why(&own), [Refusal::MinimumSpend { required: usd("50.00"), found: usd("40.00") }]);
    let alone = order([line(2, "60.00").with_discountable(false)]).code(amount_off("c", "5.00")).run();
    assert_eq!(why(&alone), [Refusal::NotApplicable]);
}

/// Section 3: splitting a line never changes the total of an order-level percentage; at line level it may.
#[test]
fn splitting_a_line_leaves_order_percentages_alone() {
    let whole = || [line(1, "1.06"), pieces(2, "2.03", 2)];
    let split = || [line(1, "1.06"), line(2, "2.03"), line(3, "2.03")];
    // 10% of 5.12 is 0.512.
    assert_eq!(total_off(&order(whole()).code(order_percent_off("c", "10")).run()), "0.51");
    assert_eq!(total_off(&order(split()).code(order_percent_off("c", "10")).run()), "0.51");
    // 0.106 + 0.406 and 0.106 + 0.203 + 0.203.
    assert_eq!(total_off(&order(whole()).code(percent_off("c", "10")).run()), "0.52");
    assert_eq!(total_off(&order(split()).code(percent_off("c", "10")).run()), "0.51");
}

/// Section 3: per-unit rounding is a policy choice.
#[test]
fn a_percentage_may_be_rounded_per_unit() {
    let outcome = |percent| {
        let rules = RoundingRules { percent, ..RoundingRules::default() };
        order_under(policy(|p| p.rounding(rules)), [pieces(1, "0.05", 3)]).code(percent_off("c", "10")).run()
    };
    // 10% of 0.15 is 0.015; 10% of 0.05 is 0.005, three times.
    assert_eq!(total_off(&outcome(PercentRounding::PerLine)), "0.02");
    assert_eq!(total_off(&outcome(PercentRounding::PerUnit)), "0.03");
}

/// Section 3: an amount per line or per unit is capped there; what a clamped one cannot take is lost, not moved.
#[test]
fn what_a_line_or_a_unit_cannot_take_is_lost() {
    let six = |per: &str| coupon("c", json!({"benefits": [{"amount": {"off": {"USD": "6.00"}, "per": per}}]}));
    let lines = || [pieces(1, "4.00", 2), line(2, "10.00"), line(3, "5.00")];
    let per_line = order(lines()).code(six("line")).run();
    assert_eq!(
        (off(&per_line), per_line.answers()[0].forfeited()),
        (vec!["6.00".into(), "6.00".into(), "5.00".into()], usd("1.00"))
    );
    // Units of 4.00, 4.00, 10.00 and 5.00: 2.00 + 2.00 + 0.00 + 1.00 lost.
    let per_unit = order(lines()).code(six("unit")).run();
    assert_eq!(
        (off(&per_unit), per_unit.answers()[0].forfeited()),
        (vec!["8.00".into(), "6.00".into(), "5.00".into()], usd("5.00"))
    );
}

/// Section 3: worth something and come to 0.00 is no benefit; nothing to touch is not applicable; neither is counted.
#[test]
fn what_comes_to_nothing_is_not_counted() {
    let dust = order([line(1, "1.00")]).code(percent_off("dust", "0.4")).run();
    assert_eq!((why(&dust), payable(&dust).as_str()), (&[Refusal::NoBenefit][..], "1.00"));
    assert_eq!(dust.redemption().unwrap().coupons(), []);
    // Half a cent rounds up.
    assert!(applied(&order([line(1, "1.00")]).code(percent_off("dust", "0.5")).run()));
    let free = order([line(1, "0.00")]).code(amount_off("ten", "10.00")).run();
    assert_eq!(why(&free), [Refusal::NoBenefit]);
    let nowhere = order([line(1, "1.00")]).code(with("c", json!({"scope": {"products": ["X"]}}))).run();
    assert_eq!((why(&nowhere), nowhere.redemption().unwrap().coupons()), (&[Refusal::NotApplicable][..], &[][..]));
}

/// Section 4: floors are caps on what a line gives; an order-level discount spreads what a floor refuses, a line-level
/// one does not. Finer than the minor unit is rounded up; above the price has no effect.
#[test]
fn a_floor_is_never_passed_and_never_raises_a_price() {
    let lines = |floor: &str| [line(1, "10.00").with_floor_price(price(floor)), line(2, "10.00")];
    let run = |floor: &str, coupon: Coupon| order(lines(floor)).code(coupon).run();
    assert_eq!(off(&run("9.00", amount_off("c", "6.00"))), ["1.00", "5.00"]);
    assert_eq!(off(&run("8.995", amount_off("c", "6.00"))), ["1.00", "5.00"]);
    assert_eq!(off(&run("12.00", amount_off("c", "6.00"))), ["0.00", "6.00"]);
    assert_eq!(off(&run("9.00", order_percent_off("c", "30"))), ["1.00", "5.00"]);
    let per_line = run("9.00", percent_off("c", "30"));
    assert_eq!((off(&per_line), per_line.answers()[0].forfeited()), (vec!["1.00".into(), "3.00".into()], usd("2.00")));
    // 1.00 and 10.00 are all there is.
    let all = run("9.00", amount_off("c", "15.00"));
    assert_eq!((off(&all), all.answers()[0].forfeited()), (vec!["1.00".into(), "10.00".into()], usd("4.00")));
    // Half of 20.00 is 10.00; both floors leave 2.00, and 8.00 are lost.
    let both = [1, 2].map(|id| line(id, "10.00").with_floor_price(price("9.00")));
    let outcome = order(both).code(order_percent_off("c", "50")).run();
    assert_eq!((off(&outcome), outcome.answers()[0].forfeited()), (vec!["1.00".into(), "1.00".into()], usd("8.00")));
    // A set price stops there too.
    let five = coupon("c", json!({"benefits": [{"set_price": {"price": {"USD": "5.00"}}}]}));
    assert_eq!(off(&run("8.00", five)), ["2.00", "5.00"]);
    // 5 cents over three equals, the first with room for one.
    let three = [line(1, "10.00").with_floor_price(price("9.99")), line(2, "10.00"), line(3, "10.00")];
    assert_eq!(off(&order(three).code(amount_off("c", "0.05")).run()), ["0.01", "0.02", "0.02"]);
}

/// Section 4: shares follow the exact quotas whatever order lines come in, zero weights get nothing, and an even split
/// is a mode of its own.
#[test]
fn shares_are_exact_and_follow_the_lines() {
    let given = [line(3, "60.02"), line(1, "19.99"), line(4, "0.00"), line(2, "19.99")];
    assert_eq!(off(&order(given).code(amount_off("c", "10.00")).run()), ["2.00", "2.00", "6.00", "0.00"]);
    let even = coupon("c", json!({"benefits": [{"amount": {"off": {"USD": "10.00"}, "split": "even"}}]}));
    assert_eq!(
        off(&order([line(1, "2.00"), line(2, "50.00"), line(3, "50.00")]).code(even).run()),
        ["2.00", "4.00", "4.00"]
    );
}

/// Section 5: a split: per line the third party's part is rounded, the seller has the rest; totals are sums.
#[test]
fn a_split_is_rounded_per_line() {
    let half = coupon(
        "c",
        json!({"funding": {"split": {"party": "ACME", "share": "50"}},
            "benefits": [{"amount": {"off": {"USD": "0.05"}, "per": "line"}}]}),
    );
    let outcome = order([line(1, "1.00"), line(2, "1.00")]).code(half).run();
    // Half of 0.05 is 0.025, so 0.03 and 0.02 on each line.
    assert_eq!(outcome.answers()[0].third_party(), usd("0.06"));
    assert_eq!((outcome.lines()[0].third_party(), outcome.lines()[0].taxable()), (usd("0.03"), usd("0.98")));
    assert_eq!((outcome.totals().taxable(), payable(&outcome).as_str()), (usd("1.96"), "1.90"));
}

/// Section 5: the stated basis of an amount is exact; the other side is the total before less the total after.
#[test]
fn an_amount_meant_gross_is_exact_gross() {
    let gross = |off: &str| coupon("c", json!({"benefits": [{"amount": {"off": {"USD": off}, "tax": "gross"}}]}));
    let outcome = order([line(1, "100.00")]).taxed("21").code(gross("12.10")).run();
    assert_eq!((off(&outcome)[0].as_str(), payable(&outcome).as_str()), ("10.00", "108.90"));
    // 108.00 - 10.00 = 98.00; / 1.08 = 90.74, with tax of 7.26 on it.
    let outcome = order([line(1, "100.00")]).taxed("8").code(gross("10.00")).run();
    assert_eq!((off(&outcome)[0].as_str(), payable(&outcome).as_str()), ("9.26", "98.00"));
    // As priced is the default.
    let outcome = order([line(1, "100.00")]).taxed("8").code(amount_off("c", "10.00")).run();
    assert_eq!((off(&outcome)[0].as_str(), payable(&outcome).as_str()), ("10.00", "97.20"));
}

/// Section 5: shipping has a base of its own; rates are the caller's, and without them taxable amounts are still told
/// per class.
#[test]
fn taxable_amounts_are_told_per_class() {
    let class = |name: &str| name.parse::<TaxClass>().unwrap();
    let case = || {
        let goods = line(1, "100.00").with_tax_class(class("goods"));
        order([goods]).charge(shipping(2, usd("5.00")).with_tax_class(class("freight"))).code(percent_off("c", "10"))
    };
    let rated = case().order(|o| o.rate(class("goods"), rate("10")).rate(class("freight"), rate("20"))).run();
    let told: Vec<_> =
        rated.taxes().iter().map(|t| (t.class().unwrap().to_string(), t.taxable(), t.tax().unwrap())).collect();
    assert_eq!(told, [("goods".into(), usd("90.00"), usd("9.00")), ("freight".into(), usd("5.00"), usd("1.00"))]);
    let bare = case().run();
    let told: Vec<_> = bare.taxes().iter().map(|t| (t.taxable(), t.tax())).collect();
    assert_eq!(told, [(usd("90.00"), None), (usd("5.00"), None)]);
    assert_eq!((bare.totals().tax(), payable(&bare).as_str()), (None, "95.00"));
}

/// Section 5: 100% off is exactly zero everywhere, and a base of zero with goods delivered is flagged.
#[test]
fn goods_for_nothing_are_flagged() {
    for mode in [PriceMode::TaxExclusive, PriceMode::TaxInclusive] {
        let case = || order([line(1, "33.33"), line(2, "0.07")]).taxed("19").order(|o| o.price_mode(mode));
        let free = case().code(percent_off("c", "100")).run();
        let zero = usd("0.00");
        let totals = free.totals();
        assert_eq!((totals.payable(), totals.net(), totals.taxable(), totals.tax()), (zero, zero, zero, Some(zero)));
        assert!(free.has_flag(Flag::ZeroBase));
        assert!(!case().code(percent_off("c", "99")).run().has_flag(Flag::ZeroBase));
    }
    assert!(!order([]).run().has_flag(Flag::ZeroBase));
}

/// Section 7: one canonical form per format; imported codes are compared after trimming and upper-casing, nothing else.
#[test]
fn imported_codes_keep_their_characters() {
    let imported = || with("c", json!({"code": "20% off - Jan", "code_format": "imported"}));
    assert_eq!(imported().code().unwrap().as_str(), "20% OFF - JAN");
    let typed = |text: &str| applied(&order([line(1, "10.00")]).code(Entry::typed(text, imported())).run());
    assert!(typed(" 20% OFF - jan ") && typed("20% off - Jan"));
    assert!(!typed("20%OFF-JAN") && !typed("20 OFF JAN"));
    let code = |text: &str| errors("c", json!({"code": text, "code_format": "imported", "benefits": ["none"]}));
    assert_eq!(code(&"#".repeat(64)), "");
    assert!(code(&"#".repeat(65)).ends_with("longer than 64 characters"));
    assert!(code("caf\u{e9}").contains("at position 4"));
}

/// Section 9: the trace names per line every step and cent, in the order in which they were gone.
#[test]
fn the_trace_names_every_cent() {
    let sold = line(1, "100.00").with_discount(discount("sale", usd("20.00")));
    let outcome =
        order([sold, line(2, "7.77")]).codes([percent_off("p", "10"), amount_off("a", "5.00")]).traced().run();
    for line in outcome.lines() {
        let mut stands = line.priced();
        for entry in outcome.trace().unwrap().of(line.id()) {
            if matches!(entry.step, TraceStep::Tax) {
                continue;
            }
            assert_eq!(entry.before, stands, "{entry:?}");
            stands = entry.after;
        }
        assert_eq!(stands, line.discounted());
    }
    let steps = outcome.trace().unwrap().of(LineId(1)).map(|e| e.step.clone()).take(3).collect::<Vec<_>>();
    let by = |id: &str| TraceStep::Coupon { coupon: id.parse().unwrap(), benefit: 0 };
    assert_eq!(steps, [TraceStep::ShopDiscount { id: "sale".parse().unwrap() }, by("p"), by("a")]);
    let taxed = order([line(1, "100.00")]).taxed("8").code(percent_off("p", "10")).traced().run();
    let last = taxed.trace().unwrap().of(LineId(1)).last().unwrap();
    assert_eq!((&last.step, last.before, last.after), (&TraceStep::Tax, usd("90.00"), usd("97.20")));
}

/// Section 9: the last step of a taxed line goes from its taxable amount to what is paid. 100.00 less 10.00 at 8%.
#[test]
fn the_trace_ends_with_the_tax() {
    let outcome = order([line(1, "100.00")]).taxed("8").code(amount_off("a", "10.00")).traced().run();
    let last = outcome.trace().unwrap().of(LineId(1)).last().unwrap();
    assert_eq!((&last.step, last.before, last.after), (&TraceStep::Tax, usd("90.00"), usd("97.20")));
    let untaxed = order([line(1, "100.00")]).traced().run();
    assert_eq!(untaxed.trace().unwrap().entries(), []);
}

/// Section 9: a refused code never blocks the order and has no effect: the outcome is the one without it.
#[test]
fn a_refused_code_has_no_effect() {
    let case = || {
        order([line(1, "19.99"), line(2, "5.01")])
            .taxed("8")
            .charge(shipping(3, usd("4.00")))
            .code(percent_off("p", "10"))
    };
    let plain = case().run();
    for bad in [
        Entry::unknown("NOPE"),
        Entry::new(with("z", json!({"status": "inactive"}))),
        Entry::new(with("z", json!({"scope": {"products": ["X"]}}))),
        Entry::new(with("a", json!({"priority": 9, "benefits": [{"amount": {"off": {"EUR": "5.00"}}}]}))),
    ] {
        let outcome = case().code(bad).run();
        assert_eq!(outcome.lines(), plain.lines());
        assert_eq!((outcome.charges(), outcome.totals()), (plain.charges(), plain.totals()));
        assert_eq!(outcome.redemption().unwrap(), plain.redemption().unwrap());
    }
}

/// Section 9: each discount of the shop is in the trace once, with codes and without; where it is dropped, that is there
/// once as well, however many benefits the code has. 100.00 less 10%, less 10% of 90.00.
#[test]
fn the_trace_names_the_discounts_of_the_shop_once() {
    let lines = || [line(1, "100.00").with_discount(discount("sale", usd("20.00"))), line(2, "10.00")];
    let steps = |outcome: &Outcome, line: u64| {
        let told = |entry: &TraceEntry| {
            let step = match &entry.step {
                TraceStep::ShopDiscount { .. } => "shop",
                TraceStep::DiscountsDropped => "dropped",
                TraceStep::Coupon { .. } => "code",
                _ => "other",
            };
            format!("{step} {} {}", entry.before.amount_text(), entry.after.amount_text())
        };
        outcome.trace().unwrap().of(LineId(line)).map(told).collect::<Vec<_>>()
    };
    let plain = order(lines()).traced().run();
    assert_eq!((steps(&plain, 1), steps(&plain, 2)), (vec!["shop 100.00 80.00".to_owned()], vec![]));
    let twice = coupon(
        "twice",
        json!({"benefits": [{"percent": {"off": "10"}}, {"percent": {"off": "10"}}], "combination": {"with_discounts": false}}),
    );
    let dropping = policy(|p| p.discount_conflict(DiscountConflict::DropDiscounts));
    let outcome = order_under(dropping, lines()).code(twice).traced().run();
    assert_eq!(
        steps(&outcome, 1),
        ["shop 100.00 80.00", "dropped 80.00 100.00", "code 100.00 90.00", "code 90.00 81.00"]
    );
    assert_eq!(steps(&outcome, 2), ["code 10.00 9.00", "code 9.00 8.10"]);
}

/// A code acts on a line whatever the discounts of the shop on it are called. 10% of 80.00.
#[test]
fn a_discount_of_the_same_name_is_no_code() {
    let sold = line(1, "100.00").with_discount(discount("ten", usd("20.00")));
    assert_eq!(total_off(&order([sold]).code(percent_off("ten", "10")).run()), "8.00");
}

/// An outcome that the host keeps is about the reference that was asked last.
#[test]
fn a_kept_outcome_takes_the_next_reference() {
    let shop = Shop::new(policy(|p| p));
    let order = Order::builder(Currency::USD).line(line(1, "30.00")).build().unwrap();
    let who = Customer::anonymous();
    let about = |id: &str| Reference::Order(id.parse().unwrap());
    let (mut outcome, mut scratch) = (Outcome::empty(about("o-1"), Currency::USD), Scratch::default());
    let request = Request::new(&order, &who, about("o-2"), at(NOON));
    shop.evaluate_into(&request, &mut outcome, &mut scratch).unwrap();
    assert_eq!(outcome.reference(), &about("o-2"));
}
