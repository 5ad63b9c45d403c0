//! Judges the conditions of a coupon. Every condition that fails is a reason; one on what remains waits for the
//! coupon's turn.

use crate::calendar::days_before;
use crate::coupon::{Basis, Condition, DistinctProducts, LineRange, MinimumQuantity, ShippingMethods, Spend, Without};
use crate::key::{KeyIndex, ProductId, ShippingMethodId};
use crate::money::Money;
use crate::order::{Charge, ChargeKind, LineId, Order};
use crate::refusal::Refusal;
use crate::shop::{Matcher, Prepared};

use super::basis;
use super::pass::Pass;

/// Whether each condition about the customer and the order as a whole holds, in the order of a walk: what is not asked
/// again once the order was placed.
pub(super) fn facts(pass: &mut Pass<'_>, index: u32, prepared: &Prepared) -> Vec<bool> {
    fn walk(judge: &mut Judge<'_, '_>, condition: &Condition, facts: &mut Vec<bool>) {
        match condition {
            Condition::All(group) | Condition::Any(group) => {
                group.members().iter().for_each(|member| walk(judge, member, facts));
            }
            Condition::Not(negated) => walk(judge, negated.inner(), facts),
            leaf if leaf.reads_lines() => {}
            _ => facts.push(judge.of_customer_or_order(condition) == Holds::Yes),
        }
    }
    let mut judge = Judge { pass, index, prepared, at_turn: false, scopes: 0, facts: 0, reasons: Vec::new() };
    let mut facts = Vec::new();
    prepared.coupon().conditions().iter().for_each(|condition| walk(&mut judge, condition, &mut facts));
    facts
}

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    /// Depends on what remains at the coupon's turn.
    Later,
}

/// Judges all conditions of a code. At its turn nothing waits any longer. Answers whether they hold, as far as that can
/// be told.
pub(super) fn judge(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, at_turn: bool) -> bool {
    let conditions = prepared.coupon().conditions();
    if conditions.is_empty() {
        return true;
    }
    let mut judge = Judge { pass, index, prepared, at_turn, scopes: 0, facts: 0, reasons: Vec::new() };
    let mut verdict = Holds::Yes;
    for condition in conditions {
        verdict = both(verdict, judge.holds(condition));
    }
    let reasons = judge.reasons;
    if verdict == Holds::Later {
        if let Some(candidate) = pass.candidate(index) {
            candidate.deferred = true;
        }
    }
    if verdict == Holds::No {
        for reason in reasons {
            pass.refuse(index, reason);
        }
    }
    verdict != Holds::No
}

fn both(a: Holds, b: Holds) -> Holds {
    match (a, b) {
        (Holds::No, _) | (_, Holds::No) => Holds::No,
        (Holds::Later, _) | (_, Holds::Later) => Holds::Later,
        (Holds::Yes, Holds::Yes) => Holds::Yes,
    }
}

struct Judge<'p, 'a> {
    pass: &'p Pass<'a>,
    index: u32,
    prepared: &'p Prepared,
    at_turn: bool,
    /// How many conditions that read lines were met, in the order of the walk.
    scopes: usize,
    /// How many facts were met, where they are not asked again.
    facts: usize,
    reasons: Vec<Refusal>,
}

impl<'p> Judge<'p, '_> {
    /// Whether a condition holds. Where it does not, its reasons are written; every member of a group is looked at, so
    /// that no reason is missed.
    fn holds(&mut self, condition: &Condition) -> Holds {
        match condition {
            Condition::All(group) => group.members().iter().fold(Holds::Yes, |all, m| both(all, self.holds(m))),
            Condition::Any(group) => {
                let mark = self.reasons.len();
                let any = group.members().iter().fold(Holds::No, |any, m| match (any, self.holds(m)) {
                    (Holds::Yes, _) | (_, Holds::Yes) => Holds::Yes,
                    (Holds::Later, _) | (_, Holds::Later) => Holds::Later,
                    (Holds::No, Holds::No) => Holds::No,
                });
                if any == Holds::No {
                    self.reasons.insert(mark, Refusal::NoneOf);
                } else {
                    self.reasons.truncate(mark);
                }
                any
            }
            Condition::Not(negated) => {
                let mark = self.reasons.len();
                let inner = self.holds(negated.inner());
                self.reasons.truncate(mark);
                match inner {
                    Holds::Yes => self.no(Refusal::Excluded),
                    Holds::No => Holds::Yes,
                    Holds::Later => Holds::Later,
                }
            }
            Condition::MinimumSpend(minimum) => self.minimum_spend(&minimum.0),
            Condition::MaximumSpend(maximum) => self.maximum_spend(&maximum.0),
            Condition::MinimumQuantity(minimum) => self.minimum_quantity(minimum),
            Condition::DistinctProducts(distinct) => self.distinct_products(distinct),
            Condition::Without(without) => self.without(without),
            _ => match self.pass.fact(self.index, self.facts) {
                Some(held) => self.as_it_was(held),
                None => self.of_customer_or_order(condition),
            },
        }
    }

    fn no(&mut self, reason: Refusal) -> Holds {
        self.reasons.push(reason);
        Holds::No
    }

    fn check(&mut self, holds: bool, reason: impl FnOnce() -> Refusal) -> Holds {
        if holds { Holds::Yes } else { self.no(reason()) }
    }

    /// What was found when the order was placed. It is no reason of its own today.
    fn as_it_was(&mut self, held: bool) -> Holds {
        self.facts = self.facts.saturating_add(1);
        if held { Holds::Yes } else { Holds::No }
    }

    fn of_customer_or_order(&mut self, condition: &Condition) -> Holds {
        let (order, customer) = (self.pass.order, self.pass.request.customer);
        let history = customer.history();
        match condition {
            Condition::FirstOrder => {
                let claimed = self.pass.presented(self.index).is_some_and(|p| p.usage.first_order_claimed);
                let orders = history.orders().max(u64::from(claimed));
                self.check(orders == 0, || Refusal::FirstOrder { orders })
            }
            Condition::NthOrder(nth) => {
                // The first order of all is claimed like any other first order.
                let claimed =
                    nth.n() == 1 && self.pass.presented(self.index).is_some_and(|p| p.usage.first_order_claimed);
                let orders = history.orders().max(u64::from(claimed));
                let (required, found) = (nth.n(), orders.saturating_add(1));
                self.check(required == found, || Refusal::NthOrder { required, found })
            }
            Condition::OrdersInPeriod(period) => {
                let since = days_before(self.pass.at, period.days());
                let within = |t: &&chrono::DateTime<chrono::Utc>| **t >= since && **t <= self.pass.at;
                let found = u64::try_from(history.order_times().iter().filter(within).count()).unwrap_or(u64::MAX);
                let (required, days) = (period.at_least(), period.days());
                self.check(found >= required, || Refusal::OrdersInPeriod { required, found, days })
            }
            Condition::LifetimeSpend(spend) => match spend.at_least().in_currency(order.currency()) {
                None => self.no(Refusal::NoAmountInCurrency { currency: order.currency() }),
                Some(required) => {
                    let found = history.spend(order.currency());
                    self.check(found.minor() >= required.minor(), || Refusal::LifetimeSpend { required, found })
                }
            },
            Condition::LastOrder(last) => {
                let at = self.pass.at;
                let found = history.order_times().iter().rev().find(|t| **t <= at).copied();
                let within = last.within_days().is_none_or(|days| found.is_some_and(|t| t >= days_before(at, days)));
                let over = last.over_days().is_none_or(|days| found.is_some_and(|t| t < days_before(at, days)));
                self.check(within && over, || Refusal::LastOrder { found })
            }
            Condition::Bought(bought) => {
                let product = bought.products().unwrap_or_default().iter().any(|p| history.bought_product(p));
                let category = bought.categories().unwrap_or_default().iter().any(|c| history.bought_category(c));
                self.check(product || category, || Refusal::NotBoughtBefore)
            }
            Condition::Members(members) => {
                let holds = match members.groups() {
                    None => self.pass.held.memberships_at(self.pass.at).next().is_some(),
                    Some(groups) => groups.iter().any(|g| self.pass.held.is_member(g, self.pass.at)),
                };
                self.check(holds, || Refusal::MembersOnly)
            }
            Condition::CustomerTypes(types) => {
                // Every type that the customer holds counts: the primary one and live memberships.
                let held = self.pass.s.standing.types();
                let allowed = types.allowed().is_none_or(|list| held.iter().any(|t| list.contains(t)));
                let holds = allowed && !held.iter().any(|t| types.excluded().contains(t));
                let found = self.pass.customer_type;
                self.check(holds, || Refusal::CustomerType { found: found.cloned() })
            }
            Condition::CustomerAttribute(attribute) => {
                let holds = attribute.is_met_by(customer.attributes());
                self.check(holds, || Refusal::CustomerAttribute { key: attribute.key().clone() })
            }
            Condition::Channels(channels) => {
                let holds = order.channel().is_some_and(|c| channels.allowed().contains(c));
                self.check(holds, || Refusal::NotEnabledHere)
            }
            Condition::Regions(regions) => {
                let holds = listed(regions.allowed(), regions.excluded(), order.region());
                self.check(holds, || Refusal::Region)
            }
            Condition::PaymentOptions(options) => {
                let holds = listed(options.allowed(), options.excluded(), order.payment_option());
                self.check(holds, || Refusal::PaymentOption)
            }
            Condition::ShippingMethods(methods) => {
                let listed = |found| listed(methods.allowed(), methods.excluded(), found);
                let mut shipped = order.charges().iter().filter_map(shipping_method).peekable();
                let holds = if shipped.peek().is_none() { listed(None) } else { shipped.all(listed) };
                self.check(holds, || shipping_refused(order, methods))
            }
            Condition::Hours(hours) => {
                let (zone, at) = (self.pass.policy.zone(), self.pass.at);
                self.check(hours.contains(zone, at), || Refusal::OutsideHours { opens: hours.next_opening(zone, at) })
            }
            Condition::NotOn(not_on) => {
                let zone = self.pass.policy.zone();
                let today = zone.local_date(self.pass.at);
                let opens = || not_on.next_open(today).and_then(|day| zone.day_start(day).ok());
                self.check(!not_on.leaves_out(today), || Refusal::BlackoutDate { opens: opens() })
            }
            Condition::UniqueCustomers(unique) => {
                let found = self.pass.presented(self.index).map_or(0, |p| p.usage.customers);
                let required = unique.at_least();
                self.check(found >= required, || Refusal::UniqueCustomers { required, found })
            }
            Condition::Customers(customers) => {
                self.check(customers.allow(customer.keys()), || Refusal::NotThisCustomer)
            }
            // Groups, and conditions that read lines, are judged where they are met.
            Condition::All(_)
            | Condition::Any(_)
            | Condition::Not(_)
            | Condition::MinimumSpend(_)
            | Condition::MaximumSpend(_)
            | Condition::MinimumQuantity(_)
            | Condition::DistinctProducts(_)
            | Condition::Without(_) => Holds::Yes,
        }
    }

    /// The slots that a threshold looks at: qualifying lines, or every line that is not refused.
    fn in_range(&self, range: LineRange) -> impl Iterator<Item = usize> {
        let touch = match (range, self.pass.s.candidates.get(usize::try_from(self.index).unwrap_or(usize::MAX))) {
            (LineRange::Qualifying, Some(candidate)) => candidate.touch.clone(),
            _ => 0..0,
        };
        let lines = match range {
            LineRange::Order => 0..self.pass.order.lines().len(),
            LineRange::Qualifying => 0..0,
        };
        let pass = self.pass;
        touch
            .filter_map(|t| pass.s.touch.get(t).and_then(|s| usize::try_from(*s).ok()))
            .chain(lines)
            .filter(|i| pass.s.cells.get(*i).is_some_and(|c| c.refusal.is_none()))
    }

    /// What the next condition that reads lines is narrowed to.
    fn next_scope(&mut self) -> Option<&'p Matcher> {
        let of = self.prepared.inner().condition_scopes.get(self.scopes).and_then(Option::as_ref);
        self.scopes = self.scopes.saturating_add(1);
        of
    }

    /// The slots of a range whose lines are of the scope.
    fn lines_of<'s>(&'s self, range: LineRange, of: Option<&'s Matcher>) -> impl Iterator<Item = usize> + 's {
        let pass: &Pass<'_> = self.pass;
        self.in_range(range).filter(move |i| {
            let Some(of) = of else { return true };
            let found = (pass.order.lines().get(*i), pass.order.slots().get(*i), pass.s.cells.get(*i));
            matches!(found, (Some(line), Some(slot), Some(cell))
                if of.covers(line.product(), pass.unit_amount(slot, cell)))
        })
    }

    /// What a threshold compares: its own figure, and what is found of it.
    fn spend(&mut self, spend: &Spend) -> Result<(Money, Money), Holds> {
        let (currency, of) = (self.pass.currency, self.next_scope());
        if spend.basis == Basis::Remaining && !self.at_turn {
            return Err(Holds::Later);
        }
        let Some(threshold) = spend.amounts.in_currency(currency) else {
            return Err(self.no(Refusal::NoAmountInCurrency { currency }));
        };
        let amount = |i: usize| {
            let (slot, cell) = (self.pass.order.slots().get(i)?, self.pass.s.cells.get(i)?);
            let minor = match spend.basis {
                Basis::List => slot.list,
                Basis::Discounted => self.pass.snapshot(cell),
                Basis::Remaining => cell.left,
            };
            Some((slot.class, minor))
        };
        let amounts = self.lines_of(spend.range, of).filter_map(amount);
        Ok((threshold, Money::new(basis::sum_in(self.pass, spend.tax, amounts), currency)))
    }

    fn minimum_spend(&mut self, minimum: &Spend) -> Holds {
        let (threshold, found) = match self.spend(minimum) {
            Ok(figures) => figures,
            Err(holds) => return holds,
        };
        // To pass a threshold is to reach the next minor unit; thresholds are far from the end of the range.
        let more = i64::from(!minimum.inclusive);
        let required = Money::new(threshold.minor().saturating_add(more), found.currency());
        self.check(found.minor() >= required.minor(), || Refusal::MinimumSpend { required, found })
    }

    fn maximum_spend(&mut self, maximum: &Spend) -> Holds {
        let (threshold, found) = match self.spend(maximum) {
            Ok(figures) => figures,
            Err(holds) => return holds,
        };
        // To stay below a threshold is to stop a minor unit before it.
        let less = i64::from(!maximum.inclusive);
        let most = threshold.minor().saturating_sub(less);
        let allowed = Money::new(most.max(0), found.currency());
        self.check(found.minor() <= most, || Refusal::MaximumSpend { allowed, found })
    }

    fn minimum_quantity(&mut self, minimum: &MinimumQuantity) -> Holds {
        let of = self.next_scope();
        let slots = self.lines_of(minimum.range(), of).filter_map(|i| self.pass.order.slots().get(i));
        let found = slots.fold(0_u64, |sum, slot| sum.saturating_add(u64::from(slot.units)));
        let required = minimum.pieces();
        self.check(found >= required, || Refusal::MinimumQuantity { required, found })
    }

    fn distinct_products(&mut self, distinct: &DistinctProducts) -> Holds {
        let of = self.next_scope();
        let lines = self.lines_of(distinct.range(), of).filter_map(|i| self.pass.order.lines().get(i));
        let products: KeyIndex<&ProductId> = lines.map(|line| line.product().id()).collect();
        let (required, found) = (distinct.at_least(), u64::try_from(products.len()).unwrap_or(u64::MAX));
        self.check(found >= required, || Refusal::DistinctProducts { required, found })
    }

    /// Every line counts, whatever the coupon would act on.
    fn without(&mut self, _: &Without) -> Holds {
        let of = self.next_scope();
        let slots = self.lines_of(LineRange::Order, of).filter_map(|i| self.pass.order.slots().get(i));
        let lines: Vec<LineId> = slots.map(|slot| slot.id).collect();
        self.check(lines.is_empty(), || Refusal::NotWithLines { lines })
    }
}

/// The method of a shipping charge, none where it names none; nothing for a fee.
#[expect(clippy::option_option, reason = "a charge without a method is not the same as no shipping charge")]
fn shipping_method(charge: &Charge) -> Option<Option<&ShippingMethodId>> {
    match charge.kind() {
        ChargeKind::Shipping { method } => Some(method.as_ref()),
        ChargeKind::Fee => None,
    }
}

fn shipping_refused(order: &Order, methods: &ShippingMethods) -> Refusal {
    let excluded = methods.excluded();
    let allowed = methods.allowed().unwrap_or_default().iter().filter(|method| !excluded.contains(method));
    let mut found: Vec<ShippingMethodId> =
        order.charges().iter().filter_map(shipping_method).flatten().cloned().collect();
    found.sort_unstable();
    found.dedup();
    Refusal::ShippingMethod { allowed: allowed.cloned().collect(), found }
}

/// A list that is absent allows everything, an empty one allows nothing.
fn listed<T: PartialEq>(allowed: Option<&[T]>, excluded: &[T], found: Option<&T>) -> bool {
    allowed.is_none_or(|list| found.is_some_and(|f| list.contains(f))) && !found.is_some_and(|f| excluded.contains(f))
}
