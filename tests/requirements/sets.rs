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
        let off: Vec<String> = off(&outcome).into_iter().filter(|off| off != "0.00").map(Into::into).collect();
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
