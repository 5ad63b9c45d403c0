//! Buy some pieces, get others.

use crate::coupon::{BuyGet, NthPiece, Pick, RewardFrom, SetOrder};
use crate::shop::Prepared;

use super::benefit::Turn;
use super::nth::{Cut, same_goods};
use super::pass::Pass;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, buy_get: &BuyGet) {
    let turn = Turn { index, prepared, benefit, target: &buy_get.target };
    if buy_get.is_same_goods() {
        let bought = buy_get.buy().iter().fold(0_u64, |sum, part| sum.saturating_add(part.pieces().into()));
        let take = u64::from(buy_get.get().pieces());
        let cut = Cut {
            of: bought.saturating_add(take),
            take,
            which: match buy_get.pick() {
                Pick::Cheapest => NthPiece::Cheapest,
                Pick::Dearest => NthPiece::Dearest,
            },
            sets: SetOrder::DearestFirst,
            from: RewardFrom::EachSet,
            among: buy_get.formed_among(),
            incomplete: buy_get.incomplete(),
            reward: buy_get.reward(),
        };
        same_goods(pass, turn, buy_get.max_sets(), cut);
    }
}
