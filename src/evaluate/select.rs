//! Step 7: which of the eligible codes stay. An exclusive one shuts the others out; then rank, and the number of codes
//! that one order may hold. Codes that come to nothing free their place, and the selection runs again without them.

use std::collections::HashSet;

use crate::coupon::{Coupon, TypeKind};
use crate::error::Error;
use crate::key::{CouponId, CustomerTypeId};
use crate::money::Money;
use crate::policy::DiscountConflict;
use crate::refusal::{LimitKind, Refusal};

use super::discounts;
use super::pass::{Candidate, Pass, Passed, State, Tally, coupon_of, rank};
use super::stages;

/// Selects and prices until every selected code has an effect, then writes why the others were passed over.
pub(super) fn and_price(pass: &mut Pass<'_>) -> Result<(), Error> {
    by_rank(pass);
    if pass.s.ranked.is_empty() {
        if pass.any_shop_discount() {
            discounts::again(pass);
        }
        return Ok(());
    }
    let start = Start::new(pass);
    settle(pass, start.trace);
    better_of(pass, &start);
    reasons(pass);
    Ok(())
}

/// Where selection starts, so that it can start again.
struct Start {
    reasons: usize,
    trace: usize,
    /// The codes by rank, with whether their money was refused before; empty where nothing is ever tried twice.
    codes: Vec<(u32, bool)>,
}

impl Start {
    fn new(pass: &Pass<'_>) -> Self {
        let contested = pass.s.candidates.iter().any(|c| is_contested(pass, c));
        let money_off = |i: u32| {
            let candidate = usize::try_from(i).ok().and_then(|i| pass.s.candidates.get(i));
            candidate.is_some_and(|c| c.money_off)
        };
        let codes = if contested { pass.s.ranked.iter().map(|i| (*i, money_off(*i))).collect() } else { Vec::new() };
        Self { reasons: pass.s.reasons.len(), trace: pass.s.trace.len(), codes }
    }
}

fn by_rank(pass: &mut Pass<'_>) {
    let codes = pass.request.codes;
    let mut ranked = std::mem::take(&mut pass.s.ranked);
    ranked.extend((0_u32..).zip(&pass.s.candidates).filter(|(_, c)| c.state == State::Eligible).map(|(i, _)| i));
    let get = |i: &u32| usize::try_from(*i).ok().and_then(|i| codes.get(i));
    ranked.sort_unstable_by(|a, b| match (get(a), get(b)) {
        (Some(x), Some(y)) => rank(x, y),
        _ => a.cmp(b),
    });
    pass.s.ranked = ranked;
}

/// Rounds of choosing and pricing. Each round refuses at least one code for good, or is the last.
fn settle(pass: &mut Pass<'_>, traced: usize) {
    loop {
        choose(pass);
        pass.s.trace.truncate(traced);
        let reasons = pass.s.reasons.len();
        stages::price(pass);
        if !refuse_the_empty(pass, reasons) {
            return;
        }
    }
}

/// Chooses among the eligible codes of this round.
fn choose(pass: &mut Pass<'_>) {
    let ranked = std::mem::take(&mut pass.s.ranked);
    for index in &ranked {
        if let Some(candidate) = pass.candidate(*index) {
            candidate.passed = Passed::No;
            if candidate.state == State::Selected {
                candidate.state = State::Eligible;
            }
        }
    }
    let seated = ranked.iter().copied().find(|i| pass.candidate(*i).is_some_and(|c| c.seated));
    let exclusive = |pass: &mut Pass<'_>, index: u32| {
        pass.candidate(index).is_some_and(|c| c.state == State::Eligible)
            && pass.presented(index).and_then(coupon_of).is_some_and(|c| c.combination().exclusive())
    };
    let alone = match seated {
        Some(seated) => Some(seated).filter(|s| exclusive(pass, *s)),
        None => ranked.iter().copied().find(|i| exclusive(pass, *i)),
    };
    let mut chosen = Chosen::none_yet(pass);
    if seated.is_some() {
        for index in &ranked {
            if pass.candidate(*index).is_some_and(|c| c.seated) {
                chosen.take(pass, *index);
            }
        }
    }
    for index in &ranked {
        if pass.candidate(*index).is_none_or(|c| c.state != State::Eligible) {
            continue;
        }
        let shut_out = match alone {
            Some(alone) => *index != alone,
            // What was accepted before pricing stays, so nothing exclusive can come to stand beside it.
            None => exclusive(pass, *index),
        };
        let passed = if shut_out { Passed::NotStackable } else { chosen.room(pass, *index) };
        if passed == Passed::No {
            chosen.take(pass, *index);
        } else if let Some(candidate) = pass.candidate(*index) {
            candidate.passed = passed;
        }
    }
    pass.s.ranked = ranked;
}

/// What was chosen so far in a round.
pub(super) struct Chosen<'a> {
    /// Codes that count against the number allowed.
    codes: u32,
    allowed: Option<u32>,
    /// The primary type that is assigned so far.
    assigned: Option<CustomerTypeId>,
    /// The definition chosen last: codes of one definition are neighbours in rank.
    last: Option<&'a CouponId>,
    /// How many codes of it were chosen in a row.
    of_last: u64,
    /// Lines that have a code of their own; nothing is stored where no code was entered on a line.
    lines: HashSet<u32>,
}

impl<'a> Chosen<'a> {
    /// Nothing is chosen yet; a primary type may be decided on all the same.
    pub(super) fn none_yet(pass: &Pass<'_>) -> Self {
        let assigned = pass.new_primary().cloned();
        Self { codes: 0, allowed: pass.max_codes(), assigned, last: None, of_last: 0, lines: HashSet::new() }
    }

    fn counts(pass: &mut Pass<'a>, index: u32) -> bool {
        !pass.policy.line_codes() || pass.candidate(index).is_some_and(|c| c.line.is_none())
    }

    pub(super) fn room(&self, pass: &mut Pass<'a>, index: u32) -> Passed {
        let Some(coupon) = pass.presented(index).and_then(coupon_of) else { return Passed::NotStackable };
        if !coupon.combination().several_codes() && self.last == Some(coupon.id()) {
            return Passed::SameCoupon;
        }
        // Several codes of one definition draw on the same counters.
        if let (true, Some(presented)) = (self.last == Some(coupon.id()), pass.presented(index)) {
            let (limits, usage) = (coupon.limits(), presented.usage);
            let counters = [
                (LimitKind::Total, limits.total(), usage.total),
                (LimitKind::Customer, limits.per_customer(), usage.customer),
            ];
            for (limit, allowed, used) in counters {
                let taken = used.saturating_add(self.of_last);
                if let Some(allowed) = allowed.filter(|allowed| taken >= *allowed) {
                    return Passed::Limit { limit, allowed, taken };
                }
            }
        }
        let assigns = pass.candidate(index).is_some_and(|c| c.assigns);
        let assign = coupon.assign().filter(|assign| assigns && assign.kind() == TypeKind::Primary);
        if let (Some(assigned), Some(assign)) = (&self.assigned, assign) {
            if assigned != assign.to() {
                return Passed::TypeConflict;
            }
        }
        let line = pass.candidate(index).and_then(|c| c.line);
        if line.is_some_and(|line| self.lines.contains(&line)) {
            return Passed::TooMany(1);
        }
        match self.allowed {
            Some(max) if self.codes >= max && Self::counts(pass, index) => Passed::TooMany(max),
            _ => Passed::No,
        }
    }

    fn take(&mut self, pass: &mut Pass<'a>, index: u32) {
        self.count(pass, index);
        if let Some(candidate) = pass.candidate(index) {
            candidate.state = State::Selected;
        }
    }

    /// Counts a code in.
    pub(super) fn count(&mut self, pass: &mut Pass<'a>, index: u32) {
        if Self::counts(pass, index) {
            self.codes = self.codes.saturating_add(1);
        }
        let coupon = pass.presented(index).and_then(coupon_of);
        let id = coupon.map(|c| c.id());
        self.of_last = if self.last == id { self.of_last.saturating_add(1) } else { 1 };
        self.last = id;
        if let Some(candidate) = pass.candidate(index) {
            self.lines.extend(candidate.line);
            let assign = coupon.and_then(|c| c.assign()).filter(|a| a.kind() == TypeKind::Primary);
            if let (true, None, Some(assign)) = (candidate.assigns, &self.assigned, assign) {
                self.assigned = Some(assign.to().clone());
            }
        }
    }
}

/// Refuses selected codes that are worth something and came to nothing; says whether there were any. What took nothing
/// changed nothing for the others, so such codes go together. One that stood in the way of others (took something before
/// its budget ran short, kept a line for itself, dropped discounts) goes first and alone: the others had no fair chance.
fn refuse_the_empty(pass: &mut Pass<'_>, reasons: usize) -> bool {
    let mut failed: Vec<u32> = Vec::new();
    let mut in_the_way = None;
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        if !came_to_nothing(pass, index) {
            continue;
        }
        failed.push(index);
        if in_the_way.is_none() {
            let stood = |c: &mut Candidate| c.drops.is_some() || c.overrides || c.line.is_some() || c.tally.granted > 0;
            in_the_way = pass.candidate(index).is_some_and(stood).then_some(index);
        }
    }
    if let (Some(first), true) = (in_the_way, failed.len() > 1) {
        let kept: Vec<_> = pass.s.reasons.drain(reasons..).filter(|(code, _)| *code == first).collect();
        pass.s.reasons.extend(kept);
        for index in failed.drain(..).filter(|index| *index != first) {
            if let Some(candidate) = pass.candidate(index) {
                candidate.state = State::Eligible;
                candidate.money_off = candidate.money_off && candidate.tally.wanted == 0;
            }
        }
        failed.push(first);
    }
    for index in &failed {
        if pass.candidate(*index).is_some_and(|c| c.state == State::Selected && !c.money_off) {
            let refusal = nothing_left(pass, *index);
            pass.refuse(*index, refusal);
        }
        if let Some(candidate) = pass.candidate(*index) {
            candidate.tally = Tally::default();
        }
    }
    // What is refused for good leaves the race, so that no later round looks at it again.
    let mut ranked = std::mem::take(&mut pass.s.ranked);
    ranked.retain(|i| pass.candidate(*i).is_some_and(|c| c.state != State::Refused));
    pass.s.ranked = ranked;
    !failed.is_empty()
}

/// Why a code came to nothing: other codes of its definition used up what that has left, or it is worth nothing here.
fn nothing_left(pass: &mut Pass<'_>, index: u32) -> Refusal {
    let currency = pass.currency;
    let limit = pass.presented(index).and_then(coupon_of).and_then(|c| c.limits().units());
    match (pass.candidate(index).map(|c| c.tally), limit) {
        (Some(tally), _) if tally.wanted > 0 => {
            let (wanted, left) = (Some(Money::new(tally.wanted, currency)), Money::zero(currency));
            Refusal::BudgetExhausted { wanted, left }
        }
        (Some(tally), Some(allowed)) if tally.units_withheld > 0 => {
            Refusal::LimitReached { limit: LimitKind::Units, allowed, taken: allowed }
        }
        _ => Refusal::NoBenefit,
    }
}

/// Whether a code of this round is to be refused.
fn came_to_nothing(pass: &mut Pass<'_>, index: u32) -> bool {
    let Some(prepared) = pass.prepared(index) else { return false };
    let zero_by_hand = pass.presented(index).and_then(|p| p.operator_amount).is_some_and(Money::is_zero);
    let worthless = prepared.inner().zero_by_definition || zero_by_hand;
    let Some(candidate) = pass.candidate(index) else { return false };
    match candidate.state {
        // A condition on what remains failed at its turn, or its budget ran short.
        State::Refused => true,
        State::Selected => {
            let gives = prepared.inner().facts.gifts && !candidate.money_off;
            let effect = candidate.assigns || candidate.trial.is_some() || candidate.waiting || gives;
            // Its money was refused in this round, after some of it may have been taken.
            (candidate.money_off && candidate.tally.wanted > 0)
                || (candidate.tally.granted == 0 && !effect && !worthless)
        }
        State::Eligible => false,
    }
}

/// Whether a code stays only where the order is cheaper with it than without it: where it overrides prices, or where
/// policy asks for the better of a coupon and the discounts it does not combine with. One that waits for shipping does
/// not override yet.
fn is_contested(pass: &Pass<'_>, candidate: &Candidate) -> bool {
    let better_of = pass.policy.discount_conflict() == DiscountConflict::BetterOf && !pass.offering;
    (candidate.overrides && !candidate.waiting) || (better_of && candidate.drops.is_some())
}

/// Codes that are contested are priced both ways, by rank.
fn better_of(pass: &mut Pass<'_>, start: &Start) {
    let mut barred: Vec<u32> = Vec::new();
    while !start.codes.is_empty() {
        let contested = pass.s.ranked.iter().copied().find(|i| {
            let at = usize::try_from(*i).ok().and_then(|i| pass.s.candidates.get(i));
            at.is_some_and(|c| is_contested(pass, c) && c.state == State::Selected && !c.decided && !c.money_off)
        });
        let Some(index) = contested else { return };
        let with = payable(pass);
        barred.push(index);
        again_without(pass, start, &barred);
        if payable(pass) > with {
            // Decided: it stays, and is not asked again.
            barred.pop();
            if let Some(candidate) = pass.candidate(index) {
                candidate.decided = true;
            }
            again_without(pass, start, &barred);
        }
    }
}

/// Selects and prices from the start, so that everybody else's chances are as they were, without some codes.
fn again_without(pass: &mut Pass<'_>, start: &Start, barred: &[u32]) {
    pass.s.reasons.truncate(start.reasons);
    pass.s.ranked.clear();
    for (index, money_off) in &start.codes {
        pass.s.ranked.push(*index);
        if let Some(candidate) = pass.candidate(*index) {
            (candidate.state, candidate.money_off) = (State::Eligible, *money_off);
            candidate.tally = Tally::default();
        }
    }
    for index in barred {
        let Some(candidate) = pass.candidate(*index) else { continue };
        // What it does besides costs the shopper nothing, so only its money is refused.
        let effect = candidate.assigns || candidate.trial.is_some();
        match (candidate.overrides, candidate.drops) {
            (true, _) if effect => {
                candidate.money_off = true;
                pass.s.reasons.push((*index, Refusal::NoBenefit));
            }
            (true, _) => pass.refuse(*index, Refusal::NoBenefit),
            (false, Some(line)) => pass.refuse(*index, Refusal::NotWithDiscounts { line }),
            (false, None) => {}
        }
    }
    let mut ranked = std::mem::take(&mut pass.s.ranked);
    ranked.retain(|i| pass.candidate(*i).is_some_and(|c| c.state != State::Refused));
    pass.s.ranked = ranked;
    settle(pass, start.trace);
}

/// What is left of all lines and charges, as priced.
fn payable(pass: &Pass<'_>) -> i64 {
    pass.s.cells.iter().fold(0_i64, |sum, cell| sum.saturating_add(cell.left))
}

/// Writes why codes were passed over in the last round.
fn reasons(pass: &mut Pass<'_>) {
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        let Some(passed) = pass.candidate(index).map(|c| c.passed) else { continue };
        let coupon = pass.presented(index).and_then(coupon_of);
        if let Some(refusal) = refusal_of(passed, coupon) {
            pass.refuse(index, refusal);
        }
    }
}

/// Why a code was passed over, as the refusal says it; none where it was not.
pub(super) fn refusal_of(passed: Passed, coupon: Option<&Coupon>) -> Option<Refusal> {
    Some(match (passed, coupon) {
        (Passed::No, _) => return None,
        (Passed::SameCoupon, Some(coupon)) => Refusal::SameCoupon { coupon: coupon.id().clone() },
        (Passed::TypeConflict, _) => Refusal::TypeConflict,
        (Passed::Limit { limit, allowed, taken }, _) => Refusal::LimitReached { limit, allowed, taken },
        (Passed::TooMany(allowed), _) => Refusal::TooManyCodes { allowed },
        (Passed::NotStackable | Passed::SameCoupon, _) => Refusal::NotStackable,
    })
}
