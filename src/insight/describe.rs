//! The terms of a coupon in words, for a mail, a page or an order form (S24).

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::describe_condition::condition_and_exclusion;
use super::sets;
use crate::coupon::{
    Amounts, AssignUntil, AssignWhen, Benefit, Combination, Coupon, EarnRule, EarnTrigger, Exclusive, FirstOf, Kind,
    Level, Limits, OnReturn, Overrides, Payments, Per, PercentBase, Pick, PriceTable, Remainder, Scope, ShippingValue,
    StepValue, Steps, Target, TaxView, Threshold, Tier, Tiers, TypeKind, Validity, Within,
};

/// What a term is about; terms come in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Topic {
    /// What it is worth.
    Value,
    /// Which payments of a subscription it lowers.
    Payments,
    /// What it is for.
    Scope,
    /// What and whom it is not for.
    Exclusion,
    /// How and when to come by it.
    Availability,
    /// When it can be used.
    Dates,
    /// How often.
    Limit,
    /// Under which conditions.
    Condition,
    /// What it stands beside.
    Combination,
    /// The customer type that redeeming it assigns.
    CustomerType,
}

/// One term in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Term {
    /// What it is about.
    pub topic: Topic,
    /// In words, without a full stop.
    pub text: String,
}

/// The terms of a coupon, topic by topic: made by [`Coupon::describe`]. Shows as one term a line.
///
/// The internal name of a coupon is never among them (S73). Whoever needs the figures themselves reads them from the
/// definition; these are the words.
///
/// ```
/// use vouchsafe::{Coupon, Topic};
///
/// let coupon = Coupon::builder("spring").name("banner A").code("SPRING").percent_off("10").total_limit(500).build()?;
/// let terms = coupon.describe();
/// assert_eq!(terms.about(Topic::Value).next(), Some("10% off each line"));
/// assert!(!terms.to_string().contains("banner A"));
/// # Ok::<(), vouchsafe::DefinitionErrors>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Terms(Vec<Term>);

impl Terms {
    /// The terms, by topic.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.0
    }

    /// The terms about one topic.
    pub fn about(&self, topic: Topic) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |term| term.topic == topic).map(|term| term.text.as_str())
    }

    /// The terms as plain text, for a mail or a page: one after the other, each with a dash, in lines of at most so many
    /// characters (at least 20). What goes into HTML is still to be escaped.
    ///
    /// ```
    /// use vouchsafe::{Coupon, Scope};
    ///
    /// let sale = Scope::OnSale.negated()?;
    /// let coupon = Coupon::builder("spring").code("SPRING").percent_off("10").scope(sale).build()?;
    /// assert_eq!(
    ///     coupon.describe().to_text(30),
    ///     "- 10% off each line\n- for any product\n- not for products at a\n  reduced price\n"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_text(&self, width: usize) -> String {
        let mut text = String::new();
        for term in &self.0 {
            super::wrap::wrap(&mut text, &term.text, width);
        }
        text
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, term) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&term.text)?;
        }
        Ok(())
    }
}

impl Coupon {
    /// The terms of the coupon in words: value, scope, dates, limits, conditions and exclusions (S24).
    ///
    /// ```
    /// use vouchsafe::{Coupon, Topic, parse_date};
    ///
    /// let coupon = Coupon::builder("welcome")
    ///     .name("Q1 acquisition, budget 4711")
    ///     .code("WELCOME10")
    ///     .percent_off("10")
    ///     .days(None, Some(parse_date("2026-12-31")?))
    ///     .per_customer_limit(1)
    ///     .build()?;
    /// let terms = coupon.describe();
    /// assert_eq!(
    ///     terms.to_string(),
    ///     "10% off each line\nfor any product\nthrough 2026-12-31\nat most 1 use per customer"
    /// );
    /// assert_eq!(terms.about(Topic::Dates).next(), Some("through 2026-12-31"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn describe(&self) -> Terms {
        let mut terms = Vec::new();
        let mut say = |topic, text: String| terms.push(Term { topic, text });
        for benefit in self.benefits() {
            if let Some(text) = value(benefit, self.level()) {
                say(Topic::Value, text);
            }
        }
        if let Some(covered) = self.payments() {
            say(Topic::Payments, payments(covered));
        }
        if self.remainder() == Remainder::Carry {
            say(Topic::Payments, "what one payment leaves over goes to later ones of the same subscription".to_owned());
        }
        if self.benefits().iter().any(|b| b.target().is_some()) {
            let (covered, excluded) = covered_and_excluded(self.scope());
            say(Topic::Scope, format!("for {covered}"));
            for excluded in excluded {
                say(Topic::Exclusion, format!("not for {excluded}"));
            }
        }
        for rule in self.earn() {
            say(Topic::Availability, earn(rule));
        }
        // A code that everybody has is neither given nor earned.
        if let Some(text) = dates(self.availability()).filter(|_| self.code().is_none()) {
            let how = if self.earn().is_empty() { "given out" } else { "to be earned" };
            say(Topic::Availability, format!("{how} {text}"));
        }
        if let Some(text) = dates(self.validity()) {
            say(Topic::Dates, text);
        }
        if self.kind() == Kind::Personal {
            say(Topic::Limit, "for the customer it was issued to".to_owned());
        }
        limits(self.limits(), |text| say(Topic::Limit, text));
        for one in self.conditions() {
            condition_and_exclusion(one, &mut say);
        }
        let combination = self.combination();
        combined(combination, |text| say(Topic::Combination, text));
        if !combination.with_discounts() {
            say(Topic::Combination, "not together with other discounts".to_owned());
        }
        if combination.several_codes() {
            say(Topic::Combination, "several codes on one order".to_owned());
        }
        match combination.overrides() {
            Overrides::Nothing => {}
            Overrides::Touched => say(Topic::Combination, "on the list price of what it is for".to_owned()),
            Overrides::Everything => say(Topic::Combination, "with the whole order at list prices".to_owned()),
        }
        if let Some(assign) = self.assign() {
            let when = match assign.when() {
                AssignWhen::BeforePricing => "at once",
                AssignWhen::OnCommit => "when the order is placed",
                AssignWhen::NextOrder => "from the next order on",
            };
            let to = match assign.kind() {
                TypeKind::Primary => format!("makes the customer `{}`", assign.to()),
                TypeKind::Membership => format!("makes the customer a member of `{}`", assign.to()),
            };
            let until = match assign.until() {
                AssignUntil::Forever => String::new(),
                AssignUntil::Day(day) => format!(", through {day}"),
                AssignUntil::Days(1) => ", for 1 day".to_owned(),
                AssignUntil::Days(days) => format!(", for {days} days"),
                AssignUntil::Membership(membership) => format!(", while a member of `{membership}`"),
            };
            let upwards = if assign.is_only_upwards() { ", where that ranks higher" } else { "" };
            say(Topic::CustomerType, format!("{to} {when}{until}{upwards}"));
        }
        terms.sort_by_key(|term| term.topic);
        Terms(terms)
    }
}

/// Alternatives in words: `a`, `a or b`, `a, b or c`.
pub(super) fn either<T: fmt::Display>(items: &[T], none: &str) -> String {
    match items {
        [] => none.to_owned(),
        [one] => one.to_string(),
        [most @ .., last] => {
            let most: Vec<String> = most.iter().map(ToString::to_string).collect();
            format!("{} or {last}", most.join(", "))
        }
    }
}

/// `1 day`, `2 days`.
pub(super) fn counted(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

pub(super) fn amounts(amounts: &Amounts) -> String {
    let mut all: Vec<String> = amounts.named().map(|money| money.to_string()).collect();
    all.extend(amounts.other().map(|figure| format!("{figure} in any other currency")));
    either(&all, "nothing")
}

fn prices(prices: &PriceTable) -> String {
    let mut all: Vec<String> = prices.named().map(|(currency, price)| format!("{price} {currency}")).collect();
    all.extend(prices.other().map(|price| format!("{price} in any other currency")));
    either(&all, "nothing")
}

fn value(benefit: &Benefit, level: Level) -> Option<String> {
    let text = match benefit {
        Benefit::Percent(percent) => {
            let on = match (level, percent.base()) {
                (Level::Line, PercentBase::Remaining) => "each line",
                (Level::Line, PercentBase::Original) => "the original price of each line",
                (Level::Order, PercentBase::Remaining) => "the order",
                (Level::Order, PercentBase::Original) => "the original price of the order",
            };
            let shipping = if percent.include_shipping() { ", shipping included" } else { "" };
            let cap = percent.cap().map(|cap| format!(", at most {}", amounts(cap))).unwrap_or_default();
            format!("{}% off {on}{shipping}{cap}", percent.off())
        }
        Benefit::Amount(amount) => {
            let per = match amount.per() {
                Per::Order => "the order",
                Per::Line => "each line",
                Per::Unit => "each piece",
            };
            let tax = match amount.tax() {
                TaxView::AsPriced => "",
                TaxView::Net => ", without tax",
                TaxView::Gross => ", with tax",
            };
            let shipping = if amount.include_shipping() { ", shipping included" } else { "" };
            format!("{} off {per}{tax}{shipping}{}", amounts(amount.off()), at_most(amount.cap()))
        }
        Benefit::SetPrice(set) => match level {
            Level::Line => format!("{} a piece{}", prices(set.price()), less_at_most(set.cap())),
            Level::Order => format!("{} for the order{}", prices(set.price()), less_at_most(set.cap())),
        },
        Benefit::Shipping(shipping) => {
            let what = match shipping.value() {
                ShippingValue::Free => "free shipping".to_owned(),
                ShippingValue::Percent(percent) => format!("{percent}% off shipping"),
                ShippingValue::Amount(off) => format!("{} off shipping", amounts(off)),
                ShippingValue::ToPrice(price) => format!("shipping for {}", amounts(price)),
            };
            let methods = shipping.methods().map(|m| format!(" by {}", either(m, "no method"))).unwrap_or_default();
            let cap = shipping.cap().map(|cap| format!(", at most {}", amounts(cap))).unwrap_or_default();
            let each = if shipping.each_shipment() { ", for each shipment" } else { "" };
            format!("{what}{methods}{each}{cap}")
        }
        Benefit::Operator(operator) => match operator.max() {
            Some(max) => format!("an amount off that our staff enter, at most {}", amounts(max)),
            None => "an amount off that our staff enter".to_owned(),
        },
        Benefit::Host(host) => match host.max() {
            Some(max) => format!("an amount off, at most {}", amounts(max)),
            None => "an amount off".to_owned(),
        },
        Benefit::Steps(of) => every(of),
        Benefit::FirstFurther(off) => {
            let of = match off.per() {
                FirstOf::Line => " of each line",
                FirstOf::Order => "",
            };
            format!("{} off the first piece{of}, {} off each further one", amounts(off.first()), amounts(off.further()))
                + &at_most(off.cap())
        }
        Benefit::Gift(gift) => match gift.pieces() {
            1 => format!("{} for free", gift.product()),
            pieces => format!("{pieces} pieces of {} for free", gift.product()),
        },
        Benefit::Tiers(tiers) => format!("{}{}", steps(tiers), at_most(tiers.cap())),
        Benefit::Trial(trial) => format!("free trial of {}", counted(trial.days().into(), "day")),
        Benefit::Bundle(bundle) => sets::bundle(bundle),
        Benefit::BuyGet(get) => sets::buy_get(get),
        Benefit::Nth(nth) => sets::nth(nth),
        Benefit::None => return None,
    };
    Some(text + &benefit.target().map(target).unwrap_or_default())
}

fn less_at_most(cap: Option<&Amounts>) -> String {
    cap.map(|cap| format!(", at most {} less", amounts(cap))).unwrap_or_default()
}

fn at_most(cap: Option<&Amounts>) -> String {
    cap.map(|cap| format!(", at most {}", amounts(cap))).unwrap_or_default()
}

fn counted_in(within: Within) -> &'static str {
    match within {
        Within::Qualifying => "of these products",
        Within::Order => "in the order",
        Within::Line => "of a line",
    }
}

fn step_value(value: &StepValue) -> String {
    match value {
        StepValue::Percent(percent) => format!("{percent}%"),
        StepValue::Amount(off) => amounts(off),
    }
}

fn every(steps: &Steps) -> String {
    let (off, of) = (step_value(steps.value()), counted_in(steps.within()));
    let most = steps.max_steps().map(|most| format!(", at most {most} times")).unwrap_or_default();
    format!("{off} off for every {} {of}{most}{}", threshold(steps.every()), at_most(steps.cap()))
}

fn steps(tiers: &Tiers) -> String {
    let of = counted_in(tiers.within());
    let step = |tier: &Tier| format!("{} off from {} {of}", step_value(tier.value()), threshold(tier.from()));
    let all: Vec<String> = tiers.steps().iter().map(step).collect();
    let each = if tiers.is_marginal() { ", each on what is above it" } else { "" };
    all.join(", ") + each
}

fn threshold(threshold: &Threshold) -> String {
    match threshold {
        Threshold::Spend(spend) => amounts(spend),
        Threshold::Pieces(pieces) => counted(*pieces, "piece"),
    }
}

fn target(target: &Target) -> String {
    let first = match target.pick() {
        Pick::Cheapest => "the cheapest",
        Pick::Dearest => "the dearest",
    };
    let mut text = String::new();
    if let Some(narrower) = target.scope() {
        text.push_str(&format!(", for {}", scope(narrower)));
    }
    if let Some(max) = target.max_units() {
        text.push_str(&format!(", on at most {max} pieces, {first} first"));
    }
    if let Some(max) = target.max_units_per_line() {
        text.push_str(&format!(", on at most {max} pieces of a line"));
    }
    if let Some(least) = target.pieces_from() {
        text.push_str(&format!(", on lines of at least {}", counted(least, "piece")));
    }
    if let Some(size) = target.groups_of() {
        text.push_str(&format!(", on complete groups of {size} pieces, {first} first"));
    }
    text
}

fn payments(covered: Payments) -> String {
    match covered {
        Payments::First => "of a subscription, on the first payment only".to_owned(),
        Payments::All => "of a subscription, on every payment".to_owned(),
        Payments::FirstN(n) if n.get() == 1 => payments(Payments::First),
        Payments::FirstN(n) => format!("of a subscription, on the first {n} payments"),
        Payments::Months(n) if n.get() == 1 => "of a subscription, for the first month of service".to_owned(),
        Payments::Days(n) if n.get() == 1 => "of a subscription, for the first day of service".to_owned(),
        Payments::Months(n) => format!("of a subscription, for the first {n} months of service"),
        Payments::Days(n) => format!("of a subscription, for the first {n} days of service"),
    }
}

/// How a coupon is earned, and what becomes of it when what earned it is returned.
fn earn(rule: &EarnRule) -> String {
    let mut text = match rule.trigger() {
        EarnTrigger::Purchase(purchase) => {
            let what = scope(purchase.scope());
            let (bought, every) = match purchase.pieces() {
                1 => (what, "piece".to_owned()),
                pieces => (format!("{pieces} pieces of {what}"), format!("{pieces} pieces")),
            };
            let how_often = match purchase.per() {
                Per::Order => "once per order".to_owned(),
                Per::Line => "once per line".to_owned(),
                Per::Unit => format!("once for every {every}"),
            };
            format!("earned by buying {bought}, {how_often}")
        }
        EarnTrigger::Event(event) => format!("earned by `{event}`"),
        EarnTrigger::Anniversary(day) => match (day.days_before(), day.days_after()) {
            (0, 0) => format!("earned on the day `{}`, once a year", day.of()),
            (before, after) => {
                format!("earned from {before} days before to {after} days after the day `{}`, once a year", day.of())
            }
        },
    };
    if rule.codes() > 1 {
        text.push_str(&format!(", {} codes each time", rule.codes()));
    }
    match rule.on_return() {
        OnReturn::Keep => {}
        OnReturn::Revoke => text.push_str(", withdrawn when that is returned and the code is not used"),
        OnReturn::RevokeOrBill => text.push_str(", withdrawn when that is returned, or billed where the code is used"),
    }
    text
}

/// What a scope covers, and apart from it what it leaves out, as shoppers are told.
fn covered_and_excluded(of: &Scope) -> (String, Vec<String>) {
    let mut excluded = Vec::new();
    let covered = match of {
        Scope::Not(negated) => {
            excluded.push(scope(negated.inner()));
            String::new()
        }
        Scope::All(group) => {
            let mut covered = Vec::new();
            for member in group.members() {
                match member {
                    Scope::Not(negated) => excluded.push(scope(negated.inner())),
                    member => covered.push(scope(member)),
                }
            }
            covered.join(" that are also ")
        }
        of => scope(of),
    };
    (if covered.is_empty() { scope(&Scope::Open) } else { covered }, excluded)
}

pub(super) fn scope(of: &Scope) -> String {
    match of {
        Scope::Open => "any product".to_owned(),
        Scope::Subsystem(subsystem) => format!("products of {subsystem}"),
        Scope::ProductType { subsystem, product_type, parent } => match parent {
            Some(parent) => format!("products of type {product_type} of {parent} in {subsystem}"),
            None => format!("products of type {product_type} in {subsystem}"),
        },
        Scope::ParentProduct { parent, product_type } => match product_type {
            Some(product_type) => format!("products of type {product_type} of {parent}"),
            None => format!("products of {parent}"),
        },
        Scope::Product { parent, product } => format!("{product} of {parent}"),
        Scope::Products(list) => either(list, "no product"),
        Scope::Categories(list) => format!("products in {}", either(list, "no category")),
        Scope::Tags(list) => format!("products tagged {}", either(list, "with nothing")),
        Scope::Attribute(attribute) => match attribute.any_of() {
            Some(values) => format!("products with {} {}", attribute.key(), either(values, "that no product has")),
            None => format!("products with any {}", attribute.key()),
        },
        Scope::OnSale => "products at a reduced price".to_owned(),
        Scope::PriceRange(range) => match (range.min(), range.max()) {
            (Some(min), Some(max)) => format!("products from {} to {}", amounts(min), amounts(max)),
            (Some(min), None) => format!("products from {}", amounts(min)),
            (None, Some(max)) => format!("products up to {}", amounts(max)),
            (None, None) => "products at any price".to_owned(),
        },
        Scope::All(group) => {
            let (mut also, mut except) = (Vec::new(), String::new());
            for member in group.members() {
                match member {
                    Scope::Not(negated) => except.push_str(&format!(", but not {}", scope(negated.inner()))),
                    member => also.push(scope(member)),
                }
            }
            if also.is_empty() {
                also.push("any product".to_owned());
            }
            also.join(" that are also ") + &except
        }
        Scope::Any(group) => {
            let any: Vec<String> = group.members().iter().map(scope).collect();
            either(&any, "no product")
        }
        Scope::Not(negated) => format!("anything but {}", scope(negated.inner())),
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn dates(validity: &Validity) -> Option<String> {
    let text = match validity {
        Validity::Always => return None,
        Validity::Days(days) => match (days.from(), days.thru()) {
            (Some(from), Some(thru)) => format!("from {from} through {thru}"),
            (Some(from), None) => format!("from {from} on"),
            (None, Some(thru)) => format!("through {thru}"),
            (None, None) => return None,
        },
        Validity::Instants(range) => match (range.starts_at(), range.ends_at()) {
            (Some(from), Some(until)) => format!("from {} until {}", instant(from), instant(until)),
            (Some(from), None) => format!("from {} on", instant(from)),
            (None, Some(until)) => format!("until {}", instant(until)),
            (None, None) => return None,
        },
        Validity::Countdown(countdown) => {
            let parts = [(countdown.days(), "day"), (countdown.hours(), "hour")];
            let parts = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(n.into(), what));
            format!("for {} from issue", parts.collect::<Vec<_>>().join(" and "))
        }
    };
    Some(text)
}

fn limits(limits: &Limits, mut say: impl FnMut(String)) {
    let uses = |n: u64| counted(n, "use");
    if let Some(n) = limits.total() {
        say(format!("at most {} in all", uses(n)));
    }
    if let Some(n) = limits.per_code() {
        say(format!("at most {} per code", uses(n)));
    }
    if let Some(n) = limits.per_customer() {
        say(format!("at most {} per customer", uses(n)));
    }
    if let Some(n) = limits.per_customer_and_code() {
        say(format!("at most {} per customer and code", uses(n)));
    }
    if let Some(n) = limits.units() {
        say(format!("at most {n} discounted pieces in all"));
    }
    // A money budget and the number of codes are the merchant's business.
}

/// What a coupon does not stand beside.
fn combined(combination: &Combination, mut say: impl FnMut(String)) {
    match combination.exclusive() {
        Exclusive::No => {}
        Exclusive::Order => say("not together with other codes".to_owned()),
        Exclusive::Class => say("not together with other codes of its class".to_owned()),
        Exclusive::Line => say("keeps its lines from other codes".to_owned()),
    }
    if combination.group().is_some() {
        say("only the best code of its group".to_owned());
    }
    if !combination.not_with().is_empty() {
        say(format!("not together with codes tagged {}", either(combination.not_with(), "none")));
    }
    if combination.stops() {
        say("no code after it".to_owned());
    }
}
