//! Benefits on sets of pieces, in words.

use crate::coupon::{Among, Bundle, BundleValue, BuyGet, NthOff, NthPiece, Reward, RewardFrom, SetOrder, SetPart};

use super::describe::{amounts, counted, scope};

/// `buy 2 pieces, get 1 piece free`.
pub(super) fn buy_get(benefit: &BuyGet) -> String {
    let bought: Vec<String> = benefit.buy().iter().map(part).collect();
    let (get, reward) = (part(benefit.get()), reward(benefit.reward(), benefit.get().pieces()));
    let short = if benefit.incomplete() { ", a last set that is short included" } else { "" };
    let (among, most) = (among(benefit.among()), most(benefit.max_sets()));
    format!("buy {}, get {get} {reward}{among}{short}{most}", bought.join(" and "))
}

/// `1 piece of products in pots and 2 pieces together for 10.00 USD`.
pub(super) fn bundle(bundle: &Bundle) -> String {
    let parts: Vec<String> = bundle.parts().iter().map(part).collect();
    let value = match bundle.value() {
        BundleValue::Price(price) => format!("for {}", amounts(price)),
        BundleValue::Percent(percent) => format!("at {percent}% off"),
        BundleValue::Amount(off) => format!("at {} off", amounts(off)),
    };
    format!("{} together {value}{}", parts.join(" and "), most(bundle.max_sets()))
}

/// `2 pieces of the categories a or b`.
fn part(part: &SetPart) -> String {
    let of = part.scope().map(|of| format!(" of {}", scope(of))).unwrap_or_default();
    format!("{}{of}", counted(part.pieces().into(), "piece"))
}

/// `the cheapest of every 3 pieces free`.
pub(super) fn nth(nth: &NthOff) -> String {
    let piece = match (nth.which(), nth.take()) {
        (NthPiece::Cheapest, 1) => "the cheapest".to_owned(),
        (NthPiece::Cheapest, take) => format!("the {take} cheapest"),
        (NthPiece::Dearest, 1) => "the dearest".to_owned(),
        (NthPiece::Dearest, take) => format!("the {take} dearest"),
        (NthPiece::Position(place), 1) => format!("piece {place}"),
        (NthPiece::Position(place), take) => {
            format!("pieces {place} to {}", place.get().saturating_add(take).saturating_sub(1))
        }
    };
    let of = counted(nth.of().into(), "piece");
    let pool = match nth.from() {
        RewardFrom::EachSet => "",
        RewardFrom::Pool => ", taken from all of them together",
    };
    let order = match nth.sets() {
        SetOrder::DearestFirst => "",
        SetOrder::CheapestFirst => ", counted from the cheapest on",
        SetOrder::AsListed => ", counted as they are listed",
    };
    let (reward, among, most) = (reward(nth.reward(), nth.take()), among(nth.among()), most(nth.max_sets()));
    format!("{piece} of every {of} {reward}{among}{order}{pool}{most}")
}

/// What becomes of so many pieces.
fn reward(reward: &Reward, pieces: u32) -> String {
    let each = if pieces == 1 { "" } else { " each" };
    match reward {
        Reward::Free => "free".to_owned(),
        Reward::Percent(percent) => format!("at {percent}% off"),
        Reward::Amount(off) => format!("at {} off{each}", amounts(off)),
        Reward::ToPrice(price) => format!("for {}{each}", amounts(price)),
    }
}

fn among(among: Among) -> &'static str {
    match among {
        Among::Order => "",
        Among::Line => ", line by line",
        Among::Product => ", product by product",
    }
}

fn most(sets: Option<u64>) -> String {
    sets.map(|sets| format!(", at most {}", if sets == 1 { "once".to_owned() } else { format!("{sets} times") }))
        .unwrap_or_default()
}
