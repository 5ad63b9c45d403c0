//! What benefits on sets of pieces share: the pieces that are free to be used, in their order, and what the pieces that
//! a set rewards give. A kind of set only says which pieces are bought and which are rewarded.
//!
//! Pieces are never expanded: those of one line that are equal are one stock, and a set takes a number of them.

use std::cmp::Ordering;

use crate::coupon::{Among, Reward};
use crate::money::Money;
use crate::policy::PercentRounding;
use crate::shop::Matcher;

use super::benefit::{Turn, is_all_or_none, lines, refuse_units, settle, units_left, withhold};
use super::depths;
use super::matching::Matching;
use super::pass::{Gain, Pass};
use super::service;
use super::units::{Mark, Run, Take};

/// Equal pieces of one line that no earlier set used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stock {
    pub(super) slot: u32,
    /// The place of their run among those of the line.
    pub(super) run: u32,
    pub(super) count: u32,
    pub(super) left: i64,
    pub(super) original: i64,
    /// What the whole line stood at before any coupon, and its pieces: the unit price.
    line: (i64, u32),
    /// The unit price without its fraction, which tells most prices apart.
    price: i64,
    /// Its place in line order.
    at: u32,
    /// The parts of the set that the line can be used for, one bit for each.
    pub(super) sides: u32,
    /// The line or product that sets are formed within, by the order in which they come.
    pub(super) within: u32,
    pub(super) bought: u32,
    pub(super) rewarded: u32,
}

impl Stock {
    /// Dearest first by unit price after the shop's discounts, then by line id; of a line those with most left.
    pub(super) fn dearest_first(&self, other: &Self) -> Ordering {
        other.price(self).then(self.place().cmp(&other.place()))
    }

    /// Cheapest first, then by line id; of a line those with most left.
    pub(super) fn cheapest_first(&self, other: &Self) -> Ordering {
        self.price(other).then(self.place().cmp(&other.place()))
    }

    /// By line id; of a line those with most left.
    pub(super) fn place(&self) -> (u32, u32) {
        (self.slot, self.run)
    }

    /// The pieces that nothing was decided about yet.
    pub(super) fn open(&self) -> u32 {
        self.count.saturating_sub(self.bought).saturating_sub(self.rewarded)
    }

    /// Compares the price of one unit, exactly.
    fn price(&self, other: &Self) -> Ordering {
        self.price.cmp(&other.price).then_with(|| {
            let one = i128::from(self.line.0).wrapping_mul(i128::from(other.line.1));
            one.cmp(&i128::from(other.line.0).wrapping_mul(i128::from(self.line.1)))
        })
    }
}

/// The scopes of the parts of a set benefit; none where it is about all of its goods alike.
pub(super) fn parts(turn: Turn<'_>) -> &[Option<Matcher>] {
    turn.prepared.inner().part_scopes.get(turn.benefit).map_or(&[], |parts| parts)
}

/// Some pieces of a stock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pieces {
    /// Its place among the stocks.
    pub(super) stock: usize,
    pub(super) count: u64,
}

/// What sets are worked out with.
#[derive(Debug, Default)]
pub(super) struct Sets {
    pub(super) stocks: Vec<Stock>,
    /// Stocks on their way back into line order.
    spare: Vec<Stock>,
    buffers: Buffers,
}

/// What kinds of sets write on their way.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    pub(super) matching: Matching,
    /// How many pieces each part needs.
    pub(super) needs: Vec<u32>,
    /// The pieces of each part.
    pub(super) given: Vec<Pieces>,
    /// The pieces of the set that is being formed.
    pub(super) set: Vec<Pieces>,
    /// Of each line, which one stands for its product.
    stands: Vec<u32>,
    by_product: Vec<u32>,
}

/// The stocks of a set benefit in line order: of the lines that it may touch, what no earlier set used. `parts` are the
/// scopes of its parts; of a line that none of them covers nothing is taken.
/// Without parts, there is one for all lines.
pub(super) fn stock(pass: &mut Pass<'_>, turn: Turn<'_>, parts: &[Option<Matcher>]) {
    lines(pass, turn);
    let mut stocks = std::mem::take(&mut pass.s.sets.stocks);
    stocks.clear();
    let parts = if parts.is_empty() { &[None] } else { parts };
    for gain in &pass.s.gains {
        let i = usize::try_from(gain.slot).unwrap_or(usize::MAX);
        let (Some(line), Some(facts), Some(cell)) =
            (pass.order.lines().get(i), pass.order.slots().get(i), pass.s.cells.get(i))
        else {
            continue;
        };
        let mut sides = 0_u32;
        for (part, bit) in parts.iter().zip((0..u32::BITS).filter_map(|n| 1_u32.checked_shl(n))) {
            if part.as_ref().is_none_or(|scope| scope.covers(line.product(), pass.unit_amount(facts, cell))) {
                sides |= bit;
            }
        }
        if sides == 0 {
            continue;
        }
        let runs = || pass.s.units.of_slot(gain.slot, gain.units, gain.left, gain.original).zip(0_u32..);
        let free = || runs().filter(|(run, _)| run.count > 0 && !run.claimed);
        // Those with least left are the ones that sets of automatic offers used, where their rewards still stand.
        let used = if cell.dropped { 0 } else { cell.claimed };
        let mut open = match used {
            0 => u32::MAX,
            used => free().fold(0_u32, |sum, (run, _)| sum.saturating_add(run.count)).saturating_sub(used),
        };
        for (run, place) in free() {
            let count = run.count.min(open);
            open = open.saturating_sub(count);
            if count == 0 {
                break;
            }
            let units = gain.units.max(1);
            stocks.push(Stock {
                at: u32::try_from(stocks.len()).unwrap_or(u32::MAX),
                slot: gain.slot,
                run: place,
                count,
                left: run.left,
                original: run.original,
                line: (gain.original, units),
                price: gain.original.checked_div_euclid(units.into()).unwrap_or(0),
                sides,
                ..Stock::default()
            });
        }
    }
    pass.s.sets.stocks = stocks;
}

/// Sorts the stocks, apart by what sets are formed within: the one whose first piece comes first is the first.
pub(super) fn sort(
    pass: &Pass<'_>,
    stocks: &mut [Stock],
    among: Among,
    buffers: &mut Buffers,
    by: impl Fn(&Stock, &Stock) -> Ordering,
) {
    stocks.sort_unstable_by(&by);
    let Buffers { stands, by_product, .. } = buffers;
    stands.clear();
    let slots = || 0..u32::try_from(pass.order.slots().len()).unwrap_or(u32::MAX);
    match among {
        Among::Order => return,
        Among::Line => stands.extend(slots()),
        Among::Product => {
            let product = |slot: u32| {
                let line = usize::try_from(slot).ok().and_then(|i| pass.order.lines().get(i));
                line.map(|line| line.product().id())
            };
            by_product.clear();
            by_product.extend(slots());
            by_product.sort_unstable_by(|a, b| product(*a).cmp(&product(*b)).then(a.cmp(b)));
            stands.resize(by_product.len(), 0);
            for lines in by_product.chunk_by(|a, b| product(*a) == product(*b)) {
                for slot in lines {
                    if let (Some(first), Some(stands)) = (lines.first(), at(stands, *slot)) {
                        *stands = *first;
                    }
                }
            }
        }
    }
    // From here on of each line, or the one that stands for its product, the first place in the order.
    let places = by_product;
    places.clear();
    places.resize(stands.len(), u32::MAX);
    for (place, stock) in (0_u32..).zip(stocks.iter_mut()) {
        let first = at(stands, stock.slot).map(|slot| *slot).and_then(|slot| at(places, slot));
        let Some(first) = first else { continue };
        *first = place.min(*first);
        stock.within = *first;
    }
    stocks.sort_unstable_by(|a, b| a.within.cmp(&b.within).then_with(|| by(a, b)));
}

fn at<T>(list: &mut [T], place: u32) -> Option<&mut T> {
    usize::try_from(place).ok().and_then(|i| list.get_mut(i))
}

/// What is left of a piece at most where a reward gives it nothing: at zero, or at the price that it would get.
pub(super) fn worthless(pass: &Pass<'_>, reward: &Reward) -> i64 {
    match reward {
        Reward::ToPrice(price) => price.in_currency(pass.currency).map_or(0, Money::minor),
        Reward::Free | Reward::Percent(_) | Reward::Amount(_) => 0,
    }
}

/// Lets a kind say which pieces of the stocks are bought and which are rewarded, gives the rewards, and claims what
/// was used.
pub(super) fn reward(
    pass: &mut Pass<'_>,
    turn: Turn<'_>,
    reward: &Reward,
    sets: (Option<u64>, u64),
    arrange: impl Fn(&Pass<'_>, &mut [Stock], &mut Buffers, u64),
) {
    form(pass, turn, sets, arrange);
    let (how, lost) = wants(pass, reward);
    service::narrow_wants(pass, turn.prepared);
    give(pass, turn, lost, how);
}

/// Lets a kind say which pieces of the stocks are bought and which are rewarded. `arrange` is told the most sets there may
/// be, each of which rewards `of_one` pieces. Leaves a gain for each line that has rewarded pieces.
pub(super) fn form(
    pass: &mut Pass<'_>,
    turn: Turn<'_>,
    (max_sets, of_one): (Option<u64>, u64),
    arrange: impl Fn(&Pass<'_>, &mut [Stock], &mut Buffers, u64),
) {
    let Sets { mut stocks, mut spare, mut buffers } = std::mem::take(&mut pass.s.sets);
    let most = max_sets.unwrap_or(u64::MAX);
    arrange(pass, &mut stocks, &mut buffers, most);
    let rewarded = |stocks: &[Stock]| stocks.iter().fold(0_u64, |sum, s| sum.saturating_add(u64::from(s.rewarded)));
    let wanted = rewarded(&stocks);
    if let Some(left) = units_left(pass, turn).filter(|left| wanted > *left) {
        stocks.iter_mut().for_each(|stock| (stock.bought, stock.rewarded) = (0, 0));
        if is_all_or_none(pass, turn) {
            refuse_units(pass, turn, left);
        } else {
            // Only whole sets: of one that is short nothing is rewarded.
            arrange(pass, &mut stocks, &mut buffers, most.min(left.checked_div(of_one).unwrap_or(0)));
            let taken = rewarded(&stocks);
            withhold(pass, turn, Some(left), wanted.saturating_sub(taken), taken);
        }
    }
    in_line_order(&mut stocks, &mut spare);
    mark(pass, &stocks);
    gains(pass, &stocks);
    pass.s.sets = Sets { stocks, spare, buffers };
}

/// Puts the stocks back to where they were found. Each knows its place, so nothing is compared.
fn in_line_order(stocks: &mut [Stock], spare: &mut Vec<Stock>) {
    spare.clear();
    spare.extend_from_slice(stocks);
    for stock in spare.iter() {
        if let Some(place) = at(stocks, stock.at) {
            *place = *stock;
        }
    }
}

/// Notes which pieces are used.
fn mark(pass: &mut Pass<'_>, stocks: &[Stock]) {
    let marks = stocks.iter().map(|stock| {
        let Stock { slot, run, bought, rewarded, .. } = *stock;
        Mark { slot, run, bought, rewarded }
    });
    pass.s.units.mark(marks);
}

/// One gain for each line that has rewarded pieces, out of stocks in line order.
fn gains(pass: &mut Pass<'_>, stocks: &[Stock]) {
    let mut gains = std::mem::take(&mut pass.s.gains);
    gains.clear();
    for stocks in stocks.chunk_by(|a, b| a.slot == b.slot) {
        let Some(slot) = stocks.first().map(|stock| stock.slot) else { continue };
        let floor = pass.slot(slot).map_or(0, |facts| facts.unit_floor);
        let mut gain = Gain { slot, units: 0, left: 0, original: 0, room: 0, want: 0, take: 0 };
        for stock in stocks {
            let count = i64::from(stock.rewarded);
            let add = |sum: i64, each: i64| sum.saturating_add(each.saturating_mul(count));
            gain.units = gain.units.saturating_add(stock.rewarded);
            gain.left = add(gain.left, stock.left);
            gain.original = add(gain.original, stock.original);
            gain.room = add(gain.room, stock.left.saturating_sub(floor).max(0));
        }
        // What a line may not give, a bundle takes from the other lines.
        gain.room = gain.room.min(depths::room(pass, slot));
        if gain.units > 0 {
            gains.push(gain);
        }
    }
    pass.s.gains = gains;
}

/// What the rewarded pieces of each line want and can give, as a benefit of that kind on so many pieces takes it. Answers
/// how it is taken from them, and what is lost.
fn wants(pass: &mut Pass<'_>, reward: &Reward) -> (Take, i64) {
    let rounding = pass.policy.rounding();
    let minor = |amounts: &crate::coupon::Amounts| amounts.in_currency(pass.currency).map(Money::minor);
    let how = match reward {
        Reward::Free => Take::Proportional,
        Reward::Percent(off) => match rounding.percent {
            PercentRounding::PerLine => Take::Proportional,
            PercentRounding::PerUnit => Take::Percent { off: *off, of_original: false, rounding: rounding.discount },
        },
        Reward::Amount(amounts) => Take::Each(minor(amounts).unwrap_or(0)),
        Reward::ToPrice(amounts) => Take::To(minor(amounts).unwrap_or(i64::MAX)),
    };
    let order = pass.order;
    let mut lost = 0_i128;
    let mut gains = std::mem::take(&mut pass.s.gains);
    let mut rest = pass.s.sets.stocks.as_slice();
    for gain in &mut gains {
        let from = rest.partition_point(|stock| stock.slot < gain.slot);
        rest = rest.get(from..).unwrap_or_default();
        let slot = usize::try_from(gain.slot).ok().and_then(|i| order.slots().get(i));
        let floor = slot.map_or(0, |facts| facts.unit_floor);
        let pieces = rest.iter().take_while(|stock| stock.slot == gain.slot);
        let of_pieces = |one: &dyn Fn(Run) -> i64| {
            pieces.clone().fold(0_i64, |sum, stock| {
                let Stock { left, original, .. } = *stock;
                let each = one(Run { count: 1, left, original, claimed: false });
                sum.saturating_add(each.saturating_mul(i64::from(stock.rewarded)))
            })
        };
        (gain.want, gain.take) = match (reward, how) {
            (Reward::Percent(off), Take::Proportional) => {
                let want = off.of_minor(gain.left, rounding.discount);
                (want, want.min(gain.room))
            }
            (_, Take::Proportional) => (gain.left, gain.room),
            _ => (of_pieces(&|run| how.wanted(run)), of_pieces(&|run| how.given(run, floor))),
        };
        let full = match how {
            // What a price does not lower is not lost.
            Take::To(_) => i128::from(gain.take),
            Take::Each(each) => i128::from(each).saturating_mul(i128::from(gain.units)),
            // No reward tells a first piece from the others.
            Take::Proportional | Take::Percent { .. } | Take::First { .. } => i128::from(gain.want),
        };
        lost = lost.saturating_add(full.saturating_sub(i128::from(gain.take)));
    }
    pass.s.gains = gains;
    // More than fits becomes an error when the benefit is settled.
    (how, i64::try_from(lost).unwrap_or(i64::MAX))
}

/// Takes the rewards off, and claims the pieces of the sets where that took anything.
pub(super) fn give(pass: &mut Pass<'_>, turn: Turn<'_>, lost: i64, how: Take) {
    let granted = |pass: &mut Pass<'_>| pass.candidate(turn.index).map_or(0, |c| c.tally.granted);
    let before = granted(pass);
    let marked = pass.s.units.marked_lines();
    pass.s.units.reserve(pass.order.slots().len(), marked);
    settle(pass, turn, None, lost, how);
    if granted(pass) == before {
        pass.s.units.unmark();
        return;
    }
    let (order, cells) = (pass.order, &pass.s.cells);
    let even = |slot: u32| {
        let i = usize::try_from(slot).ok()?;
        let (facts, cell) = (order.slots().get(i)?, cells.get(i)?);
        Some((facts.units, cell.left, if cell.dropped { cell.base } else { cell.after }))
    };
    pass.s.units.claim_marked(&pass.s.gains, even);
}
