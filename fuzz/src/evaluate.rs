//! A shop and an order as the bytes choose them, priced by the engine and by the slow twin of the tests.

use std::collections::BTreeMap;

use crate::random::{self, Random};
use crate::{engine, market, points, source, stored, twin};

/// Equal to the cent, in refusals and reasons: codes and offers; in a shop with types; under stored terms; with points.
pub fn evaluate(data: &[u8]) {
    source::play(data);
    let mut met = BTreeMap::new();
    match Random(0).below(16) {
        0..=2 => {
            let market = market::random::market(0, 0);
            let found = market::engine::evaluate(&market).unwrap_or_else(|error| panic!("{error}\n{market}"));
            let differences = market::twin::evaluate(&market).differences(&found);
            assert!(differences.is_empty(), "{market}\n{}", differences.join("\n"));
        }
        3 => stored::reprice(0, 0, &mut met).unwrap_or_else(|error| panic!("{error}")),
        4 => points::compare(0, 0, &mut met).unwrap_or_else(|error| panic!("{error}")),
        kind => {
            let mut case = random::case(0, 0);
            if kind % 3 == 0 {
                random::add_offers(&mut Random(1), &mut case);
            }
            if kind % 5 == 1 {
                random::contest(&mut Random(2), &mut case);
            }
            let found = engine::evaluate(&case).unwrap_or_else(|error| panic!("{error}\n{case}"));
            let expected = twin::evaluate(&case);
            if expected != found {
                panic!("{case}\n{}", expected.differences(&found).join("\n"));
            }
        }
    }
}
