//! How long the best offer takes, and how many evaluations: wallets of 5, 10, 20 and 50 codes for an order of ten lines, with
//! three codes allowed and with any number, for the customer and the merchant; beside what the combinations are that a plain
//! search would evaluate. Run on a quiet machine with `cargo bench --bench best_offer`.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::float_arithmetic
)]

use std::time::{Duration, Instant};

use vouchsafe::*;

/// The generator that all benches use.
struct Below(u64);

impl Below {
    fn next(&mut self, end: u64) -> u64 {
        self.0 = (1_103_515_245 * self.0 + 12_345) % (1 << 31);
        (self.0 >> 4) % end
    }
}

/// Percentages and amounts, a third of them for some categories only, one in eight for a set of pieces, one in ten exclusive.
fn wallet(shop: &Shop, codes: u64) -> Vec<Prepared> {
    let mut r = Below(42);
    let one = |i: u64| {
        let cents = |minor: u64| format!(r#"{{"USD":"{}.{:02}"}}"#, minor / 100, minor % 100);
        let benefit = match r.next(8) {
            0 => r#"{"nth":{"of":3,"reward":"free","max_sets":1}}"#.to_owned(),
            1..=3 => format!(r#"{{"amount":{{"off":{}}}}}"#, cents(300 + r.next(4_000))),
            _ => format!(r#"{{"percent":{{"off":"{}"}}}}"#, 3 + r.next(22)),
        };
        let scope = match r.next(3) {
            0 => format!(r#","scope":{{"categories":["C{}","C{}"]}}"#, r.next(5), r.next(5)),
            _ => String::new(),
        };
        let level = if r.next(2) == 0 { r#","level":"order""# } else { "" };
        let alone = if r.next(10) == 0 { r#","combination":{"exclusive":true}"# } else { "" };
        let json = format!(
            r#"{{"version":1,"id":"c{i:02}","code":"CODE{i:02}","priority":{},"benefits":[{benefit}]{scope}{level}{alone}}}"#,
            r.next(3)
        );
        shop.prepare(serde_json::from_str(&json).unwrap()).unwrap()
    };
    (0..codes).map(one).collect()
}

fn order() -> Order {
    let mut r = Below(42);
    let line = |i: u64| {
        let product = Product::new(format!("P{i}").parse().unwrap());
        let product = product.with_categories([format!("C{}", i % 5).parse().unwrap()]);
        let price = 99 + r.next(49_901);
        let price = UnitPrice::parse(&format!("{}.{:02}", price / 100, price % 100)).unwrap();
        Line::new(LineId(i), product, Quantity::pieces(1 + r.next(5)).unwrap(), price)
    };
    Order::builder(Currency::USD).lines((1..=10).map(line)).build().unwrap()
}

/// How many combinations there are of so many codes, with at most so many of them.
fn combinations(codes: u64, most: Option<u32>) -> f64 {
    let most = most.map_or(codes, |most| codes.min(most.into()));
    (0..=most).map(|k| (0..k).fold(1.0, |all, i| all * (codes - i) as f64 / (i + 1) as f64)).sum()
}

fn main() {
    println!(
        "{:>6} {:>9} {:>9} {:>8} {:>7} {:>10} {:>14}",
        "codes", "max_codes", "goal", "nodes", "proven", "time", "of"
    );
    let order = order();
    let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z").unwrap());
    for codes in [5, 10, 20, 50] {
        for max in [Some(3), Some(5), None] {
            let shop = Shop::new(Policy::builder(Currency::USD).max_codes(max).build().unwrap());
            let wallet = wallet(&shop, codes);
            let presented: Vec<_> = wallet
                .iter()
                .map(|prepared| Presented::new(prepared.coupon().code().unwrap().as_str(), prepared))
                .collect();
            let reference = Reference::Order("o-1".parse().unwrap());
            let request = Request::new(&order, &customer, reference, at).with_codes(&presented);
            for goal in [OfferGoal::Customer, OfferGoal::Merchant] {
                let search = OfferSearch::default().for_goal(goal);
                let found = shop.best_offer(&request, search).unwrap();
                let mut best = Duration::MAX;
                for _ in 0..5 {
                    let start = Instant::now();
                    let again = shop.best_offer(&request, search).unwrap();
                    best = best.min(start.elapsed());
                    assert_eq!(again.codes(), found.codes());
                }
                println!(
                    "{codes:>6} {:>9} {:>9} {:>8} {:>7} {:>10} {:>14.0}",
                    max.map_or("any".to_owned(), |max| max.to_string()),
                    format!("{goal:?}").to_lowercase(),
                    found.nodes(),
                    found.is_proven(),
                    format!("{best:.1?}"),
                    combinations(codes, max),
                );
            }
        }
    }
}
