//! The last step: sums, effects and flags, written into the outcome. Everything that can fail is done before the first
//! field is touched.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::coupon::{Benefit, Condition};
use crate::error::Error;
use crate::key::AccountId;
use crate::money::CashInterval;
use crate::order::{ChargeKind, Slot};
use crate::outcome::{
    AccountTotal, Answer, AnswerState, BY_POINTS, FirstCharge, Flag, GiftOutcome, LineOutcome, NO_CLASS, NO_HOST_KEY,
    NO_PRICE_LIST, Outcome, TaxTotal, Totals, Trace, TraceStep,
};
use crate::policy::PriceMode;
use crate::refusal::OrderRefusal;
use crate::shop::PriceSource;

use super::pass::{Candidate, Cell, Pass, State, code_of, coupon_of};
use super::tax::taxable;

pub(super) fn write(pass: &mut Pass<'_>, outcome: &mut Outcome) -> Result<(), Error> {
    let totals = totals(pass)?;
    let lost = |c: &Candidate| c.state == State::Selected && c.tally.overflowed;
    if let Some(code) = pass.s.candidates.iter().position(lost) {
        return Err(Error::overflow(format!("codes[{code}].forfeited")));
    }
    let (order, request) = (pass.order, pass.request);
    set(&mut outcome.reference, &request.reference);
    outcome.at = pass.at;
    outcome.currency = pass.currency;
    outcome.price_mode = pass.price_mode;
    outcome.rounding = pass.policy.rounding();
    outcome.public_reasons = pass.policy.public_reasons();
    outcome.totals = totals;
    customer(pass, outcome);
    for (at, sum) in (0_u32..).zip(pass.s.class_totals.iter_mut().filter(|sum| sum.used)) {
        sum.at = at;
    }
    lines(pass, outcome);
    outcome.discounts.clear();
    if pass.any_shop_discount() {
        let mut offered = pass.s.offered.iter().peekable();
        for (i, slot) in (0..order.slots().len()).zip(0_u32..) {
            let of_slot = order.discounts_of(i).iter();
            outcome.discounts.extend(of_slot.map(|d| (d.id().clone(), d.account().cloned())));
            while let Some(offered) = offered.next_if(|offered| offered.slot == slot) {
                let Some(offer) = pass.shop.offers_prepared().get(offered.offer) else { continue };
                outcome.discounts.push((offer.discount.clone(), offer.prepared.coupon().account().cloned()));
            }
        }
    }
    std::mem::swap(&mut outcome.adjustments, &mut pass.s.adjustments);
    points(pass, outcome);
    answers(pass, outcome);
    taxes(pass, outcome);
    first_charges(pass, outcome);
    gifts(pass, outcome);
    offers(pass, outcome);
    accounts(outcome);
    std::mem::swap(&mut outcome.type_changes, &mut pass.s.changes);
    // Only a change has to be recorded upon the very types that it was made from.
    let changed = !outcome.type_changes.is_empty();
    outcome.types_revision = request.customer.held().revision().filter(|_| changed);
    outcome.grants = std::mem::take(&mut pass.grants);
    options(pass, outcome);
    allowances(pass, outcome);
    flags(pass, outcome);
    trace_tax(pass, outcome);
    outcome.trace = pass.tracing.then(|| Trace { entries: std::mem::take(&mut pass.s.trace) });
    Ok(())
}

/// The last step of each line: from its taxable amount to what is paid for it.
fn trace_tax(pass: &mut Pass<'_>, outcome: &Outcome) {
    if !pass.tracing {
        return;
    }
    for (slot, line) in (0_u32..).zip(outcome.lines.iter().chain(&outcome.charges)) {
        if line.tax().is_some() {
            pass.note(Some(slot), TraceStep::Tax, line.taxable, line.payable);
        }
    }
}

/// Sets a key, unless it is there already: to clone one counts its owners, which threads do in turn.
fn set<T: Clone + PartialEq>(place: &mut T, value: &T) {
    if place != value {
        place.clone_from(value);
    }
}

/// [`set`] for a key that may be missing.
fn set_option<T: Clone + PartialEq>(place: &mut Option<T>, value: Option<&T>) {
    if place.as_ref() != value {
        *place = value.cloned();
    }
}

fn overflow() -> Error {
    Error::overflow("order total")
}

/// The sums that tax can carry beyond exact arithmetic. All others are parts of the order's list total, which was
/// checked when the order was built and again when its prices changed.
fn totals(pass: &Pass<'_>) -> Result<Totals, Error> {
    let mut totals = Totals::zero(pass.currency);
    for (sum, class) in pass.s.class_totals.iter().zip(pass.order.classes()) {
        totals.taxable = totals.taxable.checked_add(sum.taxable).ok_or_else(overflow)?;
        totals.net = totals.net.checked_add(sum.net).ok_or_else(overflow)?;
        totals.tax = totals.tax.checked_add(sum.tax).ok_or_else(overflow)?;
        totals.third_party = totals.third_party.wrapping_add(sum.third);
        totals.taxed = totals.taxed || class.rate.is_some();
    }
    totals.before_cash = totals.taxable.checked_sub(totals.third_party).ok_or_else(overflow)?;
    if pass.price_mode == PriceMode::TaxExclusive {
        totals.before_cash = totals.before_cash.checked_add(totals.tax).ok_or_else(overflow)?;
    }
    if let Some(cash) = pass.policy.cash() {
        let interval = cash.to_minor(pass.currency)?;
        // What points pay is not paid in cash.
        let tendered = pass.points.as_ref().map_or(0, |points| points.tendered_minor());
        let due = totals.before_cash.saturating_sub(tendered);
        totals.cash_rounding = CashInterval::difference_minor(due, interval).ok_or_else(overflow)?;
        totals.before_cash.checked_add(totals.cash_rounding).ok_or_else(overflow)?;
    }
    Ok(totals)
}

fn customer(pass: &Pass<'_>, outcome: &mut Outcome) {
    let (customer, kinds) = (pass.request.customer, pass.policy.identity_kinds());
    if outcome.customer != customer.keys() {
        outcome.customer.clear();
        outcome.customer.extend(customer.keys().iter().cloned());
    }
    let counted = || customer.keys().iter().filter(|k| kinds.contains(&k.kind()));
    if !outcome.counted.iter().eq(counted()) {
        outcome.counted.clear();
        outcome.counted.extend(counted().cloned());
    }
    set_option(&mut outcome.customer_type, pass.customer_type);
    set_option(&mut outcome.actor, pass.request.actor);
    outcome.points_multiplier = pass.s.standing.points_multiplier();
    outcome.new_customer = customer.is_new();
}

/// Where the sums of a class of the order stand in the outcome, which lists those in use.
fn class_at(pass: &Pass<'_>, class: u32) -> u32 {
    usize::try_from(class).ok().and_then(|class| pass.s.class_totals.get(class)).map_or(NO_CLASS, |sum| sum.at)
}

fn lines(pass: &Pass<'_>, outcome: &mut Outcome) {
    let order = pass.order;
    let Outcome { lines, charges, host_keys, price_lists, totals, .. } = outcome;
    lines.clear();
    charges.clear();
    host_keys.clear();
    price_lists.clear();
    let count = order.lines().len();
    let pairs = || order.slots().iter().zip(&pass.s.cells);
    // Parts of the order's total: nothing can wrap.
    let add = |sum: &mut i64, amount: i64| *sum = sum.wrapping_add(amount);
    let (mut items, mut left, mut coupons) = (0_i64, 0_i64, 0_i64);
    lines.extend(pairs().take(count).map(|(slot, cell)| {
        let line = line(pass, slot, cell);
        add(&mut items, cell.base);
        add(&mut left, cell.left);
        add(&mut coupons, line.coupon_discount);
        line
    }));
    (totals.items, totals.item_discount, totals.coupon_discount) = (items, items.wrapping_sub(left), coupons);
    charges.extend(pairs().skip(count).map(|(slot, cell)| line(pass, slot, cell)));
    if !pass.s.entitled.is_empty() {
        for (line, cell) in lines.iter_mut().zip(&pass.s.cells) {
            let list = cell.price_list.filter(|_| !cell.overridden);
            if let Some(list) = list.and_then(|list| pass.shop.prices().list(list)) {
                line.price_list = Outcome::add_price_list(price_lists, list.id());
            }
        }
    }
    if order.any_host_key() {
        for (line, facts) in lines.iter_mut().zip(order.lines()) {
            if let Some(key) = facts.host_key() {
                line.host_key = u32::try_from(host_keys.len()).unwrap_or(NO_HOST_KEY);
                host_keys.push(key.to_owned());
            }
        }
    }
    for (line, slot) in charges.iter().zip(order.slots().iter().skip(count)) {
        let discount = line.shop_discount.wrapping_add(line.coupon_discount);
        if slot.shipping {
            add(&mut totals.shipping, line.priced);
            add(&mut totals.shipping_discount, discount);
        } else {
            add(&mut totals.fees, line.priced.saturating_sub(discount));
        }
        add(&mut totals.coupon_discount, line.coupon_discount);
    }
}

#[inline]
fn line(pass: &Pass<'_>, slot: &Slot, cell: &Cell) -> LineOutcome {
    // Every figure is a part of the order's total with its tax, which was found to fit: nothing can wrap.
    let inclusive = pass.price_mode == PriceMode::TaxInclusive;
    let taxable = taxable(cell);
    let shop = if cell.dropped { 0 } else { cell.base.wrapping_sub(cell.after) };
    LineOutcome {
        id: slot.id,
        currency: pass.currency,
        units: slot.units,
        class: if cell.refusal.is_some() { NO_CLASS } else { class_at(pass, slot.class) },
        host_key: NO_HOST_KEY,
        price_source: if cell.overridden { PriceSource::List } else { cell.source },
        price_list: NO_PRICE_LIST,
        refusal: cell.refusal,
        taxed: pass.taxed && cell.refusal.is_none(),
        list: if cell.refusal.is_some() { 0 } else { slot.list },
        priced: cell.base,
        shop_discount: shop,
        coupon_discount: cell.base.wrapping_sub(cell.left).wrapping_sub(shop),
        third_party: cell.third,
        net: if inclusive { taxable.wrapping_sub(cell.tax) } else { taxable },
        tax: cell.tax,
        taxable,
        payable: if inclusive { cell.left } else { cell.left.wrapping_add(cell.tax) },
    }
}

/// The automatic offers whose discounts stand.
fn offers(pass: &Pass<'_>, outcome: &mut Outcome) {
    let offers = pass.shop.offers_prepared();
    let rank_of = |gift: &GiftOutcome| {
        let is_of = |rank: &u32| offers.get(*rank).is_some_and(|offer| offer.discount.key() == gift.coupon.key());
        pass.s.found.ranks.iter().copied().find(is_of)
    };
    let gave: Vec<u32> = outcome.gifts.iter().filter(|gift| gift.offer).filter_map(rank_of).collect();
    let made = pass.s.offered.iter().map(|taken| taken.offer).chain(gave);
    outcome.set_offers(made.filter_map(|rank| offers.get(rank)).map(|offer| (&offer.discount, &offer.description)));
}

/// Moves what points took off out of the discounts of coupons, where all that was taken after the shop's discounts stands
/// so far.
fn points(pass: &mut Pass<'_>, outcome: &mut Outcome) {
    outcome.points = pass.points.take();
    if outcome.points.as_ref().is_none_or(|points| points.discount().is_zero()) {
        return;
    }
    let Outcome { lines, adjustments, totals, .. } = outcome;
    let by_points = adjustments.iter().rev().take_while(|raw| raw.source == BY_POINTS && !raw.coupon);
    for raw in by_points {
        if let Some(line) = usize::try_from(raw.slot).ok().and_then(|slot| lines.get_mut(slot)) {
            line.coupon_discount = line.coupon_discount.wrapping_sub(raw.amount);
            totals.coupon_discount = totals.coupon_discount.wrapping_sub(raw.amount);
            totals.points_discount = totals.points_discount.wrapping_add(raw.amount);
        }
    }
}

fn answers(pass: &mut Pass<'_>, outcome: &mut Outcome) {
    let codes = pass.request.codes;
    outcome.answers.truncate(codes.len());
    outcome.answers.resize_with(codes.len(), || Answer::blank(pass.currency));
    for ((answer, presented), candidate) in outcome.answers.iter_mut().zip(codes).zip(&pass.s.candidates) {
        answer.entered.clear();
        answer.entered.push_str(presented.entered);
        answer.reasons.clear();
        answer.currency = pass.currency;
        answer.line = presented.line;
        let applied = candidate.state == State::Selected;
        let known = presented.coupon.is_some();
        set_option(&mut answer.code, code_of(presented).filter(|_| known));
        set_option(&mut answer.coupon, coupon_of(presented).map(|c| c.id()));
        answer.state = match (applied, candidate.waiting) {
            (true, true) => AnswerState::WaitingForShipping,
            (true, false) => AnswerState::Applied,
            (false, _) => AnswerState::Refused,
        };
        let counted = answer.state == AnswerState::Applied;
        let terms = presented.coupon.filter(|_| answer.state != AnswerState::Refused).map(|p| &p.inner().coupon);
        if answer.terms.as_ref().map(Arc::as_ptr) != terms.map(Arc::as_ptr) {
            answer.terms = terms.cloned();
        }
        answer.issued = presented.issued.is_some();
        answer.window = candidate.window;
        let tally = if counted { candidate.tally } else { super::pass::Tally::default() };
        answer.wanted = tally.wanted;
        answer.granted = tally.granted;
        answer.forfeited = tally.forfeited;
        answer.third_party = tally.third;
        answer.units = tally.units;
        answer.units_wanted = tally.units.saturating_add(tally.units_withheld);
        answer.trial_days = candidate.trial.filter(|_| counted);
    }
    for (index, refusal) in pass.s.reasons.drain(..) {
        let answer = usize::try_from(index).ok().and_then(|i| outcome.answers.get_mut(i));
        if let Some(answer) = answer {
            if !answer.reasons.contains(&refusal) {
                answer.reasons.push(refusal);
            }
        }
    }
}

/// What is on trial, with when it is charged: of several trials after the longest.
fn first_charges(pass: &Pass<'_>, outcome: &mut Outcome) {
    let Outcome { first_charges, lines, .. } = outcome;
    first_charges.clear();
    let on_trial = pass.s.candidates.iter().filter(|c| c.state == State::Selected && !c.waiting);
    for (candidate, days) in on_trial.filter_map(|c| c.trial.map(|days| (c, days))) {
        let at = pass.at.checked_add_signed(TimeDelta::days(days.into())).unwrap_or(pass.at);
        for slot in pass.s.touch.get(candidate.touch.clone()).unwrap_or_default() {
            let slot = usize::try_from(*slot).unwrap_or(usize::MAX);
            let (Some(line), Some(priced)) = (pass.order.lines().get(slot), lines.get(slot)) else { continue };
            if !line.product().is_subscription() {
                continue;
            }
            let charge = FirstCharge { line: line.id(), at, currency: pass.currency, amount: priced.payable };
            match first_charges.binary_search_by_key(&charge.line, |c| c.line) {
                Err(place) => first_charges.insert(place, charge),
                Ok(found) => {
                    if let Some(earlier) = first_charges.get_mut(found).filter(|earlier| earlier.at < at) {
                        *earlier = charge;
                    }
                }
            }
        }
    }
}

/// What offers and coupons that apply give besides.
fn gifts(pass: &mut Pass<'_>, outcome: &mut Outcome) {
    outcome.gifts.clear();
    outcome.gifts.append(&mut pass.s.offer_gifts);
    gifts_of(pass, &mut outcome.gifts);
}

/// What the codes of this pass that apply give besides: with the order itself, and with no later payment of its
/// subscriptions.
pub(super) fn gifts_of(pass: &Pass<'_>, gifts: &mut Vec<GiftOutcome>) {
    if pass.payment > 1 {
        return;
    }
    for (presented, candidate) in pass.request.codes.iter().zip(&pass.s.candidates) {
        let applied = candidate.state == State::Selected && !candidate.waiting && !candidate.money_off;
        let Some(prepared) = presented.coupon.filter(|p| applied && p.inner().facts.gifts) else { continue };
        let coupon = prepared.coupon();
        for benefit in coupon.benefits() {
            let Benefit::Gift(gift) = benefit else { continue };
            gifts.push(GiftOutcome {
                product: gift.product().clone(),
                pieces: gift.pieces(),
                coupon: coupon.id().clone(),
                offer: pass.offering,
                value: gift.value().and_then(|value| value.in_currency(pass.currency)),
            });
        }
    }
}

fn taxes(pass: &Pass<'_>, outcome: &mut Outcome) {
    outcome.taxes.clear();
    let used = pass.s.class_totals.iter().zip(pass.order.classes()).filter(|(sum, _)| sum.used);
    outcome.taxes.extend(used.map(|(sum, class)| TaxTotal {
        class: class.class.clone(),
        rate: class.rate,
        currency: pass.currency,
        taxable: sum.taxable,
        net: sum.net,
        tax: sum.tax,
    }));
}

/// Discounts by account, each once, those without an account among them.
fn accounts(outcome: &mut Outcome) {
    outcome.accounts.clear();
    let Outcome { accounts, adjustments, answers, discounts, currency, points, .. } = outcome;
    let points = points.as_ref().filter(|points| !points.discount().is_zero());
    let mut add = |account: Option<&AccountId>, amount: i64| {
        if let Some(total) = accounts.iter_mut().find(|t| t.account.as_ref() == account) {
            total.discount = total.discount.saturating_add(amount);
        } else {
            accounts.push(AccountTotal { account: account.cloned(), currency: *currency, discount: amount });
        }
    };
    if !discounts.is_empty() {
        for raw in adjustments.iter().filter(|raw| !raw.coupon && raw.source != BY_POINTS) {
            let discount = usize::try_from(raw.source).ok().and_then(|i| discounts.get(i));
            add(discount.and_then(|(_, account)| account.as_ref()), raw.amount);
        }
    }
    for answer in answers.iter().filter(|a| a.is_applied()) {
        add(answer.terms.as_ref().and_then(|t| t.account()), answer.granted);
    }
    if let Some(points) = points {
        add(points.program().and_then(|program| program.account()), points.discount().minor());
    }
}

/// What is offered to the customer, and what the order chose that is not.
fn options(pass: &Pass<'_>, outcome: &mut Outcome) {
    let (options, standing) = (pass.shop.options(), &pass.s.standing);
    outcome.order_refusals.clear();
    match options.payment(standing) {
        None => outcome.payment_options = None,
        Some(offered) => {
            let list = outcome.payment_options.get_or_insert_default();
            list.clear();
            list.extend(offered.cloned());
            if let Some(chosen) = pass.order.payment_option().filter(|chosen| !list.contains(chosen)) {
                outcome.order_refusals.push(OrderRefusal::PaymentNotAllowed { option: chosen.clone() });
            }
        }
    }
    for charge in pass.order.charges() {
        let ChargeKind::Shipping { method: Some(method) } = charge.kind() else { continue };
        if options.shipping(standing).is_some_and(|mut offered| !offered.any(|m| m == method)) {
            let (line, method) = (charge.id(), method.clone());
            outcome.order_refusals.push(OrderRefusal::ShippingNotAllowed { line, method });
        }
    }
}

/// What was ordered of lines that were capped, and what is taken of allowances.
fn allowances(pass: &mut Pass<'_>, outcome: &mut Outcome) {
    outcome.capped.clear();
    outcome.capped.extend(pass.plan.requested());
    outcome.allowances = std::mem::take(&mut pass.plan.allowances);
    outcome.allowances_to_come = std::mem::take(&mut pass.plan.to_come);
}

fn flags(pass: &Pass<'_>, outcome: &mut Outcome) {
    outcome.flags.clear();
    let applied = outcome.answers.iter().any(Answer::is_applied);
    if applied && pass.request.customer.is_new() {
        outcome.flags.push(Flag::NewCustomer);
    }
    let needs_identity = |answer: &Answer| {
        answer.terms().is_some_and(|terms| {
            let limits = terms.limits();
            limits.per_customer().is_some()
                || limits.per_customer_and_code().is_some()
                || terms.conditions().iter().any(Condition::requires_first_order)
        })
    };
    let of_codes = outcome.counted.is_empty() && outcome.answers.iter().filter(|a| a.is_applied()).any(needs_identity);
    if of_codes || pass.plan.needs_identity {
        outcome.flags.push(Flag::IdentityNeeded);
    }
    // Taxable amounts are never negative, so one that is not zero settles it.
    let mut goods = outcome.lines.iter().filter(|line| line.refusal.is_none()).peekable();
    if goods.peek().is_some() && goods.all(|line| line.taxable == 0) {
        outcome.flags.push(Flag::ZeroBase);
    }
    if pass.request.as_type.is_some() {
        outcome.flags.push(Flag::Preview);
    }
}
