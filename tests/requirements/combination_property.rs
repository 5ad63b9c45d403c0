//! Whatever stands beside whatever: the rule decides and not the order of typing, no line is pushed below zero or its
//! floor, every sum is exact, and what a code puts up with holds in the end.

use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::{NOON, at, customer};

fn cents(minor: i64) -> String {
    Money::new(minor, Currency::USD).amount_text()
}

fn benefit() -> impl Strategy<Value = Value> {
    let scope =
        prop_oneof![3 => Just(Value::Null), 1 => (1..4_u8).prop_map(|p| json!({"products": [format!("P{p}")]}))];
    let percent = (1..=100_u8, scope.clone(), any::<bool>(), prop::option::of(1..3_u8));
    prop_oneof![
        4 => percent.prop_map(|(off, scope, additive, units)| {
            let base = if additive { "original" } else { "remaining" };
            with(json!({"off": off.to_string(), "base": base}), scope, units, "percent")
        }),
        3 => (1..9_000_i64, scope.clone(), 0..3_usize).prop_map(|(off, scope, per)| {
            let per = ["order", "line", "unit"][per];
            with(json!({"off": {"USD": cents(off)}, "per": per}), scope, None, "amount")
        }),
        1 => (1..6_000_i64, scope).prop_map(|(to, scope)| with(json!({"price": {"USD": cents(to)}}), scope, None, "set_price")),
        1 => Just(json!({"shipping": "free"})),
        1 => Just(json!({"shipping": {"percent": "33"}})),
        3 => set(),
        3 => ladder(),
        1 => (1..3_u8).prop_map(|pieces| json!({"gift": {"product": "MUG", "pieces": pieces, "value": {"USD": "3.00"}}})),
    ]
}

/// The n-th of so many, buy and get, and bundles.
fn set() -> impl Strategy<Value = Value> {
    let reward = prop_oneof![
        Just(json!("free")),
        (1..=100_u8).prop_map(|off| json!({"percent": off.to_string()})),
        (1..4_000_i64).prop_map(|off| json!({"amount": {"USD": cents(off)}})),
        (0..4_000_i64).prop_map(|to| json!({"to_price": {"USD": cents(to)}})),
    ];
    let of = || prop::option::of((1..4_u8).prop_map(|p| json!({"products": [format!("P{p}")]})));
    let group = |pieces: u8, of: Option<Value>| match of {
        Some(of) => json!({"pieces": pieces, "of": of}),
        None => json!({"pieces": pieces}),
    };
    let among = prop::sample::select(vec!["order", "line", "product"]);
    let pick = prop::sample::select(vec!["cheapest", "dearest"]);
    let worth = prop_oneof![
        (1..=100_u8).prop_map(|off| ("percent", json!(off.to_string()))),
        (1..6_000_i64).prop_map(|off| ("amount", json!({"USD": cents(off)}))),
        (0..12_000_i64).prop_map(|to| ("price", json!({"USD": cents(to)}))),
    ];
    prop_oneof![
        (1..4_u8, reward.clone(), pick.clone(), among.clone()).prop_map(|(of, reward, which, among)| {
            json!({"nth": {"of": of, "which": which, "reward": reward, "among": among}})
        }),
        (1..3_u8, of(), 1..3_u8, of(), reward, pick.clone(), among).prop_map(
            move |(bought, some, given, other, reward, pick, among)| {
                json!({"buy_get": {"buy": [group(bought, some)], "get": group(given, other), "reward": reward,
                    "pick": pick, "among": among}})
            }
        ),
        (1..3_u8, of(), 1..3_u8, of(), worth, pick).prop_map(move |(n, some, m, other, (name, worth), pick)| {
            let mut bundle = json!({"parts": [group(n, some), group(m, other)], "pick": pick});
            bundle[name] = worth;
            json!({"bundle": bundle})
        }),
    ]
}

/// Tiers, steps, and the first piece apart from the others, on all pieces or on complete groups of them.
fn ladder() -> impl Strategy<Value = Value> {
    let over = || prop::sample::select(vec!["qualifying", "order", "line"]);
    let tiers = (1..9_000_i64, 1..60_u8, 1..40_u8, any::<bool>(), any::<bool>(), over());
    let steps = (1..9_000_i64, 1..3_000_i64, prop::option::of(1..4_u8), over());
    let groups = (1..=100_u8, 1..4_u8, prop::option::of(1..4_u8));
    prop_oneof![
        tiers.prop_map(|(from, first, more, by_pieces, marginal, over)| {
            let second = (first + more).to_string();
            let (low, high) = if by_pieces {
                (json!(1 + from % 3), json!(4 + from % 3))
            } else {
                (json!({"USD": cents(from)}), json!({"USD": cents(from * 2)}))
            };
            let steps = json!([{"from": low, "percent": first.to_string()}, {"from": high, "percent": second}]);
            let by = if by_pieces { "quantity" } else { "spend" };
            json!({"tiers": {"by": by, "in": over, "steps": steps, "marginal": marginal && over != "order"}})
        }),
        steps.prop_map(|(every, off, most, over)| {
            let mut steps = json!({"every": {"USD": cents(every)}, "amount": {"USD": cents(off)}, "in": over});
            if let Some(most) = most {
                steps["max_steps"] = json!(most);
            }
            json!({"steps": steps})
        }),
        (0..2_000_i64, 0..2_000_i64, any::<bool>()).prop_map(|(first, further, order)| {
            let per = if order { "order" } else { "line" };
            json!({"first_further": {"first": {"USD": cents(first)}, "further": {"USD": cents(further)}, "per": per}})
        }),
        groups.prop_map(|(off, of, from)| {
            let mut percent = json!({"off": off.to_string(), "groups_of": of});
            if let Some(from) = from {
                percent["pieces_from"] = json!(from);
            }
            json!({"percent": percent})
        }),
    ]
}

fn with(mut fields: Value, scope: Value, units: Option<u8>, kind: &str) -> Value {
    if !scope.is_null() {
        fields["scope"] = scope;
    }
    if let Some(units) = units {
        fields["max_units"] = json!(units);
    }
    json!({kind: fields})
}

fn combination() -> impl Strategy<Value = Value> {
    let exclusive = prop::sample::select(vec![json!(false), json!(false), json!(true), json!("class"), json!("line")]);
    let words = || prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 0..2);
    let group = prop::option::weighted(0.3, prop::sample::select(vec!["g", "h"]));
    (exclusive, group, words(), words(), prop::bool::weighted(0.1), prop::bool::weighted(0.8)).prop_map(
        |(exclusive, group, tags, not_with, stop, with_discounts)| {
            json!({"exclusive": exclusive, "group": group, "tags": tags, "not_with": not_with, "stop": stop,
                "with_discounts": with_discounts})
        },
    )
}

/// A definition without its id and code.
fn terms() -> impl Strategy<Value = Value> {
    let level = prop::sample::select(vec!["line", "order"]);
    (prop::collection::vec(benefit(), 1..3), level, 0..3_i32, combination()).prop_map(
        |(benefits, level, priority, combination)| {
            json!({"benefits": benefits, "level": level, "priority": priority, "combination": combination})
        },
    )
}

fn named(mut terms: Value, id: String, code: bool) -> Value {
    if code {
        terms["version"] = json!(1);
        terms["code"] = json!(id.to_uppercase());
    }
    terms["id"] = json!(id);
    terms
}

fn order() -> impl Strategy<Value = Value> {
    let line = (1..20_000_i64, 1..4_u64, 1..4_u8, prop::option::weighted(0.2, 1..5_000_i64), 0..3_i64);
    (prop::collection::vec(line, 1..5), prop::option::of(0..1_500_i64)).prop_map(|(lines, shipping)| {
        let line = |(i, (price, pieces, product, floor, sale)): (usize, (i64, u64, u8, Option<i64>, i64))| {
            let mut line =
                json!({"id": i + 1, "product": format!("P{product}"), "quantity": pieces, "unit_price": cents(price)});
            if let Some(floor) = floor {
                line["floor_price"] = json!(cents(floor));
            }
            if sale == 0 {
                line["discounts"] = json!([{"id": "host", "amount": cents(price / 7)}]);
            }
            line
        };
        let lines: Vec<Value> = lines.into_iter().enumerate().map(line).collect();
        let charges: Vec<Value> =
            shipping.into_iter().map(|s| json!({"id": 90, "kind": "shipping", "amount": cents(s)})).collect();
        json!({"version": 1, "currency": "USD", "lines": lines, "charges": charges})
    })
}

fn policy() -> impl Strategy<Value = Value> {
    let percent = || prop::option::weighted(0.3, 1..100_u8);
    let most = prop::option::weighted(0.3, 1..20_000_i64);
    let conflict = prop::sample::select(vec!["refuse_coupon", "drop_discounts", "better_of"]);
    let rounding = prop::sample::select(vec!["per_line", "per_unit"]);
    let codes = prop::sample::select(vec![json!("unlimited"), json!("unlimited"), json!(2)]);
    (percent(), percent(), most, conflict, rounding, codes).prop_map(
        |(line, order, most, conflict, rounding, codes)| {
            let mut policy = json!({"currency": "USD", "max_codes": codes, "discount_conflict": conflict, "depth": {},
            "rounding": {"percent": rounding}});
            for (field, percent) in [("per_line", line), ("per_order", order)] {
                if let Some(percent) = percent {
                    policy["depth"][field] = json!(percent.to_string());
                }
            }
            if let Some(most) = most {
                policy["max_discount"] = json!({"USD": cents(most)});
            }
            policy
        },
    )
}

/// The rank of an answer among those that were applied.
fn rank(answer: &Answer) -> (std::cmp::Reverse<i32>, &CouponId) {
    let terms = answer.terms().unwrap();
    (std::cmp::Reverse(terms.priority()), terms.id())
}

fn stages(terms: &Coupon) -> Vec<u8> {
    let stage = |benefit: &Benefit| match benefit {
        Benefit::Shipping(_) => 3,
        Benefit::Amount(amount) if amount.per() == Per::Order => 2,
        Benefit::Tiers(tiers) if tiers.within() != Within::Line => 2,
        Benefit::Steps(steps) if steps.within() != Within::Line => 2,
        Benefit::Amount(_) | Benefit::Tiers(_) | Benefit::Steps(_) | Benefit::FirstFurther(_) => 1,
        Benefit::Nth(_) | Benefit::BuyGet(_) | Benefit::Bundle(_) => 1,
        _ if terms.level() == Level::Order => 2,
        _ => 1,
    };
    // A gift takes nothing off, so that it is of no class.
    terms.benefits().iter().filter(|benefit| !matches!(benefit, Benefit::Gift(_))).map(stage).collect()
}

fn puts_up_with(answers: &[&Answer]) {
    for (i, a) in answers.iter().enumerate() {
        let terms = a.terms().unwrap();
        let of_a = terms.combination();
        for b in answers.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, b)| b) {
            let other = b.terms().unwrap();
            let of_b = other.combination();
            assert_ne!(of_a.exclusive(), Exclusive::Order, "nothing stands beside it");
            assert!(of_a.group().is_none() || of_a.group() != of_b.group(), "one of a group");
            assert!(!of_a.not_with().iter().any(|tag| of_b.tags().contains(tag)), "apart");
            if of_a.exclusive() == Exclusive::Class {
                assert!(!stages(terms).iter().any(|stage| stages(other).contains(stage)), "alone in its class");
            }
            if of_a.stops() {
                assert!(rank(b) < rank(a), "nothing after it");
            }
        }
    }
}

/// Half up, as the policy rounds.
fn part(minor: i64, percent: Percent) -> i64 {
    let product = i128::from(minor) * i128::from(percent.thousandths());
    i64::try_from((product + 50_000) / 100_000).unwrap()
}

fn within_limits(policy: &Policy, outcome: &Outcome) {
    let all = outcome.lines().iter().chain(outcome.charges());
    let before = |line: &LineOutcome| line.priced().minor() - line.shop_discount().minor();
    let taken: i64 = outcome.answers().iter().map(|answer| answer.discount().minor()).sum();
    assert_eq!(taken, outcome.totals().coupon_discount().minor());
    if let Some(depth) = policy.depth().per_order() {
        assert!(taken <= part(all.clone().map(before).sum(), depth));
    }
    if let Some(most) = policy.max_discount() {
        assert!(taken <= most.in_currency(Currency::USD).unwrap().minor());
    }
    for line in all {
        assert!(line.discounted().minor() >= 0 && line.coupon_discount().minor() >= 0);
    }
    if let Some(depth) = policy.depth().per_line() {
        for line in outcome.lines() {
            assert!(line.coupon_discount().minor() <= part(before(line), depth), "{line:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Proves S112 and traps 1, 11: stacking is ordered by rule alone, and no combination makes a line negative or breaks an
    /// exact sum (a document whose figures do not add up cannot be read).
    #[test]
    fn any_codes_beside_any_offers(
        order in order(),
        policy in policy(),
        codes in prop::collection::vec(terms(), 1..7),
        offers in prop::collection::vec(terms(), 0..4),
        turn in 0..7_usize,
    ) {
        let offers: Vec<Value> = (0..).zip(offers).map(|(i, terms)| named(terms, format!("o{i}"), false)).collect();
        let document = json!({"version": 1, "policy": policy, "offers": offers});
        let shop: Shop = serde_json::from_value(document.clone()).unwrap();
        let mut turned = document;
        turned["offers"].as_array_mut().unwrap().reverse();
        let other_shop: Shop = serde_json::from_value(turned).unwrap();
        let order: Order = serde_json::from_value(order).unwrap();
        let coupons: Vec<Coupon> = (0..)
            .zip(codes)
            .map(|(i, terms)| serde_json::from_value(named(terms, format!("c{i}"), true)).unwrap())
            .collect();
        let prepared: Vec<Prepared> = coupons.iter().map(|c| shop.prepare(c.clone()).unwrap()).collect();
        let typed: Vec<String> = coupons.iter().map(|c| c.code().unwrap().to_string()).collect();
        let presented: Vec<Presented<'_>> = typed.iter().zip(&prepared).map(|(t, c)| Presented::new(t, c)).collect();
        let who = customer("42");
        let request = |codes| Request::new(&order, &who, Reference::Order("o-1".parse().unwrap()), at(NOON)).with_codes(codes);
        let outcome = shop.evaluate(&request(&presented)).unwrap();
        let json = serde_json::to_string(&outcome).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Outcome>(&json).unwrap(), &outcome);

        let applied: Vec<&Answer> = outcome.answers().iter().filter(|answer| answer.is_applied()).collect();
        puts_up_with(&applied);
        within_limits(shop.policy(), &outcome);

        // What is stored gives the same, and all of it back is nothing.
        let placed = shop.place(&request(&presented)).unwrap();
        let again = placed.reprice(&[], ThresholdCheck::AsPlaced).unwrap();
        prop_assert_eq!((again.lines(), again.charges(), again.totals()), (outcome.lines(), outcome.charges(), outcome.totals()));
        prop_assert_eq!(again.offers(), outcome.offers());
        let read: PlacedOrder = serde_json::from_str(&serde_json::to_string(&placed).unwrap()).unwrap();
        prop_assert_eq!(read, placed);

        let traced = shop.evaluate(&request(&presented).with_detail(Detail::Trace)).unwrap();
        prop_assert_eq!((traced.lines(), traced.answers()), (outcome.lines(), outcome.answers()));

        let turn = turn % presented.len();
        let mut others = presented.clone();
        others.rotate_left(turn);
        let turned = other_shop.evaluate(&request(&others)).unwrap();
        prop_assert_eq!((turned.lines(), turned.charges()), (outcome.lines(), outcome.charges()));
        let mut answers = turned.answers().to_vec();
        answers.rotate_right(turn);
        prop_assert_eq!(&answers[..], outcome.answers());
    }
}

/// What holds of every order on its own: nothing is negative, nothing is pushed below its floor, and no discount is more
/// than there is. Of any two discounts of a line, the later one finds what the earlier one left.
fn never_below_zero(order: &Order, outcome: &Outcome) {
    let minor = |money: Money| money.minor();
    assert!(minor(outcome.totals().payable()) >= 0);
    let mut taken = 0;
    for line in outcome.lines().iter().chain(outcome.charges()) {
        let before = minor(line.priced()) - minor(line.shop_discount());
        assert!(minor(line.payable()) >= 0 && minor(line.coupon_discount()) >= 0 && minor(line.shop_discount()) >= 0);
        assert!(minor(line.discounted()) >= 0 && minor(line.coupon_discount()) <= before, "{line:?}");
        taken += minor(line.coupon_discount());
    }
    for (line, sold) in outcome.lines().iter().zip(order.lines()) {
        let floor =
            sold.floor_price().map_or(0, |floor| minor(Money::parse(&floor.to_string(), Currency::USD).unwrap()));
        let least = floor.saturating_mul(i64::from(line.units()));
        let before = minor(line.priced()) - minor(line.shop_discount());
        assert!(minor(line.discounted()) >= least.min(before), "{line:?}");
    }
    for answer in outcome.answers() {
        let of_code =
            outcome.adjustments().filter(|a| matches!(a.source, Source::Code(by) if std::ptr::eq(by, answer)));
        assert_eq!(of_code.map(|a| minor(a.amount)).sum::<i64>(), minor(answer.discount()), "{answer:?}");
        assert!(
            minor(answer.discount()) >= 0
                && minor(answer.discount()) <= minor(answer.wanted())
                && minor(answer.forfeited()) >= 0
        );
    }
    assert_eq!(outcome.answers().iter().map(|answer| minor(answer.discount())).sum::<i64>(), taken);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// However many pieces are added to a line, of whatever codes and offers, neither that line nor any other one nor the
    /// order comes to less than zero or below its floor, and no code, and no line, gives more than there is: the discounts of
    /// a line are at most what it cost, and those of all codes are what the lines give. At list price, the line costs more
    /// for each piece.
    ///
    /// This is not a promise that more pieces cost more. What is to pay may fall, by any part of it, when a piece reaches a
    /// tier, a threshold or a complete set, and a discount may fall with it, when a better one of its group takes its place.
    #[test]
    fn more_pieces_never_cost_less_than_nothing(
        order in order(),
        policy in policy(),
        codes in prop::collection::vec(terms(), 1..5),
        offers in prop::collection::vec(terms(), 0..3),
        line in 0..4_usize,
        more in prop::sample::select(vec![1_u64, 1, 2, 3, 7, 1_000_000]),
    ) {
        let offers: Vec<Value> = (0..).zip(offers).map(|(i, terms)| named(terms, format!("o{i}"), false)).collect();
        let shop: Shop = serde_json::from_value(json!({"version": 1, "policy": policy, "offers": offers})).unwrap();
        let coupons = (0..).zip(codes).map(|(i, terms)| named(terms, format!("c{i}"), true));
        let coupons: Vec<Coupon> = coupons.map(|terms| serde_json::from_value(terms).unwrap()).collect();
        let prepared: Vec<Prepared> = coupons.iter().map(|c| shop.prepare(c.clone()).unwrap()).collect();
        let typed: Vec<String> = coupons.iter().map(|c| c.code().unwrap().to_string()).collect();
        let presented: Vec<Presented<'_>> = typed.iter().zip(&prepared).map(|(t, c)| Presented::new(t, c)).collect();
        let who = customer("42");
        let line = line % order["lines"].as_array().unwrap().len();
        let mut larger = order.clone();
        larger["lines"][line]["quantity"] = json!(order["lines"][line]["quantity"].as_u64().unwrap() + more);
        let mut listed = Vec::new();
        for order in [order, larger] {
            let order: Order = serde_json::from_value(order).unwrap();
            let reference = Reference::Order("o-1".parse().unwrap());
            let outcome = shop.evaluate(&Request::new(&order, &who, reference, at(NOON)).with_codes(&presented)).unwrap();
            never_below_zero(&order, &outcome);
            listed.push(outcome.lines()[line].list().minor());
        }
        prop_assert!(listed[0] < listed[1]);
    }
}
