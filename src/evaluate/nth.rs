//! The n-th piece, or the cheapest or dearest of every n.

use crate::coupon::{Among, NthOff, NthPiece, Reward, RewardFrom, SetOrder};
use crate::shop::Prepared;

use super::benefit::Turn;
use super::pass::Pass;
use super::sets::{Pieces, Stock, parts, reward, sort, stock, worthless};

/// How pieces in a row are cut into sets, and which pieces of a set are rewarded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut<'a> {
    /// The pieces of a set, and how many of them are rewarded.
    pub(super) of: u64,
    pub(super) take: u64,
    pub(super) which: NthPiece,
    pub(super) sets: SetOrder,
    pub(super) from: RewardFrom,
    pub(super) among: Among,
    /// A last set that is short rewards what it has beyond the pieces that are bought.
    pub(super) incomplete: bool,
    pub(super) reward: &'a Reward,
}

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, nth: &NthOff) {
    let turn = Turn { index, prepared, benefit, target: nth.target() };
    let cut = Cut {
        of: nth.of().into(),
        take: nth.take().into(),
        which: nth.which(),
        sets: nth.sets(),
        from: nth.from(),
        among: nth.among(),
        incomplete: false,
        reward: nth.reward(),
    };
    same_goods(pass, turn, nth.max_sets(), cut);
}

/// Sets of the same goods: the pieces in a row, cut into sets.
pub(super) fn same_goods(pass: &mut Pass<'_>, turn: Turn<'_>, max_sets: Option<u64>, cut: Cut<'_>) {
    stock(pass, turn, parts(turn));
    reward(pass, turn, cut.reward, (max_sets, cut.take), |pass, stocks, buffers, max_sets| {
        sort(pass, stocks, cut.among, buffers, |a, b| match cut.sets {
            SetOrder::DearestFirst => a.dearest_first(b),
            SetOrder::CheapestFirst => a.cheapest_first(b),
            SetOrder::AsListed => a.place().cmp(&b.place()),
        });
        let least = worthless(pass, cut.reward);
        let mut sets = max_sets;
        for row in stocks.chunk_by_mut(|a, b| a.within == b.within) {
            let formed = match cut.from {
                RewardFrom::EachSet => each_set(row, &mut buffers.set, cut, sets, least),
                RewardFrom::Pool => pool(row, cut, sets, least),
            };
            sets = sets.saturating_sub(formed);
        }
    });
}

/// Cuts a row into sets, and rewards pieces of each by itself, of at most so many. A set in which nothing can be rewarded
/// uses nothing up and does not count. Answers how many count.
fn each_set(row: &mut [Stock], set: &mut Vec<Pieces>, cut: Cut<'_>, max_sets: u64, least: i64) -> u64 {
    let (mut formed, mut next, mut used) = (0_u64, 0_usize, 0_u64);
    while formed < max_sets {
        let Some(stock) = row.get_mut(next) else { break };
        let open = u64::from(stock.count).saturating_sub(used);
        // Sets of equal pieces, all at once.
        let mut whole = open.checked_div(cut.of).unwrap_or(0);
        if whole > 0 {
            if stock.left > least {
                whole = whole.min(max_sets.saturating_sub(formed));
                let add =
                    |to: u32, each: u64| to.saturating_add(u32::try_from(whole.saturating_mul(each)).unwrap_or(0));
                stock.rewarded = add(stock.rewarded, cut.take);
                stock.bought = add(stock.bought, cut.of.saturating_sub(cut.take));
                formed = formed.saturating_add(whole);
            }
            used = used.saturating_add(whole.saturating_mul(cut.of));
            continue;
        }
        // One set of pieces that differ.
        set.clear();
        let mut wanted = cut.of;
        while wanted > 0 {
            let Some(stock) = row.get(next) else { break };
            let some = u64::from(stock.count).saturating_sub(used).min(wanted);
            if some > 0 {
                set.push(Pieces { stock: next, count: some });
            }
            wanted = wanted.saturating_sub(some);
            used = used.saturating_add(some);
            if used >= u64::from(stock.count) {
                (next, used) = (next.saturating_add(1), 0);
            }
        }
        // What the set lacks is not there to be rewarded.
        let take = if cut.incomplete { cut.take.saturating_sub(wanted) } else { cut.take };
        if (wanted > 0 && !cut.incomplete) || take == 0 {
            break;
        }
        formed = formed.saturating_add(u64::from(one_set(row, set, cut.which, take, least)));
    }
    formed
}

/// Rewards pieces of one set, and marks the others as bought where any is rewarded. Answers whether any is.
fn one_set(row: &mut [Stock], set: &mut [Pieces], which: NthPiece, take: u64, least: i64) -> bool {
    let (mut skip, mut take) = (0_u64, take);
    match which {
        NthPiece::Position(place) => {
            skip = u64::from(place.get()).saturating_sub(1);
        }
        NthPiece::Cheapest | NthPiece::Dearest => {
            set.sort_unstable_by(|a, b| match (row.get(a.stock), row.get(b.stock)) {
                (Some(a), Some(b)) if which == NthPiece::Dearest => a.dearest_first(b),
                (Some(a), Some(b)) => b.dearest_first(a),
                _ => a.stock.cmp(&b.stock),
            });
        }
    }
    let by_position = matches!(which, NthPiece::Position(_));
    let mut rewards = 0_u64;
    for some in set.iter_mut() {
        let Some(stock) = row.get_mut(some.stock) else { continue };
        let passed = skip.min(some.count);
        skip = skip.saturating_sub(passed);
        let reached = some.count.saturating_sub(passed).min(take);
        let rewarded = if stock.left > least { reached } else { 0 };
        // A place in the set is no other place, even where its piece has nothing to give.
        take = take.saturating_sub(if by_position { reached } else { rewarded });
        stock.rewarded = stock.rewarded.saturating_add(u32::try_from(rewarded).unwrap_or(0));
        some.count = some.count.saturating_sub(rewarded);
        rewards = rewards.saturating_add(rewarded);
    }
    for some in set.iter().filter(|_| rewards > 0) {
        if let Some(stock) = row.get_mut(some.stock) {
            stock.bought = stock.bought.saturating_add(u32::try_from(some.count).unwrap_or(0));
        }
    }
    rewards > 0
}

/// Cuts a row into sets, at most so many, and rewards pieces of all of them together. Answers how many were formed.
fn pool(row: &mut [Stock], cut: Cut<'_>, max_sets: u64, least: i64) -> u64 {
    let pieces = row.iter().fold(0_u64, |sum, stock| sum.saturating_add(stock.count.into()));
    let sets = pieces.checked_div(cut.of).unwrap_or(0).min(max_sets);
    let mut open = sets.saturating_mul(cut.of);
    for stock in row.iter_mut() {
        let some = open.min(stock.count.into());
        open = open.saturating_sub(some);
        stock.bought = u32::try_from(some).unwrap_or(0);
    }
    match cut.which {
        NthPiece::Dearest => row.sort_unstable_by(Stock::dearest_first),
        NthPiece::Cheapest | NthPiece::Position(_) => row.sort_unstable_by(|a, b| b.dearest_first(a)),
    }
    let mut rewards = sets.saturating_mul(cut.take);
    let mut any = false;
    for stock in row.iter_mut().filter(|stock| stock.left > least) {
        let some = u32::try_from(rewards).unwrap_or(u32::MAX).min(stock.bought);
        rewards = rewards.saturating_sub(some.into());
        (stock.bought, stock.rewarded) = (stock.bought.saturating_sub(some), some);
        any = any || some > 0;
    }
    if !any {
        row.iter_mut().for_each(|stock| stock.bought = 0);
    }
    sets
}
