//! Loyalty points: what is redeemed, after all other discounts, and what is earned on the rest.

use std::sync::Arc;

use crate::error::Error;
use crate::money::{Currency, share};
use crate::order::{Line, Order};
use crate::outcome::{BY_POINTS, Earning, PointsOutcome, PointsRefusal, RawAdjustment, TraceStep};
use crate::policy::PriceMode;
use crate::request::PointsUse;
use crate::shop::{Points, PointsMultiplier, PointsProgram, RedeemAs, UnitAmount};

use super::pass::Pass;

/// Finds the lines that points are about and, where points are a discount, takes them off what is left of those.
pub(super) fn as_discount(pass: &mut Pass<'_>) -> Result<(), Error> {
    let (points, asked) = (pass.shop.points_prepared(), pass.request.points);
    if points.is_none() && asked.is_none() {
        return Ok(());
    }
    let outcome = begun(points.map(Points::shared), pass.currency, asked.map_or(0, PointsUse::redeem));
    discount(pass, outcome, |line, unit| points.is_some_and(|points| points.covers(line.product(), unit)))
}

/// [`as_discount`] under the terms of a placed order: what was redeemed then, or what is left of it, is the most that is
/// redeemed now, and nothing is asked again. A line that is new is in the scope or not; the others are what they were.
pub(super) fn as_discount_again(
    pass: &mut Pass<'_>,
    recorded: &PointsOutcome,
    then: &Order,
    left: Option<i64>,
) -> Result<(), Error> {
    let points = recorded.program.as_deref().cloned().map(Points::new);
    let mut outcome = begun(recorded.program.clone(), pass.currency, recorded.wanted);
    outcome.refusal = recorded.refusal;
    pass.points_then = left.map_or(recorded.money, |left| recorded.money.min(left));
    discount(pass, outcome, |line, unit| match then.slot_of(line.id()) {
        Some(_) => recorded.lines.binary_search(&line.id()).is_ok(),
        None => points.as_ref().is_some_and(|points| points.covers(line.product(), unit)),
    })
}

fn begun(program: Option<Arc<PointsProgram>>, currency: Currency, wanted: u64) -> Box<PointsOutcome> {
    let (lines, earned, redeemed, money, refusal) = (Vec::new(), 0, 0, 0, None);
    Box::new(PointsOutcome { program, currency, lines, earned, wanted, redeemed, money, refusal })
}

fn discount(
    pass: &mut Pass<'_>,
    mut outcome: Box<PointsOutcome>,
    covers: impl Fn(&Line, UnitAmount) -> bool,
) -> Result<(), Error> {
    let mut slots = Vec::new();
    let lines = pass.order.lines().iter().zip(pass.order.slots()).zip(&pass.s.cells);
    for (slot, ((line, facts), cell)) in (0_u32..).zip(lines) {
        if cell.refusal.is_none() && covers(line, pass.unit_amount(facts, cell)) {
            outcome.lines.push(line.id());
            slots.push(slot);
        }
    }
    let as_tender = outcome.program.as_ref().is_some_and(|program| program.redeem_as() == RedeemAs::Tender);
    if !as_tender && outcome.wanted > 0 {
        let mut weights = std::mem::take(&mut pass.s.weights);
        weights.clear();
        slots.retain(|slot| pass.slot(*slot).is_some_and(|slot| slot.discountable));
        weights.extend(slots.iter().map(|slot| pass.cell(*slot).map_or(0, |cell| cell.left)));
        let left = weights.iter().fold(0_i64, |sum, left| sum.saturating_add(*left));
        redeem(pass, &mut outcome, left);
        let taken = take_off(pass, &slots, &weights, outcome.money);
        pass.s.weights = weights;
        taken?;
    }
    pass.points = Some(outcome);
    Ok(())
}

/// Once there is a tax: what points pay where they are a tender, and what is earned on what is paid otherwise.
pub(super) fn as_tender_and_earned(pass: &mut Pass<'_>, multiplier: PointsMultiplier) -> Result<(), Error> {
    let Some(mut outcome) = pass.points.take() else { return Ok(()) };
    let (mut earning, mode) = (Earning::default(), pass.price_mode);
    for id in &outcome.lines {
        let cell = pass.order.slot_of(*id).and_then(|slot| pass.s.cells.get(slot));
        let Some(cell) = cell else { continue };
        let payable = match mode {
            PriceMode::TaxInclusive => cell.left,
            PriceMode::TaxExclusive => cell.left.saturating_add(cell.tax),
        };
        earning.add(cell.left, cell.third, cell.tax, payable, mode);
    }
    let redeem_as = outcome.program.as_ref().map(|program| program.redeem_as());
    if outcome.wanted > 0 && redeem_as == Some(RedeemAs::Tender) {
        redeem(pass, &mut outcome, earning.payable);
    }
    if let Some(program) = &outcome.program {
        outcome.earned = earning.points(program, multiplier, pass.currency, outcome.tendered_minor())?;
    }
    pass.points = Some(outcome);
    Ok(())
}

/// Decides on the points that were asked for, where so much is left to pay of the lines they may pay for.
fn redeem(pass: &Pass<'_>, outcome: &mut PointsOutcome, left: i64) {
    let program = outcome.program.as_deref();
    let judged = match pass.request.points {
        Some(asked) => judge(pass, program, asked, left),
        // A placed order that is priced again.
        None if outcome.refusal.is_some() => return,
        None => again(program, pass.currency, pass.points_then.min(left)),
    };
    match judged {
        Ok((points, money)) => (outcome.redeemed, outcome.money) = (points, money),
        Err(refusal) => outcome.refusal = Some(refusal),
    }
}

/// The points for an amount that some were redeemed for before.
fn again(program: Option<&PointsProgram>, currency: Currency, money: i64) -> Result<(u64, i64), PointsRefusal> {
    let value = program.and_then(|program| program.value_in(currency)).ok_or(PointsRefusal::NotOffered)?;
    value.times_for(money, currency).filter(|_| money > 0).map(|p| (p, money)).ok_or(PointsRefusal::NotApplicable)
}

/// How many points are used, and what for.
fn judge(
    pass: &Pass<'_>,
    program: Option<&PointsProgram>,
    asked: PointsUse,
    left: i64,
) -> Result<(u64, i64), PointsRefusal> {
    let (currency, balance, asked) = (pass.currency, asked.balance(), asked.redeem());
    let program = program.filter(|program| program.value().is_some()).ok_or(PointsRefusal::NotOffered)?;
    let value = program.value_in(currency).ok_or(PointsRefusal::NoValueInCurrency { currency })?;
    let kinds = pass.policy.identity_kinds();
    if !pass.request.customer.keys().iter().any(|key| kinds.contains(&key.kind())) {
        return Err(PointsRefusal::IdentityRequired);
    }
    if let Some(minimum) = program.minimum().filter(|minimum| asked < *minimum) {
        return Err(PointsRefusal::BelowMinimum { asked, minimum });
    }
    if let Some(step) = program.step().filter(|step| asked.checked_rem(*step) != Some(0)) {
        return Err(PointsRefusal::NotInSteps { asked, step });
    }
    if balance < asked {
        return Err(PointsRefusal::BalanceTooLow { asked, balance });
    }
    if left <= 0 {
        return Err(PointsRefusal::NotApplicable);
    }
    let money = value.times_floor(asked, currency).min(left);
    match value.times_for(money, currency) {
        Some(points) if money > 0 => Ok((points, money)),
        _ => Err(PointsRefusal::NoBenefit { asked }),
    }
}

/// Spreads an amount over what is left of lines, by largest remainder. The seller gives it.
fn take_off(pass: &mut Pass<'_>, slots: &[u32], weights: &[i64], money: i64) -> Result<(), Error> {
    if money == 0 {
        return Ok(());
    }
    let s = &mut *pass.s;
    if share(money, weights, None, &mut s.shares, &mut s.allocate) != Some(0) {
        return Err(Error::overflow("points"));
    }
    let shares = std::mem::take(&mut s.shares);
    for (slot, amount) in slots.iter().zip(&shares).filter(|(_, amount)| **amount > 0) {
        let Some(cell) = pass.cell(*slot) else { continue };
        let before = cell.left;
        cell.left = before.saturating_sub(*amount);
        let after = cell.left;
        let (slot, amount) = (*slot, *amount);
        pass.s.adjustments.push(RawAdjustment { slot, source: BY_POINTS, coupon: false, amount, third: 0 });
        pass.note(Some(slot), TraceStep::Points, before, after);
    }
    pass.s.shares = shares;
    Ok(())
}
