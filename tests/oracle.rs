//! The engine against a second implementation: slow, on exact fractions, every piece by itself, written from the
//! semantics and sharing no code with the crate. Random orders, equal to the cent: every line, every adjustment, tax,
//! totals, the answer to every code.
//!
//! `VOUCHSAFE_CASES` says how many cases, `VOUCHSAFE_SEED` which ones. A difference is made as small as it goes and
//! printed with its number.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "oracle/access.rs"]
mod access;
#[path = "oracle/answer.rs"]
mod answer;
#[path = "oracle/case.rs"]
mod case;
#[path = "oracle/changes.rs"]
mod changes;
#[path = "oracle/combining.rs"]
mod combining;
#[path = "oracle/engine.rs"]
mod engine;
#[path = "oracle/found.rs"]
mod found;
#[path = "oracle/fraction.rs"]
mod fraction;
#[path = "oracle/grants.rs"]
mod grants;
#[path = "oracle/kinds.rs"]
mod kinds;
#[path = "oracle/life.rs"]
mod life;
#[path = "oracle/market/mod.rs"]
mod market;
#[path = "oracle/points.rs"]
mod points;
#[path = "oracle/prices.rs"]
mod prices;
#[path = "oracle/quantities.rs"]
mod quantities;
#[path = "oracle/random.rs"]
mod random;
#[path = "oracle/recompute.rs"]
mod recompute;
#[path = "oracle/returns.rs"]
mod returns;
#[path = "oracle/shrink.rs"]
mod shrink;
#[path = "oracle/source.rs"]
mod source;
#[path = "oracle/stored.rs"]
mod stored;
#[path = "oracle/twin.rs"]
mod twin;
#[path = "oracle/types.rs"]
mod types;
#[path = "oracle/wallets.rs"]
mod wallets;

use std::panic::{AssertUnwindSafe, catch_unwind};

use case::Case;
use market::Market;
use recompute::recomputes;

const SEED: u64 = 0x5eed_2026;
const CASES: u64 = 20_000;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// A case, in every third shop beside automatic offers; in some with a group of codes beside others that override prices.
fn with_offers(seed: u64, index: u64) -> Case {
    let mut case = random::case(seed, index);
    if index % 3 == 0 {
        random::add_offers(&mut random::Random(seed ^ index.wrapping_mul(0xd134_2543_de82_ef95)), &mut case);
    }
    if index % 5 == 1 {
        random::contest(&mut random::Random(seed ^ index.wrapping_mul(0x9fb2_1c65_1e98_df25)), &mut case);
    }
    case
}

/// What differs. A case that cannot be built does not.
fn differences(case: &Case) -> Vec<String> {
    match catch_unwind(AssertUnwindSafe(|| engine::evaluate(case))) {
        Err(_) => vec!["the engine panics".to_owned()],
        Ok(Err(_)) => Vec::new(),
        Ok(Ok(found)) => twin::evaluate(case).differences(&found),
    }
}

fn market_differences(market: &Market) -> Vec<String> {
    match catch_unwind(AssertUnwindSafe(|| market::engine::evaluate(market))) {
        Err(_) => vec!["the engine panics".to_owned()],
        Ok(Err(_)) => Vec::new(),
        Ok(Ok(found)) => market::twin::evaluate(market).differences(&found),
    }
}

/// Proves trap 22 for whatever can be ordered.
#[test]
fn every_placed_order_recomputes_to_what_was_recorded() {
    let (seed, cases) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES) / 8);
    let mut placed = 0;
    for index in 0..cases {
        let case = with_offers(seed, index);
        let same = engine::with(&case, |shop, request| Ok(recomputes(shop, request, index % 4 == 0)?));
        match same {
            Ok(one) => placed += u64::from(one),
            Err(error) => panic!("case {index} of seed {seed}: {error}\n{case}"),
        }
    }
    for index in 0..cases / 5 {
        let market = market::random::market(seed, index);
        match market::engine::with(&market, |shop, request| Ok(recomputes(shop, request, index % 4 == 0)?)) {
            Ok(one) => placed += u64::from(one.unwrap_or_default()),
            Err(error) => panic!("market {index} of seed {seed}: {error}\n{market}"),
        }
    }
    println!("{placed} of {cases} cases and {} markets were placed", cases / 5);
    assert!(placed > cases / 2, "too few were placed: {placed}");
}

/// The same for shops with customer types: what a customer sees, pays, may buy and may pay with.
#[test]
fn the_engine_equals_its_twin_in_shops_with_types() {
    let (seed, cases) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES / 20));
    let mut seen = std::collections::BTreeMap::<String, u64>::new();
    for index in 0..cases {
        let market = market::random::market(seed, index);
        let found = market::engine::evaluate(&market);
        let found = found.unwrap_or_else(|e| panic!("market {index} of seed {seed}: {e}\n{market}"));
        let expected = market::twin::evaluate(&market);
        if expected != found {
            let market = market::shrink::smallest(market, |next| !market_differences(next).is_empty());
            panic!("market {index} of seed {seed} differs:\n{market}\n{}", market_differences(&market).join("\n"));
        }
        expected.tell(|what| *seen.entry(what).or_default() += 1);
    }
    println!("{cases} markets of seed {seed}: {seen:?}");
}

/// Placed orders in other quantities, under the terms that they were placed under, and changed ones.
#[test]
fn stored_terms_price_as_the_twin_does_without_today() {
    let (seed, cases) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES) / 200);
    let mut met = std::collections::BTreeMap::<String, u64>::new();
    for index in 0..cases {
        if let Err(error) = stored::reprice(seed, index, &mut met) {
            panic!("case {index} of seed {seed}: {error}");
        }
    }
    println!("{cases} cases of seed {seed}: {met:?}");
}

/// Loyalty points that orders earn and redeem.
#[test]
fn points_are_what_the_twin_makes_them() {
    let (seed, cases) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES) / 80);
    let mut met = std::collections::BTreeMap::<String, u64>::new();
    for index in 0..cases {
        if let Err(error) = points::compare(seed, index, &mut met) {
            panic!("case {index} of seed {seed}: {error}");
        }
    }
    println!("{cases} cases of seed {seed}: {met:?}");
}

/// Lives of accounts of loyalty points through the memory store.
#[test]
fn no_point_is_spent_twice_nor_lost() {
    let (seed, lives) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES) / 100);
    let mut met = std::collections::BTreeMap::<String, u64>::new();
    for index in 0..lives {
        wallets::live(seed, index, &mut met);
    }
    println!("{lives} lives of seed {seed}: {met:?}");
}

/// Coupons that orders and events earn, and what returns take of them.
#[test]
fn coupons_are_earned_by_what_was_sold() {
    let (seed, cases) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES) / 80);
    let mut met = std::collections::BTreeMap::<String, u64>::new();
    for index in 0..cases {
        if let Err(error) = grants::compare(seed, index, &mut met) {
            panic!("case {index} of seed {seed}: {error}");
        }
    }
    println!("{cases} cases of seed {seed}: {met:?}");
}

/// Returns, transfers and voids against lists of units: every figure of every movement, and all the money in the end.
#[test]
fn what_comes_back_is_what_was_paid() {
    let (seed, stories) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES) / 160);
    let (mut placed, mut met) = (0, std::collections::BTreeMap::<String, u64>::new());
    for index in 0..stories {
        match returns::tell(seed, index, &mut met) {
            Ok(told) => placed += u64::from(told),
            Err(error) => panic!("story {index} of seed {seed}: {error}"),
        }
    }
    println!("{placed} of {stories} stories of seed {seed}: {met:?}");
    assert!(placed > stories / 2, "too few were placed: {placed}");
}

/// Returns that take a threshold away: what is kept costs what the twin says, and no return asks for money.
#[test]
fn what_is_kept_costs_what_its_terms_say() {
    let (seed, stories) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES) / 80);
    let (mut placed, mut met) = (0, std::collections::BTreeMap::<String, u64>::new());
    for index in 0..stories {
        match returns::judge(seed, index, &mut met) {
            Ok(told) => placed += u64::from(told),
            Err(error) => panic!("story {index} of seed {seed}: {error}"),
        }
    }
    println!("{placed} of {stories} stories of seed {seed}: {met:?}");
}

/// Lives of customers through the memory store against a plain list of facts.
#[test]
fn no_life_takes_more_than_it_may() {
    let (seed, lives) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES / 2) / 100);
    let mut met = std::collections::BTreeMap::<String, u64>::new();
    for index in 0..lives {
        life::live(seed, index, &mut met);
    }
    println!("{lives} lives of seed {seed}: {met:?}");
}

#[test]
fn the_engine_equals_its_twin() {
    let (seed, cases) = (setting("VOUCHSAFE_SEED", SEED), setting("VOUCHSAFE_CASES", CASES));
    let mut seen = std::collections::BTreeMap::<String, u64>::new();
    for index in 0..cases {
        let case = with_offers(seed, index);
        let found = engine::evaluate(&case).unwrap_or_else(|e| panic!("case {index} of seed {seed}: {e}\n{case}"));
        let expected = twin::evaluate(&case);
        if expected != found {
            let case = shrink::smallest(case, |next| !differences(next).is_empty());
            panic!("case {index} of seed {seed} differs:\n{case}\n{}", differences(&case).join("\n"));
        }
        for code in &found.codes {
            let mut count = |what: &str| *seen.entry(what.to_owned()).or_default() += 1;
            count(code.state);
            code.reasons.iter().for_each(|reason| count(reason));
            for (what, is) in [
                ("forfeited", code.forfeited > 0),
                ("clipped", code.discount < code.wanted),
                ("third party", code.third_party > 0),
            ] {
                if is {
                    count(what);
                }
            }
        }
    }
    // What the comparison has really met; a generator that only makes refusals would prove nothing.
    println!("{cases} cases of seed {seed}: {seen:?}");
    if cases >= CASES {
        let often = ["applied", "forfeited", "clipped", "third party", "waiting", "no_benefit", "not_applicable"];
        for what in often.iter().chain(&["budget_exhausted", "not_stackable", "same_coupon", "too_many_codes"]) {
            assert!(seen.get(*what).is_some_and(|n| *n > cases / 1_000), "too few of {what}: {seen:?}");
        }
    }
}
