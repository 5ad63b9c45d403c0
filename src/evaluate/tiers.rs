//! More off, the more is bought: the step that is reached on the snapshot, applied to what remains.

use crate::coupon::{Measure, PercentBase, Split, StepValue, Threshold, Tier, Tiers, Within};
use crate::money::{Money, Rounding, divide};
use crate::policy::PercentRounding;
use crate::shop::Prepared;

use super::amount::{self, over_units, runs_of};
use super::benefit::{Turn, gather, is_plain, settle, settle_as, share_plain, share_total, sum};
use super::measure::{self, Count};
use super::pass::{Gain, Pass};
use super::percent;
use super::service;
use super::units::{self, Take};

/// Thousandths of a percent in a whole.
const WHOLE: u64 = 100_000;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, tiers: &Tiers) {
    let turn = Turn { index, prepared, benefit, target: tiers.target() };
    match (tiers.within(), tiers.is_marginal()) {
        (Within::Line, _) => by_line(pass, turn, tiers),
        (_, true) => marginal(pass, turn, tiers),
        (within, false) => {
            let count = measure::of_lines(pass, index, prepared, benefit, within);
            if let Some(tier) = reached(pass, tiers, count) {
                once(pass, turn, tiers, tier.value());
            }
        }
    }
}

/// The highest step that is reached.
fn reached<'t>(pass: &Pass<'_>, tiers: &'t Tiers, count: Count) -> Option<&'t Tier> {
    let count = count.of(tiers.by());
    tiers.steps().iter().rev().find(|tier| measure::figure(pass, tier.from()).is_some_and(|from| count >= from))
}

/// One step for all lines: once on their sum.
fn once(pass: &mut Pass<'_>, turn: Turn<'_>, tiers: &Tiers, value: &StepValue) {
    let rounding = pass.policy.rounding().discount;
    let amount = match value {
        StepValue::Percent(_) => 0,
        StepValue::Amount(amounts) => amounts.in_currency(pass.currency).map_or(0, Money::minor),
    };
    if tiers.cap().is_none() && is_plain(pass, turn, false) {
        return share_plain(pass, turn, |left| match value {
            StepValue::Percent(off) => off.of_minor(left, rounding),
            StepValue::Amount(_) => amount,
        });
    }
    gather(pass, turn, false);
    service::narrow(pass, turn.prepared);
    let lost = match value {
        StepValue::Percent(off) => percent::once(pass, *off, PercentBase::Remaining),
        StepValue::Amount(_) => amount::once(pass, amount, Split::Proportional),
    };
    settle(pass, turn, tiers.cap(), lost, Take::Proportional);
}

/// On each line the step that this line reached, rounded as policy rounds percentages of lines.
fn by_line(pass: &mut Pass<'_>, turn: Turn<'_>, tiers: &Tiers) {
    gather(pass, turn, false);
    service::narrow(pass, turn.prepared);
    let rounding = pass.policy.rounding();
    let per_unit = rounding.percent == PercentRounding::PerUnit && !turn.prepared.inner().facts.service;
    let (mut gains, mut hows) = (std::mem::take(&mut pass.s.gains), std::mem::take(&mut pass.s.hows));
    hows.clear();
    let mut lost = 0_i64;
    for gain in &mut gains {
        let mut how = Take::Proportional;
        let slot = usize::try_from(gain.slot).unwrap_or(usize::MAX);
        let count = measure::of_slot(pass, slot);
        let mut full = 0;
        match reached(pass, tiers, count).map(Tier::value) {
            None => {}
            Some(_) if tiers.is_marginal() => {
                full = match tiers.by() {
                    Measure::Spend => Average::of(pass, tiers, count).of_minor(gain.left, rounding.discount),
                    Measure::Quantity => {
                        let mut walk = Walk::new(tiers);
                        rounded(walk.parts(pass, gain), rounding.discount)
                    }
                };
                gain.take = full.min(gain.room);
            }
            Some(StepValue::Percent(off)) if per_unit => {
                how = Take::Percent { off: *off, of_original: false, rounding: rounding.discount };
                full = over_units(pass, gain, |run, _| how.wanted(run));
                gain.take = over_units(pass, gain, |run, floor| how.given(run, floor));
            }
            Some(StepValue::Percent(off)) => {
                full = off.of_minor(gain.left, rounding.discount);
                gain.take = full.min(gain.room);
            }
            Some(StepValue::Amount(amounts)) => {
                full = amounts.in_currency(pass.currency).map_or(0, Money::minor);
                gain.take = full.min(gain.room);
            }
        }
        gain.want = full;
        lost = lost.saturating_add(full.saturating_sub(gain.take));
        hows.push(how);
    }
    pass.s.gains = gains;
    settle_as(pass, turn, tiers.cap(), lost, &hows);
    pass.s.hows = hows;
}

/// Each step to its own part, over all lines: rounded once, and shared.
fn marginal(pass: &mut Pass<'_>, turn: Turn<'_>, tiers: &Tiers) {
    let count = measure::of_lines(pass, turn.index, turn.prepared, turn.benefit, tiers.within());
    let rounding = pass.policy.rounding().discount;
    gather(pass, turn, false);
    service::narrow(pass, turn.prepared);
    let total = match tiers.by() {
        Measure::Spend => Average::of(pass, tiers, count).of_minor(sum(&pass.s.gains, |g| g.left), rounding),
        Measure::Quantity => weigh_pieces(pass, turn, tiers, rounding),
    };
    let room = sum(&pass.s.gains, |g| g.room);
    let fits = total.min(room);
    let by_left = tiers.by() == Measure::Spend;
    share_total(pass, fits, |g| if by_left { g.left } else { g.want }, true);
    // Lines whose pieces are worth nothing to any step have no part, even where others have no room.
    let lost = total.saturating_sub(sum(&pass.s.gains, |g| g.take));
    settle(pass, turn, tiers.cap(), lost, Take::Proportional);
}

/// Weighs each line by what the steps give for its pieces, numbered in the order of the pick; answers the sum, rounded
/// once.
fn weigh_pieces(pass: &mut Pass<'_>, turn: Turn<'_>, tiers: &Tiers, rounding: Rounding) -> i64 {
    let mut gains = std::mem::take(&mut pass.s.gains);
    units::in_order(&mut gains, turn.target.pick(), |slot| pass.whole_price(slot));
    let mut parts = std::mem::take(&mut pass.s.exact);
    let mut walk = Walk::new(tiers);
    parts.clear();
    parts.extend(gains.iter().map(|gain| walk.parts(pass, gain)));
    let all = parts.iter().fold(0_i128, |sum, part| sum.saturating_add(*part));
    // Where the sum of the exact parts is beyond 64 bits, minor units are fine enough to weigh by.
    let exact = i64::try_from(all).is_ok();
    for (gain, part) in gains.iter_mut().zip(&parts) {
        gain.want = if exact { i64::try_from(*part).unwrap_or(0) } else { rounded(*part, Rounding::HalfUp) };
    }
    gains.sort_unstable_by_key(|gain| gain.slot);
    (pass.s.gains, pass.s.exact) = (gains, parts);
    rounded(all, rounding)
}

/// Thousandths of a percent of minor units, as minor units.
fn rounded(parts: i128, rounding: Rounding) -> i64 {
    i64::try_from(divide(parts, i128::from(WHOLE), rounding)).unwrap_or(i64::MAX)
}

/// The percentage that marginal steps by spend come to, exactly: what they give of the amount counted, over that amount.
/// What remains at the coupon's turn is lowered by the same percentage.
#[derive(Debug, Clone, Copy)]
struct Average {
    /// In thousandths of a percent of minor units: below 2^80, since it is at most `den`.
    num: u128,
    den: u128,
}

impl Average {
    fn of(pass: &Pass<'_>, tiers: &Tiers, count: Count) -> Self {
        let counted = count.of(Measure::Spend);
        let steps = tiers.steps();
        let mut num = 0_u128;
        for (place, tier) in steps.iter().enumerate() {
            let Some(from) = measure::figure(pass, tier.from()) else { continue };
            let next = steps.get(place.saturating_add(1)).and_then(|next| measure::figure(pass, next.from()));
            let until = next.map_or(counted, |next| next.min(counted));
            if let StepValue::Percent(off) = tier.value() {
                let part = u128::from(until.saturating_sub(from));
                num = num.saturating_add(part.saturating_mul(u128::from(off.thousandths())));
            }
        }
        Self { num, den: u128::from(counted).saturating_mul(u128::from(WHOLE)) }
    }

    /// Of an amount, rounded once. Exact for every amount: the product is worked out in two halves.
    fn of_minor(self, minor: i64, rounding: Rounding) -> i64 {
        let Ok(minor) = u128::try_from(minor) else { return 0 };
        let (high, low) = (minor >> 32, minor & u128::from(u32::MAX));
        let first = self.num.saturating_mul(high);
        let (Some(whole), Some(rest)) = (first.checked_div(self.den), first.checked_rem(self.den)) else { return 0 };
        let second = rest.saturating_mul(1 << 32).saturating_add(self.num.saturating_mul(low));
        let (Ok(second), Ok(den)) = (i128::try_from(second), i128::try_from(self.den)) else { return 0 };
        // The first half is even, so half-even sees the parity of the second.
        let whole = i128::try_from(whole.saturating_mul(1 << 32)).unwrap_or(i128::MAX);
        i64::try_from(whole.saturating_add(divide(second, den, rounding))).unwrap_or(i64::MAX)
    }
}

/// A walk over the pieces that marginal steps number: piece n is worth the highest step that it reaches. Pieces at zero
/// have no number.
struct Walk<'t> {
    tiers: &'t Tiers,
    /// How many pieces were met.
    met: u64,
}

impl<'t> Walk<'t> {
    fn new(tiers: &'t Tiers) -> Self {
        Self { tiers, met: 0 }
    }

    /// What the steps give for the pieces of a line, those with most left first, in thousandths of a percent of minor
    /// units.
    fn parts(&mut self, pass: &Pass<'_>, gain: &Gain) -> i128 {
        let (mut parts, mut seen) = (0_i128, 0_i128);
        let mut open = gain.units;
        for run in runs_of(pass, gain) {
            let count = run.count.min(open);
            open = open.saturating_sub(count);
            if run.left > 0 {
                let left = i128::from(run.left);
                parts = parts.saturating_add(self.rates(count.into()).saturating_mul(left));
                seen = seen.saturating_add(left.saturating_mul(count.into()));
            }
        }
        // Of a payment that is covered in part, that part.
        let left = i128::from(gain.left);
        if seen == left { parts } else { parts.saturating_mul(left).checked_div(seen).unwrap_or(0) }
    }

    /// The percentages of so many more pieces together, in thousandths.
    fn rates(&mut self, count: u64) -> i128 {
        let until = self.met.saturating_add(count);
        let mut sum = 0_i128;
        let steps = self.tiers.steps();
        for (place, tier) in steps.iter().enumerate() {
            let (Threshold::Pieces(from), StepValue::Percent(off)) = (tier.from(), tier.value()) else { continue };
            // Piece n has n - 1 pieces before it.
            let first = from.saturating_sub(1).max(self.met);
            let last = match steps.get(place.saturating_add(1)).map(Tier::from) {
                Some(Threshold::Pieces(next)) => next.saturating_sub(1).min(until),
                _ => until,
            };
            let pieces = last.saturating_sub(first);
            sum = sum.saturating_add(i128::from(pieces).saturating_mul(off.thousandths().into()));
        }
        self.met = until;
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn average(num: u128, den: u128) -> Average {
        Average { num, den }
    }

    #[test]
    fn an_average_is_exact_and_rounded_once() {
        // 5.00 + 5.00 off 150.00, of 140.00: 9.333.
        let fifteenth = average(100_000_000, 15_000 * u128::from(WHOLE));
        assert_eq!(fifteenth.of_minor(15_000, Rounding::HalfUp), 1_000);
        assert_eq!(fifteenth.of_minor(14_000, Rounding::HalfUp), 933);
        assert_eq!(average(1, 2).of_minor(5, Rounding::HalfUp), 3);
        assert_eq!(average(1, 2).of_minor(5, Rounding::HalfEven), 2);
        assert_eq!(average(1, 2).of_minor(5, Rounding::HalfDown), 2);
        assert_eq!(average(1, 2).of_minor((1 << 40) + 3, Rounding::HalfEven), (1 << 39) + 2);
        // A third of 2^33: no half of the product comes out even.
        assert_eq!(average(1, 3).of_minor(1 << 33, Rounding::HalfUp), 2_863_311_531);
        assert_eq!(average(0, 0).of_minor(5, Rounding::HalfUp), 0, "nothing was counted");
        let whole = u128::from(i64::MAX.unsigned_abs()) * u128::from(WHOLE);
        assert_eq!(average(whole, whole).of_minor(i64::MAX, Rounding::HalfUp), i64::MAX);
    }

    #[test]
    fn pieces_are_numbered_across_lines() {
        let percent = |text: &str| StepValue::Percent(crate::Percent::parse(text).unwrap());
        let steps = [(Threshold::Pieces(2), percent("5")), (Threshold::Pieces(5), percent("10"))];
        let tiers = Tiers::new(steps).unwrap();
        let mut walk = Walk::new(&tiers);
        // Of 1 to 3 the second and third have 5%, of 4 to 6 the fourth 5% and the others 10%.
        assert_eq!(walk.rates(3), 10_000);
        assert_eq!(walk.rates(3), 25_000);
        assert_eq!(walk.rates(1_000_000_000), 10_000_000_000_000);
    }
}
