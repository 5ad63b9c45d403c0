//! What tiers and steps are counted in: what is spent, and how many pieces are bought. Judged on the snapshot, so that no
//! coupon changes what another one, or the coupon itself, has reached.

use crate::coupon::{Benefit, Measure, Target, Threshold, Tier, Within};
use crate::money::Money;
use crate::refusal::Refusal;
use crate::shop::Prepared;

use super::benefit::{acts_on, within_scope};
use super::pass::Pass;

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) minor: i64,
    pub(super) pieces: u64,
}

impl Count {
    fn and(self, other: Self) -> Self {
        Self { minor: self.minor.saturating_add(other.minor), pieces: self.pieces.saturating_add(other.pieces) }
    }

    fn or_more(self, other: Self) -> Self {
        Self { minor: self.minor.max(other.minor), pieces: self.pieces.max(other.pieces) }
    }

    /// The figure that is counted in this.
    pub(super) fn of(self, measure: Measure) -> u64 {
        match measure {
            Measure::Spend => u64::try_from(self.minor).unwrap_or(0),
            Measure::Quantity => self.pieces,
        }
    }

    /// Why it is not enough, where it is not.
    fn short_of(self, pass: &Pass<'_>, required: &Threshold) -> Option<Refusal> {
        match required {
            Threshold::Pieces(required) if self.pieces < *required => {
                Some(Refusal::MinimumQuantity { required: *required, found: self.pieces })
            }
            Threshold::Spend(amounts) => {
                let required = amounts.in_currency(pass.currency)?;
                let found = Money::new(self.minor, pass.currency);
                (self.minor < required.minor()).then_some(Refusal::MinimumSpend { required, found })
            }
            Threshold::Pieces(_) => None,
        }
    }
}

/// A threshold as a figure; none in a currency that it does not name.
pub(super) fn figure(pass: &Pass<'_>, threshold: &Threshold) -> Option<u64> {
    match threshold {
        Threshold::Spend(amounts) => u64::try_from(amounts.in_currency(pass.currency)?.minor()).ok(),
        Threshold::Pieces(pieces) => Some(*pieces),
    }
}

/// What one line counts.
pub(super) fn of_slot(pass: &Pass<'_>, slot: usize) -> Count {
    match (pass.order.slots().get(slot), pass.s.cells.get(slot)) {
        (Some(facts), Some(cell)) if cell.refusal.is_none() => {
            Count { minor: pass.snapshot(cell), pieces: u64::from(facts.units) }
        }
        _ => Count::default(),
    }
}

/// What the lines count together that a benefit acts on, or all of the order. Whole lines, whatever number of pieces the
/// benefit acts on. Of lines counted by themselves the most of any.
pub(super) fn of_lines(pass: &Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, within: Within) -> Count {
    if within == Within::Order {
        return (0..pass.order.lines().len()).fold(Count::default(), |sum, slot| sum.and(of_slot(pass, slot)));
    }
    let candidate = usize::try_from(index).ok().and_then(|i| pass.s.candidates.get(i));
    let touch = candidate.map_or(0..0, |candidate| candidate.touch.clone());
    let slots = pass.s.touch.get(touch).unwrap_or_default().iter().filter_map(|slot| usize::try_from(*slot).ok());
    let counts = slots.filter(|slot| acts_on(pass, prepared, benefit, *slot)).map(|slot| of_slot(pass, slot));
    match within {
        Within::Line => counts.fold(Count::default(), Count::or_more),
        Within::Qualifying | Within::Order => counts.fold(Count::default(), Count::and),
    }
}

/// Whether a benefit has anything to act on; else what is missing, where it is something that a shopper could add.
pub(super) fn reached(
    pass: &Pass<'_>,
    index: u32,
    prepared: &Prepared,
    at: usize,
    benefit: &Benefit,
) -> Result<(), Option<Refusal>> {
    let target = benefit.target();
    let slots = || {
        let candidate = usize::try_from(index).ok().and_then(|i| pass.s.candidates.get(i));
        let touch = candidate.map_or(0..0, |candidate| candidate.touch.clone());
        pass.s.touch.get(touch).unwrap_or_default().iter().filter_map(|slot| usize::try_from(*slot).ok())
    };
    let units = |slot: usize| pass.order.slots().get(slot).map_or(0, |facts| u64::from(facts.units));
    if !slots().any(|slot| acts_on(pass, prepared, at, slot)) {
        let most = slots().filter(|slot| within_scope(pass, prepared, at, *slot)).map(units).max();
        let least = target.and_then(Target::pieces_from);
        return Err(least.zip(most).map(|(required, found)| Refusal::MinimumQuantity { required, found }));
    }
    if let Some((required, target)) = target.and_then(|target| Some((target.groups_of()?, target))) {
        let per_line = target.max_units_per_line().unwrap_or(u64::MAX);
        let acted = slots().filter(|slot| acts_on(pass, prepared, at, *slot));
        let found = acted.fold(0_u64, |sum, slot| sum.saturating_add(units(slot).min(per_line)));
        if found < required {
            return Err(Some(Refusal::MinimumQuantity { required, found }));
        }
    }
    let (first, within) = match benefit {
        Benefit::Tiers(tiers) => (tiers.steps().first().map(Tier::from), tiers.within()),
        Benefit::Steps(steps) => (Some(steps.every()), steps.within()),
        _ => return Ok(()),
    };
    let count = of_lines(pass, index, prepared, at, within);
    first.and_then(|first| count.short_of(pass, first)).map_or(Ok(()), |short| Err(Some(short)))
}
