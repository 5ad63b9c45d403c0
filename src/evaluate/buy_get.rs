//! Buy some pieces, get others.

use crate::coupon::{BuyGet, NthPiece, Pick, RewardFrom, SetOrder, SetPart};
use crate::shop::Prepared;

use super::benefit::Turn;
use super::nth::{Cut, same_goods};
use super::pass::Pass;
use super::sets::{Buffers, Stock, parts, reward, sort, stock, worthless};

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
            among: buy_get.among(),
            incomplete: buy_get.incomplete(),
            reward: buy_get.reward(),
        };
        same_goods(pass, turn, buy_get.max_sets(), cut);
    } else {
        other_goods(pass, turn, buy_get);
    }
}

/// Sets of several goods: as many as the pieces of all sides allow, no piece on two sides. The pieces to be rewarded go
/// first, in the order of the pick; then each of the goods to be bought takes its dearest pieces. A piece is passed over
/// where the other sides cannot do without it.
fn other_goods(pass: &mut Pass<'_>, turn: Turn<'_>, buy_get: &BuyGet) {
    let scopes = parts(turn);
    stock(pass, turn, scopes);
    let get = buy_get.buy().len();
    let gets = 1_u32.checked_shl(u32::try_from(get).unwrap_or(u32::MAX)).unwrap_or(0);
    let of_one = u64::from(buy_get.get().pieces());
    reward(pass, turn, buy_get.reward(), (buy_get.max_sets(), of_one), |pass, stocks, buffers, max_sets| {
        let least = worthless(pass, buy_get.reward());
        for stock in stocks.iter_mut().filter(|stock| stock.left <= least) {
            stock.sides &= !gets;
        }
        sort(pass, stocks, buy_get.among(), buffers, Stock::dearest_first);
        let Buffers { matching, needs, .. } = buffers;
        needs.clear();
        needs.extend(buy_get.parts().map(SetPart::pieces));
        let mut open = max_sets;
        for row in stocks.chunk_by_mut(|a, b| a.within == b.within) {
            let mut formed = matching.begin(row.iter().map(|stock| (stock.sides, stock.count)), needs, open);
            if buy_get.incomplete() && formed < open && matching.one_short(get, needs) > 0 {
                formed = formed.saturating_add(1);
            }
            open = open.saturating_sub(formed);
            if formed == 0 {
                continue;
            }
            if buy_get.pick() == Pick::Cheapest {
                row.sort_unstable_by(Stock::cheapest_first);
            }
            for stock in row.iter_mut() {
                stock.rewarded = matching.give(get, stock.sides, stock.count);
            }
            row.sort_unstable_by(Stock::dearest_first);
            for bought in 0..get {
                for stock in row.iter_mut() {
                    let some = matching.give(bought, stock.sides, stock.open());
                    stock.bought = stock.bought.saturating_add(some);
                }
            }
        }
    });
}
