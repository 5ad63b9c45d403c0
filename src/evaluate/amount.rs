//! A fixed amount off: once per order, per line, or per unit. Never more than there is; the excess is lost.

use crate::coupon::{AmountOff, OperatorAmount, Per, Split, TaxView};
use crate::money::Money;
use crate::money::{TaxRate, share, share_even};
use crate::policy::TaxRounding;
use crate::shop::Prepared;

use super::basis;
use super::benefit::{Turn, gather, is_plain, settle, share_plain, share_total, sum};
use super::pass::{Cell, Gain, Pass, coupon_of};
use super::service;
use super::units::{Run, Take};

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, off: &AmountOff) {
    let Some(amount) = off.off().in_currency(pass.currency).map(Money::minor) else { return };
    let turn = Turn { index, prepared, benefit, target: off.target() };
    if (off.per(), off.split(), off.cap()) == (Per::Order, Split::Proportional, None)
        && is_plain(pass, turn, off.include_shipping())
        && !converts(pass, index, off.tax())
    {
        return share_plain(pass, turn, |_| amount);
    }
    gather(pass, turn, off.include_shipping());
    service::narrow(pass, prepared);
    let mut how = Take::Proportional;
    let lost = match off.per() {
        Per::Order if converts(pass, index, off.tax()) => on_the_other_side(pass, amount),
        Per::Order => once(pass, amount, off.split()),
        Per::Line => each_line(pass, amount),
        Per::Unit => {
            how = Take::Each(amount);
            each_unit(pass, amount)
        }
    };
    settle(pass, turn, off.cap(), lost, how);
}

/// An amount that an operator entered, taken like an amount per order (S141).
pub(super) fn by_hand(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, operator: &OperatorAmount) {
    let Some(amount) = pass.presented(index).and_then(|p| p.operator_amount).map(Money::minor) else { return };
    let turn = Turn { index, prepared, benefit, target: operator.target() };
    gather(pass, turn, false);
    service::narrow(pass, prepared);
    let lost = once(pass, amount, Split::Proportional);
    settle(pass, turn, None, lost, Take::Proportional);
}

/// Once, capped at what the lines have room for, shared by what each has left.
pub(super) fn once(pass: &mut Pass<'_>, amount: i64, split: Split) -> i64 {
    let total = amount.min(sum(&pass.s.gains, |g| g.room));
    match split {
        Split::Proportional => {
            share_total(pass, total, |g| g.left, true);
        }
        Split::Even => {
            let s = &mut *pass.s;
            s.caps.clear();
            s.caps.extend(s.gains.iter().map(|g| g.room));
            let _none = share_even(total, &s.caps, &mut s.shares, &mut s.allocate);
            for (gain, share) in s.gains.iter_mut().zip(&s.shares) {
                gain.want = *share;
                gain.take = (*share).min(gain.room);
            }
        }
    }
    amount.saturating_sub(total)
}

/// Once on each line; what a line cannot take is lost, not moved.
pub(super) fn each_line(pass: &mut Pass<'_>, amount: i64) -> i64 {
    let mut lost = 0_i64;
    for gain in &mut pass.s.gains {
        gain.want = amount.min(gain.room);
        gain.take = gain.want;
        lost = lost.saturating_add(amount.saturating_sub(gain.take));
    }
    lost
}

/// Once on each unit; what a unit cannot take is lost, not moved.
fn each_unit(pass: &mut Pass<'_>, amount: i64) -> i64 {
    let mut lost = 0_i128;
    let mut gains = std::mem::take(&mut pass.s.gains);
    for gain in &mut gains {
        gain.want = match from_whole(pass, gain, amount) {
            Some(full) => full,
            None => over_units(pass, gain, |run, floor| Take::Each(amount).given(run, floor)),
        };
        gain.take = gain.want.min(gain.room);
        let full = i128::from(amount).saturating_mul(i128::from(gain.units));
        lost = lost.saturating_add(full.saturating_sub(i128::from(gain.take)));
    }
    pass.s.gains = gains;
    // More than fits becomes an error when the benefit is settled.
    i64::try_from(lost).unwrap_or(i64::MAX)
}

/// What each unit gives where every unit of a whole, even line has as much: no need to look at units.
fn from_whole(pass: &Pass<'_>, gain: &Gain, amount: i64) -> Option<i64> {
    let facts = pass.slot(gain.slot).filter(|facts| facts.unit_floor == 0 && facts.units == gain.units)?;
    let full = amount.checked_mul(i64::from(facts.units))?;
    (full <= gain.left && !pass.s.units.is_kept(gain.slot)).then_some(full)
}

/// The sum over the units of a gain of what is taken from one, given the unit and its floor.
pub(super) fn over_units(pass: &Pass<'_>, gain: &Gain, one: impl Fn(Run, i64) -> i64) -> i64 {
    let floor = pass.slot(gain.slot).map_or(0, |facts| facts.unit_floor);
    let mut open = gain.units;
    runs_of(pass, gain).fold(0_i64, |sum, run| {
        let count = run.count.min(open);
        open = open.saturating_sub(count);
        sum.saturating_add(one(run, floor).saturating_mul(i64::from(count)))
    })
}

/// The units of the line of a gain, most left first.
pub(super) fn runs_of<'p>(pass: &'p Pass<'_>, gain: &Gain) -> impl Iterator<Item = Run> + 'p {
    let i = usize::try_from(gain.slot).unwrap_or(usize::MAX);
    let slot = gain.slot;
    let found = pass.order.slots().get(i).zip(pass.s.cells.get(i));
    found.into_iter().flat_map(move |(facts, cell)| {
        let original = if cell.dropped { cell.base } else { cell.after };
        pass.s.units.of_slot(slot, facts.units, cell.left, original)
    })
}

/// Whether an amount is meant on the other side of tax than prices are. What a third party pays leaves the taxable
/// amount alone, so there it is as priced.
fn converts(pass: &Pass<'_>, index: u32, view: TaxView) -> bool {
    let seller = pass
        .presented(index)
        .and_then(coupon_of)
        .is_some_and(|c| matches!(c.funding(), crate::funding::Funding::Seller));
    seller && basis::differs(pass, view) && pass.order.classes().iter().any(|c| c.rate.is_some())
}

/// Lines whose tax is rounded together: those of a class, or one line alone where policy says so.
#[derive(Default)]
struct Group {
    rate: Option<TaxRate>,
    /// The taxable amount as it stands: what is left, with what third parties pay.
    before: i64,
    room: i64,
    gains: Vec<usize>,
}

/// An amount meant net in a gross shop, or gross in a net shop: exact on its own side, and on the other the total before
/// less the total after, never a rounding of its own. Worked out on the sums that tax is rounded on, so that an amount
/// that covers everything leaves nothing (trap: 100% off that leaves 0.01).
fn on_the_other_side(pass: &mut Pass<'_>, amount: i64) -> i64 {
    let groups = groups(pass);
    // What each group has room for, seen from the other side, weighs its share.
    let seen = |pass: &Pass<'_>, group: &Group| {
        let after = basis::convert(pass, group.rate, group.before.saturating_sub(group.room));
        basis::convert(pass, group.rate, group.before).saturating_sub(after)
    };
    let rooms: Vec<i64> = groups.iter().map(|group| seen(pass, group)).collect();
    let total = amount.min(rooms.iter().fold(0_i64, |sum, r| sum.saturating_add(*r)));
    let mut shares = Vec::new();
    let _none = share(total, &rooms, None, &mut shares, &mut pass.s.allocate);
    let mut placed = 0_i64;
    let (mut weights, mut caps, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for ((group, stated), all) in groups.iter().zip(&shares).zip(&rooms).filter(|((_, stated), _)| **stated != 0) {
        let before = basis::convert(pass, group.rate, group.before);
        let off = if stated == all {
            group.room
        } else {
            let after = basis::unconvert(pass, group.rate, before.saturating_sub(*stated));
            group.before.saturating_sub(after).clamp(0, group.room)
        };
        let after = basis::convert(pass, group.rate, group.before.saturating_sub(off));
        placed = placed.saturating_add(before.saturating_sub(after).min(*stated));
        weights.clear();
        caps.clear();
        for gain in group.gains.iter().filter_map(|i| pass.s.gains.get(*i)) {
            weights.push(gain.left);
            caps.push(gain.room);
        }
        let _none = share(off, &weights, Some(&caps), &mut lines, &mut pass.s.allocate);
        for (i, line) in group.gains.iter().zip(&lines) {
            if let Some(gain) = pass.s.gains.get_mut(*i) {
                gain.want = *line;
                gain.take = *line;
            }
        }
    }
    amount.saturating_sub(placed)
}

/// The gains by what their tax is rounded with, in the order of their first line.
fn groups(pass: &Pass<'_>) -> Vec<Group> {
    let (slots, classes, cells) = (pass.order.slots(), pass.order.classes(), &pass.s.cells);
    let taxable = |cell: &Cell| cell.left.saturating_add(cell.third);
    let class_of = |slot: u32| {
        let slot = usize::try_from(slot).ok().and_then(|i| slots.get(i));
        slot.and_then(|s| usize::try_from(s.class).ok()).unwrap_or(0)
    };
    let per_line = pass.policy.rounding().tax_level == TaxRounding::PerLine;
    let mut groups: Vec<Group> = Vec::new();
    let mut of_class: Vec<Option<usize>> = vec![None; classes.len()];
    for (i, gain) in pass.s.gains.iter().enumerate() {
        let class = class_of(gain.slot);
        let known = of_class.get(class).copied().flatten().filter(|_| !per_line);
        let at = known.unwrap_or(groups.len());
        if known.is_none() {
            let rate = classes.get(class).and_then(|c| c.rate);
            let cell = usize::try_from(gain.slot).ok().and_then(|i| cells.get(i));
            let before = cell.filter(|_| per_line).map_or(0, taxable);
            groups.push(Group { rate, before, ..Group::default() });
            if let Some(of_class) = of_class.get_mut(class) {
                *of_class = Some(at);
            }
        }
        if let Some(group) = groups.get_mut(at) {
            group.room = group.room.saturating_add(gain.room);
            group.gains.push(i);
        }
    }
    if !per_line {
        for (slot, cell) in slots.iter().zip(cells) {
            let at = usize::try_from(slot.class).ok().and_then(|c| of_class.get(c)).copied().flatten();
            if let Some(group) = at.and_then(|at| groups.get_mut(at)) {
                group.before = group.before.saturating_add(taxable(cell));
            }
        }
    }
    groups
}
