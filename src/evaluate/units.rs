//! Which pieces of which lines a benefit consumes. The one place where pieces are looked at, and they are never
//! expanded: the units of a line are kept as runs of equal units, so the cost follows the lines and the coupons, not the
//! pieces.
//!
//! As long as every discount of a line covered all of its units, what is left is spread evenly over them: 100 over three
//! is 34, 33, 33. From the first benefit on that takes only some of the units, the line's runs are kept, and every later
//! discount of the line is spread over the units in proportion to what each has left, by largest remainder.

use crate::coupon::Pick;
use crate::money::{Percent, Rounding, split_units};

use super::pass::Gain;

/// Equal units of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) count: u32,
    /// What is left of each.
    pub(super) left: i64,
    /// What each stood at before any coupon.
    pub(super) original: i64,
}

/// The lines whose units are no longer even.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// For each slot, where its runs are; [`NONE`] for even lines. Empty as long as all are even.
    of: Vec<u32>,
    runs: Vec<Vec<Run>>,
    used: usize,
    taken: Vec<Run>,
    order: Vec<usize>,
}

const NONE: u32 = u32::MAX;

/// The limits of a pick.
#[derive(Debug, Clone, Copy)]
pub(super) struct PickLimits {
    pub(super) max: Option<u64>,
    pub(super) max_per_line: Option<u64>,
    pub(super) pick: Pick,
}

/// How an amount is taken from units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    /// In proportion to what each unit has left.
    Proportional,
    /// The same from each unit, as far as it goes.
    Each(i64),
    /// Down to a price.
    To(i64),
    /// A percentage of each, rounded for each.
    Percent { off: Percent, of_original: bool, rounding: Rounding },
}

impl Take {
    /// What one unit would give were there no floor.
    pub(super) fn wanted(self, run: Run) -> i64 {
        match self {
            Self::Proportional => 0,
            Self::Each(each) => each,
            Self::To(price) => run.left.saturating_sub(price).max(0),
            Self::Percent { off, of_original, rounding } => {
                off.of_minor(if of_original { run.original } else { run.left }, rounding)
            }
        }
    }

    /// What one unit gives, never past its floor.
    pub(super) fn given(self, run: Run, floor: i64) -> i64 {
        self.wanted(run).min(run.left.saturating_sub(floor).max(0))
    }
}

impl Units {
    pub(super) fn clear(&mut self) {
        self.of.clear();
        self.used = 0;
    }

    /// The runs of a slot, most left first: kept ones, or even ones made on the spot.
    pub(super) fn of_slot(&self, slot: u32, units: u32, left: i64, original: i64) -> Runs<'_> {
        match self.find(slot) {
            Some(runs) => Runs::Kept(runs.iter()),
            None => Runs::Even(even(units, left, original).into_iter()),
        }
    }

    /// Whether the units of any slot are no longer even.
    pub(super) fn any_kept(&self) -> bool {
        self.used > 0
    }

    /// Whether the units of a slot are no longer even.
    pub(super) fn is_kept(&self, slot: u32) -> bool {
        self.find(slot).is_some()
    }

    fn position(&self, slot: u32) -> Option<usize> {
        let at = *self.of.get(usize::try_from(slot).ok()?)?;
        if at == NONE { None } else { usize::try_from(at).ok() }
    }

    fn find(&self, slot: u32) -> Option<&Vec<Run>> {
        self.runs.get(self.position(slot)?)
    }

    /// Keeps the runs of a slot from now on.
    fn keep(&mut self, slot: u32, even: impl Iterator<Item = Run>) -> Option<&mut Vec<Run>> {
        if self.position(slot).is_none() {
            let at = usize::try_from(slot).ok()?;
            if self.of.len() <= at {
                self.of.resize(at.checked_add(1)?, NONE);
            }
            if self.runs.len() <= self.used {
                self.runs.push(Vec::new());
            }
            let runs = self.runs.get_mut(self.used)?;
            runs.clear();
            runs.extend(even);
            *self.of.get_mut(at)? = u32::try_from(self.used).ok()?;
            self.used = self.used.checked_add(1)?;
        }
        let at = self.position(slot)?;
        self.runs.get_mut(at)
    }

    /// Takes `amount` from the first `count` units of a slot, no unit below `floor`. Answers what found no room, which
    /// is nothing where the amount came from [`pick`].
    pub(super) fn take(&mut self, gain: &Gain, slot_units: u32, floor: i64, amount: i64, how: Take) -> i64 {
        let mut taken = std::mem::take(&mut self.taken);
        let mut order = std::mem::take(&mut self.order);
        // The cell still holds what was left before; a gain knows the whole line where it covers the whole line.
        let rest = self.keep(gain.slot, std::iter::empty()).map(|runs| {
            split_off(runs, gain.units.min(slot_units), &mut taken);
            let rest = match how {
                Take::Proportional => spread(&mut taken, floor, amount, &mut order),
                Take::Each(_) | Take::To(_) | Take::Percent { .. } => {
                    down(&mut taken, |run| how.given(run, floor), amount)
                }
            };
            runs.append(&mut taken);
            tidy(runs);
            rest
        });
        taken.clear();
        order.clear();
        self.taken = taken;
        self.order = order;
        rest.unwrap_or(amount)
    }

    /// Makes sure that the runs of a slot are kept.
    pub(super) fn keep_even(&mut self, slot: u32, units: u32, left: i64, original: i64) {
        let _kept = self.keep(slot, even(units, left, original).into_iter());
    }
}

/// The runs of one slot, most left first.
pub(super) enum Runs<'a> {
    Kept(std::slice::Iter<'a, Run>),
    Even(std::array::IntoIter<Run, 3>),
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        match self {
            Self::Kept(runs) => runs.next().copied(),
            Self::Even(runs) => runs.next(),
        }
    }
}

/// What is left, and what there was, spread evenly: at most three runs, the larger units first.
fn even(units: u32, left: i64, original: i64) -> [Run; 3] {
    let (now, before) = (split_units(left, units), split_units(original, units));
    let (now_larger, before_larger) = (now.larger().0, before.larger().0);
    let (first, second) = (now_larger.min(before_larger), now_larger.max(before_larger));
    let between = if now_larger > before_larger {
        (now.larger().1, before.smaller().1)
    } else {
        (now.smaller().1, before.larger().1)
    };
    [
        Run { count: first, left: now.larger().1, original: before.larger().1 },
        Run { count: second.saturating_sub(first), left: between.0, original: between.1 },
        Run { count: units.saturating_sub(second), left: now.smaller().1, original: before.smaller().1 },
    ]
}

/// Moves the first `count` units, those with most left, out of `runs`.
fn split_off(runs: &mut Vec<Run>, count: u32, taken: &mut Vec<Run>) {
    let mut wanted = count;
    taken.clear();
    for run in runs.iter_mut() {
        let some = run.count.min(wanted);
        if some > 0 {
            taken.push(Run { count: some, ..*run });
            run.count = run.count.saturating_sub(some);
            wanted = wanted.saturating_sub(some);
        }
    }
    runs.retain(|run| run.count > 0);
}

/// Takes from each unit what `from` says, and answers what differs from `amount`.
fn down(runs: &mut [Run], from: impl Fn(Run) -> i64, amount: i64) -> i64 {
    let mut rest = amount;
    for run in runs {
        let each = from(*run);
        rest = rest.saturating_sub(each.saturating_mul(i64::from(run.count)));
        run.left = run.left.saturating_sub(each);
    }
    rest
}

/// Spreads an amount over units in proportion to what each has left, by largest remainder; ties go to the units that
/// come first. Units that reach their floor give their share to the others.
fn spread(runs: &mut Vec<Run>, floor: i64, amount: i64, order: &mut Vec<usize>) -> i64 {
    let room = |run: &Run| run.left.saturating_sub(floor).max(0);
    let total = |runs: &[Run], of: &dyn Fn(&Run) -> i64| {
        runs.iter().fold(0_i128, |sum, r| sum.saturating_add(i128::from(of(r)).saturating_mul(i128::from(r.count))))
    };
    let fits = amount.min(i64::try_from(total(runs, &room)).unwrap_or(i64::MAX));
    let mut weight = total(runs, &|r| r.left);
    let mut open = i128::from(fits);
    let mut full = vec![false; runs.len()];
    // Units whose share reaches their room get just that, until no more do.
    loop {
        let mut changed = false;
        for (run, full) in runs.iter_mut().zip(&mut full) {
            let room = i128::from(room(run));
            let reached = open.saturating_mul(i128::from(run.left)) >= room.saturating_mul(weight);
            if !*full && reached && run.left > 0 {
                *full = true;
                changed = true;
                let count = i128::from(run.count);
                open = open.saturating_sub(room.saturating_mul(count));
                weight = weight.saturating_sub(i128::from(run.left).saturating_mul(count));
                run.left = run.left.min(floor.max(0));
            }
        }
        if !changed {
            break;
        }
    }
    if weight > 0 && open > 0 {
        remainders(runs, &full, floor, open, weight, order);
    }
    amount.saturating_sub(fits)
}

/// The one pass of largest remainder over units whose room does not bind.
fn remainders(runs: &mut Vec<Run>, full: &[bool], floor: i64, open: i128, weight: i128, order: &mut Vec<usize>) {
    let quota = |run: &Run| {
        let product = open.saturating_mul(i128::from(run.left));
        (product.checked_div(weight).unwrap_or(0), product.checked_rem(weight).unwrap_or(0))
    };
    let mut rest = open;
    order.clear();
    for (i, (run, full)) in runs.iter().zip(full).enumerate() {
        if !full && run.left > 0 {
            rest = rest.saturating_sub(quota(run).0.saturating_mul(i128::from(run.count)));
            order.push(i);
        }
    }
    let key = |i: &usize| runs.get(*i).map(|r| std::cmp::Reverse(quota(r).1));
    order.sort_by_key(key);
    let mut extra = Vec::new();
    for i in order.iter() {
        let Some(run) = runs.get(*i).copied() else { continue };
        let share = i64::try_from(quota(&run).0).unwrap_or(0);
        let left = run.left.saturating_sub(share);
        let more = if left > floor { run.count.min(u32::try_from(rest).unwrap_or(u32::MAX)) } else { 0 };
        rest = rest.saturating_sub(i128::from(more));
        if let Some(run) = runs.get_mut(*i) {
            run.left = left;
            run.count = run.count.saturating_sub(more);
        }
        if more > 0 {
            extra.push(Run { count: more, left: left.saturating_sub(1), ..run });
        }
    }
    runs.append(&mut extra);
}

/// Most left first, equal runs together.
fn tidy(runs: &mut Vec<Run>) {
    runs.retain(|run| run.count > 0);
    runs.sort_unstable_by(|a, b| b.left.cmp(&a.left).then(b.original.cmp(&a.original)));
    runs.dedup_by(|next, kept| {
        let same = next.left == kept.left && next.original == kept.original;
        if same {
            kept.count = kept.count.saturating_add(next.count);
        }
        same
    });
}

/// Limits gains to the units that are picked: lines by the price of one unit on the snapshot, cheapest or dearest first,
/// then by id; of a line the units with most left; units at zero are passed over.
pub(super) fn pick(
    units: &Units,
    gains: &mut Vec<Gain>,
    limits: PickLimits,
    slot_units: impl Fn(u32) -> u32,
    floor: impl Fn(u32) -> i64,
) {
    gains.sort_unstable_by(|a, b| {
        // The price of one unit, compared without division.
        let (x, y) = (slot_units(a.slot).max(1), slot_units(b.slot).max(1));
        let one = i128::from(a.original).saturating_mul(i128::from(y));
        let other = i128::from(b.original).saturating_mul(i128::from(x));
        let by_price = match limits.pick {
            Pick::Cheapest => one.cmp(&other),
            Pick::Dearest => other.cmp(&one),
        };
        by_price.then(a.slot.cmp(&b.slot))
    });
    let mut budget = limits.max.unwrap_or(u64::MAX);
    for gain in gains.iter_mut() {
        let mut wanted = budget.min(limits.max_per_line.unwrap_or(u64::MAX));
        let floor = floor(gain.slot);
        let runs = units.of_slot(gain.slot, slot_units(gain.slot), gain.left, gain.original);
        let mut picked = Gain { units: 0, left: 0, original: 0, room: 0, want: 0, take: 0, slot: gain.slot };
        for run in runs.filter(|r| r.left > 0) {
            let some = u64::from(run.count).min(wanted);
            let count = i64::try_from(some).unwrap_or(0);
            let add = |sum: i64, each: i64| sum.saturating_add(each.saturating_mul(count));
            picked.units = picked.units.saturating_add(u32::try_from(some).unwrap_or(0));
            picked.left = add(picked.left, run.left);
            picked.original = add(picked.original, run.original);
            picked.room = add(picked.room, run.left.saturating_sub(floor).max(0));
            wanted = wanted.saturating_sub(some);
        }
        budget = budget.saturating_sub(u64::from(picked.units));
        *gain = picked;
    }
    gains.retain(|gain| gain.units > 0);
    gains.sort_unstable_by_key(|gain| gain.slot);
}
