//! What all benefits share: which lines they act on, caps and budgets, and taking the amounts off. A kind only says what
//! it would take from each line.

use std::ops::Range;

use crate::coupon::{Amounts, Benefit, Coupon, Overrides, Target, WhenShort};
use crate::money::Money;
use crate::money::share;
use crate::outcome::{RawAdjustment, TraceStep};
use crate::refusal::{LimitKind, Refusal};
use crate::shop::Prepared;

use super::depths;
use super::discounts::third_party_part;
use super::offers;
use super::pass::{Cell, Gain, Pass, Scratch, Tally, coupon_of};
use super::units::{PickLimits, Take, count, pick};

/// One benefit of one code, at its turn.
#[derive(Clone, Copy)]
pub(super) struct Turn<'p> {
    pub(super) index: u32,
    pub(super) prepared: &'p Prepared,
    /// Which of the coupon's benefits.
    pub(super) benefit: usize,
    pub(super) target: &'p Target,
}

/// Whether a benefit acts on whole lines as they stand, with nothing to hold it back: what most are.
pub(super) fn is_plain(pass: &Pass<'_>, turn: Turn<'_>, include_shipping: bool) -> bool {
    let target = turn.target;
    let limits = turn.prepared.coupon().limits();
    (target.scope().is_none() && target.is_every_piece())
        && (limits.money().is_none(), limits.units()) == (true, None)
        && !include_shipping
        && !turn.prepared.inner().facts.service
        && (pass.depth, pass.open) == (None, None)
        && !(pass.order.any_floor() || pass.any_owned || pass.tracing || pass.s.units.any_kept())
}

/// Takes a total off the lines of a plain benefit, shared by what each has left. `total` is given what all have left; what
/// is above it is lost.
pub(super) fn share_plain(pass: &mut Pass<'_>, turn: Turn<'_>, total: impl FnOnce(i64) -> i64) {
    let rounding = pass.policy.rounding().discount;
    let funding = turn.prepared.coupon().funding();
    let Some(touch) = pass.candidate(turn.index).map(|c| c.touch.clone()) else { return };
    let slots = pass.order.slots();
    let Scratch { cells, adjustments, touch: touched, weights, shares, allocate, .. } = &mut *pass.s;
    let touched = touched.get(touch).unwrap_or_default();
    let at = |slot: u32| usize::try_from(slot).unwrap_or(usize::MAX);
    weights.clear();
    weights.extend(touched.iter().map(|slot| cells.get(at(*slot)).map_or(0, |cell| cell.left)));
    // Parts of the order's total, which fits.
    let left = weights.iter().fold(0_i64, |sum, weight| sum.wrapping_add(*weight));
    let wanted = total(left);
    let lost = wanted.saturating_sub(left).max(0);
    if share(wanted.min(left), weights, None, shares, allocate) != Some(0) {
        return;
    }
    let mut taken = Taken::default();
    for (slot, take) in touched.iter().zip(shares.iter()).filter(|(_, take)| **take != 0) {
        let (Some(cell), Some(facts)) = (cells.get_mut(at(*slot)), slots.get(at(*slot))) else { continue };
        let third = third_party_part(funding, *take, rounding);
        adjustments.push(taken.from(cell, *slot, turn.index, *take, third, facts.units));
    }
    taken.add_as_wanted(pass, turn.index, lost);
}

/// Finds the lines, and the units of them, that a benefit acts on.
pub(super) fn gather(pass: &mut Pass<'_>, turn: Turn<'_>, include_shipping: bool) {
    lines(pass, turn);
    let Some(own_line) = pass.candidate(turn.index).map(|c| c.line) else { return };
    let mut gains = std::mem::take(&mut pass.s.gains);
    let units_left = units_left(pass, turn);
    let target = turn.target;
    let max = match (target.max_units(), units_left) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    if max.is_some() || target.picks() {
        // Where too few units are left and it is not to be clipped, all that it would take are picked and counted.
        let all_or_none = is_all_or_none(pass, turn);
        let max = if all_or_none { target.max_units() } else { max };
        let limits = PickLimits {
            max,
            max_per_line: target.max_units_per_line(),
            pick: target.pick(),
            groups_of: target.groups_of(),
        };
        let order = pass.order;
        let facts = |slot: u32| usize::try_from(slot).ok().and_then(|i| order.slots().get(i));
        let unlimited = PickLimits { max: target.max_units(), ..limits };
        let all = if units_left.is_some() { count(&pass.s.units, &gains, unlimited) } else { 0 };
        let floor = |slot: u32| facts(slot).map_or(0, |s| s.unit_floor);
        pick(&pass.s.units, &mut gains, limits, floor);
        if pass.depth.is_some() {
            gains.iter_mut().for_each(|gain| gain.room = gain.room.min(depths::room(pass, gain.slot)));
        }
        let wanted = gains.iter().fold(0_u64, |sum, gain| sum.saturating_add(u64::from(gain.units)));
        if let Some(left) = units_left.filter(|left| all_or_none && wanted > *left) {
            refuse_units(pass, turn, left);
            // Refused as a whole, so it looks at nothing else.
            gains.clear();
            pass.s.gains = gains;
            return;
        }
        withhold(pass, turn, units_left, all.saturating_sub(wanted), wanted);
    }
    // A shipping charge is no unit of anything: no limit of units picks it or passes it over.
    if include_shipping && own_line.is_none() {
        let lines = pass.order.lines().len();
        for (i, facts) in pass.order.slots().iter().enumerate().skip(lines).filter(|(_, s)| s.shipping) {
            let (Ok(slot), Some(cell)) = (u32::try_from(i), pass.s.cells.get(i)) else { continue };
            if offers::is_given(pass, turn.index, i) || pass.is_kept_from(turn.index, cell) {
                continue;
            }
            gains.push(whole(slot, facts.units, cell, cell.left));
        }
    }
    pass.s.gains = gains;
}

/// How many units the limit of the definition leaves; none where there is no such limit.
pub(super) fn units_left(pass: &mut Pass<'_>, turn: Turn<'_>) -> Option<u64> {
    let left = pass.candidate(turn.index)?.units_left?;
    Some(left.saturating_sub(of_definition(pass, turn.prepared, |t| t.units)))
}

/// Whether a benefit that finds too few units left is refused. Of a placed order nothing is refused any more.
pub(super) fn is_all_or_none(pass: &Pass<'_>, turn: Turn<'_>) -> bool {
    turn.prepared.coupon().limits().when_short() == WhenShort::Refuse && pass.stored.is_none()
}

/// Remembers how many units the limit withheld, and where it was all that there were, how many it left.
pub(super) fn withhold(pass: &mut Pass<'_>, turn: Turn<'_>, left: Option<u64>, withheld: u64, taken: u64) {
    let Some(candidate) = pass.candidate(turn.index).filter(|_| withheld > 0) else { return };
    // What a host would have given on other pieces it alone knows.
    if !matches!(turn.prepared.coupon().benefits().get(turn.benefit), Some(Benefit::Host(_))) {
        candidate.tally.units_withheld = candidate.tally.units_withheld.saturating_add(withheld);
    }
    if taken == 0 {
        candidate.tally.units_short = left;
    }
}

/// Refuses a code that wants more units than are left.
pub(super) fn refuse_units(pass: &mut Pass<'_>, turn: Turn<'_>, left: u64) {
    let allowed = turn.prepared.coupon().limits().units().unwrap_or(left);
    let taken = allowed.saturating_sub(left);
    pass.refuse(turn.index, Refusal::LimitReached { limit: LimitKind::Units, allowed, taken });
}

/// Finds the lines that a benefit acts on, whole.
pub(super) fn lines(pass: &mut Pass<'_>, turn: Turn<'_>) {
    let Some(candidate) = pass.candidate(turn.index) else { return };
    let touch = candidate.touch.clone();
    let narrower = turn.target.scope().is_some() || turn.target.pieces_from().is_some();
    let mut gains = std::mem::take(&mut pass.s.gains);
    gains.clear();
    gains.reserve(touch.len());
    for slot in pass.s.touch.get(touch).unwrap_or_default() {
        let i = usize::try_from(*slot).unwrap_or(usize::MAX);
        let (Some(facts), Some(cell)) = (pass.order.slots().get(i), pass.s.cells.get(i)) else { continue };
        if pass.is_kept_from(turn.index, cell) {
            continue;
        }
        if narrower && !acts_on(pass, turn.prepared, turn.benefit, i) {
            continue;
        }
        gains.push(whole(*slot, facts.units, cell, room(pass, *slot, cell)));
    }
    pass.s.gains = gains;
}

/// Whether a benefit acts on a line that its coupon touches: within its own narrower scope, and with the pieces it takes.
pub(super) fn acts_on(pass: &Pass<'_>, prepared: &Prepared, benefit: usize, slot: usize) -> bool {
    let target = prepared.coupon().benefits().get(benefit).and_then(Benefit::target);
    if let Some(least) = target.and_then(Target::pieces_from) {
        if pass.order.slots().get(slot).is_none_or(|facts| u64::from(facts.units) < least) {
            return false;
        }
    }
    within_scope(pass, prepared, benefit, slot)
}

/// Whether a line is within the narrower scope of a benefit.
pub(super) fn within_scope(pass: &Pass<'_>, prepared: &Prepared, benefit: usize, slot: usize) -> bool {
    let Some(scope) = prepared.inner().benefit_scopes.get(benefit).and_then(Option::as_ref) else { return true };
    let line = pass.order.lines().get(slot);
    let found = line.zip(pass.order.slots().get(slot)).zip(pass.s.cells.get(slot));
    found.is_some_and(|((line, facts), cell)| scope.covers(line.product(), pass.unit_amount(facts, cell)))
}

fn whole(slot: u32, units: u32, cell: &Cell, room: i64) -> Gain {
    let original = if cell.dropped { cell.base } else { cell.after };
    Gain { slot, units, left: cell.left, original, room, want: 0, take: 0 }
}

/// How much the floor of a line and the depth of all coupons leave to be taken.
fn room(pass: &Pass<'_>, slot: u32, cell: &Cell) -> i64 {
    above_floor(pass, slot, cell).min(depths::room(pass, slot))
}

fn above_floor(pass: &Pass<'_>, slot: u32, cell: &Cell) -> i64 {
    let Some(facts) = pass.slot(slot).filter(|s| s.unit_floor > 0) else { return cell.left };
    pass.s.units.of_slot(slot, facts.units, cell.left, cell.after).fold(0_i64, |sum, run| {
        let each = run.left.saturating_sub(facts.unit_floor).max(0);
        sum.saturating_add(each.saturating_mul(i64::from(run.count)))
    })
}

/// Sets what a benefit takes from each line to a share of a total: weights and room as the lines have them. Answers
/// what found no room.
pub(super) fn share_total(pass: &mut Pass<'_>, total: i64, weight: impl Fn(&Gain) -> i64, capped: bool) -> i64 {
    let s = &mut *pass.s;
    s.weights.clear();
    s.caps.clear();
    s.weights.extend(s.gains.iter().map(weight));
    s.caps.extend(s.gains.iter().map(|g| g.room));
    let binding = capped && s.caps != s.weights;
    let caps = binding.then_some(s.caps.as_slice());
    let rest = share(total, &s.weights, caps, &mut s.shares, &mut s.allocate).unwrap_or(total);
    for (gain, share) in s.gains.iter_mut().zip(&s.shares) {
        gain.want = *share;
        gain.take = (*share).min(gain.room);
    }
    rest
}

/// Sum of a figure over the gains.
pub(super) fn sum(gains: &[Gain], of: impl Fn(&Gain) -> i64) -> i64 {
    gains.iter().fold(0_i64, |sum, gain| sum.saturating_add(of(gain)))
}

/// Lowers what the lines would give to the cap of the benefit and to the budget of the coupon, then takes it off.
/// `lost` is the part of the benefit's worth that found nothing to be taken from; it is reported as forfeited (S63).
///
/// A cap delivers exactly the smaller of value and cap, and a clipped budget exactly what is left: the sum is capped,
/// then shared by the uncapped amounts.
pub(super) fn settle(pass: &mut Pass<'_>, turn: Turn<'_>, cap: Option<&Amounts>, lost: i64, how: Take) {
    settle_by(pass, turn, cap, lost, How::All(how));
}

/// [`settle`] where each line gives in a way of its own: one for each gain.
pub(super) fn settle_as(pass: &mut Pass<'_>, turn: Turn<'_>, cap: Option<&Amounts>, lost: i64, hows: &[Take]) {
    settle_by(pass, turn, cap, lost, How::Each(hows));
}

/// How units are taken from, on all lines or on each.
#[derive(Clone, Copy)]
enum How<'h> {
    All(Take),
    Each(&'h [Take]),
}

impl How<'_> {
    fn of(self, gain: usize) -> Take {
        match self {
            Self::All(how) => how,
            Self::Each(hows) => hows.get(gain).copied().unwrap_or(Take::Proportional),
        }
    }
}

fn settle_by(pass: &mut Pass<'_>, turn: Turn<'_>, cap: Option<&Amounts>, lost: i64, how: How<'_>) {
    let lost = lost.saturating_add(depths::lower(pass));
    let total = sum(&pass.s.gains, |g| g.take);
    let cap = cap.and_then(|c| c.in_currency(pass.currency)).map_or(i64::MAX, Money::minor);
    let wanted = total.min(cap);
    // What the cap would have withheld anyway is not lost.
    let worth = total.saturating_add(lost).min(cap);
    if let Some(candidate) = pass.candidate(turn.index) {
        let forfeited = worth.saturating_sub(wanted);
        candidate.tally.forfeited = candidate.tally.forfeited.saturating_add(forfeited);
        // Sums above saturate, so the largest amount says that the true one is out of reach.
        let forfeited = candidate.tally.forfeited;
        candidate.tally.overflowed |= lost == i64::MAX || forfeited == i64::MAX || total.checked_add(lost).is_none();
    }
    let Some(granted) = within_budget(pass, turn.index, wanted) else { return };
    let how = if granted < total {
        // What each line would have given: no floor's refusal moves to another line here.
        share_total(pass, granted, |g| g.take, false);
        How::All(Take::Proportional)
    } else {
        how
    };
    take_off(pass, turn, how);
}

/// How much of what is wanted the budget grants; none where it is refused.
pub(super) fn within_budget(pass: &mut Pass<'_>, index: u32, wanted: i64) -> Option<i64> {
    let currency = pass.currency;
    // Of a placed order nothing is refused any more.
    let open = pass.stored.is_none();
    let when_short = pass.presented(index).and_then(coupon_of).map(|c| c.limits().when_short()).filter(|_| open);
    let candidate = pass.candidate(index)?;
    candidate.tally.wanted = candidate.tally.wanted.saturating_add(wanted);
    let (budget, total) = (candidate.budget_left, Money::new(candidate.tally.wanted, currency));
    // What all codes together may take is a limit of the order: it clips whatever the coupon says of its own.
    let wanted = pass.open.map_or(wanted, |open| wanted.min(open.max(0)));
    let Some(left) = budget else { return Some(wanted) };
    let spent = pass.prepared(index).map_or(0, |p| of_definition(pass, p, |t| u64::try_from(t.granted).unwrap_or(0)));
    let left = left.saturating_sub(i64::try_from(spent).unwrap_or(i64::MAX)).max(0);
    if wanted > left && when_short == Some(WhenShort::Refuse) {
        pass.refuse(index, Refusal::BudgetExhausted { wanted: Some(total), left: Money::new(left, currency) });
        return None;
    }
    Some(wanted.min(left))
}

/// What the codes of one definition did in this round so far: they share its budget and its limit of units.
fn of_definition(pass: &Pass<'_>, prepared: &Prepared, figure: impl Fn(&Tally) -> u64) -> u64 {
    let codes = pass.request.codes.iter().zip(&pass.s.candidates);
    let same = codes.filter(|(code, _)| coupon_of(code).is_some_and(|c| c.id() == prepared.coupon().id()));
    same.fold(0, |sum, (_, candidate)| sum.saturating_add(figure(&candidate.tally)))
}

/// Takes the amounts off the lines.
fn take_off(pass: &mut Pass<'_>, turn: Turn<'_>, how: How<'_>) {
    let rounding = pass.policy.rounding().discount;
    let coupon = turn.prepared.coupon();
    let funding = coupon.funding();
    // What each unit gives is less than it would be for the whole payment.
    let how = if turn.prepared.inner().facts.service { How::All(Take::Proportional) } else { how };
    let gains = std::mem::take(&mut pass.s.gains);
    let mut taken = Taken::default();
    let target = turn.target;
    let units_left = pass.candidate(turn.index).and_then(|c| c.units_left);
    if target.picks() || units_left.is_some() {
        let slots = pass.order.slots();
        let parts_of = |gain: &&Gain| usize::try_from(gain.slot).ok().and_then(|i| slots.get(i));
        let parted = gains.iter().filter(|gain| parts_of(gain).is_some_and(|facts| gain.units < facts.units)).count();
        if parted > 0 {
            pass.s.units.reserve(slots.len(), parted);
        }
    }
    for (place, gain) in gains.iter().enumerate().filter(|(_, gain)| gain.take != 0) {
        let i = usize::try_from(gain.slot).unwrap_or(usize::MAX);
        let how = depths::way(pass, gain, how.of(place));
        let (Some(facts), Some(cell)) = (pass.order.slots().get(i), pass.s.cells.get_mut(i)) else { continue };
        let units = &pass.s.units;
        let parted = gain.units < facts.units || how.parts_units();
        if parted || units.is_kept(gain.slot) || units.is_marked(gain.slot) {
            let original = if cell.dropped { cell.base } else { cell.after };
            pass.s.units.keep_even(gain.slot, facts.units, cell.left, original);
            pass.s.units.take(gain, facts.unit_floor, gain.take, how);
        }
        let before = cell.left;
        let third = third_party_part(funding, gain.take, rounding);
        // A shipping charge is no unit of anything.
        let units = if facts.shipping { 0 } else { gain.units };
        pass.s.adjustments.push(taken.from(cell, gain.slot, turn.index, gain.take, third, units));
        if pass.tracing {
            let benefit = u32::try_from(turn.benefit).unwrap_or(u32::MAX);
            let step = TraceStep::Coupon { coupon: coupon.id().clone(), benefit };
            pass.note(Some(gain.slot), step, before, before.saturating_sub(gain.take));
        }
    }
    pass.s.gains = gains;
    taken.add_to(pass, turn.index);
}

/// What one benefit took in all.
#[derive(Debug, Default)]
pub(super) struct Taken {
    amount: i64,
    third: i64,
    units: u64,
}

impl Taken {
    /// Takes one amount off one line or charge, and remembers who pays for it.
    #[inline]
    pub(super) fn from(
        &mut self,
        cell: &mut Cell,
        slot: u32,
        source: u32,
        amount: i64,
        third: i64,
        units: u32,
    ) -> RawAdjustment {
        // Parts of an order's total, which fits: nothing can wrap, and saturating would double the cost of the walk.
        cell.left = cell.left.wrapping_sub(amount);
        cell.third = cell.third.wrapping_add(third);
        self.amount = self.amount.wrapping_add(amount);
        self.third = self.third.wrapping_add(third);
        self.units = self.units.wrapping_add(u64::from(units));
        RawAdjustment { slot, source, coupon: true, amount, third }
    }

    /// Adds what was taken where nothing held it back: all of it was wanted.
    pub(super) fn add_as_wanted(self, pass: &mut Pass<'_>, index: u32, lost: i64) {
        if let Some(candidate) = pass.candidate(index) {
            let tally = &mut candidate.tally;
            tally.wanted = tally.wanted.saturating_add(self.amount);
            tally.forfeited = tally.forfeited.saturating_add(lost);
        }
        self.add_to(pass, index);
    }

    pub(super) fn add_to(self, pass: &mut Pass<'_>, index: u32) {
        pass.open = pass.open.map(|open| open.saturating_sub(self.amount));
        if let Some(candidate) = pass.candidate(index) {
            let tally = &mut candidate.tally;
            tally.granted = tally.granted.saturating_add(self.amount);
            tally.third = tally.third.saturating_add(self.third);
            tally.units = tally.units.saturating_add(self.units);
        }
    }
}

/// Shows a coupon of no value on each line it covers.
pub(super) fn show_zero(pass: &mut Pass<'_>, index: u32) {
    let Some(candidate) = pass.candidate(index) else { return };
    let touch = candidate.touch.clone();
    let Scratch { touch: touched, adjustments, .. } = &mut *pass.s;
    let slots = touched.get(touch).unwrap_or_default().iter();
    adjustments.extend(slots.map(|slot| RawAdjustment {
        slot: *slot,
        source: index,
        coupon: true,
        amount: 0,
        third: 0,
    }));
}

/// Drops the shop's discounts of the lines that a coupon touches.
pub(super) fn drop_discounts(pass: &mut Pass<'_>, index: u32, touch: Range<usize>) {
    each_touched(pass, index, touch, drop_one);
}

/// Sets the lines that a coupon touches, or all of them, back to the list price without the shop's discounts.
pub(super) fn override_prices(pass: &mut Pass<'_>, index: u32, touch: Range<usize>) {
    let Some(coupon) = pass.prepared(index).map(Prepared::coupon) else { return };
    if coupon.combination().overrides() == Overrides::Everything {
        for slot in 0..pass.order.lines().len() {
            override_one(pass, coupon, slot);
        }
    }
    each_touched(pass, index, touch, |pass, slot| override_one(pass, coupon, slot));
}

/// Whether a line or charge stands at anything but the list price without discounts.
pub(super) fn is_apart(pass: &Pass<'_>, slot: usize) -> bool {
    let found = pass.order.slots().get(slot).zip(pass.s.cells.get(slot));
    found.is_some_and(|(facts, cell)| {
        let discounted = facts.shop_discount > 0 || cell.offered > 0;
        cell.refusal.is_none() && (cell.base != facts.list || (discounted && !cell.dropped))
    })
}

/// Calls for every line and charge that a coupon touches; for one that several benefits touch, several times.
pub(super) fn each_touched<'a>(
    pass: &mut Pass<'a>,
    index: u32,
    touch: Range<usize>,
    mut act: impl FnMut(&mut Pass<'a>, usize),
) {
    let Some(prepared) = pass.prepared(index) else { return };
    for (at, benefit) in prepared.coupon().benefits().iter().enumerate() {
        if benefit.target().is_none() {
            continue;
        }
        for position in touch.clone() {
            let slot = pass.s.touch.get(position).and_then(|slot| usize::try_from(*slot).ok());
            let Some(slot) = slot.filter(|slot| *slot < pass.order.lines().len()) else { continue };
            if acts_on(pass, prepared, at, slot) {
                act(pass, slot);
            }
        }
    }
    let on_line = pass.candidate(index).is_some_and(|c| c.line.is_some());
    let order = pass.order;
    for (i, charge) in order.charges().iter().enumerate() {
        let slot = i.saturating_add(order.lines().len());
        if super::shipping::touched_by(prepared, charge, on_line) && !offers::is_given(pass, index, slot) {
            act(pass, slot);
        }
    }
}

fn drop_one(pass: &mut Pass<'_>, slot: usize) {
    let discounted = pass.is_discounted(slot);
    // The pieces that a set of an offer used without a discount of their own are free with those that had it.
    let Some(cell) = pass.s.cells.get_mut(slot).filter(|c| !c.dropped && (discounted || c.claimed > 0)) else { return };
    cell.dropped = true;
    if !discounted {
        return;
    }
    let (before, after) = (cell.after, cell.base);
    pass.note(u32::try_from(slot).ok(), TraceStep::DiscountsDropped, before, after);
}

fn override_one(pass: &mut Pass<'_>, coupon: &Coupon, slot: usize) {
    if !is_apart(pass, slot) {
        // As where discounts are dropped, so that a set of an offer keeps no pieces whose reward is gone.
        if let Some(cell) = pass.s.cells.get_mut(slot).filter(|cell| cell.claimed > 0) {
            cell.dropped = true;
        }
        return;
    }
    let list = pass.order.slots().get(slot).map_or(0, |s| s.list);
    let Some(cell) = pass.s.cells.get_mut(slot) else { return };
    let before = if cell.dropped { cell.base } else { cell.after };
    (cell.own, cell.base) = (cell.base, list);
    (cell.overridden, cell.dropped) = (true, true);
    if pass.tracing {
        let step = TraceStep::Overridden { coupon: coupon.id().clone() };
        pass.note(u32::try_from(slot).ok(), step, before, list);
    }
}
