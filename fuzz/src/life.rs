//! What becomes of orders, as the bytes choose it, against plain lists of facts.

use std::collections::BTreeMap;

use crate::random::Random;
use crate::{grants, issued, lives, returns, source, wallets};

/// Orders held, recorded, voided and tried again; codes issued and withdrawn; points and earned coupons; returns,
/// transfers and voids to the cent.
pub fn life(data: &[u8]) {
    source::play(data);
    let met = &mut BTreeMap::new();
    match Random(0).below(16) {
        0..=2 => lives::live(0, 0, met),
        3..=5 => issued::live(&mut Random(0)),
        6..=9 => drop(returns::tell(0, 0, met).unwrap_or_else(|error| panic!("{error}"))),
        10..=12 => drop(returns::judge(0, 0, met).unwrap_or_else(|error| panic!("{error}"))),
        13..=14 => wallets::live(0, 0, met),
        _ => grants::compare(0, 0, met).unwrap_or_else(|error| panic!("{error}")),
    }
}
