//! A fixed amount off: once per order, per line, or per unit. Never more than there is; the excess is lost.

use crate::coupon::{AmountOff, OperatorAmount, Per, Split, TaxView};
use crate::money::Money;
use crate::money::{share, share_even};
use crate::shop::Prepared;

use super::basis;
use super::benefit::{Turn, gather, is_plain, settle, share_plain, share_total, sum};
use super::pass::{Gain, Pass, coupon_of};
use super::units::{Run, Take};

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, off: &AmountOff) {
    let Some(amount) = off.off().in_currency(pass.currency).map(Money::minor) else { return };
    let turn = Turn { index, prepared, benefit, target: off.target() };
    if (off.per(), off.split()) == (Per::Order, Split::Proportional)
        && is_plain(pass, turn, off.include_shipping())
        && !converts(pass, index, off.tax())
    {
        return share_plain(pass, turn, |_| amount);
    }
    gather(pass, turn, off.include_shipping());
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
    settle(pass, turn, None, lost, how);
}

/// An amount that an operator entered, taken like an amount per order (S141).
pub(super) fn by_hand(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, operator: &OperatorAmount) {
    let Some(amount) = pass.presented(index).and_then(|p| p.operator_amount).map(Money::minor) else { return };
    let turn = Turn { index, prepared, benefit, target: operator.target() };
    gather(pass, turn, false);
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
fn each_line(pass: &mut Pass<'_>, amount: i64) -> i64 {
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
    let mut lost = 0_i64;
    let mut gains = std::mem::take(&mut pass.s.gains);
    for gain in &mut gains {
        gain.want = match from_whole(pass, gain, amount) {
            Some(full) => full,
            None => over_units(pass, gain, |run, floor| Take::Each(amount).given(run, floor)),
        };
        gain.take = gain.want.min(gain.room);
        let full = i128::from(amount).saturating_mul(i128::from(gain.units));
        let full = i64::try_from(full).unwrap_or(i64::MAX);
        lost = lost.saturating_add(full.saturating_sub(gain.take));
    }
    pass.s.gains = gains;
    lost
}

/// What each unit gives where every unit of a whole, even line has as much: no need to look at units.
fn from_whole(pass: &Pass<'_>, gain: &Gain, amount: i64) -> Option<i64> {
    let facts = pass.slot(gain.slot).filter(|facts| facts.unit_floor == 0 && facts.units == gain.units)?;
    let full = amount.checked_mul(i64::from(facts.units))?;
    (full <= gain.left && !pass.s.units.is_kept(gain.slot)).then_some(full)
}

/// The sum over the units of a gain of what is taken from one, given the unit and its floor.
pub(super) fn over_units(pass: &Pass<'_>, gain: &Gain, one: impl Fn(Run, i64) -> i64) -> i64 {
    let i = usize::try_from(gain.slot).unwrap_or(usize::MAX);
    let (Some(facts), Some(cell)) = (pass.order.slots().get(i), pass.s.cells.get(i)) else { return 0 };
    let original = if cell.dropped { cell.base } else { cell.after };
    let mut open = gain.units;
    pass.s.units.of_slot(gain.slot, facts.units, cell.left, original).fold(0_i64, |sum, run| {
        let count = run.count.min(open);
        open = open.saturating_sub(count);
        sum.saturating_add(one(run, facts.unit_floor).saturating_mul(i64::from(count)))
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

/// An amount meant net in a gross shop, or gross in a net shop: exact on its own side, and on the other the total before
/// less the total after, never a rounding of its own. Worked out per tax class, as tax is rounded.
fn on_the_other_side(pass: &mut Pass<'_>, amount: i64) -> i64 {
    let rates: Vec<_> = pass.order.classes().iter().map(|c| c.rate).collect();
    let class_of = |g: &Gain| pass.slot(g.slot).and_then(|s| usize::try_from(s.class).ok()).unwrap_or(0);
    let classes: Vec<usize> = pass.s.gains.iter().map(class_of).collect();
    let rate = |class: usize| rates.get(class).copied().flatten();
    // What each line has room for, seen from the other side, weighs its share.
    let rooms: Vec<i64> =
        pass.s.gains.iter().zip(&classes).map(|(g, c)| basis::convert(pass, rate(*c), g.room)).collect();
    let total = amount.min(rooms.iter().fold(0_i64, |sum, r| sum.saturating_add(*r)));
    let mut shares = Vec::new();
    let _none = share(total, &rooms, None, &mut shares, &mut pass.s.allocate);
    let mut placed = 0_i64;
    for class in 0..rates.len() {
        let of_class: Vec<usize> = (0..classes.len()).filter(|i| classes.get(*i) == Some(&class)).collect();
        let share_of_class = of_class.iter().filter_map(|i| shares.get(*i)).fold(0_i64, |s, x| s.saturating_add(*x));
        if share_of_class == 0 {
            continue;
        }
        let room = of_class.iter().filter_map(|i| pass.s.gains.get(*i)).fold(0_i64, |s, g| s.saturating_add(g.room));
        let before = taxable_of_class(pass, class);
        let other_before = basis::convert(pass, rate(class), before);
        let after = basis::unconvert(pass, rate(class), other_before.saturating_sub(share_of_class));
        let off = before.saturating_sub(after).clamp(0, room);
        let other_after = basis::convert(pass, rate(class), before.saturating_sub(off));
        placed = placed.saturating_add(other_before.saturating_sub(other_after).min(share_of_class));
        let weights: Vec<i64> = of_class.iter().filter_map(|i| pass.s.gains.get(*i)).map(|g| g.left).collect();
        let caps: Vec<i64> = of_class.iter().filter_map(|i| pass.s.gains.get(*i)).map(|g| g.room).collect();
        let mut lines = Vec::new();
        let _none = share(off, &weights, Some(&caps), &mut lines, &mut pass.s.allocate);
        for (i, line) in of_class.iter().zip(&lines) {
            if let Some(gain) = pass.s.gains.get_mut(*i) {
                gain.want = *line;
                gain.take = *line;
            }
        }
    }
    amount.saturating_sub(placed)
}

/// The taxable amount of a class as it stands: what is left, with what third parties pay.
fn taxable_of_class(pass: &Pass<'_>, class: usize) -> i64 {
    pass.order
        .slots()
        .iter()
        .zip(&pass.s.cells)
        .filter(|(slot, _)| usize::try_from(slot.class) == Ok(class))
        .fold(0_i64, |sum, (_, cell)| sum.saturating_add(cell.left).saturating_add(cell.third))
}
