//! One amount off the first piece, another off each further one. What a piece cannot take is lost.

use crate::coupon::{Amounts, FirstFurther, FirstOf};
use crate::money::Money;
use crate::shop::Prepared;

use super::amount::{over_units, runs_of};
use super::benefit::{Turn, gather, settle_as};
use super::pass::{Gain, Pass};
use super::service;
use super::units::{Take, in_order};

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, off: &FirstFurther) {
    let turn = Turn { index, prepared, benefit, target: off.target() };
    let minor = |amounts: &Amounts| amounts.in_currency(pass.currency).map_or(0, Money::minor);
    let (first, further) = (minor(off.first()), minor(off.further()));
    gather(pass, turn, false);
    service::narrow(pass, prepared);
    let only = match off.per() {
        FirstOf::Line => None,
        FirstOf::Order => first_slot(pass, turn),
    };
    let (mut gains, mut hows) = (std::mem::take(&mut pass.s.gains), std::mem::take(&mut pass.s.hows));
    hows.clear();
    hows.reserve(gains.len());
    let mut lost = 0_i128;
    for gain in &mut gains {
        let has_first = off.per() == FirstOf::Line || only == Some(gain.slot);
        let how = if has_first { Take::First { first, further } } else { Take::Each(further) };
        gain.want = wanted(pass, gain, how).min(gain.left);
        gain.take = gain.want.min(gain.room);
        let more = if has_first { i128::from(first).saturating_sub(further.into()) } else { 0 };
        let full = i128::from(further).saturating_mul(gain.units.into()).saturating_add(more);
        lost = lost.saturating_add(full.saturating_sub(gain.take.into()));
        hows.push(how);
    }
    pass.s.gains = gains;
    // More than fits becomes an error when the benefit is settled.
    settle_as(pass, turn, off.cap(), i64::try_from(lost).unwrap_or(i64::MAX), &hows);
    pass.s.hows = hows;
}

/// The line whose piece is the first of the order.
fn first_slot(pass: &mut Pass<'_>, turn: Turn<'_>) -> Option<u32> {
    let mut gains = std::mem::take(&mut pass.s.gains);
    in_order(&mut gains, turn.target.pick(), |slot| pass.whole_price(slot));
    let first = gains.iter().find(|gain| gain.left > 0).map(|gain| gain.slot);
    gains.sort_unstable_by_key(|gain| gain.slot);
    pass.s.gains = gains;
    first
}

/// What a line gives in one of these ways.
pub(super) fn wanted(pass: &Pass<'_>, gain: &Gain, how: Take) -> i64 {
    let all = over_units(pass, gain, |run, floor| how.given(run, floor));
    let Take::First { first, .. } = how else { return all };
    let floor = pass.slot(gain.slot).map_or(0, |facts| facts.unit_floor);
    let Some(run) = runs_of(pass, gain).find(|run| run.count > 0) else { return all };
    all.saturating_sub(how.given(run, floor)).saturating_add(Take::Each(first).given(run, floor))
}
