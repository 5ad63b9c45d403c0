//! Sets of pieces: the n-th free, buy and get, bundles. A piece is used once, and quantities are never expanded.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// A coupon with one benefit.
fn with(id: &str, benefit: Value) -> Coupon {
    coupon(id, json!({"benefits": [benefit]}))
}

/// Buy one, get one of the same goods.
fn one_and_one(fields: Value) -> Value {
    let mut benefit = json!({"buy": [{"pieces": 1}], "get": {"pieces": 1}, "reward": "free"});
    for (name, value) in fields.as_object().unwrap() {
        benefit[name] = value.clone();
    }
    json!({ "buy_get": benefit })
}

/// Golden vector V19: pairs down the list are 10 + 8 and 8 + 5, and the cheaper of each is free.
#[test]
fn v19_the_cheaper_piece_of_each_pair_down_the_list_is_free() {
    let lines = [line(1, "5.00"), line(2, "8.00"), line(3, "10.00"), line(4, "8.00")];
    let outcome = order(lines.clone()).code(with("bogo", one_and_one(json!({})))).run();
    // Of the two at 8.00 the one of the smaller line id stands first, so the other one is bought.
    assert_eq!(off(&outcome), ["5.00", "8.00", "0.00", "0.00"]);
    let nth = json!({"nth": {"of": 2, "reward": "free"}});
    assert_eq!(off(&order(lines).code(with("second", nth)).run()), ["5.00", "8.00", "0.00", "0.00"]);
}

/// Each choice of the n-th piece on 10, 9, 8, 7, 6, 5, 4 (two sets of three, and one piece left over).
#[test]
fn each_choice_of_the_nth_piece() {
    let prices = ["10.00", "9.00", "8.00", "7.00", "6.00", "5.00", "4.00"];
    for (fields, free) in [
        // 10 9 8 and 7 6 5.
        (json!({}), vec!["8.00", "5.00"]),
        (json!({"which": "dearest"}), vec!["10.00", "7.00"]),
        (json!({"which": {"position": 2}}), vec!["9.00", "6.00"]),
        (json!({"take": 2}), vec!["9.00", "8.00", "6.00", "5.00"]),
        (json!({"from": "pool"}), vec!["6.00", "5.00"]),
        (json!({"from": "pool", "which": "dearest"}), vec!["10.00", "9.00"]),
        (json!({"max_sets": 1}), vec!["8.00"]),
        // 4 5 6 and 7 8 9.
        (json!({"sets": "cheapest_first"}), vec!["7.00", "4.00"]),
        (json!({"sets": "cheapest_first", "which": "dearest"}), vec!["9.00", "6.00"]),
        (json!({"sets": "cheapest_first", "from": "pool"}), vec!["5.00", "4.00"]),
        // No line has three pieces.
        (json!({"among": "line"}), vec![]),
        (json!({"of": 7}), vec!["4.00"]),
        (json!({"of": 8}), vec![]),
    ] {
        let mut nth = json!({"of": 3, "reward": "free"});
        for (name, value) in fields.as_object().unwrap() {
            nth[name] = value.clone();
        }
        let lines = prices.iter().zip(1..).map(|(price, id)| line(id, price));
        let outcome = order(lines).code(with("nth", json!({ "nth": nth }))).run();
        let off: Vec<String> = off(&outcome).into_iter().filter(|off| off != "0.00").collect();
        assert_eq!(off, free, "{fields}");
    }
}

/// A piece that a set used is used up: a second code of sets finds only what is left.
#[test]
fn a_piece_is_in_one_set_only() {
    let lines = [pieces(1, "10.00", 5)];
    let first = with("a", json!({"nth": {"of": 3, "reward": "free"}}));
    let second = with("b", one_and_one(json!({})));
    let outcome = order(lines.clone()).code(first.clone()).code(second).run();
    // Three pieces are in the set of the first code; the other two make a pair.
    assert_eq!(off(&outcome), ["20.00"]);
    let outcome = order(lines).code(first).code(with("b", json!({"nth": {"of": 3, "reward": "free"}}))).run();
    assert_eq!(off(&outcome), ["10.00"]);
    assert!(!outcome.answers()[1].is_applied());
}

/// A product of a category.
fn in_category(id: u64, category: &str, price: &str, quantity: u64) -> Line {
    of(id, product(&format!("P{id}")).with_categories([category.parse().unwrap()]), price, quantity)
}

fn category(name: &str) -> Value {
    json!({ "categories": [name] })
}

/// Buy two of a, get one of b: rewards are the cheapest (dearest) of b, whatever is bought.
#[test]
fn other_goods_are_bought_and_given() {
    let lines = || {
        [
            in_category(1, "a", "20.00", 5),
            in_category(2, "b", "9.00", 1),
            in_category(3, "b", "4.00", 1),
            line(4, "1.00"),
        ]
    };
    for (fields, expected) in [
        (json!({}), ["0.00", "9.00", "4.00", "0.00"]),
        (json!({"max_sets": 1}), ["0.00", "0.00", "4.00", "0.00"]),
        (json!({"max_sets": 1, "pick": "dearest"}), ["0.00", "9.00", "0.00", "0.00"]),
        (json!({"reward": {"percent": "50"}}), ["0.00", "4.50", "2.00", "0.00"]),
        (json!({"reward": {"amount": {"USD": "5.00"}}}), ["0.00", "5.00", "4.00", "0.00"]),
        // The one at 4.00 costs less already, so it is none that 5.00 would lower.
        (json!({"max_sets": 1, "reward": {"to_price": {"USD": "5.00"}}}), ["0.00", "4.00", "0.00", "0.00"]),
        // Three of a for one of b is one set; what is given is bought of nothing else.
        (json!({"buy": [{"pieces": 3, "of": category("a")}]}), ["0.00", "0.00", "4.00", "0.00"]),
        (json!({"buy": [{"pieces": 6, "of": category("a")}]}), ["0.00", "0.00", "0.00", "0.00"]),
    ] {
        let mut benefit =
            json!({"buy": [{"pieces": 2, "of": category("a")}], "get": {"pieces": 1, "of": category("b")}});
        for (name, value) in fields.as_object().unwrap() {
            benefit[name] = value.clone();
        }
        let outcome = order(lines()).code(with("other", json!({ "buy_get": benefit }))).run();
        assert_eq!(off(&outcome), expected, "{fields}");
    }
}

/// Trap 12: a piece that is bought is not free as well, where goods are on both sides. Of 7 pieces at 10.00 to 4.00 any
/// two buy a third that is on sale.
#[test]
fn t12_a_piece_is_bought_or_free_and_never_both() {
    let sale = |id, price: &str| of(id, product(&format!("P{id}")).with_on_sale(true), price, 1);
    let benefit = json!({"buy_get": {"buy": [{"pieces": 2}], "get": {"pieces": 1, "of": "on_sale"}}});
    let lines = [sale(1, "10.00"), sale(2, "9.00"), sale(3, "8.00"), sale(4, "7.00")];
    // Four pieces are one set: the cheapest is free.
    assert_eq!(off(&order(lines).code(with("any", benefit.clone())).run()), ["0.00", "0.00", "0.00", "7.00"]);
    // Two sets of three from six: the two cheapest on sale are free, and four others are bought.
    let lines = [sale(1, "4.00"), sale(2, "5.00"), line(3, "1.00"), line(4, "2.00"), sale(5, "6.00"), line(6, "3.00")];
    let outcome = order(lines).code(with("any", benefit.clone())).run();
    assert_eq!(off(&outcome), ["4.00", "5.00", "0.00", "0.00", "0.00", "0.00"]);
    // The only one to be bought is on sale as well, so it cannot be the free one.
    let lines = [sale(1, "4.00"), line(2, "5.00")];
    assert_eq!(off(&order(lines).code(with("any", benefit)).run()), ["0.00", "0.00"]);
}

/// Trap 12: multiples are counted, and quantities are not expanded. A thousand million pieces on one line.
#[test]
fn t12_multiples_of_a_set_are_counted_without_expanding_quantities() {
    let most = 1_000_000_000;
    let free =
        |benefit: Value, quantity| total_off(&order([pieces(1, "0.01", quantity)]).code(with("many", benefit)).run());
    assert_eq!(free(one_and_one(json!({})), most), "5000000.00");
    assert_eq!(free(one_and_one(json!({"max_sets": 7})), most), "0.07");
    assert_eq!(free(json!({"nth": {"of": 3, "reward": "free"}}), most), "3333333.33");
    assert_eq!(free(json!({"nth": {"of": 3, "take": 2, "from": "pool", "reward": "free"}}), most), "6666666.66");
    let other = json!({"buy_get": {"buy": [{"pieces": 2}], "get": {"pieces": 1, "of": "open"}}});
    assert_eq!(free(other, most), "3333333.33");
}

/// A set that gives nothing is not one of the most sets that there may be: cheap pieces more never cost the shopper what
/// the others give.
#[test]
fn what_gives_nothing_takes_no_place_among_the_most_sets() {
    let pair = json!({"bundle": {"parts": [{"pieces": 2}], "price": {"USD": "10.00"}, "max_sets": 1}});
    // Cheapest first: 4 + 4 is cheaper than 10.00, so the bundle is 20 + 20.
    let outcome = order([pieces(1, "4.00", 2), pieces(2, "20.00", 2)]).code(with("pair", pair.clone())).run();
    assert_eq!(off(&outcome), ["0.00", "30.00"]);
    // Of two equal bundles that save, one is formed.
    assert_eq!(off(&order([pieces(1, "20.00", 5)]).code(with("pair", pair)).run()), ["30.00"]);
    let third = json!({"nth": {"of": 3, "sets": "cheapest_first", "reward": "free", "max_sets": 1}});
    let outcome = order([pieces(1, "0.00", 3), pieces(2, "9.00", 7)]).code(with("third", third)).run();
    assert_eq!(off(&outcome), ["0.00", "9.00"]);
}

/// A last set that is short gives what it has, where the coupon says so.
#[test]
fn a_set_that_is_short_gives_nothing_unless_it_says_so() {
    let benefit = |incomplete: bool| json!({"buy_get": {"buy": [{"pieces": 2}], "get": {"pieces": 2}, "reward": "free", "incomplete": incomplete}});
    for (quantity, incomplete, free) in [
        (3, false, "0.00"),
        (3, true, "5.00"),
        (2, true, "0.00"),
        (4, true, "10.00"),
        (7, true, "15.00"),
        (7, false, "10.00"),
    ] {
        let outcome = order([pieces(1, "5.00", quantity)]).code(with("short", benefit(incomplete))).run();
        assert_eq!(off(&outcome), [free], "{quantity} {incomplete}");
    }
}

/// Of other goods: a racket and up to three cans of balls, so many as there are; of "at most one set" one alone.
#[test]
fn a_set_of_other_goods_may_be_short_of_what_is_given() {
    let benefit = |incomplete: bool, most: Option<u64>| {
        let part = |pieces: u64, sku: &str| json!({"pieces": pieces, "of": {"products": [sku]}});
        json!({"buy_get": {"buy": [part(2, "RACKET")], "get": part(3, "BALLS"), "reward": "free",
            "incomplete": incomplete, "max_sets": most}})
    };
    for (rackets, balls, incomplete, most, free) in [
        (2, 2, false, None, "0.00"),
        (2, 2, true, None, "10.00"),
        (2, 4, true, None, "15.00"),
        (4, 4, true, None, "20.00"),
        (4, 4, true, Some(1), "15.00"),
        (3, 4, true, None, "15.00"),
        (1, 4, true, None, "0.00"),
    ] {
        let lines = [of(1, product("RACKET"), "90.00", rackets), of(2, product("BALLS"), "5.00", balls)];
        let mut benefit = benefit(incomplete, most);
        if most.is_none() {
            benefit["buy_get"].as_object_mut().unwrap().remove("max_sets");
        }
        let outcome = order(lines).code(with("balls", benefit)).run();
        assert_eq!(off(&outcome), ["0.00", free], "{rackets} {balls} {incomplete} {most:?}");
    }
}

/// Pieces at zero can be bought, and are passed over as rewards.
#[test]
fn a_piece_at_zero_is_bought_and_never_the_free_one() {
    let lines = [line(1, "10.00"), line(2, "8.00"), line(3, "0.00")];
    let benefit = json!({"buy_get": {"buy": [{"pieces": 2}], "get": {"pieces": 1}}});
    assert_eq!(off(&order(lines).code(with("two", benefit)).run()), ["0.00", "8.00", "0.00"]);
}

/// Sets within a line, within a product, within the order.
#[test]
fn sets_are_formed_within_what_they_are_formed_among() {
    let lines = || [of(1, product("A"), "5.00", 1), of(2, product("B"), "4.00", 2), of(3, product("A"), "3.00", 1)];
    for (among, expected) in
        [("order", ["0.00", "4.00", "3.00"]), ("product", ["0.00", "4.00", "3.00"]), ("line", ["0.00", "4.00", "0.00"])]
    {
        let outcome = order(lines()).code(with("among", one_and_one(json!({ "among": among })))).run();
        assert_eq!(off(&outcome), expected, "{among}");
    }
    // At most one set: that of the product whose first piece is the dearest.
    let benefit = one_and_one(json!({"among": "product", "max_sets": 1}));
    assert_eq!(off(&order(lines()).code(with("among", benefit)).run()), ["0.00", "0.00", "3.00"]);
}

/// A bundle costs its price; what all bundles save is shared over their pieces by what each has left.
#[test]
fn a_bundle_is_formed_of_its_parts() {
    let lines = || [in_category(1, "a", "30.00", 2), in_category(2, "b", "20.00", 1), in_category(3, "b", "10.00", 2)];
    let parts = json!([{"pieces": 1, "of": category("a")}, {"pieces": 1, "of": category("b")}]);
    for (fields, expected) in [
        // Two bundles of 30 + 10: 15 off each, by 60 to 20.
        (json!({"price": {"USD": "25.00"}}), ["22.50", "0.00", "7.50"]),
        // 30 + 20 and 30 + 10, less 25 each: 25 + 15 off, by 60, 20 and 10: 26.67 + 8.89 + 4.44.
        (json!({"price": {"USD": "25.00"}, "pick": "dearest"}), ["26.67", "8.89", "4.44"]),
        (json!({"price": {"USD": "25.00"}, "max_sets": 1}), ["11.25", "0.00", "3.75"]),
        (json!({"percent": "10"}), ["6.00", "0.00", "2.00"]),
        (json!({"amount": {"USD": "4.00"}}), ["6.00", "0.00", "2.00"]),
        // 30 + 10 saves nothing, so only 30 + 20 is a bundle: 3.00 + 2.00.
        (json!({"price": {"USD": "45.00"}, "pick": "dearest"}), ["3.00", "2.00", "0.00"]),
        (json!({"price": {"USD": "45.00"}}), ["0.00", "0.00", "0.00"]),
    ] {
        let mut bundle = json!({ "parts": parts });
        for (name, value) in fields.as_object().unwrap() {
            bundle[name] = value.clone();
        }
        let outcome = order(lines()).code(with("menu", json!({ "bundle": bundle }))).run();
        assert_eq!(off(&outcome), expected, "{fields}");
    }
}

/// Mix and match over lines, and equal bundles all at once: a thousand million pieces.
#[test]
fn mix_and_match_counts_multiples() {
    let three = json!({"bundle": {"parts": [{"pieces": 3}], "price": {"USD": "0.02"}}});
    let outcome = order([pieces(1, "0.01", 1_000_000_000)]).code(with("three", three.clone())).run();
    assert_eq!(off(&outcome), ["3333333.33"]);
    // Six of seven, cheapest first: 1 + 1 + 2 and 2 + 2 + 3 cents, less 2 each: 2 + 5 off, by 2, 6 and 3.
    let lines = [pieces(1, "0.01", 2), pieces(2, "0.02", 3), pieces(3, "0.03", 2)];
    assert_eq!(off(&order(lines).code(with("three", three)).run()), ["0.01", "0.04", "0.02"]);
}

/// Traps 5, 12 and 24: what a set gave goes back piece by piece, to the cent, and all of it together is what was paid.
#[test]
fn t5_pieces_of_sets_go_back_at_what_was_paid() {
    // Seven at 3.33: two sets of three, so two are free; of the 16.65 paid each piece has 2.37 or 2.38.
    let case =
        order([pieces(1, "3.33", 7), line(2, "1.00")]).code(with("nth", json!({"nth": {"of": 3, "which": "dearest"}})));
    let outcome = case.run();
    assert_eq!(off(&outcome), ["6.66", "0.00"]);
    let mut settlement = Settlement::new(&outcome).unwrap();
    let mut back = 0;
    for n in 1..=7 {
        let request = RefundRequest::new(format!("r-{n}").parse().unwrap()).units(LineId(1), 1);
        let refund = settlement.refund(&request).unwrap();
        assert!(settlement.apply(&refund).unwrap());
        let paid = refund.payable().minor();
        assert!((237..=238).contains(&paid), "{paid}");
        back += paid;
    }
    assert_eq!(back, 1_665);
    assert_eq!(settlement.payable(), usd("1.00"));
}

/// A placed order that is changed is priced by the terms that it was placed under: sets are formed anew of what it has now.
#[test]
fn sets_of_a_changed_order_are_formed_anew() {
    let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).build().unwrap());
    let prepared = shop.prepare(with("bogo", one_and_one(json!({})))).unwrap();
    let order = Order::builder(Currency::USD).lines([pieces(1, "5.00", 4), line(2, "9.00")]).build().unwrap();
    let (codes, who) = ([Presented::new("BOGO", &prepared)], customer("42"));
    let request = Request::new(&order, &who, Reference::Order("o-1".parse().unwrap()), at(NOON)).with_codes(&codes);
    let placed = shop.place(&request).unwrap();
    // 9 + 5 and 5 + 5: two at 5.00 are free.
    assert_eq!(off(placed.outcome()), ["10.00", "0.00"]);
    for (quantity, expected) in [(1, ["5.00", "0.00"]), (2, ["5.00", "0.00"]), (7, ["20.00", "0.00"])] {
        let change = Amendment::new("a-1".parse().unwrap()).in_quantity(LineId(1), Quantity::pieces(quantity).unwrap());
        let amended = placed.amend(&change).unwrap();
        assert_eq!(off(amended.placed().outcome()), expected, "{quantity}");
    }
}

/// A limit of units counts what is rewarded, in whole sets; a budget is shared by what the lines would give.
#[test]
fn limits_of_a_coupon_hold_for_sets() {
    let coupon = |limits: Value| {
        coupon("sets", json!({"limits": limits, "benefits": [{"nth": {"of": 3, "take": 2, "reward": "free"}}]}))
    };
    let lines = || [pieces(1, "5.00", 9)];
    // Three sets of three would reward six; five leave room for two whole sets.
    let usage = |units| Usage::default().with_units(units);
    let five = Entry::new(coupon(json!({"units": 8}))).usage(usage(3));
    assert_eq!(off(&order(lines()).code(five).run()), ["20.00"]);
    let refused = Entry::new(coupon(json!({"units": 8, "when_short": "refuse"}))).usage(usage(3));
    assert_eq!(off(&order(lines()).code(refused).run()), ["0.00"]);
    let budget = coupon(json!({"money": {"USD": "12.34"}}));
    assert_eq!(off(&order(lines()).code(budget).run()), ["12.34"]);
}

/// A piece below its lowest price gives what it has room for, and the rest is forfeited.
#[test]
fn rewards_stop_at_the_lowest_price() {
    let line = pieces(1, "5.00", 4).with_floor_price(price("3.00"));
    let outcome = order([line]).code(with("bogo", one_and_one(json!({})))).run();
    assert_eq!(off(&outcome), ["4.00"]);
    assert_eq!(outcome.answers()[0].forfeited(), usd("6.00"));
}

/// A limit that is just enough refuses nothing: three sets of three reward six.
#[test]
fn a_limit_of_units_may_be_used_up() {
    let limits = json!({"units": 9, "when_short": "refuse"});
    let fields = json!({"limits": limits, "benefits": [{"nth": {"of": 3, "take": 2, "reward": "free"}}]});
    let used = |units| Entry::new(coupon("sets", fields.clone())).usage(Usage::default().with_units(units));
    let off_with = |used: Entry| off(&order([pieces(1, "5.00", 9)]).code(used).run());
    assert_eq!((off_with(used(3)), off_with(used(4))), (vec!["30.00".to_owned()], vec!["0.00".to_owned()]));
}

/// A set whose reward comes to nothing leaves no mark: 1% of two pieces of 0.10 is no cent, so half off is 0.05 off each of
/// the four, and the piece that is free then is one of 0.05.
#[test]
fn a_set_that_gives_nothing_leaves_its_pieces_alone() {
    let nothing = json!({"nth": {"of": 2, "take": 1, "reward": {"percent": "1"}}});
    let half =
        coupon("half", json!({"priority": 2, "benefits": [nothing, {"percent": {"off": "50", "max_units": 4}}]}));
    let one = with("one", json!({"percent": {"off": "100", "max_units": 1}}));
    let outcome = order([pieces(1, "0.10", 4)]).code(half).code(one).run();
    assert_eq!(payable(&outcome), "0.15");
}

/// Pieces that are below a new price already do not make up for the others: of three of 30.00 one is free, and the two
/// others are 20.00 each.
#[test]
fn a_price_is_that_of_each_piece() {
    let free = coupon("a", json!({"benefits": [{"percent": {"off": "100", "max_units": 1}}]}));
    let to = with("b", json!({"set_price": {"price": {"USD": "20.00"}}}));
    assert_eq!(payable(&order([pieces(1, "30.00", 3)]).code(free).code(to).run()), "40.00");
}

/// What falls to a piece at its lowest price falls to the others: of 1.00, 1.00 and 0.50, which may not be below 0.50, 0.25
/// off leave 0.88, 0.87 and 0.50. The first of those then gives 0.38.
#[test]
fn pieces_at_their_lowest_price_give_nothing_more() {
    let one = |id: &str| with(id, json!({"percent": {"off": "100", "max_units": 1}}));
    let line = pieces(1, "1.00", 3).with_floor_price(price("0.50"));
    let outcome = order([line]).code(one("a")).code(percent_off("b", "10")).code(one("c")).run();
    assert_eq!(payable(&outcome), "1.87");
}

/// What a pool used is used up, the pieces that were bought as well as the free ones. Of two at 10.00 one is free, so that
/// neither makes a pair with the one at 8.00.
#[test]
fn the_bought_pieces_of_a_pool_are_used_up() {
    let pool = json!({"nth": {"of": 2, "from": "pool", "reward": "free"}});
    let first = coupon("a", json!({"scope": {"products": ["P1"]}, "benefits": [pool]}));
    let second = with("b", json!({"nth": {"of": 2, "reward": "free"}}));
    let outcome = order([pieces(1, "10.00", 2), line(2, "8.00")]).code(first).code(second).run();
    assert_eq!((off(&outcome), winners(&outcome)), (vec!["10.00".to_owned(), "0.00".to_owned()], vec!["a".to_owned()]));
}

/// A set in which nothing can be rewarded uses nothing up, in a row of sets and in a pool.
#[test]
fn what_gives_nothing_is_left_to_other_sets() {
    // 10 9 and 4 3: no piece of the second pair costs more than 5.00, so the other code has it.
    let lines = [line(1, "10.00"), line(2, "9.00"), line(3, "4.00"), line(4, "3.00")];
    let first = with("a", json!({"nth": {"of": 2, "reward": {"to_price": {"USD": "5.00"}}}}));
    let second = with("b", json!({"nth": {"of": 2, "reward": "free"}}));
    assert_eq!(off(&order(lines).code(first).code(second).run()), ["0.00", "4.00", "0.00", "3.00"]);
    // Of the first goods the pool is 4 4, which 5.00 does not lower; of the second, one of 20 20 gives 15.00.
    let pool = json!({"nth": {"of": 2, "from": "pool", "sets": "cheapest_first", "among": "product",
        "reward": {"to_price": {"USD": "5.00"}}}});
    let third = json!({"nth": {"of": 3, "reward": "free"}});
    let third = coupon("b", json!({"scope": {"products": ["P1"]}, "benefits": [third]}));
    let lines = [pieces(1, "4.00", 2), of(2, product("P1"), "10.00", 1), pieces(3, "20.00", 2)];
    assert_eq!(off(&order(lines).code(with("a", pool)).code(third).run()), ["4.00", "0.00", "15.00"]);
}

/// Goods of which there are too few for a set take no place among the most sets: two at 30.00 have no third piece, so that
/// the one set is of three at 20.00.
#[test]
fn goods_without_a_set_take_no_place_among_the_most_sets() {
    let benefit = json!({"buy_get": {"buy": [{"pieces": 2}], "get": {"pieces": 1, "of": "open"}, "reward": "free",
        "incomplete": true, "among": "product", "max_sets": 1}});
    let outcome = order([pieces(1, "30.00", 2), pieces(2, "20.00", 3)]).code(with("one", benefit)).run();
    assert_eq!(off(&outcome), ["0.00", "20.00"]);
}
