//! What coupons are worth beyond a percentage and an amount: steps, first and further pieces, groups of pieces, shipments,
//! gifts; and budgets that run short.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

fn worth(benefit: Value) -> Coupon {
    coupon("worth", json!({"benefits": [benefit]}))
}

/// Proves S17: so much off for every so much, each complete step once.
#[test]
fn each_complete_step_counts_once() {
    let five = |more: Value| {
        let mut steps = json!({"every": {"USD": "50.00"}, "amount": {"USD": "5.00"}});
        for (name, value) in more.as_object().unwrap() {
            steps[name] = value.clone();
        }
        worth(json!({"steps": steps}))
    };
    for (price, expected) in [("50.00", "5.00"), ("99.99", "5.00"), ("100.00", "10.00"), ("349.99", "30.00")] {
        assert_eq!(total_off(&order([line(1, price)]).code(five(json!({}))).run()), expected, "{price}");
    }
    assert_eq!(total_off(&order([line(1, "349.99")]).code(five(json!({"max_steps": 2}))).run()), "10.00");
    let below = order([line(1, "49.99")]).code(five(json!({}))).run();
    assert_eq!(why(&below), [Refusal::MinimumSpend { required: usd("50.00"), found: usd("49.99") }]);
    // 60.00 and 40.00 are two steps together, and one by lines.
    let lines = || [line(1, "60.00"), line(2, "40.00")];
    assert_eq!(off(&order(lines()).code(five(json!({}))).run()), ["6.00", "4.00"]);
    assert_eq!(off(&order(lines()).code(five(json!({"in": "line"}))).run()), ["5.00", "0.00"]);
    let narrow = json!({"in": "order", "scope": {"products": ["P2"]}});
    assert_eq!(off(&order(lines()).code(five(narrow)).run()), ["0.00", "10.00"]);
}

/// Percentages of steps add up, to 100% at most, and are rounded once.
#[test]
fn percentages_of_steps_add_up() {
    let each = |percent: &str, within: &str| worth(json!({"steps": {"every": 3, "percent": percent, "in": within}}));
    let lines = || [pieces(1, "3.33", 7), pieces(2, "1.11", 2)];
    // Nine pieces are three steps: 3% of 25.53 is 0.7659.
    assert_eq!(total_off(&order(lines()).code(each("1", "qualifying")).run()), "0.77");
    // Seven are two steps, two are none: 2% of 23.31 is 0.4662.
    assert_eq!(off(&order(lines()).code(each("1", "line")).run()), ["0.47", "0.00"]);
    assert_eq!(total_off(&order(lines()).code(each("40", "qualifying")).run()), "25.53");
    let few = order([pieces(1, "3.33", 2)]).code(each("1", "line")).run();
    assert_eq!(why(&few), [Refusal::MinimumQuantity { required: 3, found: 2 }]);
}

/// Proves S63: what steps come to beyond the order is forfeited; beyond exact arithmetic it is an error.
#[test]
fn more_steps_than_the_order_is_worth_are_lost() {
    let steps = |amount: &str| worth(json!({"steps": {"every": 1, "amount": {"USD": amount}}}));
    let outcome = order([pieces(1, "1.00", 4)]).code(steps("1.50")).run();
    assert_eq!((total_off(&outcome).as_str(), outcome.answers()[0].forfeited()), ("4.00", usd("2.00")));
    let beyond = order([pieces(1, "0.01", 1_000_000_000)]).code(steps("99999999.99")).try_run();
    assert!(matches!(beyond, Err(Error::Overflow { .. })), "{beyond:?}");
}

fn first_further(first: &str, further: &str, more: Value) -> Coupon {
    let mut off = json!({"first": {"USD": first}, "further": {"USD": further}});
    for (name, value) in more.as_object().unwrap() {
        off[name] = value.clone();
    }
    worth(json!({"first_further": off}))
}

/// One amount off the first piece, another off each further one; of each line or of the order; either may be larger.
#[test]
fn the_first_piece_differs_from_the_others() {
    let lines = || [pieces(1, "10.00", 3), pieces(2, "8.00", 2)];
    let run = |first, further, more| off(&order(lines()).code(first_further(first, further, more)).run());
    assert_eq!(run("5.00", "2.00", json!({})), ["9.00", "7.00"]);
    assert_eq!(run("2.00", "5.00", json!({})), ["12.00", "7.00"]);
    // The cheapest piece of the order is the first, or the dearest.
    assert_eq!(run("5.00", "2.00", json!({"per": "order"})), ["6.00", "7.00"]);
    assert_eq!(run("5.00", "2.00", json!({"per": "order", "pick": "dearest"})), ["9.00", "4.00"]);
    assert_eq!(run("0.00", "2.00", json!({})), ["4.00", "2.00"]);
    // Of two pieces that it may lower, one is the first.
    assert_eq!(run("5.00", "2.00", json!({"max_units_per_line": 2})), ["7.00", "7.00"]);
    let billion = order([pieces(1, "0.02", 1_000_000_000)]).code(first_further("0.02", "0.01", json!({}))).run();
    assert_eq!(off(&billion), ["10000000.01"]);
}

/// What a piece cannot take is lost and not moved, and later coupons see what each piece has left.
#[test]
fn a_piece_takes_what_it_has() {
    let outcome = order([pieces(1, "4.00", 2)]).code(first_further("5.00", "1.00", json!({}))).run();
    assert_eq!((off(&outcome), outcome.answers()[0].forfeited()), (vec!["5.00".to_owned()], usd("1.00")));
    let floor = pieces(1, "4.00", 2).with_floor_price(price("1.50"));
    let outcome = order([floor]).code(first_further("5.00", "1.00", json!({}))).run();
    assert_eq!((off(&outcome), outcome.answers()[0].forfeited()), (vec!["3.50".to_owned()], usd("2.50")));
    // Pieces of 1.00 and 4.00 are left, so the dearest unit that is picked next has 4.00.
    let first =
        json!({"priority": 9, "benefits": [{"first_further": {"first": {"USD": "4.00"}, "further": {"USD": "1.00"}}}]});
    let free = coupon("free", json!({"benefits": [{"percent": {"off": "100", "max_units": 1}}]}));
    let outcome = order([pieces(1, "5.00", 2)]).code(coupon("first", first)).code(free).run();
    assert_eq!(off(&outcome), ["9.00"]);
}

/// Only complete groups of pieces count, over all lines: of eight pieces in groups of three, six.
#[test]
fn only_complete_groups_count() {
    let half = |more: Value| {
        let mut percent = json!({"off": "50"});
        for (name, value) in more.as_object().unwrap() {
            percent[name] = value.clone();
        }
        worth(json!({"percent": percent}))
    };
    let lines = || [pieces(1, "10.00", 5), pieces(2, "6.00", 3)];
    // Cheapest first: three at 6.00 and three at 10.00.
    assert_eq!(off(&order(lines()).code(half(json!({"groups_of": 3}))).run()), ["15.00", "9.00"]);
    assert_eq!(off(&order(lines()).code(half(json!({"groups_of": 3, "pick": "dearest"}))).run()), ["25.00", "3.00"]);
    // A limit of five pieces holds one group of three; one of two a line leaves four pieces, and one group.
    assert_eq!(off(&order(lines()).code(half(json!({"groups_of": 3, "max_units": 5}))).run()), ["0.00", "9.00"]);
    let two_a_line = json!({"groups_of": 3, "max_units_per_line": 2});
    assert_eq!(off(&order(lines()).code(half(two_a_line)).run()), ["5.00", "6.00"]);
    let few = order([pieces(1, "10.00", 2)]).code(half(json!({"groups_of": 3}))).run();
    assert_eq!(why(&few), [Refusal::MinimumQuantity { required: 3, found: 2 }]);
    // Pieces at zero are in no group.
    let gone = coupon("gone", json!({"priority": 9, "benefits": [{"percent": {"off": "100", "max_units": 6}}]}));
    let outcome = order(lines()).code(gone).code(half(json!({"groups_of": 3}))).run();
    assert_eq!(reasons(&outcome), [vec![], vec!["no_benefit"]]);
    let billion = order([pieces(1, "0.02", 1_000_000_000)]).code(half(json!({"groups_of": 7}))).run();
    // 142,857,142 groups of 7 are 999,999,994 pieces.
    assert_eq!(off(&billion), ["9999999.94"]);
}

/// A line qualifies from so many pieces.
#[test]
fn a_line_qualifies_from_some_pieces_on() {
    let three = worth(json!({"percent": {"off": "10", "pieces_from": 3}}));
    let lines = [pieces(1, "10.00", 3), pieces(2, "10.00", 2)];
    assert_eq!(off(&order(lines).code(three.clone()).run()), ["3.00", "0.00"]);
    let few = order([pieces(1, "10.00", 1), pieces(2, "10.00", 2)]).code(three).run();
    assert_eq!(why(&few), [Refusal::MinimumQuantity { required: 3, found: 2 }]);
    // A discount on a line that does not qualify is no conflict (S140).
    let alone = json!({"combination": {"with_discounts": false},
        "benefits": [{"percent": {"off": "10", "pieces_from": 3}}]});
    let lines = [pieces(1, "10.00", 3), pieces(2, "10.00", 2).with_discount(discount("sale", usd("1.00")))];
    assert_eq!(off(&order(lines).code(coupon("alone", alone)).run()), ["3.00", "0.00"]);
}

/// Proves trap 3 for amounts and prices: a cap gives exactly what it says, whatever the kind.
#[test]
fn every_amount_and_price_can_be_capped() {
    let lines = || [pieces(1, "10.00", 2), pieces(2, "5.00", 2)];
    for (benefit, expected) in [
        // 8.00 wanted, 4.00 and 4.00.
        (json!({"amount": {"off": {"USD": "2.00"}, "per": "unit", "cap": {"USD": "5.00"}}}), ["2.50", "2.50"]),
        // 12.00 wanted, shared 2 to 1.
        (json!({"amount": {"off": {"USD": "12.00"}, "cap": {"USD": "6.00"}}}), ["4.00", "2.00"]),
        // 12.00 and 2.00 wanted.
        (json!({"set_price": {"price": {"USD": "4.00"}, "cap": {"USD": "7.00"}}}), ["6.00", "1.00"]),
        // 4.00 and 4.00 wanted.
        (
            json!({"first_further": {"first": {"USD": "3.00"}, "further": {"USD": "1.00"}, "cap": {"USD": "4.00"}}}),
            ["2.00", "2.00"],
        ),
        // Three steps of 3.00, shared 2 to 1.
        (
            json!({"steps": {"every": {"USD": "10.00"}, "amount": {"USD": "3.00"}, "cap": {"USD": "6.00"}}}),
            ["4.00", "2.00"],
        ),
    ] {
        assert_eq!(off(&order(lines()).code(worth(benefit.clone())).run()), expected, "{benefit}");
    }
    let yen = json!({"amount": {"off": {"other": "2"}, "cap": {"USD": "5.00"}}});
    let outcome = order_in(Currency::JPY, [line(1, "10")]).code(worth(yen)).run();
    assert_eq!(why(&outcome), [Refusal::NoAmountInCurrency { currency: Currency::JPY }]);
}

/// Proves S14 for several shipments: an amount or a price for each, or for all together.
#[test]
fn shipments_are_lowered_each_or_together() {
    let run = |benefit: Value| {
        let case = order([line(1, "10.00")]).charge(shipping(8, usd("6.00"))).charge(shipping(9, usd("2.00")));
        let outcome = case.code(worth(json!({"shipping": benefit}))).run();
        let charges = outcome.charges().iter().map(|charge| charge.coupon_discount().amount_text());
        (charges.collect::<Vec<_>>(), outcome.answers()[0].forfeited())
    };
    let of = |a: &str, b: &str, lost: &str| (vec![a.to_owned(), b.to_owned()], usd(lost));
    assert_eq!(run(json!({"amount": {"USD": "4.00"}})), of("3.00", "1.00", "0.00"));
    assert_eq!(run(json!({"amount": {"USD": "4.00"}, "each_shipment": true})), of("4.00", "2.00", "2.00"));
    // 8.00 for 4.00 together, and each for 4.00.
    assert_eq!(run(json!({"to_price": {"USD": "4.00"}})), of("3.00", "1.00", "0.00"));
    assert_eq!(run(json!({"to_price": {"USD": "4.00"}, "each_shipment": true})), of("2.00", "0.00", "0.00"));
}

/// Proves S14: a gift is an effect, listed and added to nothing.
#[test]
fn a_gift_comes_with_the_order() {
    let mug = |conditions: Value| {
        let gift = json!({"gift": {"product": "MUG", "pieces": 2, "value": {"USD": "4.90"}}});
        coupon("mug", json!({"benefits": [gift], "conditions": conditions}))
    };
    let from = |pieces: u64| json!([{"minimum_quantity": {"pieces": pieces}}]);
    let outcome = order([pieces(1, "10.00", 2)]).code(mug(from(2))).run();
    let gifts: Vec<_> = outcome.gifts().iter().map(|g| (g.product().as_str(), g.pieces(), g.value())).collect();
    assert_eq!(gifts, [("MUG", 2, Some(usd("4.90")))]);
    assert_eq!((payable(&outcome).as_str(), applied(&outcome)), ("20.00", true));
    // Two pieces of a gift are no pieces of the order.
    let short = order([pieces(1, "10.00", 2)]).code(mug(from(3))).run();
    assert_eq!(why(&short), [Refusal::MinimumQuantity { required: 3, found: 2 }]);
    assert!(short.gifts().is_empty());
    // The document, what a browser sees, and the receipt have it.
    let text = serde_json::to_string(&outcome).unwrap();
    assert!(text.contains(r#""gifts":[{"product":"MUG","pieces":2,"coupon":"mug","value":"4.90"}]"#), "{text}");
    assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
    for (from, to) in [
        (r#""pieces":2,"coupon""#, r#""pieces":3,"coupon""#),
        (r#""coupon":"mug","value""#, r#""coupon":"jug","value""#),
    ] {
        assert!(serde_json::from_str::<Outcome>(&text.replace(from, to)).is_err(), "{to}");
    }
    let public = serde_json::to_string(&outcome.public()).unwrap();
    assert!(public.contains(r#""gifts":[{"product":"MUG","pieces":2}]"#) && !public.contains("4.90"), "{public}");
    let receipt = order([pieces(1, "10.00", 2)]).code(mug(from(2))).receipt();
    assert!(receipt.contains("Gift MUG"), "{receipt}");
    // In a currency that its value does not name it is a gift all the same.
    let euros = order_in(Currency::EUR, [line(1, "10.00")]).code(mug(json!([]))).run();
    assert_eq!((euros.gifts().len(), euros.gifts()[0].value()), (1, None));
}

/// A gift is gone as soon as its coupon falls, on the cart as on the placed order.
#[test]
fn a_gift_goes_with_its_coupon() {
    let mug = coupon(
        "mug",
        json!({"benefits": [{"gift": {"product": "MUG"}}], "conditions": [{"minimum_spend": {"amounts": {"USD": "50.00"}}}]}),
    );
    let alone = coupon("alone", json!({"combination": {"exclusive": true}, "benefits": [{"percent": {"off": "1"}}]}));
    let shut_out = order([line(1, "60.00")]).code(mug.clone()).code(alone).run();
    assert_eq!(winners(&shut_out), ["alone"]);
    assert!(shut_out.gifts().is_empty());
    let placed = order([line(1, "60.00")]).code(mug).place();
    assert_eq!(placed.outcome().gifts().len(), 1);
}

/// A gift of the shop itself: an offer without a code, listed as such.
#[test]
fn an_offer_may_be_a_gift() {
    let mug = json!({"version": 1, "id": "mug-offer",
        "conditions": [{"minimum_spend": {"amounts": {"USD": "50.00"}}}],
        "benefits": [{"gift": {"product": "MUG"}}]});
    let offer: Offer = serde_json::from_value(mug).unwrap();
    let run = |price: &str| order([line(1, price)]).shop(|shop| shop.offer(offer.clone())).run();
    let outcome = run("50.00");
    assert_eq!((outcome.gifts().len(), outcome.gifts()[0].is_of_offer()), (1, true));
    assert_eq!(payable(&outcome), "50.00");
    let text = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
    assert!(run("49.99").gifts().is_empty());
}

/// Proves S125: one grant of several benefits: whoever buys the sponsorship gets a code for a booth and an advertisement.
#[test]
fn one_grant_has_several_benefits() {
    let free = |product: &str| json!({"percent": {"off": "100", "max_units": 1, "scope": {"products": [product]}}});
    let gold = coupon(
        "gold",
        json!({"code": null, "kind": "personal",
            "earn": [{"purchase": {"scope": {"products": ["SPONSOR"]}}}],
            "benefits": [free("BOOTH"), free("AD"), {"gift": {"product": "BADGE", "pieces": 4}}]}),
    );
    let shop = Shop::new(policy(|p| p));
    let earnings = shop.earnings([gold.clone()]).unwrap();
    let who = customer("42");
    let bought = Order::builder(Currency::USD).line(of(1, product("SPONSOR"), "9000.00", 1)).build().unwrap();
    let request = Request::new(&bought, &who, Reference::Order("o-1".parse().unwrap()), at(NOON));
    let outcome = shop.evaluate(&request.with_earnings(&earnings)).unwrap();
    assert_eq!(outcome.grants().len(), 1);
    // The one code that is issued for it gives all three.
    let code = issued_code("GOLD7W93", NOON).with_holder(IdentityKey::id("42").unwrap());
    let lines =
        [of(1, product("BOOTH"), "2500.00", 2), of(2, product("AD"), "300.00", 1), of(3, product("CHAIR"), "20.00", 1)];
    let outcome = order(lines).customer(who).code(Entry::issued(code, gold)).run();
    assert_eq!(off(&outcome), ["2500.00", "300.00", "0.00"]);
    assert_eq!((outcome.answers()[0].units(), outcome.gifts().len()), (2, 1));
}

/// Proves V20, trap 25 for units: clipped, with what was wanted and what was granted; or refused.
#[test]
fn a_limit_of_units_is_clipped_or_refuses() {
    let half = |when_short: &str| {
        coupon(
            "half",
            json!({"limits": {"units": 10, "when_short": when_short}, "benefits": [{"percent": {"off": "50"}}]}),
        )
    };
    let run = |when_short: &str, taken| {
        let entry = Entry::new(half(when_short)).usage(Usage::default().with_units(taken));
        order([pieces(1, "4.00", 3), pieces(2, "2.00", 4)]).code(entry).run()
    };
    let clipped = run("clip", 5);
    // Five of seven are left: four at 2.00 and one at 4.00.
    assert_eq!(off(&clipped), ["2.00", "4.00"]);
    assert_eq!((clipped.answers()[0].units(), clipped.answers()[0].units_wanted()), (5, 7));
    let text = serde_json::to_string(&clipped).unwrap();
    assert!(text.contains(r#""units":5,"units_wanted":7"#), "{text}");
    assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), clipped);
    let enough = run("clip", 3);
    assert_eq!((enough.answers()[0].units(), enough.answers()[0].units_wanted()), (7, 7));
    let refused = run("refuse", 5);
    assert_eq!(why(&refused), [Refusal::LimitReached { limit: LimitKind::Units, allowed: 10, taken: 5 }]);
    // A limit and groups: of five pieces that are left one group of three.
    let groups = coupon(
        "groups",
        json!({"limits": {"units": 5, "when_short": "clip"}, "benefits": [{"percent": {"off": "50", "groups_of": 3}}]}),
    );
    let outcome = order([pieces(1, "4.00", 7)]).code(groups).run();
    assert_eq!((outcome.answers()[0].units(), outcome.answers()[0].units_wanted()), (3, 6));
}

/// Proves V20, trap 25 for several codes of one definition: they share what it has left, and no more.
#[test]
fn codes_of_one_definition_share_what_is_left() {
    let run = |limits: Value, left: Usage| {
        let five = coupon(
            "five",
            json!({"code": null, "kind": "personal", "limits": limits, "combination": {"several_codes": true},
                "benefits": [{"amount": {"off": {"USD": "5.00"}, "per": "unit", "max_units": 1}}]}),
        );
        let who = customer("42");
        let entry = |text: &str| {
            let code = issued_code(text, NOON).with_holder(IdentityKey::id("42").unwrap());
            Entry::issued(code, five.clone()).usage(left)
        };
        order([pieces(1, "20.00", 5)]).customer(who).codes(["AAAA1111", "BBBB2222", "CCCC3333"].map(entry)).run()
    };
    let money = json!({"money": {"USD": "100.00"}, "when_short": "clip", "per_customer": 9});
    let clipped = run(money, Usage::default().with_money(usd("92.00")));
    let figures = |outcome: &Outcome| -> Vec<(String, String)> {
        let of = |answer: &Answer| (answer.wanted().amount_text(), answer.discount().amount_text());
        outcome.answers().iter().map(of).collect()
    };
    let of = |wanted: &str, granted: &str| (wanted.to_owned(), granted.to_owned());
    assert_eq!(figures(&clipped), [of("5.00", "5.00"), of("5.00", "3.00"), of("0.00", "0.00")]);
    assert_eq!(
        clipped.answers()[2].reasons(),
        [Refusal::BudgetExhausted { wanted: Some(usd("5.00")), left: usd("0.00") }]
    );
    let money = json!({"money": {"USD": "100.00"}, "when_short": "refuse", "per_customer": 9});
    let refused = run(money, Usage::default().with_money(usd("92.00")));
    assert_eq!(reasons(&refused), [vec![], vec!["budget_exhausted"], vec!["budget_exhausted"]]);
    let units = json!({"units": 10, "when_short": "clip", "per_customer": 9});
    let clipped = run(units, Usage::default().with_units(8));
    assert_eq!(clipped.answers().iter().map(Answer::units).collect::<Vec<_>>(), [1, 1, 0]);
    assert_eq!(
        clipped.answers()[2].reasons(),
        [Refusal::LimitReached { limit: LimitKind::Units, allowed: 10, taken: 10 }]
    );
}

/// So much off each piece, where an earlier code left pieces with nothing: one of three at 10.00 is free, so that two give
/// 2.00 each.
#[test]
fn a_piece_that_is_free_gives_nothing_per_unit() {
    let free = coupon("a", json!({"benefits": [{"percent": {"off": "100", "max_units": 1}}]}));
    let each = coupon("b", json!({"benefits": [{"amount": {"off": {"USD": "2.00"}, "per": "unit"}}]}));
    let outcome = order([pieces(1, "10.00", 3)]).code(free).code(each).run();
    assert_eq!(total_off(&outcome), "14.00");
    assert_eq!(outcome.answers()[1].forfeited(), usd("2.00"));
}

/// A price that a coupon does not have in the currency of the order is said to be missing.
#[test]
fn a_price_in_another_currency_is_no_price() {
    let outcome = order([line(1, "10.00")]).code(worth(json!({"set_price": {"price": {"EUR": "5.00"}}}))).run();
    assert!(why(&outcome).contains(&Refusal::NoAmountInCurrency { currency: Currency::USD }), "{:?}", why(&outcome));
}

/// Proves S63: what two benefits lose together beyond exact arithmetic is an error, not a figure.
#[test]
fn what_is_lost_beyond_exact_arithmetic_is_an_error() {
    // 500 million times 99999999.99.
    let much = json!({"steps": {"every": 1, "amount": {"USD": "99999999.99"}}});
    let lines = || [pieces(1, "0.01", 500_000_000)];
    let case = |benefits: Value| order(lines()).code(coupon("much", json!({"benefits": benefits}))).try_run();
    let lost = case(json!([much])).unwrap();
    assert_eq!(lost.answers()[0].forfeited(), usd("49999999990000000.00"));
    let beyond = case(json!([much, much]));
    assert!(matches!(beyond, Err(Error::Overflow { .. })), "{beyond:?}");
}

/// What a code takes off a whole line leaves its pieces even: 1.00 over three is 0.34, 0.33, 0.33, and less 0.02 it is 0.33,
/// 0.33, 0.32. The first of them stood at 0.34, of which 43% is 0.15.
#[test]
fn a_whole_line_stays_even() {
    let cent = |id: &str| coupon(id, json!({"benefits": [{"amount": {"off": {"USD": "0.01"}, "per": "line"}}]}));
    let third = coupon("c", json!({"benefits": [{"percent": {"off": "43", "base": "original", "max_units": 1}}]}));
    let sold = pieces(1, "0.34", 3).with_discount(discount("sale", usd("0.02")));
    assert_eq!(total_off(&order([sold]).codes([cent("a"), cent("b"), third]).run()), "0.17");
}
