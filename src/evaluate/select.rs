//! Step 7: which of the eligible codes stay. An exclusive one shuts the others out; then rank, and the number of codes
//! that one order may hold. Codes that come to nothing free their place, and the selection runs again without them.

use crate::error::Error;
use crate::key::{CouponId, CustomerTypeId};
use crate::money::Money;
use crate::policy::DiscountConflict;
use crate::refusal::Refusal;

use super::discounts;
use super::pass::{Pass, Passed, State, coupon_of, rank};
use super::stages;

/// Selects and prices until every selected code has an effect, then writes why the others were passed over.
pub(super) fn and_price(pass: &mut Pass<'_>) -> Result<(), Error> {
    by_rank(pass);
    if pass.s.ranked.is_empty() {
        if pass.order.any_shop_discount() {
            discounts::again(pass);
        }
        return Ok(());
    }
    settle(pass);
    better_of(pass)?;
    reasons(pass);
    Ok(())
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
fn settle(pass: &mut Pass<'_>) {
    let traced = pass.s.trace.len();
    loop {
        choose(pass);
        pass.s.trace.truncate(traced);
        stages::price(pass);
        if !refuse_the_empty(pass) {
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
    let mut chosen = Chosen { codes: 0, assigned: None, last: None };
    if let Some(seated) = seated {
        chosen.take(pass, seated);
    }
    for index in &ranked {
        if Some(*index) == seated || pass.candidate(*index).is_none_or(|c| c.state != State::Eligible) {
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
struct Chosen<'a> {
    /// Codes that count against the number allowed.
    codes: u32,
    assigned: Option<&'a CustomerTypeId>,
    /// The definition chosen last: codes of one definition are neighbours in rank.
    last: Option<&'a CouponId>,
}

impl<'a> Chosen<'a> {
    fn counts(pass: &mut Pass<'a>, index: u32) -> bool {
        !pass.policy.line_codes() || pass.candidate(index).is_some_and(|c| c.line.is_none())
    }

    fn room(&self, pass: &mut Pass<'a>, index: u32) -> Passed {
        let Some(coupon) = pass.presented(index).and_then(coupon_of) else { return Passed::NotStackable };
        if !coupon.combination().several_codes() && self.last == Some(coupon.id()) {
            return Passed::SameCoupon;
        }
        let assigns = pass.candidate(index).is_some_and(|c| c.assigns);
        if let (true, Some(assigned), Some(assign)) = (assigns, self.assigned, coupon.assign()) {
            if assigned != assign.to() {
                return Passed::TypeConflict;
            }
        }
        let line = pass.candidate(index).and_then(|c| c.line);
        if line.is_some() && pass.s.candidates.iter().any(|c| c.state == State::Selected && c.line == line) {
            return Passed::TooMany(1);
        }
        match pass.policy.max_codes() {
            Some(max) if self.codes >= max && Self::counts(pass, index) => Passed::TooMany(max),
            _ => Passed::No,
        }
    }

    fn take(&mut self, pass: &mut Pass<'a>, index: u32) {
        if Self::counts(pass, index) {
            self.codes = self.codes.saturating_add(1);
        }
        let coupon = pass.presented(index).and_then(coupon_of);
        self.last = coupon.map(|c| c.id());
        if let Some(candidate) = pass.candidate(index) {
            candidate.state = State::Selected;
            if candidate.assigns {
                self.assigned = self.assigned.or_else(|| coupon.and_then(|c| c.assign()).map(|a| a.to()));
            }
        }
    }
}

/// Refuses selected codes that are worth something and came to nothing; says whether there were any. Together, since
/// what took nothing changed nothing for the others.
fn refuse_the_empty(pass: &mut Pass<'_>) -> bool {
    let mut any = false;
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        let Some(prepared) = pass.prepared(index) else { continue };
        let Some(candidate) = pass.candidate(index) else { continue };
        match candidate.state {
            // A condition on what remains failed at its turn, or its budget ran short.
            State::Refused => any = true,
            State::Selected => {
                let effect = candidate.assigns || candidate.trial.is_some() || candidate.waiting;
                let zero_by_hand = pass.presented(index).and_then(|p| p.operator_amount).is_some_and(Money::is_zero);
                let worthless = prepared.inner().zero_by_definition || zero_by_hand;
                let Some(candidate) = pass.candidate(index) else { continue };
                // Its money was refused in this round, after some of it may have been taken.
                any = any || (candidate.money_off && candidate.tally.wanted > 0);
                if candidate.tally.granted == 0 && !effect && !worthless {
                    pass.refuse(index, Refusal::NoBenefit);
                    any = true;
                }
            }
            State::Eligible => {}
        }
    }
    // What is refused for good leaves the race, so that no later round looks at it again.
    let mut ranked = std::mem::take(&mut pass.s.ranked);
    ranked.retain(|i| pass.candidate(*i).is_some_and(|c| c.state != State::Refused));
    pass.s.ranked = ranked;
    any
}

/// Where policy asks for the better of a coupon and the discounts it does not combine with, both are priced, by rank.
fn better_of(pass: &mut Pass<'_>) -> Result<(), Error> {
    if pass.policy.discount_conflict() != DiscountConflict::BetterOf {
        return Ok(());
    }
    loop {
        let contested = pass.s.ranked.iter().copied().find(|i| {
            let at = usize::try_from(*i).ok().and_then(|i| pass.s.candidates.get(i));
            at.is_some_and(|c| c.drops && c.state == State::Selected && !c.decided)
        });
        let Some(index) = contested else { return Ok(()) };
        let with = payable(pass);
        let line = pass
            .order
            .slots()
            .iter()
            .zip(&pass.s.cells)
            .find(|(_, cell)| cell.dropped)
            .map_or(crate::order::LineId(0), |(slot, _)| slot.id);
        // Priced without it: everybody else's chances are as they were.
        let saved: Vec<(u32, State)> = (0_u32..).zip(&pass.s.candidates).map(|(i, c)| (i, c.state)).collect();
        let (reasons, ranked) = (pass.s.reasons.len(), pass.s.ranked.clone());
        pass.refuse(index, Refusal::NotWithDiscounts { line });
        pass.s.ranked.retain(|i| *i != index);
        settle(pass);
        if payable(pass) <= with {
            continue;
        }
        pass.s.reasons.truncate(reasons);
        pass.s.ranked = ranked;
        for (i, state) in saved {
            if let Some(candidate) = pass.candidate(i) {
                candidate.state = state;
            }
        }
        if let Some(candidate) = pass.candidate(index) {
            // Decided: it keeps dropping the discounts, and is not asked again.
            candidate.decided = true;
        }
        settle(pass);
    }
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
        let refusal = match (passed, coupon) {
            (Passed::No, _) => continue,
            (Passed::SameCoupon, Some(coupon)) => Refusal::SameCoupon { coupon: coupon.id().clone() },
            (Passed::TypeConflict, _) => Refusal::TypeConflict,
            (Passed::TooMany(allowed), _) => Refusal::TooManyCodes { allowed },
            (Passed::NotStackable | Passed::SameCoupon, _) => Refusal::NotStackable,
        };
        pass.refuse(index, refusal);
    }
}
