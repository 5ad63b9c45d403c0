//! What stands beside what: exclusive codes, groups, tags, stops, and how deep all codes may cut together.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

fn shop(policy: Value) -> Shop {
    let mut whole = json!({"currency": "USD", "max_codes": "unlimited", "public_reasons": "distinct"});
    whole.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
    serde_json::from_value(json!({"version": 1, "policy": whole})).unwrap()
}

fn order(lines: Vec<Line>, shipped: Option<&str>) -> Order {
    let charges = shipped.map(|amount| shipping(9, usd(amount)));
    charges.into_iter().fold(Order::builder(Currency::USD).lines(lines), OrderBuilder::charge).build().unwrap()
}

fn with_codes<T>(shop: &Shop, order: &Order, coupons: &[Coupon], act: impl FnOnce(&Request<'_>) -> T) -> T {
    let prepared: Vec<Prepared> = coupons.iter().map(|c| shop.prepare(c.clone()).unwrap()).collect();
    let typed: Vec<String> = coupons.iter().map(|c| c.code().unwrap().to_string()).collect();
    let codes: Vec<Presented<'_>> = typed.iter().zip(&prepared).map(|(t, c)| Presented::new(t, c)).collect();
    let who = customer("42");
    act(&Request::new(order, &who, Reference::Order("o-1".parse().unwrap()), at(NOON)).with_codes(&codes))
}

/// What comes out, in whatever order the codes were typed; it reads back from JSON, and a placed order gives the same.
fn price(shop: &Shop, order: &Order, coupons: &[Coupon]) -> Outcome {
    let outcome = with_codes(shop, order, coupons, |request| shop.evaluate(request).unwrap());
    let reversed: Vec<Coupon> = coupons.iter().rev().cloned().collect();
    let backwards = with_codes(shop, order, &reversed, |request| shop.evaluate(request).unwrap());
    assert_eq!(backwards.lines(), outcome.lines());
    assert!(backwards.answers().iter().rev().eq(outcome.answers()));
    let json = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome, "{json}");
    let placed = with_codes(shop, order, coupons, |request| shop.place(request).unwrap());
    let again = placed.reprice(&[], ThresholdCheck::AsPlaced).unwrap();
    assert_eq!((again.lines(), again.totals()), (outcome.lines(), outcome.totals()));
    outcome
}

fn code(id: &str, benefit: Value, fields: Value) -> Coupon {
    let mut all = json!({"benefits": [benefit]});
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    coupon(id, all)
}

fn percent_of(percent: &str) -> Value {
    json!({"percent": {"off": percent}})
}

fn amount_of(dollars: &str) -> Value {
    json!({"amount": {"off": {"USD": dollars}}})
}

fn combining(combination: Value) -> Value {
    json!({"combination": combination})
}

fn paid(outcome: &Outcome) -> String {
    outcome.totals().payable().amount_text()
}

/// The ids of the codes that apply.
fn applied(outcome: &Outcome) -> String {
    let ids = outcome.answers().iter().filter(|a| a.is_applied()).map(|a| a.coupon().unwrap().to_string());
    ids.collect::<Vec<_>>().join(" ")
}

fn reasons<'a>(outcome: &'a Outcome, id: &str) -> Vec<&'a str> {
    let answer = outcome.answers().iter().find(|a| a.coupon().unwrap().as_str() == id).unwrap();
    answer.reasons().iter().map(Refusal::code).collect()
}

/// Proves S112: exclusive of the class, whatever the rank. What acts in other stages stays.
#[test]
fn exclusive_of_a_class_shuts_out_what_acts_in_its_stages() {
    let first = code("first", percent_of("20"), json!({"priority": 5}));
    let alone = code("alone", percent_of("10"), combining(json!({"exclusive": "class"})));
    let five = code("five", amount_of("5.00"), json!({}));
    let free = code("free", json!({"shipping": "free"}), json!({}));
    let shop = shop(json!({}));
    let whole = order(vec![line(1, "100.00")], Some("10.00"));
    let outcome = price(&shop, &whole, &[first.clone(), alone.clone(), five.clone(), free.clone()]);
    // 100.00 less 10%, less 5.00; shipping free.
    assert_eq!((applied(&outcome), paid(&outcome)), ("alone five free".into(), "85.00".into()));
    assert_eq!(reasons(&outcome, "first"), ["not_stackable"]);
    // Of several the first by rank, and one that acts in two stages shuts out both.
    let both = code(
        "both",
        percent_of("1"),
        json!({
            "benefits": [percent_of("1"), amount_of("1.00")], "priority": 9, "combination": {"exclusive": "class"}
        }),
    );
    let outcome = price(&shop, &whole, &[first, alone.clone(), five, free.clone(), both.clone()]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("free both".into(), "98.00".into()));
    // Two of different classes stand beside each other.
    let ships = code("ships", json!({"shipping": "free"}), combining(json!({"exclusive": "class"})));
    let outcome = price(&shop, &whole, &[alone.clone(), ships, free.clone()]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("alone ships".into(), "90.00".into()));
    // One that comes to nothing shuts nothing out.
    let elsewhere = code(
        "elsewhere",
        json!({"set_price": {"price": {"USD": "200.00"}}}),
        json!({
            "priority": 9, "combination": {"exclusive": "class"}
        }),
    );
    let outcome = price(&shop, &whole, &[alone, elsewhere]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("alone".into(), "100.00".into()));
    assert_eq!(reasons(&outcome, "elsewhere"), ["no_benefit"]);
}

/// A refusal names the other code: of several that it does not stand beside the first by rank that applies.
#[test]
fn a_refusal_names_the_code_that_it_does_not_stand_beside() {
    let whole = order(vec![line(1, "100.00")], Some("10.00"));
    let ranked = |id: &str, benefit: Value, priority: i32, combination: Value| {
        code(id, benefit, json!({"priority": priority, "combination": combination}))
    };
    let ten = |id: &str, priority: i32, combination: Value| ranked(id, percent_of("10"), priority, combination);
    let ships = |priority: i32, combination: Value| ranked("ships", json!({"shipping": "free"}), priority, combination);
    let plain = || ten("plain", 5, json!({}));
    for (others, refused, beside) in [
        (vec![plain(), ten("alone", 0, json!({"exclusive": true}))], "plain", "alone"),
        (vec![plain(), ships(9, json!({})), ten("class", 0, json!({"exclusive": "class"}))], "plain", "class"),
        (
            vec![plain(), ten("wary", 0, json!({"not_with": ["t"]})), ten("tagged", 1, json!({"tags": ["t"]}))],
            "wary",
            "tagged",
        ),
        // The one that stands may be the one that says so; others that stand, of another group or class, are not in the way.
        (vec![ten("tagged", 0, json!({"tags": ["t"]})), ten("wary", 1, json!({"not_with": ["t"]}))], "tagged", "wary"),
        (
            vec![
                ten("other", 9, json!({"group": "h"})),
                ten("wary", 8, json!({"not_with": ["t"]})),
                ten("tagged", 7, json!({"group": "g", "tags": ["t"]})),
            ],
            "tagged",
            "wary",
        ),
        (vec![ten("stops", 9, json!({"stop": true})), ships(10, json!({})), plain()], "plain", "stops"),
        // The tagged one goes before the one that stops.
        (
            vec![
                ten("tagged", 9, json!({"tags": ["t"]})),
                ten("stops", 8, json!({"stop": true})),
                ten("wary", 7, json!({"not_with": ["t"]})),
            ],
            "wary",
            "tagged",
        ),
    ] {
        let outcome = price(&shop(json!({})), &whole, &others);
        let answer = outcome.answers().iter().find(|a| a.coupon().unwrap().as_str() == refused).unwrap();
        let named = Refusal::NotStackable { beside: Some(beside.parse().unwrap()) };
        assert_eq!(answer.reasons(), std::slice::from_ref(&named), "{others:?}");
        assert_eq!(named.to_string(), format!("does not stand beside a code of `{beside}`"));
        assert!(applied(&outcome).contains(beside));
        // The browser learns no definition.
        assert!(!serde_json::to_string(&outcome.public()).unwrap().contains(&format!("\"{beside}\"")));
    }
}

/// What is exclusive stands by rank itself: one that a stop, a tag or the number of codes keeps out shuts nobody out. Of
/// several exclusive ones the first by rank goes, whatever they are exclusive of.
#[test]
fn an_exclusive_code_that_does_not_stand_shuts_nobody_out() {
    let whole = order(vec![line(1, "100.00")], None);
    let class = |combination: Value, priority: i32| {
        let mut all = json!({"exclusive": "class"});
        all.as_object_mut().unwrap().extend(combination.as_object().unwrap().clone());
        code("class", percent_of("10"), json!({"priority": priority, "combination": all}))
    };
    let ranked = |id: &str, benefit: Value, priority: i32, combination: Value| {
        code(id, benefit, json!({"priority": priority, "combination": combination}))
    };
    let other = ranked("other", percent_of("20"), 1, json!({}));
    // 100.00 less 20%, less 5.00: the stop of the first by rank keeps the exclusive one out.
    let stop = ranked("five", amount_of("5.00"), 9, json!({"stop": true}));
    let outcome = price(&shop(json!({})), &whole, &[class(json!({}), 0), stop.clone()]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("five".into(), "95.00".into()));
    assert_eq!(reasons(&outcome, "class"), ["not_stackable"]);
    // So does a tag, and a code of the class that it would have shut out stands.
    let tagged = ranked("five", amount_of("5.00"), 9, json!({"tags": ["sale"]}));
    let wary = class(json!({"not_with": ["sale"]}), 0);
    let outcome = price(&shop(json!({})), &whole, &[wary.clone(), tagged.clone(), other.clone()]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("five other".into(), "75.00".into()));
    // First by rank it is the tagged one that goes.
    let outcome = price(&shop(json!({})), &whole, &[class(json!({"not_with": ["sale"]}), 10), tagged, other.clone()]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("class".into(), "90.00".into()));
    // Of two codes that one order may carry, those of the other stage come first by rank.
    let two = shop(json!({"max_codes": 2}));
    let amounts = ["a", "b"].map(|id| ranked(id, amount_of("5.00"), 9, json!({})));
    let outcome = price(&two, &whole, &[amounts[0].clone(), amounts[1].clone(), other.clone(), class(json!({}), 0)]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("a b".into(), "90.00".into()));
    assert_eq!(reasons(&outcome, "class"), ["too_many_codes"]);
    let outcome = price(&two, &whole, &[amounts[0].clone(), other.clone(), class(json!({}), 0)]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("a class".into(), "85.00".into()));
    // Exclusive of the order after one that is exclusive of its class, and the other way round.
    let alone = |priority| ranked("alone", amount_of("30.00"), priority, json!({"exclusive": true}));
    for (priority, stays, payable) in [(1, "class", "90.00"), (3, "alone", "70.00")] {
        let outcome = price(&shop(json!({})), &whole, &[alone(priority), class(json!({}), 2), other.clone()]);
        assert_eq!((applied(&outcome), paid(&outcome)), (stays.into(), payable.into()));
        assert_eq!(reasons(&outcome, "other"), ["not_stackable"]);
    }
}

/// A code that is exclusive of its lines and was entered on one keeps the shipping charges that it is for as well.
#[test]
fn a_code_on_a_line_keeps_its_shipping_too() {
    let kept = code("kept", json!({"shipping": {"percent": "10"}}), json!({"combination": {"exclusive": "line"}}));
    let free = code("free", json!({"shipping": "free"}), json!({"priority": 9}));
    let shop = shop(json!({}));
    let prepared = [shop.prepare(kept).unwrap(), shop.prepare(free).unwrap()];
    let codes = [Presented::new("KEPT", &prepared[0]).on_line(LineId(1)), Presented::new("FREE", &prepared[1])];
    let (whole, who) = (order(vec![line(1, "100.00")], Some("10.00")), customer("42"));
    let request = Request::new(&whole, &who, Reference::Order("o-1".parse().unwrap()), at(NOON)).with_codes(&codes);
    let outcome = shop.evaluate(&request).unwrap();
    assert_eq!((applied(&outcome), paid(&outcome)), ("kept".into(), "109.00".into()));
}

/// A depth per line is a floor for bundles and set prices too: a bundle takes from other lines what one line refuses, and
/// what is withheld of a price is forfeited.
#[test]
fn bundles_and_prices_meet_the_depth_of_a_line() {
    let shop = shop(json!({"depth": {"per_line": "50"}}));
    let lines = || order(vec![line(1, "60.00"), line(2, "60.00")], None);
    let on_one = code("one", percent_of("50"), json!({"scope": {"products": ["P1"]}, "priority": 9}));
    let parts = json!([{"pieces": 1, "of": {"products": ["P1"]}}, {"pieces": 1, "of": {"products": ["P2"]}}]);
    let bundle = |price: &str| code("menu", json!({"bundle": {"parts": parts, "price": {"USD": price}}}), json!({}));
    // 30.00 and 60.00 for 70.00: the first line has given its half, so that the second one gives all 20.00.
    let outcome = price(&shop, &lines(), &[on_one.clone(), bundle("70.00")]);
    let stands: Vec<String> = outcome.lines().iter().map(|l| l.discounted().amount_text()).collect();
    assert_eq!((stands, outcome.answers()[1].forfeited()), (vec!["30.00".into(), "40.00".into()], usd("0.00")));
    // For 50.00 it wants 40.00, of which the second one gives 30.00.
    let outcome = price(&shop, &lines(), &[on_one, bundle("50.00")]);
    assert_eq!((paid(&outcome), outcome.answers()[1].forfeited()), ("60.00".into(), usd("10.00")));
    // 60.00 for 20.00 wants 40.00 of each line; for the order, 100.00 of both.
    for (level, forfeited) in [("line", "20.00"), ("order", "40.00")] {
        let set = json!({"set_price": {"price": {"USD": "20.00"}}});
        let outcome = price(&shop, &lines(), &[code("set", set, json!({"level": level}))]);
        let found = (paid(&outcome), outcome.answers()[0].wanted(), outcome.answers()[0].forfeited());
        assert_eq!(found, ("60.00".into(), usd("60.00"), usd(forfeited)), "{level}");
    }
}

/// Exclusive of its lines: others act on the rest.
#[test]
fn exclusive_of_lines_leaves_the_others_the_rest() {
    let on = |id: &str, percent: &str, products: Value, priority: i32| {
        let combination = json!({"exclusive": "line"});
        let scope = json!({"products": products});
        code(id, percent_of(percent), json!({"scope": scope, "priority": priority, "combination": combination}))
    };
    let shop = shop(json!({}));
    let whole = order(vec![line(1, "100.00"), line(2, "50.00"), line(3, "20.00")], None);
    let all = code("all", percent_of("20"), json!({"priority": 9}));
    let ten = code("ten", amount_of("10.00"), json!({}));
    // 90.00 for the first; 40.00 and 16.00 for the others, less 10.00.
    let outcome = price(&shop, &whole, &[all, on("one", "10", json!(["P1"]), 0), ten]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("all one ten".into(), "136.00".into()));
    assert_eq!(outcome.lines()[0].discounted(), usd("90.00"));
    // Of two for one line the first by rank keeps it; one that is left with nothing is no benefit.
    let codes =
        [on("a", "10", json!(["P1", "P2"]), 2), on("b", "50", json!(["P2", "P3"]), 1), on("c", "90", json!(["P3"]), 0)];
    let outcome = price(&shop, &whole, &codes);
    assert_eq!((applied(&outcome), paid(&outcome)), ("a b".into(), "145.00".into()));
    assert_eq!(reasons(&outcome, "c"), ["no_benefit"]);
    // Shipping charges are lines of their own.
    let kept = code("kept", json!({"shipping": {"percent": "10"}}), combining(json!({"exclusive": "line"})));
    let free = code("free", json!({"shipping": "free"}), json!({"priority": 9}));
    let outcome = price(&shop, &order(vec![line(1, "100.00")], Some("10.00")), &[kept, free]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("kept".into(), "109.00".into()));
}

/// A code that is refused at its turn kept its lines from others for nothing: they have them after all.
#[test]
fn a_refused_code_keeps_no_line_from_others() {
    let kept = code(
        "kept",
        percent_of("10"),
        json!({"priority": 1, "combination": {"exclusive": "line"},
        "limits": {"money": {"USD": "50.00"}, "when_short": "refuse"}}),
    );
    let five = code("five", percent_of("5"), json!({}));
    let shop = shop(json!({}));
    let prepared = [shop.prepare(kept).unwrap(), shop.prepare(five).unwrap()];
    let codes = [
        Presented::new("KEPT", &prepared[0]).with_usage(Usage::default().with_money(usd("45.00"))),
        Presented::new("FIVE", &prepared[1]),
    ];
    let (whole, who) = (order(vec![line(1, "100.00")], None), customer("42"));
    let request = Request::new(&whole, &who, Reference::Order("o-1".parse().unwrap()), at(NOON)).with_codes(&codes);
    let outcome = shop.evaluate(&request).unwrap();
    // 10.00 of 5.00 that are left is refused; 100.00 less 5%.
    assert_eq!((applied(&outcome), paid(&outcome)), ("five".into(), "95.00".into()));
    assert_eq!(reasons(&outcome, "kept"), ["budget_exhausted"]);
}

/// Of a group the code applies that leaves least to pay, with all that follows from it; of equal ones the first by rank.
#[test]
fn of_a_group_the_best_applies() {
    let member = |id: &str, benefit: Value, fields: Value| {
        let mut all = json!({"combination": {"group": "welcome"}});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        code(id, benefit, all)
    };
    let shop = shop(json!({}));
    let codes = [
        member("a-ten", amount_of("10.00"), json!({"priority": 9})),
        member("b-some", percent_of("15"), json!({})),
        member("c-few", percent_of("5"), json!({"priority": 5})),
        member("d-from", percent_of("50"), json!({"conditions": [{"minimum_spend": {"amounts": {"USD": "500.00"}}}]})),
    ];
    for (spent, best, payable) in
        [("100.00", "b-some", "85.00"), ("50.00", "a-ten", "40.00"), ("500.00", "d-from", "250.00")]
    {
        let outcome = price(&shop, &order(vec![line(1, spent)], None), &codes);
        assert_eq!((applied(&outcome), paid(&outcome)), (best.into(), payable.into()));
        assert_eq!(reasons(&outcome, "c-few"), ["better_in_group"]);
    }
    let like = member("e-like", percent_of("10"), json!({}));
    let outcome = price(&shop, &order(vec![line(1, "100.00")], None), &[codes[0].clone(), like]);
    assert_eq!(applied(&outcome), "a-ten");
    // 30% alone leaves 70.00; 20% beside 15% of another group leaves 68.00.
    let alone = member("alone", percent_of("30"), json!({"combination": {"group": "welcome", "exclusive": true}}));
    let beside = member("beside", percent_of("20"), json!({}));
    let other = member("other", percent_of("15"), json!({"combination": {"group": "second"}}));
    let second = member("second", percent_of("5"), json!({"combination": {"group": "second"}, "priority": 2}));
    let outcome = price(&shop, &order(vec![line(1, "100.00")], None), &[alone.clone(), beside, other.clone(), second]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("beside other".into(), "68.00".into()));
    // Where one code is allowed, the best of the group has to be the first of all by rank to stay.
    let one = serde_json::from_value(json!({"version": 1, "policy": {"currency": "USD"}})).unwrap();
    let outcome = price(&one, &order(vec![line(1, "100.00")], None), &[codes[0].clone(), codes[1].clone(), other]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("b-some".into(), "85.00".into()));
}

/// Where there are more choices than are tried, one group is decided after the other, by the rank of their first codes: of
/// equal codes the first by rank stays, and once there are no more tries what was not tried is not better.
#[test]
fn groups_of_many_codes_are_decided_one_after_the_other() {
    let member = |group: &str, at: usize, percent: usize| {
        let fields = json!({"scope": {"products": [group]}, "combination": {"group": group}});
        code(&format!("{group}{at:02}"), percent_of(&percent.to_string()), fields)
    };
    let bought = |groups: &[&str]| {
        let lines = (1..).zip(groups).map(|(id, group)| of(id, product(group), "100.00", 1));
        order(lines.collect(), None)
    };
    // 81 choices: in each group the first of two codes with 5%.
    let percents = [1, 2, 3, 5, 5, 4, 3, 2, 1];
    let all = |group| percents.iter().enumerate().map(move |(at, percent)| member(group, at, *percent));
    let codes: Vec<Coupon> = all("G").chain(all("H")).collect();
    let outcome = price(&shop(json!({})), &bought(&["G", "H"]), &codes);
    assert_eq!((applied(&outcome), paid(&outcome)), ("G03 H03".into(), "190.00".into()));
    // 1% to 30% in each of three groups: 64 tries are enough for all of the first two, and four of the third.
    let all = |group| (0..30).map(move |at| member(group, at, at + 1));
    let codes: Vec<Coupon> = ["G", "H", "I"].into_iter().flat_map(all).collect();
    let outcome = price(&shop(json!({})), &bought(&["G", "H", "I"]), &codes);
    assert_eq!((applied(&outcome), paid(&outcome)), ("G29 H29 I03".into(), "236.00".into()));
}

/// What came to nothing and stood in nobody's way goes together: of a line that `first` keeps for itself `second` kept
/// nothing, so `third` is judged for good on the 20.00 that are left beside them, before `fourth` has a place.
#[test]
fn codes_that_came_to_nothing_go_together() {
    let on = |sku: &str, priority: u32, fields: Value| {
        let mut all = json!({"scope": {"products": [sku]}, "priority": priority});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        all
    };
    let line_alone = || combining(json!({"exclusive": "line"}));
    let remaining = json!([{"minimum_spend": {"amounts": {"USD": "21.00"}, "basis": "remaining"}}]);
    let codes = [
        code("first", percent_of("50"), on("P1", 9, line_alone())),
        code("second", percent_of("10"), on("P1", 8, line_alone())),
        code("third", amount_of("1.00"), on("P2", 7, json!({"conditions": remaining}))),
        code("fourth", percent_of("50"), on("P2", 6, json!({}))),
    ];
    let outcome = price(&shop(json!({"max_codes": 3})), &order(vec![line(1, "10.00"), line(2, "20.00")], None), &codes);
    assert_eq!((applied(&outcome), paid(&outcome)), ("first fourth".into(), "15.00".into()));
    assert_eq!(reasons(&outcome, "second"), ["no_benefit"]);
    let third = outcome.answers().iter().find(|a| a.coupon().unwrap().as_str() == "third").unwrap();
    let [Refusal::MinimumSpend { required, found, .. }] = third.reasons() else { panic!("{:?}", third.reasons()) };
    assert_eq!((*required, *found), (usd("21.00"), usd("20.00")));
}

/// The best of a group is the best beside the codes that stay, not beside one that is out since nothing is cheaper with it.
#[test]
fn the_best_of_a_group_is_decided_beside_what_stays() {
    let on_a = json!({"products": ["P1"]});
    let list =
        code("x", percent_of("10"), json!({"scope": on_a, "priority": 9, "combination": {"overrides": "touched"}}));
    let group = |id: &str, benefit: Value, product: &str| {
        code(id, benefit, json!({"scope": {"products": [product]}, "combination": {"group": "g"}}))
    };
    let (first, second) = (group("g1", percent_of("30"), "P1"), group("g2", amount_of("20.00"), "P2"));
    let whole =
        || order(vec![line(1, "100.00").with_discount(discount("sale", usd("50.00"))), line(2, "100.00")], None);
    // Beside x 63.00 and 100.00 is less than 90.00 and 80.00; without it, 50.00 and 80.00 less than 35.00 and 100.00.
    let outcome = price(&shop(json!({})), &whole(), &[list.clone(), first.clone(), second.clone()]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("g2".into(), "130.00".into()));
    assert_eq!((reasons(&outcome, "x"), reasons(&outcome, "g1")), (vec!["no_benefit"], vec!["better_in_group"]));
    // One that is out may be of a group itself: 49.00 and 80.00 for the others.
    let of_its_own = json!({"scope": on_a, "priority": 9, "combination": {"overrides": "touched", "group": "h"}});
    let own = code("x", percent_of("10"), of_its_own);
    let other = code("y", amount_of("1.00"), json!({"scope": on_a, "combination": {"group": "h"}}));
    let outcome = price(&shop(json!({})), &whole(), &[own, other, first, second]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("y g2".into(), "129.00".into()));
}

/// Pairwise, in either direction, and the first by rank stays.
#[test]
fn tags_keep_codes_apart() {
    let shop = shop(json!({}));
    let whole = order(vec![line(1, "100.00")], None);
    let tagged = |priority: i32| {
        code("tagged", percent_of("10"), json!({"priority": priority, "combination": {"tags": ["sale", "x"]}}))
    };
    let wary = code("wary", percent_of("20"), combining(json!({"not_with": ["sale"]})));
    let other = code("other", percent_of("50"), combining(json!({"tags": ["other"], "not_with": ["none"]})));
    for (priority, stays, payable) in [(1, "tagged other", "45.00"), (-1, "wary other", "40.00")] {
        let outcome = price(&shop, &whole, &[tagged(priority), wary.clone(), other.clone()]);
        assert_eq!((applied(&outcome), paid(&outcome)), (stays.into(), payable.into()));
    }
    // A tag that a code has and will not be with: at most one of them.
    let one = |id: &str| code(id, percent_of("10"), combining(json!({"tags": ["one"], "not_with": ["one"]})));
    let outcome = price(&shop, &whole, &[one("b"), one("a"), one("c")]);
    assert_eq!(applied(&outcome), "a");
    assert_eq!(reasons(&outcome, "b"), ["not_stackable"]);
}

/// Where it is applied nothing after it by rank is; where it is not, nothing is stopped.
#[test]
fn a_stop_ends_the_ranks() {
    let shop = shop(json!({}));
    let stop = |conditions: Value| {
        code("m-stop", percent_of("10"), json!({"conditions": conditions, "combination": {"stop": true}}))
    };
    let codes = |conditions| {
        [code("a", amount_of("5.00"), json!({})), stop(conditions), code("z", percent_of("50"), json!({}))]
    };
    let whole = order(vec![line(1, "100.00")], None);
    let outcome = price(&shop, &whole, &codes(json!([])));
    // The rank decides, not the stage: the percentage is taken first all the same.
    assert_eq!((applied(&outcome), paid(&outcome)), ("a m-stop".into(), "85.00".into()));
    let outcome = price(&shop, &whole, &codes(json!([{"minimum_spend": {"amounts": {"USD": "100.01"}}}])));
    assert_eq!((applied(&outcome), paid(&outcome)), ("a z".into(), "45.00".into()));
}

/// A depth of each line is a floor: what it refuses an order coupon takes elsewhere, and a line coupon loses.
#[test]
fn a_depth_per_line_is_a_floor() {
    let shop = shop(json!({"depth": {"per_line": "50"}}));
    let whole = order(vec![line(1, "100.00"), line(2, "100.00")], Some("10.00"));
    let on_one = json!({"scope": {"products": ["P1"]}});
    let forty = code("forty", percent_of("40"), on_one.clone());
    // Of 60.00 the first line has room for 10.00, and the second gives its half.
    let outcome = price(&shop, &whole, &[forty.clone(), code("sixty", amount_of("60.00"), json!({}))]);
    assert_eq!(outcome.lines().iter().map(|l| l.discounted().amount_text()).collect::<Vec<_>>(), ["50.00", "50.00"]);
    let again = code("again", percent_of("40"), json!({"scope": {"products": ["P1"]}, "priority": -1}));
    let outcome = price(&shop, &whole, &[forty, again, code("free", json!({"shipping": "free"}), json!({}))]);
    // 40.00, then 10.00 of 24.00; shipping is no line.
    assert_eq!(paid(&outcome), "150.00");
    assert_eq!((outcome.answers()[1].discount(), outcome.answers()[1].forfeited()), (usd("10.00"), usd("14.00")));
    // 9.00 of three pieces at 10.00, over the two that are discounted; a half of what is left of the line has no room.
    let shallow = self::shop(json!({"depth": {"per_line": "30"}}));
    let each = code("each", json!({"amount": {"off": {"USD": "6.00"}, "per": "unit", "max_units": 2}}), json!({}));
    let half = code("half", percent_of("50"), json!({"priority": -1}));
    let outcome = price(&shallow, &order(vec![pieces(1, "10.00", 3)], None), &[each, half]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("each".into(), "21.00".into()));
    assert_eq!(reasons(&outcome, "half"), ["no_benefit"]);
    // Discounts of the shop are below it: half of what they leave.
    let given = order(vec![line(1, "100.00").with_discount(discount("sale", usd("40.00")))], None);
    let outcome = price(&self::shop(json!({"depth": {"per_line": "50"}})), &given, &[percent_off("all", "100")]);
    assert_eq!(paid(&outcome), "30.00");
}

/// A depth that holds nothing back changes nothing: the pieces that a set rewards stand as they would without it.
#[test]
fn a_depth_that_does_not_bind_moves_no_reward() {
    let half = json!({"percent": {"off": "50", "max_units": 1}});
    let nth = json!({"nth": {"of": 3, "take": 2, "which": "cheapest", "reward": {"to_price": {"USD": "5.00"}}}});
    let all = json!({"percent": {"off": "100", "max_units": 2}});
    let codes = [
        code("a", half, json!({"priority": 3})),
        code("b", nth, json!({"priority": 2})),
        code("c", all, json!({"priority": 1})),
    ];
    for (policy, third, payable) in [
        (json!({}), "25.00", "5.00"),
        (json!({"depth": {"per_line": "99"}}), "25.00", "5.00"),
        // Of 45.00 in all 30.00 are taken, so that 15.00 of 25.00 are open.
        (json!({"depth": {"per_line": "75"}}), "15.00", "15.00"),
    ] {
        let outcome = price(&shop(policy.clone()), &order(vec![pieces(1, "20.00", 3)], None), &codes);
        // 20.00, 20.00 and 10.00; then 20.00, 5.00 and 5.00.
        let found: Vec<String> = outcome.answers().iter().map(|a| a.discount().amount_text()).collect();
        assert_eq!(
            (found, paid(&outcome)),
            (vec!["10.00".into(), "20.00".into(), third.into()], payable.into()),
            "{policy}"
        );
    }
}

/// A depth of the order, and an amount, are a budget of all codes together, shared by rank.
#[test]
fn all_codes_of_an_order_share_one_budget() {
    let whole = order(vec![line(1, "60.00"), line(2, "30.00")], Some("10.00"));
    let codes = [
        code("a", percent_of("20"), json!({})),
        code("b", amount_of("10.00"), json!({})),
        code("c", json!({"shipping": "free"}), json!({})),
    ];
    // 18.00, then 10.00 over 48.00 and 24.00, then what is left of the limit for shipping.
    for (policy, granted, payable) in [
        (json!({}), ["18.00", "10.00", "10.00"], "62.00"),
        (json!({"depth": {"per_order": "30"}}), ["18.00", "10.00", "2.00"], "70.00"),
        (json!({"max_discount": {"USD": "25.00"}}), ["18.00", "7.00", "0.00"], "75.00"),
        (json!({"max_discount": {"USD": "25.00"}, "depth": {"per_order": "10"}}), ["10.00", "0.00", "0.00"], "90.00"),
        (json!({"max_discount": {"other": "29"}, "depth": {"per_order": "90"}}), ["18.00", "10.00", "1.00"], "71.00"),
    ] {
        let outcome = price(&shop(policy.clone()), &whole, &codes);
        let found: Vec<String> = outcome.answers().iter().map(|a| a.discount().amount_text()).collect();
        assert_eq!(
            (found.iter().map(String::as_str).collect::<Vec<_>>(), paid(&outcome)),
            (granted.to_vec(), payable.into()),
            "{policy}"
        );
        for answer in outcome.answers() {
            assert_eq!(answer.is_applied(), !answer.discount().is_zero(), "{policy}");
        }
    }
    let outcome = price(&shop(json!({"max_discount": {"USD": "25.00"}})), &whole, &codes);
    assert_eq!((outcome.answers()[1].wanted(), reasons(&outcome, "c")), (usd("10.00"), vec!["budget_exhausted"]));
    // 7.00 over 48.00 and 24.00.
    assert_eq!(outcome.lines()[0].coupon_discount(), usd("16.67"));
    // It has nothing to do with automatic offers.
    let offers = json!([{"id": "half", "benefits": [percent_of("50")]}]);
    let shop: Shop = serde_json::from_value(json!({
        "version": 1, "policy": {"currency": "USD", "depth": {"per_order": "10", "per_line": "10"}}, "offers": offers
    }))
    .unwrap();
    assert_eq!(paid(&price(&shop, &whole, &codes[..1])), "50.50");
}

/// A line that an automatic offer keeps from other offers is open to codes.
#[test]
fn what_offers_keep_from_each_other_they_keep_from_no_code() {
    let offers = json!([
        {"id": "kept", "benefits": [percent_of("10")], "combination": {"exclusive": "line"}},
        {"id": "more", "benefits": [percent_of("50")], "priority": 9}
    ]);
    let shop: Shop = serde_json::from_value(json!({
        "version": 1, "policy": {"currency": "USD", "max_codes": "unlimited"}, "offers": offers
    }))
    .unwrap();
    let codes = [percent_off("a", "10"), percent_off("b", "10")];
    let outcome = price(&shop, &order(vec![line(1, "100.00")], None), &codes);
    assert_eq!((applied(&outcome), paid(&outcome)), ("a b".into(), "72.90".into()));
}

/// What is better for the shopper is judged by what there is to pay, tax on top included (S140): 1.00 more off goods
/// without tax is less than 1.00 less off goods at 20%.
#[test]
fn what_is_better_is_what_is_less_to_pay() {
    let shop = shop(json!({"discount_conflict": "better_of"}));
    let of = |id: u64, sku: &str, rate: &str| {
        let line = Line::new(LineId(id), Product::new(sku.parse().unwrap()), Quantity::ONE, "100.00".parse().unwrap());
        line.with_tax_class(rate.parse().unwrap())
    };
    let order = |sale: Option<&str>| {
        let taxed =
            sale.into_iter().fold(of(1, "TAXED", "full"), |line, off| line.with_discount(discount("sale", usd(off))));
        let rates = [("full", "20"), ("none", "0")];
        let builder =
            Order::builder(Currency::USD).price_mode(PriceMode::TaxExclusive).lines([taxed, of(2, "FREE", "none")]);
        let rate = |b: OrderBuilder, (class, rate): (&str, &str)| {
            b.rate(class.parse().unwrap(), TaxRate::parse(rate).unwrap())
        };
        rates.into_iter().fold(builder, rate).build().unwrap()
    };
    // 80.00 and 100.00 with 16.00 of tax; without the discount 89.50 twice, 1.00 less, with 17.90 of tax.
    let alone = |off| code("alone", amount_of(off), json!({"combination": {"with_discounts": false}}));
    let outcome = price(&shop, &order(Some("20.00")), &[alone("21.00")]);
    assert_eq!((paid(&outcome).as_str(), applied(&outcome).as_str()), ("196.00", ""));
    // 88.00 twice, with 17.60 of tax.
    let outcome = price(&shop, &order(Some("20.00")), &[alone("24.00")]);
    assert_eq!((paid(&outcome).as_str(), applied(&outcome).as_str()), ("193.60", "alone"));

    // Of a group: 10.00 off the taxed goods save 12.00, 11.00 off the others save 11.00.
    let one = |id: &str, off: &str, sku: &str| {
        code(id, amount_of(off), json!({"scope": {"products": [sku]}, "combination": {"group": "g"}}))
    };
    let outcome = price(&shop, &order(None), &[one("ten", "10.00", "TAXED"), one("eleven", "11.00", "FREE")]);
    assert_eq!((paid(&outcome).as_str(), applied(&outcome).as_str()), ("208.00", "ten"));
}

/// A refused code changes nothing, whatever was decided beside it. A sale leaves 80.00 of the first line, and the second is 30.00
/// in the place of 50.00. `drops` is 15% off the first line in the place of the sale: 85.00; `sweeps` is 5% off everything at list
/// prices. Together they leave 80.75 and 47.50, less than `sweeps` alone; but without `sweeps` there is still less to pay, and
/// then there is nothing that `drops` makes cheaper.
#[test]
fn what_was_decided_beside_a_refused_code_is_decided_again() {
    let shop = shop(json!({"discount_conflict": "better_of"}));
    let lines = vec![
        line(1, "100.00").with_discount(discount("sale", usd("20.00"))),
        line(2, "50.00").with_customer_price("30.00".parse().unwrap()),
    ];
    let drops = code(
        "drops",
        percent_of("15"),
        json!({"priority": 5, "scope": {"products": ["P1"]}, "combination": {"with_discounts": false}}),
    );
    let sweeps = code("sweeps", percent_of("5"), combining(json!({"overrides": "everything"})));
    let order = order(lines, None);
    for (codes, payable) in [
        (vec![drops.clone()], "110.00"),
        (vec![sweeps.clone()], "110.00"),
        (vec![drops.clone(), sweeps.clone()], "110.00"),
    ] {
        let outcome = price(&shop, &order, &codes);
        assert_eq!((paid(&outcome).as_str(), applied(&outcome).as_str()), (payable, ""));
    }
}

/// A code that falls at its turn and kept a line for itself says why, and what it kept is there for the others: 1.00 off
/// leaves 99.00 where `alone` wants 100.00, so the 10% are those of the whole line.
#[test]
fn a_code_that_falls_at_its_turn_says_why() {
    let first = code("first", amount_of("1.00"), json!({"priority": 9, "scope": {"products": ["P2"]}}));
    let alone = code(
        "alone",
        percent_of("50"),
        json!({
            "priority": 8, "scope": {"products": ["P1"]}, "combination": {"exclusive": "line"},
            "conditions": [{"minimum_spend": {"amounts": {"USD": "100.00"}, "basis": "remaining", "of": {"products": ["P1", "P2"]}}}],
        }),
    );
    let ten = code("ten", percent_of("10"), json!({"scope": {"products": ["P1"]}}));
    let whole = order(vec![line(1, "60.00"), line(2, "40.00")], None);
    // It falls as well, on the 93.00 that are left beside the 10%.
    let late = json!([{"minimum_spend": {"amounts": {"USD": "95.00"}, "basis": "remaining"}}]);
    let late = code("late", amount_of("1.00"), json!({"priority": -1, "conditions": late}));
    let outcome = price(&shop(json!({})), &whole, &[first, alone, ten, late]);
    assert_eq!((applied(&outcome), paid(&outcome)), ("first ten".into(), "93.00".into()));
    assert_eq!(reasons(&outcome, "alone"), ["minimum_spend"]);
    assert_eq!(reasons(&outcome, "late"), ["minimum_spend"]);
}

/// What is better is decided with the tax as it is rounded. 10% on 0.95 and three of 0.98 is 0.095 and 0.098: by line 0.40 on
/// 3.89. On 1.08 and three of 0.94 it is 0.108 and 0.094: by line 0.38 on 3.90. On the sums it would be 0.39 on both.
#[test]
fn what_is_better_counts_the_tax_of_each_line() {
    let of_group = |id: &str, amount: Value, products: Value| {
        code(id, json!({"amount": amount}), json!({"scope": {"products": products}, "combination": {"group": "g"}}))
    };
    let one = || of_group("one", json!({"off": {"USD": "0.13"}}), json!(["P1"]));
    let each = || of_group("three", json!({"off": {"USD": "0.04"}, "per": "line"}), json!(["P2", "P3", "P4"]));
    let lines = [line(1, "1.08"), line(2, "0.98"), line(3, "0.98"), line(4, "0.98")];
    let order = Order::builder(Currency::USD).lines(lines).default_rate(rate("10")).build().unwrap();
    for (level, best, payable) in [("per_line", "three", "4.28"), ("per_class", "one", "4.28")] {
        let outcome = price(&shop(json!({"rounding": {"tax_level": level}})), &order, &[one(), each()]);
        assert_eq!((applied(&outcome).as_str(), paid(&outcome).as_str()), (best, payable), "{level}");
    }
}
