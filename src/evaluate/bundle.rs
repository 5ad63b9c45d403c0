//! Bundles: so many pieces of these goods together, at a price of their own.

use std::cell::Cell;

use crate::coupon::{Bundle, BundleValue, Pick, SetPart};
use crate::money::Money;
use crate::shop::Prepared;

use super::benefit::{Turn, share_total, sum};
use super::matching::MOST_PARTS;
use super::pass::Pass;
use super::service;
use super::sets::{Buffers, Pieces, Stock, form, give, parts, stock};
use super::units::Take;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, bundle: &Bundle) {
    let turn = Turn { index, prepared, benefit, target: &bundle.target };
    stock(pass, turn, parts(turn));
    let needs = || bundle.parts().iter().map(SetPart::pieces);
    let of_one = needs().fold(0_u64, |sum, need| sum.saturating_add(u64::from(need)));
    let saved = Cell::new(0_i128);
    form(pass, turn, (bundle.max_sets(), of_one), |pass, stocks, buffers, max_sets| {
        match bundle.pick() {
            Pick::Cheapest => stocks.sort_unstable_by(Stock::cheapest_first),
            Pick::Dearest => stocks.sort_unstable_by(Stock::dearest_first),
        }
        buffers.needs.clear();
        buffers.needs.extend(needs());
        let pieces = stocks.iter().map(|stock| (stock.sides, stock.count));
        let bundles = buffers.matching.begin(pieces, &buffers.needs, u64::MAX);
        let mut rows = [Row::default(); MOST_PARTS];
        give_parts(stocks, buffers, &mut rows);
        let rows = rows.get_mut(..buffers.needs.len()).unwrap_or_default();
        saved.set(bundle_up(pass, bundle.value(), stocks, rows, buffers, (bundles, max_sets)));
    });
    // More than fits becomes an error when the benefit is settled.
    let saving = i64::try_from(saved.get()).unwrap_or(i64::MAX);
    let total = saving.min(sum(&pass.s.gains, |gain| gain.room));
    share_total(pass, total, |gain| gain.left, true);
    service::narrow_wants(pass, prepared);
    give(pass, turn, saving.saturating_sub(total), Take::Proportional);
}

/// The pieces of one part, in the order in which bundles take them: where they stand among those that were given.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    /// The ones that the next bundle begins with, and how many of them are used up.
    next: usize,
    used: u64,
    end: usize,
    /// How many pieces a bundle needs.
    need: u64,
}

impl Row {
    /// The stock that the next bundle begins with, and how many pieces of it there are yet.
    fn first(&self, given: &[Pieces]) -> Option<Pieces> {
        let pieces = given.get(self.next..self.end)?.first()?;
        Some(Pieces { count: pieces.count.saturating_sub(self.used), ..*pieces })
    }

    /// Takes pieces of the stock that the next bundle begins with.
    fn take(&mut self, count: u64, given: &[Pieces]) {
        self.used = self.used.saturating_add(count);
        if given.get(self.next).is_some_and(|all| self.used >= all.count) {
            (self.next, self.used) = (self.next.saturating_add(1), 0);
        }
    }
}

/// Gives each part its pieces, in turn.
fn give_parts(stocks: &mut [Stock], buffers: &mut Buffers, rows: &mut [Row]) {
    let Buffers { matching, needs, given, .. } = buffers;
    given.clear();
    for (part, (need, row)) in needs.iter().zip(rows).enumerate() {
        let next = given.len();
        for (i, stock) in stocks.iter_mut().enumerate() {
            let some = matching.give(part, stock.sides, stock.open());
            // What is given to a part counts as bought until it is in a bundle.
            stock.bought = stock.bought.saturating_add(some);
            if some > 0 {
                given.push(Pieces { stock: i, count: some.into() });
            }
        }
        *row = Row { next, used: 0, end: given.len(), need: u64::from(*need) };
    }
    stocks.iter_mut().for_each(|stock| stock.bought = 0);
}

/// Forms bundles of the first pieces of each part, then of the next ones, so many of which there are pieces for and at
/// most so many that save anything; equal bundles all at once. Answers what they save together.
fn bundle_up(
    pass: &Pass<'_>,
    value: &BundleValue,
    stocks: &mut [Stock],
    rows: &mut [Row],
    buffers: &mut Buffers,
    (bundles, max_sets): (u64, u64),
) -> i128 {
    let (mut open, mut more) = (bundles, max_sets);
    let mut saved = 0_i128;
    let Buffers { given, set: pieces, .. } = buffers;
    while open > 0 && more > 0 {
        pieces.clear();
        // As long as each part has enough of one stock, bundles are equal.
        let equal =
            rows.iter().map(|row| row.first(given).and_then(|first| first.count.checked_div(row.need)).unwrap_or(0));
        let equal = equal.min().unwrap_or(0).min(open);
        let count = equal.max(1);
        for row in rows.iter_mut() {
            let mut wanted = row.need.saturating_mul(count);
            while wanted > 0 {
                let Some(first) = row.first(given) else { return saved };
                let some = first.count.min(wanted);
                pieces.push(Pieces { count: some, ..first });
                row.take(some, given);
                wanted = wanted.saturating_sub(some);
            }
        }
        open = open.saturating_sub(count);
        let left = pieces.iter().fold(0_i128, |sum, Pieces { stock, count }| {
            let each = stocks.get(*stock).map_or(0, |stock| i128::from(stock.left));
            sum.saturating_add(each.saturating_mul(i128::from(*count)))
        });
        let one = left.checked_div(i128::from(count)).unwrap_or(0);
        let saving = saving(pass, value, i64::try_from(one).unwrap_or(i64::MAX));
        if saving <= 0 {
            continue;
        }
        let formed = count.min(more);
        more = more.saturating_sub(formed);
        saved = saved.saturating_add(i128::from(saving).saturating_mul(i128::from(formed)));
        for Pieces { stock, count: some } in pieces.iter() {
            // Of equal bundles each has as many pieces of a stock as the others.
            let some = if formed < count { some.checked_div(count).unwrap_or(0).saturating_mul(formed) } else { *some };
            if let Some(stock) = stocks.get_mut(*stock) {
                stock.rewarded = stock.rewarded.saturating_add(u32::try_from(some).unwrap_or(0));
            }
        }
    }
    saved
}

/// What one bundle saves whose pieces have so much left.
fn saving(pass: &Pass<'_>, value: &BundleValue, left: i64) -> i64 {
    let minor = |amounts: &crate::coupon::Amounts| amounts.in_currency(pass.currency).map(Money::minor);
    match value {
        BundleValue::Price(price) => left.saturating_sub(minor(price).unwrap_or(i64::MAX)).max(0),
        BundleValue::Percent(off) => off.of_minor(left, pass.policy.rounding().discount),
        BundleValue::Amount(off) => minor(off).unwrap_or(0).min(left),
    }
}
