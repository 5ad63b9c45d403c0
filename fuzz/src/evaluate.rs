//! A shop and an order as the bytes choose them, priced by the engine and by the slow twin of the tests.

use std::collections::BTreeMap;

use crate::random::{self, Random};
use crate::{engine, market, points, source, stored, tally, twin};

/// Equal to the cent, in refusals and reasons: codes and offers; in a shop with types; under stored terms; with points.
pub fn evaluate(data: &[u8]) {
    tally::run();
    source::play(data);
    let mut met = BTreeMap::new();
    match Random(0).below(16) {
        0 | 1 => {
            let market = market::random::market(0, 0);
            let found = market::engine::evaluate(&market).unwrap_or_else(|error| panic!("{error}\n{market}"));
            let differences = market::twin::evaluate(&market).differences(&found);
            assert!(differences.is_empty(), "{market}\n{}", differences.join("\n"));
            tally::met("equal in a shop with types");
        }
        2 => {
            stored::reprice(0, 0, &mut met).unwrap_or_else(|error| panic!("{error}"));
            tally::met("equal under stored terms, where it could be placed");
        }
        3 => {
            points::compare(0, 0, &mut met).unwrap_or_else(|error| panic!("{error}"));
            tally::met("equal with points");
        }
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
            let applied = found.codes.iter().any(|code| code.state == "applied");
            tally::met(if applied { "equal, a code applies" } else { "equal, every code refused or waiting" });
        }
    }
}
