//! What never opens and never holds.

use crate::calendar::Window;
use crate::coupon::{Condition, Coupon, Scope, Spend, Status, Validity};

use super::{Found, LintOptions, WarningKind};

/// Windows that do not exist, are over, or open when nothing can be used any more.
pub(super) fn dates(coupon: &Coupon, options: &LintOptions, found: &mut Found) {
    let validity = coupon.validity().window_in(&options.zone);
    let available = coupon.availability().window_in(&options.zone);
    for (path, window) in [("availability", &available), ("validity", &validity)] {
        if window.is_err() {
            found.warn(path, WarningKind::NoSuchDay);
        }
    }
    let (Ok(validity), Ok(available)) = (validity, available) else { return };
    // A code that everybody has is neither given nor earned.
    let issued = coupon.code().is_none();
    if let (true, Some(from), Some(until)) = (issued, available.from(), validity.until()) {
        if from >= until {
            found.warn("availability", WarningKind::AvailableTooLate { from, until });
        }
    }
    if let Some(at) = options.at.filter(|_| coupon.status() == Status::Active) {
        let last = match (coupon.validity(), available.until()) {
            (Validity::Countdown(countdown), Some(last)) if issued => {
                Window::countdown(last, countdown.days(), countdown.hours()).ok().and_then(|window| window.until())
            }
            _ => validity.until(),
        };
        if let Some(until) = last.filter(|until| *until <= at) {
            found.warn("validity", WarningKind::Ended { until });
        }
    }
}

/// Lists that allow nothing.
pub(super) fn lists(coupon: &Coupon, found: &mut Found) {
    if covers_nothing(coupon.scope()) && coupon.benefits().iter().any(|benefit| benefit.target().is_some()) {
        found.warn("scope", WarningKind::EmptyList);
    }
    for (i, benefit) in coupon.benefits().iter().enumerate() {
        if benefit.target().and_then(|target| target.scope()).is_some_and(covers_nothing) {
            found.warn(format!("benefits[{i}]"), WarningKind::EmptyList);
        }
    }
    for (path, condition) in conjuncts(coupon) {
        if allows_nothing(condition) {
            found.warn(path, WarningKind::EmptyList);
        }
    }
}

/// Thresholds without a figure in any currency of the shop: they refuse every order.
pub(super) fn currencies(coupon: &Coupon, options: &LintOptions, found: &mut Found) {
    for (path, condition) in conjuncts(coupon) {
        let (amounts, field) = match condition {
            Condition::MinimumSpend(minimum) => (minimum.amounts(), "minimum_spend.amounts"),
            Condition::MaximumSpend(maximum) => (maximum.amounts(), "maximum_spend.amounts"),
            Condition::LifetimeSpend(spend) => (spend.at_least(), "lifetime_spend.at_least"),
            _ => continue,
        };
        if !options.currencies.iter().any(|currency| amounts.in_currency(*currency).is_some()) {
            found.warn(format!("{path}.{field}"), WarningKind::NoCurrency);
        }
    }
}

fn covers_nothing(scope: &Scope) -> bool {
    match scope {
        Scope::Products(list) => list.is_empty(),
        Scope::Categories(list) => list.is_empty(),
        Scope::Tags(list) => list.is_empty(),
        Scope::Attribute(attribute) => attribute.any_of().is_some_and(<[_]>::is_empty),
        Scope::All(group) => group.members().iter().any(covers_nothing),
        Scope::Any(group) => group.members().iter().all(covers_nothing),
        Scope::Not(negated) => *negated.inner() == Scope::Open,
        _ => false,
    }
}

fn allows_nothing(condition: &Condition) -> bool {
    fn excluded<T: PartialEq>(allowed: Option<&[T]>, excluded: &[T]) -> bool {
        allowed.is_some_and(|allowed| allowed.iter().all(|one| excluded.contains(one)))
    }
    match condition {
        Condition::Any(group) => group.members().iter().all(allows_nothing),
        Condition::All(group) => group.members().iter().any(allows_nothing),
        Condition::MinimumSpend(minimum) => !minimum.amounts().is_zero() && minimum.of().is_some_and(covers_nothing),
        Condition::MinimumQuantity(minimum) => minimum.of().is_some_and(covers_nothing),
        Condition::DistinctProducts(distinct) => distinct.of().is_some_and(covers_nothing),
        Condition::Bought(bought) => {
            bought.products().unwrap_or_default().is_empty() && bought.categories().unwrap_or_default().is_empty()
        }
        Condition::Members(members) => members.groups().is_some_and(<[_]>::is_empty),
        Condition::CustomerTypes(types) => excluded(types.allowed(), types.excluded()),
        Condition::CustomerAttribute(attribute) => attribute.any_of().is_some_and(<[_]>::is_empty),
        Condition::Channels(channels) => channels.allowed().is_empty(),
        Condition::Regions(regions) => excluded(regions.allowed(), regions.excluded()),
        Condition::PaymentOptions(options) => excluded(options.allowed(), options.excluded()),
        Condition::ShippingMethods(methods) => excluded(methods.allowed(), methods.excluded()),
        Condition::Customers(customers) => customers.allowed().is_empty() && customers.email_domains().is_empty(),
        _ => false,
    }
}

/// Every condition that must hold, with its path.
pub(super) fn conjuncts(coupon: &Coupon) -> impl Iterator<Item = (String, &Condition)> {
    fn collect<'a>(path: String, condition: &'a Condition, into: &mut Vec<(String, &'a Condition)>) {
        match condition {
            Condition::All(group) => {
                for (i, member) in group.members().iter().enumerate() {
                    collect(format!("{path}.all[{i}]"), member, into);
                }
            }
            condition => into.push((path, condition)),
        }
    }
    let mut all = Vec::new();
    for (i, condition) in coupon.conditions().iter().enumerate() {
        collect(format!("conditions[{i}]"), condition, &mut all);
    }
    all.into_iter()
}

/// Conditions that cannot hold together, at the later one.
pub(super) fn contradictions(coupon: &Coupon, found: &mut Found) {
    let all: Vec<(String, &Condition)> = conjuncts(coupon).collect();
    for (place, (path, later)) in all.iter().enumerate() {
        if let Some((with, _)) = all.iter().take(place).find(|(_, earlier)| contradict(earlier, later)) {
            found.warn(path.clone(), WarningKind::Contradiction { with: with.clone() });
        }
    }
}

/// Whether no order fulfils the conditions of both coupons.
pub(super) fn never_together(a: &Coupon, b: &Coupon) -> bool {
    conjuncts(a).any(|(_, of_a)| conjuncts(b).any(|(_, of_b)| contradict(of_a, of_b)))
}

fn contradict(a: &Condition, b: &Condition) -> bool {
    fn apart<T: PartialEq>(a: Option<&[T]>, b: Option<&[T]>) -> bool {
        matches!((a, b), (Some(a), Some(b)) if a.iter().all(|one| !b.contains(one)))
    }
    let ((least_a, most_a), (least_b, most_b)) = (earlier_orders(a), earlier_orders(b));
    if most_a.is_some_and(|most| least_b > most) || most_b.is_some_and(|most| least_a > most) {
        return true;
    }
    match (a, b) {
        (Condition::Not(negated), other) | (other, Condition::Not(negated)) => negated.inner() == other,
        (Condition::MinimumSpend(least), Condition::MaximumSpend(most))
        | (Condition::MaximumSpend(most), Condition::MinimumSpend(least)) => crossed(&least.0, &most.0),
        (Condition::Without(without), other) | (other, Condition::Without(without)) => {
            allows_nothing_without(other) && other.of() == Some(without.of())
        }
        (Condition::Channels(a), Condition::Channels(b)) => apart(Some(a.allowed()), Some(b.allowed())),
        (Condition::Regions(a), Condition::Regions(b)) => apart(a.allowed(), b.allowed()),
        (Condition::PaymentOptions(a), Condition::PaymentOptions(b)) => apart(a.allowed(), b.allowed()),
        (Condition::ShippingMethods(a), Condition::ShippingMethods(b)) => apart(a.allowed(), b.allowed()),
        _ => false,
    }
}

/// Whether a condition on a scope needs something of it.
fn allows_nothing_without(condition: &Condition) -> bool {
    match condition {
        Condition::MinimumSpend(minimum) => minimum.amounts().named().any(|amount| amount.minor() > 0),
        Condition::MinimumQuantity(_) | Condition::DistinctProducts(_) => true,
        _ => false,
    }
}

/// Whether the least is above the most, in every currency that both name.
fn crossed(least: &Spend, most: &Spend) -> bool {
    let alike = (least.basis, least.tax, least.range, &least.of) == (most.basis, most.tax, most.range, &most.of);
    let open = i64::from(!least.inclusive).saturating_add(i64::from(!most.inclusive));
    let both = least.amounts.named().filter_map(|low| Some((low, most.amounts.in_currency(low.currency())?)));
    let mut both = both.map(|(low, high)| low.minor().saturating_add(open) > high.minor()).peekable();
    alike && both.peek().is_some() && both.all(|crossed| crossed)
}

/// How many earlier orders a condition asks for, at least and at most. Who spent or bought something has ordered.
fn earlier_orders(condition: &Condition) -> (u64, Option<u64>) {
    match condition {
        Condition::FirstOrder => (0, Some(0)),
        Condition::NthOrder(nth) => {
            let earlier = nth.n().saturating_sub(1);
            (earlier, Some(earlier))
        }
        Condition::OrdersInPeriod(period) => (period.at_least(), None),
        Condition::LifetimeSpend(spend) => (u64::from(!spend.at_least().is_zero()), None),
        Condition::LastOrder(_) | Condition::Bought(_) => (1, None),
        _ => (0, None),
    }
}
