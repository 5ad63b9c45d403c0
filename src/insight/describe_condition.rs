//! Conditions in words.

use super::describe::{Topic, amounts, either, scope};
use crate::coupon::{Basis, Condition, DayRange, LineRange, Spend};

/// A condition of the coupon itself, and apart from it whom it leaves out.
pub(super) fn condition_and_exclusion(of: &Condition, say: &mut impl FnMut(Topic, String)) {
    let mut list = |only: Option<String>, except: Option<String>, what: &str| {
        if let Some(only) = only {
            say(Topic::Condition, format!("only {what} {only}"));
        }
        if let Some(except) = except {
            say(Topic::Exclusion, format!("not {what} {except}"));
        }
    };
    match of {
        Condition::All(group) => {
            for member in group.members() {
                condition_and_exclusion(member, say);
            }
        }
        Condition::CustomerTypes(types) => {
            list(
                types.allowed().map(|l| either(l, "none")),
                (!types.excluded().is_empty()).then(|| either(types.excluded(), "none")),
                "for customers of type",
            );
        }
        Condition::Regions(regions) => {
            let except = (!regions.excluded().is_empty()).then(|| either(regions.excluded(), "none"));
            list(regions.allowed().map(|l| either(l, "none")), except, "in");
        }
        Condition::PaymentOptions(options) => {
            let except = (!options.excluded().is_empty()).then(|| either(options.excluded(), "none"));
            list(options.allowed().map(|l| either(l, "none")), except, "paid by");
        }
        Condition::ShippingMethods(methods) => {
            let except = (!methods.excluded().is_empty()).then(|| either(methods.excluded(), "none"));
            list(methods.allowed().map(|l| either(l, "none")), except, "shipped by");
        }
        Condition::Not(_) | Condition::Without(_) | Condition::NotOn(_) => say(Topic::Exclusion, condition(of)),
        of => say(Topic::Condition, condition(of)),
    }
}

fn spend(bound: &str, of: &Spend) -> String {
    let basis = match of.basis {
        Basis::Discounted => "",
        Basis::List => " at list prices",
        Basis::Remaining => " after other coupons",
    };
    let what = match (&of.of, of.range) {
        (Some(only), _) => format!("of {}", scope(only)),
        (None, LineRange::Qualifying) => "of these products".to_owned(),
        (None, LineRange::Order) => "in all".to_owned(),
    };
    format!("on orders {bound} {} {what}{basis}", amounts(&of.amounts))
}

fn days(range: &DayRange) -> String {
    match (range.from(), range.thru()) {
        (Some(from), Some(thru)) if from == thru => format!("on {from}"),
        (Some(from), Some(thru)) => format!("from {from} through {thru}"),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(thru)) => format!("through {thru}"),
        (None, None) => "on any day".to_owned(),
    }
}

fn condition(of: &Condition) -> String {
    let list = |only: Option<String>, except: Option<String>, what: &str| match (only, except) {
        (Some(only), Some(except)) => format!("only {what} {only}, but not {except}"),
        (Some(only), None) => format!("only {what} {only}"),
        (None, Some(except)) => format!("not {what} {except}"),
        (None, None) => format!("{what} any"),
    };
    match of {
        Condition::All(group) => {
            let all: Vec<String> = group.members().iter().map(condition).collect();
            all.join(" and ")
        }
        Condition::Any(group) => {
            let any: Vec<String> = group.members().iter().map(condition).collect();
            format!("either {}", either(&any, "nothing"))
        }
        Condition::Not(negated) => format!("unless: {}", condition(negated.inner())),
        Condition::MinimumSpend(minimum) => spend(if minimum.inclusive() { "from" } else { "above" }, &minimum.0),
        Condition::MaximumSpend(maximum) => spend(if maximum.inclusive() { "up to" } else { "below" }, &maximum.0),
        Condition::MinimumQuantity(minimum) => {
            let of = minimum.of().map(|s| format!(" of {}", scope(s))).unwrap_or_default();
            format!("from {} pieces{of}", minimum.pieces())
        }
        Condition::DistinctProducts(distinct) => {
            let of = distinct.of().map(|s| format!(" of {}", scope(s))).unwrap_or_default();
            format!("from {} different products{of}", distinct.at_least())
        }
        Condition::Without(without) => format!("not together with {}", scope(without.of())),
        Condition::FirstOrder => "on a first order".to_owned(),
        Condition::NthOrder(nth) => format!("on order number {}", nth.n()),
        Condition::OrdersInPeriod(period) => {
            format!("after {} orders within {} days", period.at_least(), period.days())
        }
        Condition::LifetimeSpend(spend) => format!("for customers who spent {} so far", amounts(spend.at_least())),
        Condition::LastOrder(last) => match (last.within_days(), last.over_days()) {
            (Some(within), Some(over)) => format!("if the last order was {over} to {within} days ago"),
            (Some(within), None) => format!("if the last order was within {within} days"),
            (None, Some(over)) => format!("if the last order was more than {over} days ago"),
            (None, None) => "for customers who ordered before".to_owned(),
        },
        Condition::Bought(bought) => {
            let mut what: Vec<String> = Vec::new();
            what.extend(bought.products().unwrap_or_default().iter().map(ToString::to_string));
            what.extend(bought.categories().unwrap_or_default().iter().map(|c| format!("something in {c}")));
            format!("for customers who bought {}", either(&what, "nothing that exists"))
        }
        Condition::Members(members) => match members.groups() {
            Some(groups) => format!("for members of {}", either(groups, "no group")),
            None => "for members".to_owned(),
        },
        Condition::CustomerTypes(types) => list(
            types.allowed().map(|l| either(l, "none")),
            (!types.excluded().is_empty()).then(|| either(types.excluded(), "none")),
            "for customers of type",
        ),
        Condition::CustomerAttribute(attribute) => match attribute.any_of() {
            Some(values) => format!("for customers with {} {}", attribute.key(), either(values, "that nobody has")),
            None => format!("for customers with any {}", attribute.key()),
        },
        Condition::Channels(channels) => format!("only on {}", either(channels.allowed(), "no channel")),
        Condition::Regions(regions) => list(
            regions.allowed().map(|l| either(l, "none")),
            (!regions.excluded().is_empty()).then(|| either(regions.excluded(), "none")),
            "in",
        ),
        Condition::PaymentOptions(options) => list(
            options.allowed().map(|l| either(l, "none")),
            (!options.excluded().is_empty()).then(|| either(options.excluded(), "none")),
            "paid by",
        ),
        Condition::ShippingMethods(methods) => list(
            methods.allowed().map(|l| either(l, "none")),
            (!methods.excluded().is_empty()).then(|| either(methods.excluded(), "none")),
            "shipped by",
        ),
        Condition::Hours(hours) => format!("only on {hours}"),
        Condition::NotOn(not_on) => {
            let dates: Vec<String> = not_on.dates().iter().map(days).collect();
            format!("not {}", either(&dates, "on days that are left out"))
        }
        Condition::UniqueCustomers(unique) => format!("once {} customers have joined", unique.at_least()),
        // Who they are is nobody else's business.
        Condition::Customers(_) => "for invited customers".to_owned(),
    }
}
