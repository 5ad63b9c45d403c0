//! A percentage off.

use crate::coupon::{Level, PercentBase, PercentOff};
use crate::policy::PercentRounding;
use crate::shop::Prepared;

use super::benefit::{Taken, Turn, gather, settle, share_total, sum};
use super::discounts::third_party_part;
use super::pass::{Gain, Pass, Scratch};
use super::units::Take;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, percent: &PercentOff) {
    let turn = Turn { index, prepared, benefit, target: percent.target() };
    if is_plain(pass, turn, percent) {
        return plain(pass, turn, percent);
    }
    gather(pass, turn, percent.include_shipping());
    let lost = match prepared.coupon().level() {
        Level::Line => per_line(pass, percent),
        Level::Order => once(pass, percent),
    };
    settle(pass, turn, percent.cap(), lost, Take::Proportional);
}

/// Whether a percentage acts on whole lines, each by itself, with nothing to hold it back: what most coupons are.
fn is_plain(pass: &Pass<'_>, turn: Turn<'_>, percent: &PercentOff) -> bool {
    let target = turn.target;
    let limits = turn.prepared.coupon().limits();
    turn.prepared.coupon().level() == Level::Line
        && pass.policy.rounding().percent == PercentRounding::PerLine
        && (target.scope(), target.max_units(), target.max_units_per_line()) == (None, None, None)
        && (limits.money().is_none(), limits.units()) == (true, None)
        && percent.cap().is_none()
        && !percent.include_shipping()
        && !(pass.order.any_floor() || pass.any_owned || pass.tracing || pass.s.units.any_kept())
}

/// What [`per_line`] does, in one walk over the lines.
fn plain(pass: &mut Pass<'_>, turn: Turn<'_>, percent: &PercentOff) {
    let rounding = pass.policy.rounding().discount;
    let (off, of_original) = (percent.off(), percent.base() == PercentBase::Original);
    let funding = turn.prepared.coupon().funding();
    let Some(touch) = pass.candidate(turn.index).map(|c| c.touch.clone()) else { return };
    let slots = pass.order.slots();
    let Scratch { cells, adjustments, touch: touched, .. } = &mut *pass.s;
    let touched = touched.get(touch).unwrap_or_default();
    adjustments.reserve(touched.len());
    let (mut taken, mut lost) = (Taken::default(), 0_i64);
    for slot in touched {
        let i = usize::try_from(*slot).unwrap_or(usize::MAX);
        let (Some(cell), Some(facts)) = (cells.get_mut(i), slots.get(i)) else { continue };
        let original = if cell.dropped { cell.base } else { cell.after };
        let want = off.of_minor(if of_original { original } else { cell.left }, rounding);
        let take = want.min(cell.left);
        lost = lost.saturating_add(want.saturating_sub(take));
        if take != 0 {
            let third = third_party_part(funding, take, rounding);
            adjustments.push(taken.from(cell, *slot, turn.index, take, third, facts.units));
        }
    }
    taken.add_as_wanted(pass, turn.index, lost);
}

/// On each line by itself, rounded per line, or per unit where policy says so. What a floor refuses is lost.
fn per_line(pass: &mut Pass<'_>, percent: &PercentOff) -> i64 {
    let rounding = pass.policy.rounding();
    let (off, of_original) = (percent.off(), percent.base() == PercentBase::Original);
    let s = &mut *pass.s;
    for gain in &mut s.gains {
        gain.want = match rounding.percent {
            PercentRounding::PerLine => {
                off.of_minor(if of_original { gain.original } else { gain.left }, rounding.discount)
            }
            PercentRounding::PerUnit => {
                let cell = usize::try_from(gain.slot).ok().and_then(|i| s.cells.get(i).map(|c| (i, c)));
                let Some((i, cell)) = cell else { continue };
                let units = pass.order.slots().get(i).map_or(1, |f| f.units);
                let original = if cell.dropped { cell.base } else { cell.after };
                let mut open = gain.units;
                s.units.of_slot(gain.slot, units, cell.left, original).fold(0_i64, |sum, run| {
                    let count = run.count.min(open);
                    open = open.saturating_sub(count);
                    let each = off.of_minor(if of_original { run.original } else { run.left }, rounding.discount);
                    sum.saturating_add(each.saturating_mul(i64::from(count)))
                })
            }
        };
        gain.take = gain.want.min(gain.room);
    }
    sum(&s.gains, |g| g.want.saturating_sub(g.take))
}

/// Once on the sum, rounded once, then allocated. What remains is weighed by what remains, and a floor's refusal is
/// spread over the others; shares of the original amounts follow those, and what a line cannot hold is lost.
fn once(pass: &mut Pass<'_>, percent: &PercentOff) -> i64 {
    let rounding = pass.policy.rounding().discount;
    match percent.base() {
        PercentBase::Remaining => {
            let total = percent.off().of_minor(sum(&pass.s.gains, |g| g.left), rounding);
            let room = sum(&pass.s.gains, |g| g.room);
            share_total(pass, total.min(room), |g| g.left, true);
            total.saturating_sub(room).max(0)
        }
        PercentBase::Original => {
            let total = percent.off().of_minor(sum(&pass.s.gains, |g| g.original), rounding);
            share_total(pass, total, |g: &Gain| g.original, false);
            sum(&pass.s.gains, |g| g.want.saturating_sub(g.take))
        }
    }
}
