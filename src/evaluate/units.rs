//! Which pieces of which lines a benefit consumes. The one place where pieces are looked at, and they are never
//! expanded: the units of a line are kept as runs of equal units, so the cost follows the lines and the coupons, not the
//! pieces.
//!
//! As long as every discount of a line covered all of its units, what is left is spread evenly over them: 100 over three
//! is 34, 33, 33. From the first benefit on that takes only some of the units, the line's runs are kept, and every later
//! discount of the line is spread over the units in proportion to what each has left, by largest remainder.
//!
//! Sets of pieces (the n-th free, buy and get, bundles) use pieces up: each piece of a set that was formed, bought or
//! rewarded, is claimed, and no later set uses it again. A claim is a mark on a run; nothing else looks at it.

use crate::coupon::Pick;
use crate::money::{Percent, Rounding, split_units};

use super::pass::Gain;

/// Equal units of one line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) count: u32,
    /// What is left of each.
    pub(super) left: i64,
    /// What each stood at before any coupon.
    pub(super) original: i64,
    /// Used by a set of pieces already.
    pub(super) claimed: bool,
}

/// What a set benefit does with equal pieces of one line: some are bought, and some of the others are rewarded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) slot: u32,
    /// The place of the run among those of its line.
    pub(super) run: u32,
    pub(super) bought: u32,
    pub(super) rewarded: u32,
}

/// The lines whose units are no longer even.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// For each slot, where its runs are. Empty as long as all are even.
    of: Vec<Span>,
    /// The runs of all such lines, each line's in a stretch of its own.
    runs: Vec<Run>,
    /// What the set benefit in hand does, by slot and run; empty between benefits and for all others.
    marks: Vec<Mark>,
    work: Work,
}

/// A stretch of [`Units::runs`]. Without room, the units of its slot are even.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    from: usize,
    len: usize,
    room: usize,
}

impl Span {
    fn range(self) -> std::ops::Range<usize> {
        self.from..self.from.saturating_add(self.len)
    }
}

/// How many runs a line gets room for at first: three of even units, and one that a benefit splits off.
const ROOM: usize = 4;

/// What one discount needs on its way.
#[derive(Debug, Default)]
struct Work {
    /// The runs it takes from, and in the end all runs of the line.
    taken: Vec<Run>,
    others: Vec<Run>,
    /// Units that take one minor unit more than their neighbours.
    extra: Vec<Run>,
    /// Which of the runs have nothing more to give.
    full: Vec<bool>,
    /// The runs by their remainders.
    order: Vec<usize>,
}

/// The limits of a pick.
#[derive(Debug, Clone, Copy)]
pub(super) struct PickLimits {
    pub(super) max: Option<u64>,
    pub(super) max_per_line: Option<u64>,
    pub(super) pick: Pick,
    /// Only complete groups of so many.
    pub(super) groups_of: Option<u64>,
}

/// How an amount is taken from units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    /// In proportion to what each unit has left.
    Proportional,
    /// The same from each unit, as far as it goes.
    Each(i64),
    /// So much from the unit with most left, so much from each other one, as far as it goes.
    First { first: i64, further: i64 },
    /// Down to a price.
    To(i64),
    /// A percentage of each, rounded for each.
    Percent { off: Percent, of_original: bool, rounding: Rounding },
}

impl Take {
    /// What one unit would give were there no floor; a further one, where the first gives something else.
    pub(super) fn wanted(self, run: Run) -> i64 {
        match self {
            Self::Proportional => 0,
            Self::Each(each) | Self::First { further: each, .. } => each,
            Self::To(price) => run.left.saturating_sub(price).max(0),
            Self::Percent { off, of_original, rounding } => {
                off.of_minor(if of_original { run.original } else { run.left }, rounding)
            }
        }
    }

    /// Whether it leaves equal units unequal.
    pub(super) fn parts_units(self) -> bool {
        matches!(self, Self::First { .. })
    }

    /// What is taken from one unit, never past its floor.
    pub(super) fn given(self, run: Run, floor: i64) -> i64 {
        self.wanted(run).min(run.left.saturating_sub(floor).max(0))
    }
}

impl Units {
    pub(super) fn clear(&mut self) {
        self.of.clear();
        self.runs.clear();
        self.marks.clear();
    }

    /// Makes room for the runs of so many lines of an order with so many slots, so that it is made once.
    pub(super) fn reserve(&mut self, slots: usize, lines: usize) {
        self.of.reserve(slots.saturating_sub(self.of.len()));
        self.runs.reserve(lines.saturating_mul(ROOM));
        self.work.reserve(ROOM.saturating_mul(2));
    }

    /// The runs of a slot, most left first: kept ones, or even ones made on the spot.
    pub(super) fn of_slot(&self, slot: u32, units: u32, left: i64, original: i64) -> Runs<'_> {
        match self.kept(slot) {
            Some(runs) => Runs::Kept(runs.iter()),
            None => Runs::Even(even(units, left, original).into_iter()),
        }
    }

    /// How many units of a slot sets have used.
    pub(super) fn claimed(&self, slot: u32) -> u32 {
        let claimed = self.kept(slot).unwrap_or_default().iter().filter(|run| run.claimed);
        claimed.fold(0, |sum, run| sum.saturating_add(run.count))
    }

    /// Whether the units of any slot are no longer even.
    pub(super) fn any_kept(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Whether the units of a slot are no longer even.
    #[inline]
    pub(super) fn is_kept(&self, slot: u32) -> bool {
        self.span(slot).is_some()
    }

    #[inline]
    fn span(&self, slot: u32) -> Option<Span> {
        self.of.get(usize::try_from(slot).ok()?).copied().filter(|span| span.room > 0)
    }

    fn kept(&self, slot: u32) -> Option<&[Run]> {
        self.runs.get(self.span(slot)?.range())
    }

    /// Makes sure that the runs of a slot are kept.
    pub(super) fn keep_even(&mut self, slot: u32, units: u32, left: i64, original: i64) {
        if !self.is_kept(slot) {
            self.store(slot, &even(units, left, original));
        }
    }

    /// Takes `amount` from units of a slot, no unit below `floor`: from those that a set benefit marked as rewarded, which
    /// are claimed with those it bought, else from the first, as many as the gain has. Answers what found no room, which is
    /// nothing where the amount came from [`pick`].
    pub(super) fn take(&mut self, gain: &Gain, floor: i64, amount: i64, how: Take) -> i64 {
        let mut work = std::mem::take(&mut self.work);
        let marks = self.marked(gain.slot);
        if marks.is_empty() {
            work.split(self.kept(gain.slot).unwrap_or_default(), gain.units);
        } else {
            let marks = self.marks.get(marks).unwrap_or_default();
            work.split_marked(self.kept(gain.slot).unwrap_or_default(), marks);
        }
        let rest = match how {
            Take::Proportional => work.spread(floor, amount),
            Take::First { first, further } => {
                work.part_first();
                let one = work.taken.len().min(1);
                let (head, tail) = work.taken.split_at_mut(one);
                let rest = down(head, |run| Take::Each(first).given(run, floor), amount);
                down(tail, |run| Take::Each(further).given(run, floor), rest)
            }
            Take::Each(_) | Take::To(_) | Take::Percent { .. } => {
                down(&mut work.taken, |run| how.given(run, floor), amount)
            }
        };
        work.taken.append(&mut work.others);
        tidy(&mut work.taken);
        self.store(gain.slot, &work.taken);
        self.work = work;
        rest
    }

    /// The marks of a set benefit for the benefit in hand, in any order.
    pub(super) fn mark(&mut self, marks: impl Iterator<Item = Mark>) {
        self.marks.clear();
        self.marks.extend(marks.filter(|mark| mark.bought > 0 || mark.rewarded > 0));
        self.marks.sort_unstable_by_key(|mark| (mark.slot, mark.run));
    }

    /// How many lines are marked.
    pub(super) fn marked_lines(&self) -> usize {
        self.marks.chunk_by(|a, b| a.slot == b.slot).count()
    }

    /// Whether the set benefit in hand uses any unit of a slot.
    pub(super) fn is_marked(&self, slot: u32) -> bool {
        !self.marked(slot).is_empty()
    }

    /// The units of a slot that the set benefit in hand rewards, out of all of its runs.
    pub(super) fn rewarded<'u>(&'u self, slot: u32, runs: Runs<'u>) -> impl Iterator<Item = Run> + 'u {
        let mut marks = self.marks.get(self.marked(slot)).unwrap_or_default().iter().peekable();
        runs.zip(0_u32..).filter_map(move |(run, place)| {
            let mark = marks.next_if(|mark| mark.run == place)?;
            Some(Run { count: run.count.min(mark.rewarded), ..run })
        })
    }

    fn marked(&self, slot: u32) -> std::ops::Range<usize> {
        let from = self.marks.partition_point(|mark| mark.slot < slot);
        let len = self.marks.iter().skip(from).take_while(|mark| mark.slot == slot).count();
        from..from.saturating_add(len)
    }

    /// Claims all that is marked and was not taken from. `even` says of a slot how many units it has, and what is left
    /// of it and stood on it before any coupon.
    pub(super) fn claim_marked(&mut self, taken: &[Gain], even: impl Fn(u32) -> Option<(u32, i64, i64)>) {
        let marks = std::mem::take(&mut self.marks);
        let mut work = std::mem::take(&mut self.work);
        for marks in marks.chunk_by(|a, b| a.slot == b.slot) {
            let Some(slot) = marks.first().map(|mark| mark.slot) else { continue };
            let done = taken.binary_search_by_key(&slot, |gain| gain.slot).ok().and_then(|at| taken.get(at));
            if done.is_some_and(|gain| gain.take != 0) {
                continue;
            }
            let Some((units, left, original)) = even(slot) else { continue };
            self.keep_even(slot, units, left, original);
            work.split_marked(self.kept(slot).unwrap_or_default(), marks);
            work.taken.append(&mut work.others);
            tidy(&mut work.taken);
            self.store(slot, &work.taken);
        }
        (self.marks, self.work) = (marks, work);
        self.marks.clear();
    }

    /// Forgets what is marked: the benefit in hand took nothing, so it claims nothing.
    pub(super) fn unmark(&mut self) {
        self.marks.clear();
    }

    /// Writes the runs of a slot where its old ones were, or, where there are more than there is room for, at the end
    /// with twice the room: what lies waste is never more than what is used.
    fn store(&mut self, slot: u32, runs: &[Run]) {
        let Ok(slot) = usize::try_from(slot) else { return };
        if self.of.len() <= slot {
            self.of.resize(slot.saturating_add(1), Span::default());
        }
        let Some(span) = self.of.get_mut(slot) else { return };
        if span.room < runs.len() {
            span.from = self.runs.len();
            span.room = runs.len().next_power_of_two().max(ROOM);
            self.runs.resize(span.from.saturating_add(span.room), Run::default());
        }
        span.len = runs.len();
        for (kept, run) in self.runs.iter_mut().skip(span.from).zip(runs) {
            *kept = *run;
        }
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
    let now = split_units(left, units);
    let before = if left == original { now } else { split_units(original, units) };
    let (now_larger, before_larger) = (now.larger().0, before.larger().0);
    let (first, second) = (now_larger.min(before_larger), now_larger.max(before_larger));
    let between = if now_larger > before_larger {
        (now.larger().1, before.smaller().1)
    } else {
        (now.smaller().1, before.larger().1)
    };
    [
        Run { count: first, left: now.larger().1, original: before.larger().1, claimed: false },
        Run { count: second.saturating_sub(first), left: between.0, original: between.1, claimed: false },
        Run {
            count: units.saturating_sub(second),
            left: now.smaller().1,
            original: before.smaller().1,
            claimed: false,
        },
    ]
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

impl Work {
    fn clear(&mut self) {
        let Self { taken, others, extra, full, order } = self;
        for list in [taken, others, extra] {
            list.clear();
        }
        full.clear();
        order.clear();
    }

    /// Makes room for so many runs of one line.
    fn reserve(&mut self, runs: usize) {
        let Self { taken, others, extra, full, order } = self;
        for list in [taken, others, extra] {
            list.reserve(runs);
        }
        full.reserve(runs);
        order.reserve(runs);
    }

    /// Parts the first `count` units, those with most left, from the others.
    fn split(&mut self, runs: &[Run], count: u32) {
        self.clear();
        let mut wanted = count;
        for run in runs {
            let some = run.count.min(wanted);
            wanted = wanted.saturating_sub(some);
            if some > 0 {
                self.taken.push(Run { count: some, ..*run });
            }
            if some < run.count {
                self.others.push(Run { count: run.count.saturating_sub(some), ..*run });
            }
        }
    }

    /// Parts the units that are marked as rewarded from the others, and claims them with those that are bought.
    fn split_marked(&mut self, runs: &[Run], marks: &[Mark]) {
        self.clear();
        let mut marks = marks.iter().peekable();
        for (run, place) in runs.iter().zip(0_u32..) {
            let mark = marks.next_if(|mark| mark.run == place).copied().unwrap_or_default();
            let rewarded = run.count.min(mark.rewarded);
            let bought = run.count.saturating_sub(rewarded).min(mark.bought);
            let rest = run.count.saturating_sub(rewarded).saturating_sub(bought);
            if rewarded > 0 {
                self.taken.push(Run { count: rewarded, claimed: true, ..*run });
            }
            if bought > 0 {
                self.others.push(Run { count: bought, claimed: true, ..*run });
            }
            if rest > 0 {
                self.others.push(Run { count: rest, ..*run });
            }
        }
    }

    /// Parts the first of the units that are taken from.
    fn part_first(&mut self) {
        let Some(first) = self.taken.first_mut().filter(|run| run.count > 1) else { return };
        let others = Run { count: first.count.saturating_sub(1), ..*first };
        first.count = 1;
        self.taken.insert(1, others);
    }

    /// Spreads an amount over units in proportion to what each has left, by largest remainder; ties go to the units that
    /// come first. Units that reach their floor give their share to the others.
    fn spread(&mut self, floor: i64, amount: i64) -> i64 {
        let room = |run: &Run| run.left.saturating_sub(floor).max(0);
        let runs = &mut self.taken;
        let total = |runs: &[Run], of: &dyn Fn(&Run) -> i64| {
            runs.iter().fold(0_i128, |sum, r| sum.saturating_add(i128::from(of(r)).saturating_mul(i128::from(r.count))))
        };
        let fits = amount.min(i64::try_from(total(runs, &room)).unwrap_or(i64::MAX));
        let mut weight = total(runs, &|r| r.left);
        let mut open = i128::from(fits);
        // All that is left, as where pieces are free: then each unit gives all of it.
        if open == weight {
            runs.iter_mut().for_each(|run| run.left = 0);
            return amount.saturating_sub(fits);
        }
        self.full.resize(runs.len(), false);
        // Units whose share reaches their room get just that, until no more do.
        loop {
            let mut changed = false;
            for (run, full) in runs.iter_mut().zip(&mut self.full) {
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
            self.remainders(floor, open, weight);
        }
        amount.saturating_sub(fits)
    }

    /// The one pass of largest remainder over units whose room does not bind.
    fn remainders(&mut self, floor: i64, open: i128, weight: i128) {
        let Self { taken: runs, full, order, extra, .. } = self;
        let quota = |run: &Run| {
            let product = open.saturating_mul(i128::from(run.left));
            (product.checked_div(weight).unwrap_or(0), product.checked_rem(weight).unwrap_or(0))
        };
        let mut rest = open;
        for (i, (run, full)) in runs.iter().zip(full.iter()).enumerate() {
            if !full && run.left > 0 {
                rest = rest.saturating_sub(quota(run).0.saturating_mul(i128::from(run.count)));
                order.push(i);
            }
        }
        // The position decides a tie, so no sort that keeps equals in place is needed: that one would allocate.
        order.sort_unstable_by_key(|i| (runs.get(*i).map(|r| std::cmp::Reverse(quota(r).1)), *i));
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
        runs.append(extra);
    }
}

/// Most left first, of equal ones those that are not claimed, equal runs together.
fn tidy(runs: &mut Vec<Run>) {
    runs.retain(|run| run.count > 0);
    let order =
        |a: &Run, b: &Run| b.left.cmp(&a.left).then(b.original.cmp(&a.original)).then(a.claimed.cmp(&b.claimed));
    runs.sort_unstable_by(order);
    runs.dedup_by(|next, kept| {
        let same = order(next, kept).is_eq();
        if same {
            kept.count = kept.count.saturating_add(next.count);
        }
        same
    });
}

/// Limits gains, which come as whole lines by their slots, to the units that are picked: lines by the price of one unit
/// on the snapshot, cheapest or dearest first, then by id; of a line the units with most left; units at zero are passed
/// over.
pub(super) fn pick(units: &Units, gains: &mut Vec<Gain>, limits: PickLimits, floor: impl Fn(u32) -> i64) {
    gains.retain(|gain| gain.left > 0);
    let per_line = limits.max_per_line.unwrap_or(u64::MAX);
    let mut budget = limits.max.unwrap_or(u64::MAX);
    let wanted = gains.iter().fold(0_u64, |sum, g| sum.saturating_add(u64::from(g.units).min(per_line)));
    if limits.groups_of.is_some() {
        budget = count(units, gains, limits);
        if budget == 0 {
            gains.clear();
            return;
        }
    }
    let contested = wanted > budget;
    if contested {
        by_price(gains, budget, limits.pick);
    }
    for gain in gains.iter_mut() {
        let mut wanted = budget.min(per_line);
        let floor = floor(gain.slot);
        let runs = units.of_slot(gain.slot, gain.units, gain.left, gain.original);
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
    if contested {
        gains.sort_unstable_by_key(|gain| gain.slot);
    }
}

/// How many units a pick from whole lines finds.
pub(super) fn count(units: &Units, gains: &[Gain], limits: PickLimits) -> u64 {
    let per_line = limits.max_per_line.unwrap_or(u64::MAX);
    let there = gains.iter().fold(0_u64, |sum, gain| sum.saturating_add(open_units(units, gain, per_line)));
    let most = there.min(limits.max.unwrap_or(u64::MAX));
    most.saturating_sub(limits.groups_of.and_then(|size| most.checked_rem(size)).unwrap_or(0))
}

/// How many units of a whole line have something left, of those that a limit per line allows.
fn open_units(units: &Units, gain: &Gain, per_line: u64) -> u64 {
    let runs = units.of_slot(gain.slot, gain.units, gain.left, gain.original).filter(|run| run.left > 0);
    runs.fold(0_u64, |sum, run| sum.saturating_add(u64::from(run.count))).min(per_line)
}

/// Puts lines in the order of a pick, by the amount and the number of units that each has as a whole.
pub(super) fn in_order(gains: &mut [Gain], pick: Pick, whole: impl Fn(u32) -> (i64, u32)) {
    gains.sort_unstable_by(|a, b| by_unit_price(whole(a.slot), whole(b.slot), pick).then(a.slot.cmp(&b.slot)));
}

/// The prices of one unit, compared without division.
fn by_unit_price(a: (i64, u32), b: (i64, u32), pick: Pick) -> std::cmp::Ordering {
    let one = i128::from(a.0).wrapping_mul(i128::from(b.1.max(1)));
    let other = i128::from(b.0).wrapping_mul(i128::from(a.1.max(1)));
    match pick {
        Pick::Cheapest => one.cmp(&other),
        Pick::Dearest => other.cmp(&one),
    }
}

/// Puts the lines that units are picked from first in the order of the pick, and drops lines that none are left for.
fn by_price(gains: &mut Vec<Gain>, budget: u64, pick: Pick) {
    let order = |a: &Gain, b: &Gain| {
        by_unit_price((a.original, a.units), (b.original, b.units), pick).then(a.slot.cmp(&b.slot))
    };
    // Every line gives a unit at least, so there are never more lines than units.
    let most = usize::try_from(budget).unwrap_or(usize::MAX);
    if most < gains.len() {
        if let Some(last) = most.checked_sub(1) {
            gains.select_nth_unstable_by(last, order);
        }
        gains.truncate(most);
    }
    gains.sort_unstable_by(order);
}
