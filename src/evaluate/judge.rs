//! Step 6: eligibility of every code, on one snapshot: totals after the shop's discounts and before any coupon.

use std::ops::Range;

use crate::calendar::{Phase, Window};
use crate::coupon::{Benefit, Coupon, Kind, Overrides, Status, Validity};
use crate::error::Error;
use crate::money::Money;
use crate::order::{Charge, ChargeKind, Slot};
use crate::policy::{DiscountConflict, NoIdentity};
use crate::refusal::{LimitKind, Refusal};
use crate::request::Presented;
use crate::shop::Prepared;

use super::benefit::{acts_on, each_touched, is_apart};
use super::conditions;
use super::measure;
use super::offers;
use super::pass::{Cell, Pass, Scratch, State};
use super::service;
use super::shipping::{self, touched_by};
use super::type_change;

/// Judges every code that is still in the race. Codes seated before pricing were judged on their terms already.
pub(super) fn codes(pass: &mut Pass<'_>) -> Result<(), Error> {
    for i in 0..pass.request.codes.len() {
        let index = u32::try_from(i).unwrap_or(u32::MAX);
        let Some((state, seated)) = pass.s.candidates.get(i).map(|c| (c.state, c.seated)) else { continue };
        if state == State::Refused {
            continue;
        }
        cover(pass, index);
        if !seated {
            terms(pass, index)?;
        }
        values(pass, index)?;
    }
    fits_at_list_prices(pass)
}

/// Finds the lines that a coupon may touch: covered by its scope, discountable, not refused.
pub(super) fn cover(pass: &mut Pass<'_>, index: u32) {
    let Some(prepared) = pass.prepared(index) else { return };
    let only = pass.candidate(index).and_then(|c| c.line);
    let scope = &prepared.inner().scope;
    let from = pass.s.touch.len();
    if only.is_none() && scope.is_everything() && !prepared.inner().facts.service && !offers::may_be_given(pass) {
        let touch = everything(pass);
        if let Some(candidate) = pass.candidate(index) {
            candidate.touch = touch;
        }
        return;
    }
    pass.s.touch.reserve(if only.is_some() { 1 } else { pass.order.lines().len() });
    for (i, line) in pass.order.lines().iter().enumerate() {
        let position = u32::try_from(i).unwrap_or(u32::MAX);
        if only.is_some_and(|line| line != position) {
            continue;
        }
        let (Some(slot), Some(cell)) = (pass.order.slots().get(i), pass.s.cells.get(i)) else { continue };
        if !slot.discountable || cell.refusal.is_some() {
            continue;
        }
        let covered = scope.covers(line.product(), pass.unit_amount(slot, cell)) && !offers::is_given(pass, index, i);
        if covered && service::covers(pass, prepared, i) {
            pass.s.touch.push(position);
        }
    }
    let until = pass.s.touch.len();
    if let Some(candidate) = pass.candidate(index) {
        candidate.touch = from..until;
    }
}

/// The lines of a coupon for everything: the same for every such code, so they are listed once.
fn everything(pass: &mut Pass<'_>) -> Range<usize> {
    if let Some(listed) = &pass.everything {
        return listed.clone();
    }
    let Scratch { touch, cells, .. } = &mut *pass.s;
    let from = touch.len();
    let lines = pass.order.slots().iter().zip(cells.iter()).take(pass.order.lines().len());
    let open = |(slot, cell): &(&Slot, &Cell)| slot.discountable && cell.refusal.is_none();
    if lines.clone().all(|line| open(&line)) {
        touch.extend(0..u32::try_from(lines.len()).unwrap_or(u32::MAX));
    } else {
        touch.reserve(lines.len());
        touch.extend(lines.zip(0_u32..).filter(|(line, _)| open(line)).map(|(_, i)| i));
    }
    let listed = from..touch.len();
    pass.everything = Some(listed.clone());
    listed
}

/// Judges what stands in the terms: status, dates, holder, limits, conditions. Reads lines only through conditions.
pub(super) fn terms(pass: &mut Pass<'_>, index: u32) -> Result<(), Error> {
    let (Some(presented), Some(prepared)) = (pass.presented(index), pass.prepared(index)) else { return Ok(()) };
    let coupon = prepared.coupon();
    match coupon.status() {
        Status::Active => {}
        Status::Inactive => pass.refuse(index, Refusal::Inactive),
        Status::Expired => pass.refuse(index, Refusal::Expired { ended: None }),
    }
    let facts = &prepared.inner().facts;
    if presented.issued.is_some() {
        issued_window(pass, index, presented, prepared)?;
    } else if facts.has_window {
        open_at(pass, index, prepared.window());
        if let Some(candidate) = pass.candidate(index) {
            candidate.window = prepared.window();
        }
    }
    holder(pass, index, presented, prepared);
    if facts.has_limits {
        limits(pass, index, presented, coupon);
    }
    conditions::judge(pass, index, prepared, false);
    Ok(())
}

/// Refuses a code before its window and after it.
fn open_at(pass: &mut Pass<'_>, index: u32, window: Window) {
    match window.phase(pass.at) {
        Phase::Live => {}
        Phase::Scheduled => pass.refuse(index, Refusal::NotStarted { starts: window.from().unwrap_or(pass.at) }),
        Phase::Ended => pass.refuse(index, Refusal::Expired { ended: window.until() }),
    }
}

/// A code of its own may have a window of its own, and a countdown starts with it.
fn issued_window(pass: &mut Pass<'_>, index: u32, presented: &Presented<'_>, prepared: &Prepared) -> Result<(), Error> {
    let mut windows = [prepared.window(), Window::ALWAYS, Window::ALWAYS];
    if let Some(issued) = presented.issued {
        if let Validity::Countdown(countdown) = prepared.coupon().validity() {
            windows[1] = Window::countdown(issued.issued_at(), countdown.days(), countdown.hours())?;
        }
        windows[2] = issued.window().unwrap_or(Window::ALWAYS);
    }
    let mut all = Some(Window::ALWAYS);
    for window in windows {
        open_at(pass, index, window);
        all = all.and_then(|a| a.intersect(&window));
    }
    if let (Some(candidate), Some(all)) = (pass.candidate(index), all) {
        candidate.window = all;
    }
    Ok(())
}

/// A code bound to somebody is for nobody else; to a shopper who is not logged in it is not even known to exist.
fn holder(pass: &mut Pass<'_>, index: u32, presented: &Presented<'_>, prepared: &Prepared) {
    let holder = presented.issued.and_then(|i| i.holder());
    let wrong = match holder {
        Some(holder) => !pass.request.customer.keys().contains(holder),
        None => prepared.coupon().kind() == Kind::Personal,
    };
    if wrong {
        pass.refuse(index, Refusal::WrongCustomer);
    }
    if !prepared.inner().facts.per_customer {
        return;
    }
    let kinds = pass.policy.identity_kinds();
    let known = pass.request.customer.keys().iter().any(|key| kinds.contains(&key.kind()));
    if !known {
        match pass.policy.no_identity() {
            NoIdentity::Refuse => pass.refuse(index, Refusal::CustomerRequired),
            NoIdentity::ApplyAndFlag => {}
        }
    }
}

/// A preview of the limits; the store enforces them.
fn limits(pass: &mut Pass<'_>, index: u32, presented: &Presented<'_>, coupon: &Coupon) {
    let (limits, usage) = (coupon.limits(), presented.usage);
    let counters = [
        (LimitKind::Total, limits.total(), usage.total),
        (LimitKind::Code, limits.per_code(), usage.code),
        (LimitKind::Customer, limits.per_customer(), usage.customer),
        (LimitKind::CustomerCode, limits.per_customer_and_code(), usage.customer_code),
        (LimitKind::Units, limits.units(), usage.units),
    ];
    for (limit, allowed, taken) in counters {
        if let Some(allowed) = allowed.filter(|allowed| taken >= *allowed) {
            pass.refuse(index, Refusal::LimitReached { limit, allowed, taken });
        }
    }
    let units_left = limits.units().map(|allowed| allowed.saturating_sub(usage.units));
    let mut budget_left = None;
    if let Some(budget) = limits.money() {
        match budget.in_currency(pass.currency) {
            None => pass.refuse(index, Refusal::NoAmountInCurrency { currency: pass.currency }),
            Some(budget) => {
                let left = budget.minor().saturating_sub(usage.money.map_or(0, Money::minor)).max(0);
                if left == 0 {
                    let left = Money::zero(pass.currency);
                    pass.refuse(index, Refusal::BudgetExhausted { wanted: None, left });
                }
                budget_left = Some(left);
            }
        }
    }
    if let Some(candidate) = pass.candidate(index) {
        candidate.units_left = units_left;
        candidate.budget_left = budget_left;
    }
}

/// Judges what the coupon could do to this order: amounts in its currency, supplied amounts, anything to act on at all.
fn values(pass: &mut Pass<'_>, index: u32) -> Result<(), Error> {
    let (Some(presented), Some(prepared)) = (pass.presented(index), pass.prepared(index)) else { return Ok(()) };
    let coupon = prepared.coupon();
    let no_figure = |benefit: &Benefit| match benefit {
        Benefit::SetPrice(set) if set.price().in_currency(pass.currency).is_none() => true,
        _ => benefit.figures().any(|amounts| amounts.in_currency(pass.currency).is_none()),
    };
    if coupon.benefits().iter().any(no_figure) {
        pass.refuse(index, Refusal::NoAmountInCurrency { currency: pass.currency });
    }
    supplied(pass, index, presented, coupon);
    type_change::judge_later(pass, index)?;
    applicable(pass, index, prepared);
    with_discounts(pass, index, prepared);
    overrides(pass, index, prepared);
    Ok(())
}

/// Amounts by hand and amounts of the host (S141, S147).
fn supplied(pass: &mut Pass<'_>, index: u32, presented: &Presented<'_>, coupon: &Coupon) {
    let by_hand = coupon.benefits().iter().find_map(|b| match b {
        Benefit::Operator(operator) => Some(operator),
        _ => None,
    });
    if !pass.policy.manual() && (by_hand.is_some() || presented.operator_amount.is_some()) {
        pass.refuse(index, Refusal::ManualNotAllowed);
    } else if let Some(operator) = by_hand {
        match presented.operator_amount {
            None => pass.refuse(index, Refusal::ManualAmountRequired),
            Some(found) => {
                if let Some(allowed) = operator.max().and_then(|m| m.in_currency(pass.currency)) {
                    if found.minor() > allowed.minor() {
                        pass.refuse(index, Refusal::ManualAmountTooHigh { allowed, found });
                    }
                }
            }
        }
    }
    let by_host = coupon.benefits().iter().any(|b| matches!(b, Benefit::Host(_)));
    if by_host && presented.host_amounts.is_none() {
        pass.refuse(index, Refusal::HostAmountsRequired);
    }
}

/// Whether there is anything that the coupon could touch, and whether it waits for shipping.
fn applicable(pass: &mut Pass<'_>, index: u32, prepared: &Prepared) {
    let Some(candidate) = pass.candidate(index) else { return };
    let (touch, assigns, on_line) = (candidate.touch.clone(), candidate.assigns, candidate.line.is_some());
    let coupon = prepared.coupon();
    let mut anything = assigns;
    let mut waits = false;
    let any_shipping = || pass.order.charges().iter().any(|c| matches!(c.kind(), ChargeKind::Shipping { .. }));
    let on_charges = |pass: &Pass<'_>, benefit: &Benefit| {
        let mut charges = pass.order.charges().iter().zip(pass.order.lines().len()..);
        charges
            .any(|(charge, slot)| shipping::acts_on(benefit, charge, on_line) && !offers::is_given(pass, index, slot))
    };
    let mut trial = None;
    let mut short = None;
    for (at, benefit) in coupon.benefits().iter().enumerate() {
        match benefit {
            Benefit::Shipping(_) => {
                // What is automatic waits for nothing: it is made where there is shipping.
                waits = waits || (!pass.offering && !any_shipping());
                anything = anything || on_charges(pass, benefit);
            }
            Benefit::Trial(days) => {
                let covered = touch.clone().any(|t| {
                    let slot = pass.s.touch.get(t).and_then(|s| usize::try_from(*s).ok());
                    slot.and_then(|s| pass.order.lines().get(s)).is_some_and(|l| l.product().is_subscription())
                });
                if covered {
                    trial = Some(days.days());
                    anything = true;
                }
            }
            Benefit::Gift(_) | Benefit::None => anything = anything || !touch.is_empty(),
            Benefit::Percent(_)
            | Benefit::Amount(_)
            | Benefit::SetPrice(_)
            | Benefit::Operator(_)
            | Benefit::Host(_)
            | Benefit::Tiers(_)
            | Benefit::Bundle(_)
            | Benefit::BuyGet(_)
            | Benefit::Nth(_)
            | Benefit::Steps(_)
            | Benefit::FirstFurther(_) => {
                let reached = measure::reached(pass, index, prepared, at, benefit);
                anything = anything || reached.is_ok() || on_charges(pass, benefit);
                short = short.or(reached.err().flatten());
            }
        }
    }
    if !anything && !waits {
        pass.refuse(index, short.unwrap_or(Refusal::NotApplicable));
    }
    if let Some(candidate) = pass.candidate(index) {
        candidate.waiting = waits && !anything;
        candidate.trial = trial;
    }
}

/// A coupon that does not combine with discounts (S140).
fn with_discounts(pass: &mut Pass<'_>, index: u32, prepared: &Prepared) {
    let combination = prepared.coupon().combination();
    // One that overrides prices sets the discounts of the lines aside as well.
    let none_meant = combination.with_discounts() || combination.overrides() != Overrides::Nothing;
    if none_meant || !pass.any_shop_discount() {
        return;
    }
    // One that only waits for shipping takes nothing off the lines, and leaves their discounts alone.
    let Some(touch) = pass.candidate(index).filter(|c| !c.waiting).map(|c| c.touch.clone()) else { return };
    let mut first = None;
    for (at, benefit) in prepared.coupon().benefits().iter().enumerate() {
        if benefit.target().is_none() {
            continue;
        }
        for position in touch.clone() {
            let slot = pass.s.touch.get(position).copied();
            let place = slot.and_then(|s| usize::try_from(s).ok()).filter(|s| pass.is_discounted(*s));
            let discounted = place.and_then(|s| pass.order.slots().get(s));
            let touched = place.is_some_and(|s| acts_on(pass, prepared, at, s));
            if let (Some(discounted), true) = (discounted, touched) {
                first = Some(first.map_or(discounted.id, |f: crate::order::LineId| f.min(discounted.id)));
            }
        }
    }
    if first.is_none() {
        let on_line = pass.candidate(index).is_some_and(|c| c.line.is_some());
        let charges = pass.order.charges().iter().zip(pass.order.lines().len()..);
        let discounted = charges.filter(|(_, slot)| pass.is_discounted(*slot) && !offers::is_given(pass, index, *slot));
        first = discounted.map(|(c, _)| c).filter(|c| touched_by(prepared, c, on_line)).map(Charge::id).next();
    }
    let Some(line) = first else { return };
    // What the host gave on a line is no offer's to take away.
    let conflict = if pass.offering { DiscountConflict::RefuseCoupon } else { pass.policy.discount_conflict() };
    match conflict {
        DiscountConflict::RefuseCoupon => pass.refuse(index, Refusal::NotWithDiscounts { line }),
        DiscountConflict::DropDiscounts | DiscountConflict::BetterOf => {
            if let Some(candidate) = pass.candidate(index) {
                candidate.drops = Some(line);
            }
        }
    }
}

/// Whether there is a price or discount that a coupon overrides.
fn overrides(pass: &mut Pass<'_>, index: u32, prepared: &Prepared) {
    let overrides = prepared.coupon().combination().overrides();
    let Some(touch) = pass.candidate(index).map(|c| c.touch.clone()) else { return };
    let mut any = overrides == Overrides::Everything && (0..pass.order.lines().len()).any(|slot| is_apart(pass, slot));
    if overrides != Overrides::Nothing {
        each_touched(pass, index, touch, |pass, slot| any = any || is_apart(pass, slot));
    }
    if let Some(candidate) = pass.candidate(index) {
        candidate.overrides = any;
    }
}

/// Where prices may be overridden, the order has to fit exact arithmetic with any of its lines at either price.
pub(super) fn fits_at_list_prices(pass: &Pass<'_>) -> Result<(), Error> {
    if !pass.s.candidates.iter().any(|c| c.overrides) {
        return Ok(());
    }
    let dearer = pass.order.slots().iter().zip(&pass.s.cells).map(|(slot, cell)| cell.base.max(slot.list));
    let total = dearer.into_iter().try_fold(0_i64, i64::checked_add);
    total.map(|_| ()).ok_or_else(|| Error::overflow("order total"))
}
