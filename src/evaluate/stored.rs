//! Prices an order under stored terms: those of the placed order, and none of today's.
//!
//! What was asked when the order was placed is not asked again: prices, permissions, allowances, changes of type, dates,
//! holders, limits, who combines with whom. The codes that were applied stand, in the same ranks and stages, with the
//! discounts and prices that they set aside then and the budget that was left then. What is worked out anew is what
//! hangs on the lines: discounts, shares, tax.
//!
//! On the order as it was placed this gives the figures that were recorded, to the cent.

use crate::coupon::{Benefit, Condition, Overrides, Split};
use crate::customer::Customer;
use crate::error::Error;
use crate::key::AllowanceId;
use crate::money::Money;
use crate::order::{Line, LineId, Order};
use crate::outcome::{Answer, AnswerState, CountedLine, Outcome, TypeCause};
use crate::request::{IssuedCode, Presented, Request};
use crate::shop::{Ask, Prepared, PriceSource, Shop, UnitAmount};

use super::benefit::{Turn, each_touched, gather, is_apart, settle};
use super::pass::{Candidate, Cell, Pass, Scratch, State, rank};
use super::sold::{BasePrice, extended, host_amounts, sold};
use super::units::Take;
use super::{amount, conditions, discounts, finish, judge, offers, points, select, stages, tax};

/// What was settled about a code when the order was placed, besides what its answer says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) operator_amount: Option<Money>,
    pub(crate) host_amounts: Vec<(LineId, Money)>,
    /// It took the place of the shop's discounts.
    pub(crate) drops: bool,
    /// It set the customer's prices aside.
    pub(crate) overrides: bool,
    /// What was left of its definition's budget, in minor units.
    pub(crate) budget_left: Option<i64>,
    pub(crate) units_left: Option<u64>,
    /// The line that it was entered on was removed since, so nothing is left for it.
    pub(crate) gone: bool,
    /// Whether each of its conditions about the customer and the order as a whole held, in the order of a walk.
    pub(crate) facts: Vec<bool>,
}

/// What an evaluation knows besides its outcome, kept for an order that is placed.
#[derive(Debug, Default)]
pub(crate) struct Placing {
    /// The order as it is sold, where less of it is sold than was ordered, or automatic offers took something off it.
    pub(crate) sold: Option<Order>,
    /// By line.
    pub(crate) prices: Vec<BasePrice>,
    /// By code.
    pub(crate) codes: Vec<Settled>,
    /// The lines that each allowance counts.
    pub(crate) allowances: Vec<(AllowanceId, Vec<LineId>)>,
    /// The pieces that sets of automatic offers used.
    pub(crate) claimed: Vec<CountedLine>,
}

/// A placed order, from which another one is priced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored<'a> {
    /// The order as it was placed, with the base prices of its lines.
    pub(crate) order: &'a Order,
    pub(crate) prices: &'a [BasePrice],
    /// By answer.
    pub(crate) codes: &'a [Settled],
    pub(crate) allowances: &'a [(AllowanceId, Vec<LineId>)],
    pub(crate) claimed: &'a [CountedLine],
    pub(crate) outcome: &'a Outcome,
    /// Whether thresholds over lines are judged again.
    pub(crate) judging: bool,
    /// The later payment of a subscription that is priced, if it is one.
    pub(crate) payment: Option<Payment<'a>>,
    /// The most that points take off, where some of them were given back since.
    pub(crate) points_left: Option<i64>,
}

/// A later payment of a subscription.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payment<'a> {
    pub(crate) number: u32,
    /// By answer, whether it reaches this payment by itself.
    pub(crate) acts: &'a [bool],
    /// By answer, what earlier payments left over.
    pub(crate) carried: &'a [i64],
}

/// What the steps ask of a placed order.
pub(super) struct StoredTerms<'a> {
    codes: &'a [Settled],
    /// What one unit of each line cost on the snapshot then, by id: ranges of prices cover what they covered.
    units: Vec<(LineId, UnitAmount)>,
}

impl StoredTerms<'_> {
    pub(super) fn unit_amount(&self, line: LineId) -> Option<UnitAmount> {
        let found = self.units.binary_search_by_key(&line, |(id, _)| *id).ok()?;
        self.units.get(found).map(|(_, amount)| *amount)
    }

    pub(super) fn fact(&self, index: u32, place: usize) -> Option<bool> {
        let settled = self.codes.get(usize::try_from(index).ok()?)?;
        settled.facts.get(place).copied()
    }
}

/// Notes what the order is priced again from.
pub(super) fn remember(pass: &mut Pass<'_>, outcome: &Outcome, placing: &mut Placing) {
    let as_sold = pass.plan.is_sold_short() || !pass.s.offered.is_empty();
    placing.sold = as_sold.then(|| offers::discounted(pass));
    placing.prices = base_prices(pass);
    placing.claimed = offers::claimed(pass);
    placing.allowances = counted_lines(pass, outcome);
    placing.codes =
        (0_u32..).zip(pass.request.codes).map(|(index, presented)| settled(pass, index, presented)).collect();
}

/// The price of each line, asked again: the pass still knows who asks.
fn base_prices(pass: &Pass<'_>) -> Vec<BasePrice> {
    let plain = !pass.order.any_customer_price() && pass.shop.prices().is_empty();
    let price = |(i, line): (usize, &Line)| {
        if plain {
            return BasePrice { price: line.unit_price.into(), source: PriceSource::List, list: None, sold: None };
        }
        let ask = Ask {
            product: line.product(),
            list_price: line.unit_price,
            customer_price: line.customer_price,
            millionths: pass.s.quantities.get(i).copied().unwrap_or(u128::MAX),
            currency: pass.currency,
        };
        let found = pass.shop.price_of(&pass.s.standing, &pass.s.entitled, &ask);
        let list = found.list.map(|(_, list)| list.clone());
        BasePrice { price: found.price, source: found.source(), list, sold: None }
    };
    pass.order.lines().iter().enumerate().map(price).collect()
}

/// The lines that each allowance of the order counts.
fn counted_lines(pass: &Pass<'_>, outcome: &Outcome) -> Vec<(AllowanceId, Vec<LineId>)> {
    let counted = outcome.allowances.iter().map(|allowance| (allowance.allowance.clone(), Vec::new()));
    let mut counted: Vec<(AllowanceId, Vec<LineId>)> = counted.collect();
    if counted.is_empty() {
        return counted;
    }
    let (bounds, mut places) = (pass.shop.bounds(), Vec::new());
    for line in pass.order.lines() {
        bounds.about(pass.shop.catalogue(), line.product(), &mut places);
        for allowance in places.iter().filter_map(|place| bounds.allowances().get(*place)) {
            if let Some((_, lines)) = counted.iter_mut().find(|(id, _)| id == allowance.id()) {
                lines.push(line.id());
            }
        }
    }
    counted
}

fn settled(pass: &mut Pass<'_>, index: u32, presented: &Presented<'_>) -> Settled {
    let Some(candidate) = pass.candidate(index).filter(|c| c.state == State::Selected) else {
        return Settled::default();
    };
    let acts = !candidate.money_off;
    let mut settled = Settled {
        operator_amount: presented.operator_amount,
        host_amounts: presented.host_amounts.unwrap_or_default().to_vec(),
        drops: candidate.drops.is_some() && acts,
        overrides: candidate.overrides && acts && !candidate.waiting,
        budget_left: candidate.budget_left,
        units_left: candidate.units_left,
        gone: false,
        facts: Vec::new(),
    };
    settled.host_amounts.sort_by_key(|(line, _)| *line);
    if let Some(prepared) = presented.coupon {
        settled.facts = conditions::facts(pass, index, prepared);
    }
    settled
}

/// How many facts a code of these conditions has.
pub(crate) fn count_facts(conditions: &[Condition]) -> usize {
    let count = |condition: &Condition| match condition {
        Condition::All(group) | Condition::Any(group) => count_facts(group.members()),
        Condition::Not(negated) => count_facts(std::slice::from_ref(negated.inner())),
        leaf => usize::from(!leaf.reads_lines()),
    };
    conditions.iter().fold(0, |sum, condition| sum.saturating_add(count(condition)))
}

/// Prices an order of these lines under the terms of one that was placed. `prices` are those of its lines.
///
/// # Errors
/// Sums beyond exact arithmetic, and amounts that are not in the currency of the order.
pub(crate) fn reprice(shop: &Shop, stored: Stored<'_>, order: &Order, prices: &[BasePrice]) -> Result<Outcome, Error> {
    let recorded = stored.outcome;
    let codes = Codes::of(shop, stored, order)?;
    let presented = codes.presented();
    let customer = Customer::new(recorded.customer.iter().cloned()).with_new(recorded.new_customer);
    let mut request = Request::new(order, &customer, recorded.reference.clone(), recorded.at).with_codes(&presented);
    request.actor = recorded.actor.as_ref();
    let mut scratch = Scratch::default();
    let mut pass = Pass::begin(shop, &request, &mut scratch)?;
    let units = unit_amounts(stored)?;
    pass.stored = Some(StoredTerms { codes: stored.codes, units });
    pass.payment = stored.payment.map_or(1, |payment| payment.number);
    set_prices(&mut pass, prices)?;
    set_claimed(&mut pass, stored.claimed);
    discounts::of_the_shop(&mut pass)?;
    candidates(&mut pass, stored)?;
    judge::fits_at_list_prices(&pass)?;
    if stored.judging {
        judged(&mut pass)?;
    } else {
        stages::price(&mut pass);
    }
    if let Some(payment) = stored.payment {
        take_up(&mut pass, payment);
    }
    if let Some(points) = recorded.points() {
        points::as_discount_again(&mut pass, points, stored.order, stored.points_left)?;
    }
    tax::of_lines(&mut pass)?;
    points::as_tender_and_earned(&mut pass, recorded.points_multiplier)?;
    let mut outcome = Outcome::empty(recorded.reference.clone(), order.currency());
    finish::write(&mut pass, &mut outcome)?;
    carry(&pass, stored, prices, &mut outcome);
    Ok(outcome)
}

/// What the codes of a placed order present, owned.
struct Codes<'a> {
    answers: &'a [Answer],
    /// None where a code was refused.
    prepared: Vec<Option<Prepared>>,
    issued: Vec<Option<IssuedCode>>,
    settled: &'a [Settled],
    host_amounts: Vec<Vec<(LineId, Money)>>,
    /// The lines that they were entered on, where those are still there.
    lines: Vec<Option<LineId>>,
}

impl<'a> Codes<'a> {
    fn of(shop: &Shop, stored: Stored<'a>, order: &Order) -> Result<Self, Error> {
        let answers = stored.outcome.answers();
        let mut codes = Self {
            answers,
            prepared: Vec::with_capacity(answers.len()),
            issued: Vec::with_capacity(answers.len()),
            settled: stored.codes,
            host_amounts: Vec::with_capacity(answers.len()),
            lines: Vec::with_capacity(answers.len()),
        };
        for (i, answer) in answers.iter().enumerate() {
            let terms = answer.terms.as_ref().filter(|_| answer.state != AnswerState::Refused);
            codes.prepared.push(terms.map(|terms| Prepared::of(terms.clone(), shop.policy().zone())).transpose()?);
            let issued = answer.code.as_ref().filter(|_| answer.issued && terms.is_some());
            codes.issued.push(issued.map(|code| IssuedCode::new(code.clone(), stored.outcome.at)));
            let amounts = stored.codes.get(i).map_or(&[][..], |settled| &settled.host_amounts);
            let then = (stored.order, stored.prices);
            codes.host_amounts.push(host_amounts(order, then, amounts, shop.policy()));
            codes.lines.push(answer.line.filter(|line| terms.is_some() && order.slot_of(*line).is_some()));
        }
        Ok(codes)
    }

    fn presented(&self) -> Vec<Presented<'_>> {
        let presented = |(i, answer): (usize, &'a Answer)| {
            let Some(prepared) = self.prepared.get(i).and_then(Option::as_ref) else {
                return Presented::unknown(answer.entered());
            };
            let mut presented = Presented::new(answer.entered(), prepared);
            presented.issued = self.issued.get(i).and_then(Option::as_ref);
            presented.line = self.lines.get(i).copied().flatten();
            presented.operator_amount = self.settled.get(i).and_then(|settled| settled.operator_amount);
            let amounts = self.host_amounts.get(i).map(Vec::as_slice);
            // None at all is not the same as none for the lines that are left.
            let any = self.settled.get(i).is_some_and(|settled| !settled.host_amounts.is_empty());
            presented.host_amounts = amounts.filter(|_| any);
            presented
        };
        self.answers.iter().enumerate().map(presented).collect()
    }
}

/// What one unit of each line cost on the snapshot when the order was placed.
fn unit_amounts(stored: Stored<'_>) -> Result<Vec<(LineId, UnitAmount)>, Error> {
    let order = stored.order;
    let mut amounts = Vec::with_capacity(order.lines().len());
    for (line, price) in order.lines().iter().zip(stored.prices) {
        let sold = sold(order, line, price)?;
        let units = sold.quantity.pieces_count().max(1);
        amounts.push((line.id, UnitAmount { minor: sold.minor, units, currency: order.currency() }));
    }
    Ok(amounts)
}

/// In the place of step 3.
fn set_prices(pass: &mut Pass<'_>, prices: &[BasePrice]) -> Result<(), Error> {
    let order = pass.order;
    let overflow = || Error::overflow("order total");
    pass.s.cells.clear();
    let mut total = 0_i64;
    for (i, slot) in order.slots().iter().enumerate() {
        let (base, source) = match order.lines().get(i).zip(prices.get(i)) {
            Some((line, price)) => (extended(order, line, price)?, price.source),
            None => (slot.list, PriceSource::List),
        };
        total = total.checked_add(base).ok_or_else(overflow)?;
        pass.s.cells.push(Cell { base, after: base, left: base, source, ..Cell::default() });
    }
    pass.s.entitled = crate::shop::Entitled::default();
    Ok(())
}

/// What sets of automatic offers used then is used, as far as it is still there.
fn set_claimed(pass: &mut Pass<'_>, claimed: &[CountedLine]) {
    for claimed in claimed {
        let Some(slot) = pass.order.slot_of(claimed.line) else { continue };
        let units = pass.order.slots().get(slot).map_or(0, |facts| facts.units);
        if let Some(cell) = pass.s.cells.get_mut(slot) {
            cell.claimed = claimed.units.min(units);
        }
    }
}

/// In the place of steps 6 and 7: the codes that were applied, by rank.
fn candidates(pass: &mut Pass<'_>, stored: Stored<'_>) -> Result<(), Error> {
    let codes = pass.request.codes;
    for ((index, answer), presented) in (0_u32..).zip(stored.outcome.answers()).zip(codes) {
        let settled = stored.codes.get(usize::try_from(index).unwrap_or(usize::MAX));
        let applied = presented.coupon.is_some();
        // Entered on a line that is gone, it has nothing left to act on.
        let removed = answer.line.is_some() && presented.line.is_none();
        let acts = stored.payment.is_none_or(|p| flag(p.acts, index).unwrap_or(false));
        // One that waits for shipping was never used: a line that was added since does not make it count.
        let waiting = answer.state == AnswerState::WaitingForShipping;
        let gone = removed || waiting || settled.is_some_and(|s| s.gone);
        let slot = presented.line.and_then(|line| pass.order.slot_of(line)).and_then(|slot| u32::try_from(slot).ok());
        pass.s.candidates.push(Candidate {
            state: if applied { State::Selected } else { State::Refused },
            money_off: gone || !acts || !answer.is_applied() || !answer.reasons.is_empty(),
            drops: settled.filter(|s| s.drops).map(|_| LineId(0)),
            overrides: settled.is_some_and(|s| s.overrides),
            waiting,
            window: answer.window,
            budget_left: settled.and_then(|s| s.budget_left),
            units_left: settled.and_then(|s| s.units_left),
            ..Candidate::new(slot)
        });
        // What waits for shipping was not applied, and has no line to act on.
        if applied && !gone && answer.is_applied() {
            judge::cover(pass, index);
            leave_alone(pass, index);
            if let Some(candidate) = pass.candidate(index) {
                candidate.line = candidate.line.filter(|_| acts);
            }
            trial(pass, index, answer);
        }
        if applied {
            pass.s.ranked.push(index);
        }
    }
    let get = |i: &u32| usize::try_from(*i).ok().and_then(|i| codes.get(i));
    pass.s.ranked.sort_unstable_by(|a, b| match (get(a), get(b)) {
        (Some(x), Some(y)) => rank(x, y),
        _ => a.cmp(b),
    });
    Ok(())
}

fn flag<T: Copy>(of: &[T], index: u32) -> Option<T> {
    of.get(usize::try_from(index).ok()?).copied()
}

/// What earlier payments of a subscription left over of an amount is taken off what remains of this one, after all that
/// is its own, by rank.
fn take_up(pass: &mut Pass<'_>, payment: Payment<'_>) {
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        let carried = flag(payment.carried, index).filter(|carried| *carried > 0);
        let (Some(carried), Some(prepared)) = (carried, pass.prepared(index)) else { continue };
        let amounts = prepared.coupon().benefits().iter().enumerate().find_map(|(benefit, b)| match b {
            Benefit::Amount(off) => Some((benefit, off.target())),
            Benefit::Operator(operator) => Some((benefit, operator.target())),
            _ => None,
        });
        let Some((benefit, target)) = amounts else { continue };
        let turn = Turn { index, prepared, benefit, target };
        gather(pass, turn, false);
        let lost = amount::once(pass, carried, Split::Proportional);
        settle(pass, turn, None, lost, Take::Proportional);
    }
}

/// A coupon that does not combine with discounts, or that would set prices aside, touched no such line then. Where it does
/// now, since one was added or there are enough pieces of it only now, it leaves that one alone: nobody decided what would
/// give way.
fn leave_alone(pass: &mut Pass<'_>, index: u32) {
    let Some(combination) = pass.prepared(index).map(|p| p.coupon().combination()) else { return };
    let Some((touch, decided)) = pass.candidate(index).map(|c| (c.touch.clone(), c.drops.is_some() || c.overrides))
    else {
        return;
    };
    let overriding = combination.overrides() != Overrides::Nothing;
    if decided || (combination.with_discounts() && !overriding) {
        return;
    }
    let mut apart = Vec::new();
    each_touched(pass, index, touch.clone(), |pass, slot| {
        if if overriding { is_apart(pass, slot) } else { pass.is_discounted(slot) } {
            apart.push(slot);
        }
    });
    if apart.is_empty() {
        return;
    }
    let kept: Vec<u32> = pass.s.touch.get(touch).unwrap_or_default().to_vec();
    let from = pass.s.touch.len();
    pass.s.touch.extend(kept.into_iter().filter(|slot| usize::try_from(*slot).map_or(true, |s| !apart.contains(&s))));
    let until = pass.s.touch.len();
    if let Some(candidate) = pass.candidate(index) {
        candidate.touch = from..until;
    }
}

/// A trial stands as long as a subscription is left that it was for.
fn trial(pass: &mut Pass<'_>, index: u32, answer: &Answer) {
    let is_trial = |benefit: &Benefit| matches!(benefit, Benefit::Trial(_));
    let trial = answer.trial_days.filter(|_| answer.terms().is_some_and(|t| t.benefits().iter().any(is_trial)));
    let Some(touch) = pass.candidate(index).map(|c| c.touch.clone()) else { return };
    let lines = pass.order.lines();
    let line = |slot: &u32| usize::try_from(*slot).ok().and_then(|slot| lines.get(slot));
    let left = pass.s.touch.get(touch).unwrap_or_default().iter().filter_map(line);
    let any = left.into_iter().any(|line| line.product().is_subscription());
    if let Some(candidate) = pass.candidate(index) {
        candidate.trial = trial.filter(|_| any);
    }
}

/// Prices with the thresholds over lines judged again. A code that no longer meets its own falls, and the others are
/// priced without it; none comes back.
fn judged(pass: &mut Pass<'_>) -> Result<(), Error> {
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        if let Some(prepared) = pass.prepared(index).filter(|p| reads_lines(p)) {
            conditions::judge(pass, index, prepared, false);
        }
    }
    stay(pass);
    loop {
        let reasons = pass.s.reasons.len();
        stages::price(pass);
        // Of several that fall at their turn one goes alone, without which the others may stand: the first by rank of those
        // that stood in the way, if there is one.
        let fell = |pass: &mut Pass<'_>, index: u32| pass.candidate(index).is_some_and(|c| c.state == State::Refused);
        let mut fallen = pass.s.ranked.clone();
        fallen.retain(|index| fell(pass, *index));
        let in_the_way = fallen.iter().copied().find(|index| select::stands_in_the_way(pass, *index));
        let first = in_the_way.or_else(|| fallen.first().copied());
        for index in fallen.iter().filter(|index| Some(**index) != first) {
            if let Some(candidate) = pass.candidate(*index) {
                candidate.state = State::Selected;
            }
        }
        let Some(first) = first else { return Ok(()) };
        let kept: Vec<_> = pass.s.reasons.drain(reasons..).filter(|(code, _)| *code == first).collect();
        pass.s.reasons.extend(kept);
        stay(pass);
    }
}

/// Whether any condition of a coupon reads lines.
fn reads_lines(prepared: &Prepared) -> bool {
    prepared.coupon().conditions().iter().any(Condition::reads_lines)
}

/// Only what still stands stays in the race.
fn stay(pass: &mut Pass<'_>) {
    let mut ranked = std::mem::take(&mut pass.s.ranked);
    ranked.retain(|i| pass.candidate(*i).is_some_and(|c| c.state != State::Refused));
    pass.s.ranked = ranked;
}

/// Takes over what is not asked again, as it was recorded.
fn carry(pass: &Pass<'_>, stored: Stored<'_>, prices: &[BasePrice], outcome: &mut Outcome) {
    let recorded = stored.outcome;
    outcome.counted.clone_from(&recorded.counted);
    outcome.customer_type.clone_from(&recorded.customer_type);
    outcome.points_multiplier = recorded.points_multiplier;
    let there = |outcome: &Outcome, line: LineId| outcome.lines.binary_search_by_key(&line, |l| l.id).is_ok();
    let changes = recorded.type_changes.iter().filter(|change| match &change.cause {
        TypeCause::Purchase { line, .. } => there(outcome, *line),
        _ => true,
    });
    outcome.type_changes = changes.cloned().collect();
    outcome.types_revision = recorded.types_revision.filter(|_| !outcome.type_changes.is_empty());
    // Those of offers stand as their discounts do; those of coupons were worked out anew.
    let of_offers = recorded.gifts.iter().filter(|gift| gift.offer && stored.payment.is_none()).cloned();
    outcome.gifts.splice(0..0, of_offers);
    outcome.set_offers(recorded.offers.iter().map(|offer| (&offer.id, &offer.description)));
    // Codes were issued for it: what a change takes away is settled as a return.
    outcome.grants.clone_from(&recorded.grants);
    outcome.payment_options.clone_from(&recorded.payment_options);
    outcome.allowances.clone_from(&recorded.allowances);
    for allowance in &mut outcome.allowances {
        let counted = stored.allowances.iter().find(|(id, _)| *id == allowance.allowance);
        let units = |line: &LineId| outcome.lines.binary_search_by_key(line, |l| l.id).ok();
        let lines = counted.map_or(&[][..], |(_, lines)| lines).iter().filter_map(units);
        let units = lines.filter_map(|at| outcome.lines.get(at)).map(|line| u64::from(line.units));
        allowance.granted = units.fold(0, u64::saturating_add);
    }
    outcome.allowances_to_come.clone_from(&recorded.allowances_to_come);
    for ((line, price), cell) in outcome.lines.iter_mut().zip(prices).zip(&pass.s.cells) {
        if let Some(list) = price.list.as_ref().filter(|_| !cell.overridden) {
            line.price_list = Outcome::add_price_list(&mut outcome.price_lists, list);
        }
    }
    for line in &outcome.lines {
        let found = recorded.line(line.id).map(|before| (before, recorded.requested(before)));
        if let Some((_, requested)) =
            found.filter(|(before, requested)| before.units == line.units && *requested > line.units)
        {
            outcome.capped.push((line.id, requested));
        }
    }
    for (answer, before) in outcome.answers.iter_mut().zip(recorded.answers()) {
        if before.state == AnswerState::Refused {
            answer.clone_from(before);
            answer.line = before.line.filter(|line| outcome.lines.binary_search_by_key(line, |l| l.id).is_ok());
        } else if answer.state != AnswerState::Refused {
            // They say why the money of a code was refused that does something besides.
            let besides = answer.trial_days.is_some() || answer.terms().is_some_and(|terms| terms.assign().is_some());
            answer.reasons = before.reasons.iter().filter(|_| besides).cloned().collect();
        }
    }
}
