//! What becomes of orders, as the bytes choose it, against plain lists of facts.

use std::collections::BTreeMap;

use crate::random::Random;
use crate::{grants, issued, lives, returns, source, tally, wallets};

/// Orders held, recorded, voided and tried again; codes issued and withdrawn; points and earned coupons; returns,
/// transfers and voids to the cent.
pub fn life(data: &[u8]) {
    tally::run();
    source::play(data);
    let met = &mut BTreeMap::new();
    let placed = |placed: bool, what| tally::met(if placed { what } else { "an order that cannot be placed" });
    match Random(0).below(16) {
        0..=2 => {
            lives::live(0, 0, met);
            tally::met("types and allowances");
        }
        3..=6 => {
            issued::live(&mut Random(0));
            tally::met("issued codes");
        }
        7..=9 => placed(returns::tell(0, 0, met).unwrap_or_else(|error| panic!("{error}")), "returns and transfers"),
        10..=11 => {
            placed(returns::judge(0, 0, met).unwrap_or_else(|error| panic!("{error}")), "returns under thresholds")
        }
        12..=14 => {
            wallets::live(0, 0, met);
            tally::met("points");
        }
        _ => {
            grants::compare(0, 0, met).unwrap_or_else(|error| panic!("{error}"));
            tally::met("earned coupons");
        }
    }
}
