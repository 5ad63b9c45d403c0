//! So much off for every so much that is bought: steps counted on the snapshot, what they come to taken of what remains.

use crate::coupon::{PercentBase, Split, StepValue, Steps, Within};
use crate::money::{Money, Percent};
use crate::policy::PercentRounding;
use crate::shop::Prepared;

use super::amount::{self, over_units};
use super::benefit::{Turn, gather, settle, settle_as};
use super::measure::{self, Count};
use super::pass::Pass;
use super::percent;
use super::service;
use super::units::Take;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, steps: &Steps) {
    let turn = Turn { index, prepared, benefit, target: steps.target() };
    if steps.within() == Within::Line {
        return by_line(pass, turn, steps);
    }
    let counted = measure::of_lines(pass, index, prepared, benefit, steps.within());
    let worth = worth(pass, steps, counted);
    gather(pass, turn, false);
    service::narrow(pass, prepared);
    let lost = match worth {
        Worth::Percent(off) => percent::once(pass, off, PercentBase::Remaining),
        Worth::Amount(amount) => beyond(amount, amount::once(pass, amount, Split::Proportional)),
    };
    settle(pass, turn, steps.cap(), lost, Take::Proportional);
}

/// What all steps come to together.
#[derive(Debug, Clone, Copy)]
enum Worth {
    Percent(Percent),
    /// The largest amount there is where it would be more.
    Amount(i64),
}

fn worth(pass: &Pass<'_>, steps: &Steps, counted: Count) -> Worth {
    let counted = counted.of(steps.every().measure());
    let complete = measure::figure(pass, steps.every()).and_then(|every| counted.checked_div(every)).unwrap_or(0);
    let complete = complete.min(steps.max_steps().unwrap_or(u64::MAX));
    match steps.value() {
        StepValue::Percent(each) => {
            let all = complete.saturating_mul(each.thousandths().into());
            let all = all.min(Percent::HUNDRED.thousandths().into());
            let percent = u32::try_from(all).ok().and_then(|all| Percent::from_thousandths(all).ok());
            Worth::Percent(percent.unwrap_or(Percent::HUNDRED))
        }
        StepValue::Amount(amounts) => {
            let each = amounts.in_currency(pass.currency).map_or(0, Money::minor);
            let all = i128::from(each).saturating_mul(complete.into());
            Worth::Amount(i64::try_from(all).unwrap_or(i64::MAX))
        }
    }
}

/// More than fits becomes an error when the benefit is settled.
fn beyond(amount: i64, lost: i64) -> i64 {
    if amount == i64::MAX { i64::MAX } else { lost }
}

/// On each line what its own steps come to, rounded as policy rounds percentages of lines.
fn by_line(pass: &mut Pass<'_>, turn: Turn<'_>, steps: &Steps) {
    gather(pass, turn, false);
    service::narrow(pass, turn.prepared);
    let rounding = pass.policy.rounding();
    let per_unit = rounding.percent == PercentRounding::PerUnit && !turn.prepared.inner().facts.service;
    let (mut gains, mut hows) = (std::mem::take(&mut pass.s.gains), std::mem::take(&mut pass.s.hows));
    hows.clear();
    let mut lost = 0_i64;
    for gain in &mut gains {
        let slot = usize::try_from(gain.slot).unwrap_or(usize::MAX);
        let mut how = Take::Proportional;
        let full = match worth(pass, steps, measure::of_slot(pass, slot)) {
            Worth::Percent(off) if per_unit => {
                how = Take::Percent { off, of_original: false, rounding: rounding.discount };
                gain.take = over_units(pass, gain, |run, floor| how.given(run, floor));
                over_units(pass, gain, |run, _| how.wanted(run))
            }
            Worth::Percent(off) => {
                let full = off.of_minor(gain.left, rounding.discount);
                gain.take = full.min(gain.room);
                full
            }
            Worth::Amount(amount) => {
                gain.take = amount.min(gain.room);
                amount
            }
        };
        gain.want = full.min(gain.left);
        lost = lost.saturating_add(beyond(full, full.saturating_sub(gain.take)));
        hows.push(how);
    }
    pass.s.gains = gains;
    settle_as(pass, turn, steps.cap(), lost, &hows);
    pass.s.hows = hows;
}
