//! Whatever a hint says holds: random orders, wallets and offers, with conditions and rewards of every kind. Each hint is
//! followed from outside, and the order priced again.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vouchsafe::*;

use crate::hints::{Basket, basket, regular};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn usd(&mut self, most: usize) -> Value {
        let minor = self.below(most) + 1;
        json!({"USD": format!("{}.{:02}", minor / 100, minor % 100)})
    }
}

/// Categories that orders have, and one that they have not.
const CATEGORIES: [&str; 4] = ["C0", "C1", "C2", "TOYS"];

fn scope(r: &mut Random) -> Value {
    match r.below(4) {
        0 => json!("open"),
        1 => json!({"categories": ["TOYS"]}),
        _ => json!({"categories": [r.of(&CATEGORIES)]}),
    }
}

/// Conditions; those of offers ask nothing that only a store can count.
fn condition(r: &mut Random, of_offer: bool, depth: usize) -> Value {
    let most = if of_offer { 13 } else { 14 };
    match r.below(if depth > 0 { most + 2 } else { most }) {
        0 => {
            let mut spend = json!({"amounts": r.usd(9_000), "range": r.of(&["order", "qualifying"])});
            if r.one_in(3) {
                spend["of"] = scope(r);
            }
            json!({"minimum_spend": spend})
        }
        1 => json!({"maximum_spend": {"amounts": r.usd(9_000)}}),
        2 => json!({"minimum_quantity": {"pieces": 1 + r.below(9), "of": scope(r)}}),
        3 => json!({"distinct_products": {"at_least": 1 + r.below(6), "of": scope(r)}}),
        4 => json!({"without": {"of": {"categories": [r.of(&CATEGORIES)]}}}),
        5 => json!({"payment_options": {"only": [r.of(&["card", "invoice"])]}}),
        6 => json!({"shipping_methods": {"only": [r.of(&["air", "ground"])]}}),
        7 => r.of(&[
            json!({"hours": {"days": ["mon", "wed"]}}),
            json!({"not_on": {"dates": ["2026-03-29", "2026-03-30"]}}),
        ]),
        8 => r.of(&[
            json!({"last_order": {"over_days": 30}}),
            json!({"last_order": {"within_days": 20}}),
            json!({"last_order": {"over_days": 40, "within_days": 60}}),
        ]),
        9 => json!({"nth_order": {"n": 2 + r.below(5)}}),
        10 => json!({"orders_in_period": {"days": 30 + r.below(60), "at_least": 1 + r.below(4)}}),
        11 => json!({"lifetime_spend": {"at_least": r.usd(15_000)}}),
        12 => r.of(&[
            json!({"members": {}}),
            json!({"members": {"groups": ["CLUB"]}}),
            json!({"customers": {"only": ["id:42"]}}),
            json!({"customer_types": {"only": ["STAFF"]}}),
            json!({"regions": {"only": ["DE"]}}),
        ]),
        13 if !of_offer => json!({"unique_customers": {"at_least": 1 + r.below(5)}}),
        _ => {
            let members = [condition(r, of_offer, 0), condition(r, of_offer, 0)];
            json!({r.of(&["any", "all"]): members})
        }
    }
}

fn benefit(r: &mut Random) -> Value {
    let reward = r.of(&[json!("free"), json!({"percent": "50"})]);
    match r.below(10) {
        0 | 1 => json!({"percent": {"off": (1 + r.below(50)).to_string()}}),
        2 => json!({"amount": {"off": r.usd(1_500)}}),
        3 => {
            let (within, low) = (r.of(&["qualifying", "order", "line"]), 100 + r.below(3_000));
            let from = |minor: usize| json!({"USD": format!("{}.{:02}", minor / 100, minor % 100)});
            let steps = json!([
                {"from": from(low), "percent": "5"},
                {"from": from(low + 1 + r.below(3_000)), "percent": "10"},
                {"from": from(low + 4_000 + r.below(5_000)), "amount": {"USD": "12.00"}},
            ]);
            json!({"tiers": {"in": within, "steps": steps}})
        }
        4 => {
            let low = 1 + r.below(4);
            let steps = json!([{"from": low, "percent": "5"}, {"from": low + 1 + r.below(5), "percent": "15"}]);
            json!({"tiers": {"by": "quantity", "steps": steps, "marginal": r.one_in(2)}})
        }
        5 => {
            let every = r.of(&[json!(2), json!(3), json!({"USD": "25.00"})]);
            json!({"steps": {"every": every, "amount": {"USD": "1.50"}, "max_steps": 1 + r.below(6)}})
        }
        6 => json!({"buy_get": {"buy": [{"pieces": 1 + r.below(3)}], "get": {"pieces": 1}, "reward": reward}}),
        7 => json!({"nth": {"of": 2 + r.below(4), "reward": reward}}),
        8 => json!({"gift": {"product": r.of(&["MUG", "CAP"]), "pieces": 1 + r.below(2)}}),
        _ => json!({"bundle": {"parts": [{"pieces": 2 + r.below(4)}], "percent": "25"}}),
    }
}

/// What a definition has beside its name.
fn terms(r: &mut Random, of_offer: bool) -> Value {
    let mut terms = json!({"benefits": [benefit(r)], "priority": r.below(3)});
    if r.one_in(3) {
        terms["scope"] = json!({"categories": [r.of(&CATEGORIES)]});
    }
    let conditions: Vec<Value> = (0..r.below(3)).map(|_| condition(r, of_offer, 1)).collect();
    terms["conditions"] = json!(conditions);
    if r.one_in(4) {
        terms["combination"] = r.of(&[
            json!({"exclusive": true}),
            json!({"group": "g"}),
            json!({"tags": ["a"]}),
            json!({"not_with": ["a"]}),
            json!({"stop": true}),
            json!({"with_discounts": false}),
        ]);
    }
    if !of_offer && r.one_in(6) {
        terms["limits"] = json!({"per_customer": 1});
    }
    if !of_offer && r.one_in(6) {
        terms["validity"] = json!({"from": "2026-04-02"});
    }
    terms
}

fn random(r: &mut Random) -> Basket {
    let mut basket = basket();
    basket.policy = r.of(&[
        r#"{"version":1,"currency":"USD","max_codes":"unlimited"}"#,
        r#"{"version":1,"currency":"USD","max_codes":2}"#,
        r#"{"version":1,"currency":"USD"}"#,
    ]);
    basket.lines.clear();
    for id in 1..=1 + r.below(4) {
        let price = 50 + r.below(2_500);
        let price = format!("{}.{:02}", price / 100, price % 100);
        let pieces = u64::try_from(1 + r.below(4)).unwrap();
        let category = r.of(&CATEGORIES[..3]).to_owned();
        basket.lines.push((u64::try_from(id).unwrap(), format!("P{id}"), category, price, pieces));
    }
    basket.payment = r.of(&[None, Some("card"), Some("invoice")]);
    basket.shipping = r.of(&[None, Some("air".to_owned()), Some("ground".to_owned())]);
    if r.one_in(2) {
        basket.customer = regular();
    }
    let named = |terms: Value, more: &str| {
        let json = terms.to_string();
        format!("{{{more},{}", json.strip_prefix('{').unwrap())
    };
    for n in 0..r.below(3) {
        basket.offers.push(named(terms(r, true), &format!(r#""id":"offer{n}""#)));
    }
    for (list, count) in [("e", r.below(4)), ("w", r.below(3))] {
        for n in 0..count {
            let name = format!(r#""version":1,"id":"{list}{n}","code":"{}{n}{n}{n}""#, list.to_uppercase());
            let definition = named(terms(r, false), &name);
            if list == "e" { basket.entered.push(definition) } else { basket.wallet.push(definition) }
        }
    }
    basket
}

/// Proves S26: every hint that is told leads to what it says, and what it says is gained is what an evaluation gives.
#[test]
fn every_hint_that_is_followed_keeps_its_promise() {
    let cases = std::env::var("VOUCHSAFE_CASES").map_or(400, |n| n.parse::<u64>().unwrap().min(20_000));
    let mut kept: BTreeMap<String, u32> = BTreeMap::new();
    for case in 0..cases {
        for hint in random(&mut Random(case)).kept() {
            let mut note = |what: &str| *kept.entry(what.to_owned()).or_default() += 1;
            let of_offer = hint.code() == HintedCode::Offer;
            match (of_offer, hint.is_more()) {
                (true, true) => note("more of an offer"),
                (true, false) => note("an offer"),
                (false, true) => note("more of a code"),
                (false, false) => note("a code"),
            }
            if hint.gain().is_zero() {
                note("a gift and no money");
            }
            if let Some(public) = hint.public() {
                let told = serde_json::to_string(&public).unwrap();
                assert!(
                    !["CLUB", "STAFF", "id:42", "identify_as"].iter().any(|secret| told.contains(secret)),
                    "{told}"
                );
                note("to the public");
            }
            for step in hint.steps() {
                let step = serde_json::to_value(step).unwrap();
                let name = step.as_str().or_else(|| Some(step.as_object()?.keys().next()?.as_str()));
                note(name.unwrap());
            }
        }
    }
    for what in [
        "a code",
        "more of a code",
        "an offer",
        "more of an offer",
        "a gift and no money",
        "to the public",
        "add_pieces",
        "add_worth",
        "add_goods",
        "take_pieces",
        "remove_lines",
        "wait_until",
        "identify",
        "identify_as",
        "order_first",
        "spend_first",
        "pay_by",
        "ship_by",
        "bring_customers",
        "remove_code",
    ] {
        assert!(kept.get(what).is_some_and(|count| *count > 2), "{what}: {kept:?}");
    }
}
