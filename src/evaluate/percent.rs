//! A percentage off.

use crate::coupon::{Level, PercentBase, PercentOff};
use crate::funding::Funding;
use crate::money::{Percent, RoundedPercent};
use crate::policy::PercentRounding;
use crate::shop::Prepared;

use super::amount::over_units;
use super::benefit::{Taken, Turn, gather, is_plain, settle, share_plain, share_total, sum};
use super::discounts::third_party_part;
use super::pass::{Gain, Pass, Scratch};
use super::service;
use super::units::Take;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, percent: &PercentOff) {
    let turn = Turn { index, prepared, benefit, target: percent.target() };
    if percent.cap().is_none() && is_plain(pass, turn, percent.include_shipping()) {
        let rounding = pass.policy.rounding();
        match (prepared.coupon().level(), rounding.percent, percent.base()) {
            (Level::Line, PercentRounding::PerLine, _) => return plain(pass, turn, percent),
            (Level::Order, _, PercentBase::Remaining) => {
                return share_plain(pass, turn, |left| percent.off().of_minor(left, rounding.discount));
            }
            _ => {}
        }
    }
    gather(pass, turn, percent.include_shipping());
    service::narrow(pass, prepared);
    let mut how = Take::Proportional;
    let rounding = pass.policy.rounding();
    let lost = match (prepared.coupon().level(), rounding.percent) {
        (Level::Line, PercentRounding::PerLine) => per_line(pass, percent),
        (Level::Line, PercentRounding::PerUnit) if prepared.inner().facts.service => per_line(pass, percent),
        (Level::Line, PercentRounding::PerUnit) => {
            let of_original = percent.base() == PercentBase::Original;
            how = Take::Percent { off: percent.off(), of_original, rounding: rounding.discount };
            per_unit(pass, how)
        }
        (Level::Order, _) => once(pass, percent.off(), percent.base()),
    };
    settle(pass, turn, percent.cap(), lost, how);
}

/// What [`per_line`] does, in one walk over the lines.
fn plain(pass: &mut Pass<'_>, turn: Turn<'_>, percent: &PercentOff) {
    let rounding = pass.policy.rounding().discount;
    let of_original = percent.base() == PercentBase::Original;
    let off = RoundedPercent::new(percent.off(), rounding);
    let funding = turn.prepared.coupon().funding();
    let Some(touch) = pass.candidate(turn.index).map(|c| c.touch.clone()) else { return };
    let slots = pass.order.slots();
    let Scratch { cells, adjustments, touch: touched, .. } = &mut *pass.s;
    let touched = touched.get(touch).unwrap_or_default();
    let seller_pays = matches!(funding, Funding::Seller);
    let (mut taken, mut lost) = (Taken::default(), 0_i64);
    for slot in touched {
        let i = usize::try_from(*slot).unwrap_or(usize::MAX);
        let (Some(cell), Some(facts)) = (cells.get_mut(i), slots.get(i)) else { continue };
        let want = off.of_minor(match (of_original, cell.dropped) {
            (false, _) => cell.left,
            (true, false) => cell.after,
            (true, true) => cell.base,
        });
        let take = want.min(cell.left);
        // Never above the order's total, so it cannot wrap.
        lost = lost.wrapping_add(want.wrapping_sub(take));
        if take != 0 {
            let third = if seller_pays { 0 } else { third_party_part(funding, take, rounding) };
            adjustments.push(taken.from(cell, *slot, turn.index, take, third, facts.units));
        }
    }
    taken.add_as_wanted(pass, turn.index, lost);
}

/// On each line by itself, rounded per line. What a floor refuses is lost.
fn per_line(pass: &mut Pass<'_>, percent: &PercentOff) -> i64 {
    let of_original = percent.base() == PercentBase::Original;
    let off = RoundedPercent::new(percent.off(), pass.policy.rounding().discount);
    let gains = &mut pass.s.gains;
    for gain in gains.iter_mut() {
        gain.want = off.of_minor(if of_original { gain.original } else { gain.left });
        gain.take = gain.want.min(gain.room);
    }
    sum(gains, |g| g.want.saturating_sub(g.take))
}

/// On each unit by itself, rounded per unit, where policy says so. What a unit's floor refuses is lost.
fn per_unit(pass: &mut Pass<'_>, how: Take) -> i64 {
    let mut gains = std::mem::take(&mut pass.s.gains);
    for gain in &mut gains {
        gain.want = over_units(pass, gain, |run, _| how.wanted(run));
        gain.take = over_units(pass, gain, |run, floor| how.given(run, floor));
    }
    let lost = sum(&gains, |g| g.want.saturating_sub(g.take));
    pass.s.gains = gains;
    lost
}

/// Once on the sum, rounded once, then allocated. What remains is weighed by what remains, and a floor's refusal is
/// spread over the others; shares of the original amounts follow those, and what a line cannot hold is lost.
pub(super) fn once(pass: &mut Pass<'_>, off: Percent, base: PercentBase) -> i64 {
    let rounding = pass.policy.rounding().discount;
    match base {
        PercentBase::Remaining => {
            let total = off.of_minor(sum(&pass.s.gains, |g| g.left), rounding);
            let room = sum(&pass.s.gains, |g| g.room);
            share_total(pass, total.min(room), |g| g.left, true);
            total.saturating_sub(room).max(0)
        }
        PercentBase::Original => {
            let total = off.of_minor(sum(&pass.s.gains, |g| g.original), rounding);
            share_total(pass, total, |g: &Gain| g.original, false);
            sum(&pass.s.gains, |g| g.want.saturating_sub(g.take))
        }
    }
}
