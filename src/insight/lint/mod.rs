//! What is legal in a definition, and yet may not be meant.

mod guess;
mod never;
mod sets;
mod stack;
mod warning;

pub use warning::{Warning, WarningKind};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::calendar::Zone;
use crate::coupon::{
    AmountOff, Amounts, Benefit, Condition, Coupon, Kind, Limits, PercentOff, Scope, SetPrice, TaxView, Validity,
};
use crate::key::CouponId;
use crate::money::{Currency, Percent};
use crate::policy::Policy;

/// What a [`lint`] looks at, and from where on it finds something steep.
///
/// ```
/// use vouchsafe::{Currency, LintOptions, Percent, Policy, Zone, parse_instant};
///
/// let options = LintOptions::new(&Policy::storefront(Currency::USD, Zone::UTC))
///     .at(parse_instant("2026-03-29T12:00:00Z")?) // also finds what is over
///     .steep_from(Percent::parse("40")?)
///     .stacking_beyond(Percent::parse("30")?); // also looks at pairs
/// # let _ = options;
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LintOptions {
    zone: Zone,
    currencies: Vec<Currency>,
    max_codes: Option<u32>,
    at: Option<DateTime<Utc>>,
    steep: Percent,
    valuable: Option<Amounts>,
    depth: Option<Percent>,
    mixed_tax: bool,
}

impl LintOptions {
    /// For the time zone, the currencies and the number of codes that a policy allows. Percentages are steep from 50% on;
    /// no amount is found valuable, no window over, no pair too deep and no tax mixed unless that is asked for.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self {
            zone: *policy.zone(),
            currencies: policy.currencies().to_vec(),
            max_codes: policy.max_codes(),
            at: None,
            steep: Percent::from_thousandths(50_000).unwrap_or(Percent::HUNDRED),
            valuable: None,
            depth: None,
            mixed_tax: false,
        }
    }

    /// Looks for active definitions whose window is over at this instant.
    #[must_use]
    pub fn at(mut self, at: DateTime<Utc>) -> Self {
        self.at = Some(at);
        self
    }

    /// Finds percentages steep from this one on, inclusive.
    #[must_use]
    pub fn steep_from(mut self, percent: Percent) -> Self {
        self.steep = percent;
        self
    }

    /// Finds amounts valuable from these on, inclusive: a code of such an amount should not be easily guessed.
    #[must_use]
    pub fn valuable_from(mut self, amounts: Amounts) -> Self {
        self.valuable = Some(amounts);
        self
    }

    /// Looks for pairs of coupons that take more than this together.
    #[must_use]
    pub fn stacking_beyond(mut self, depth: Percent) -> Self {
        self.depth = Some(depth);
        self
    }

    /// Looks for amounts as priced over goods that may bear several tax rates.
    #[must_use]
    pub fn with_several_tax_rates(mut self) -> Self {
        self.mixed_tax = true;
        self
    }
}

/// What may not be meant in these definitions, by definition and path. Nothing here makes a definition unusable: that is
/// what its check is for.
///
/// | finds | rule |
/// |---|---|
/// | steep percentages, prices of zero, percentages that nothing bounds | S61 |
/// | windows that are over or never open, conditions that never hold, no figure in any currency of the shop | |
/// | amounts above the minimum spend, or above the tier from which they hold | S62 |
/// | rewards, bundles, tiers and steps that take nothing off; a tier that gives no more than the one before it; a percentage for every so much that nothing ends | S17 |
/// | guessable codes of high value without a limit in all | |
/// | names, codes and ids that several definitions have | S88 |
/// | groups that only one of several definitions is in, and tags to be kept apart from that none of them has | |
/// | pairs that stack beyond a depth, in the worst case for a line that both cover | |
/// | amounts as priced over several tax rates | |
///
/// ```
/// use vouchsafe::{Coupon, Currency, LintOptions, Policy, Zone, lint};
///
/// let options = LintOptions::new(&Policy::storefront(Currency::USD, Zone::UTC));
/// let free = Coupon::builder("launch").code("FREE").percent_off("100").total_limit(50).build()?;
/// let warnings = lint(&[free], &options);
/// assert_eq!(warnings.len(), 1);
/// assert_eq!(warnings[0].to_string(), "`launch`, `benefits[0].percent.off`: takes everything: 100% off");
/// # Ok::<(), vouchsafe::DefinitionErrors>(())
/// ```
///
/// # Offers as well
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let policy = Policy::storefront(Currency::USD, Zone::UTC);
/// let five = || -> Result<StepValue, Error> { Ok(StepValue::Percent(Percent::parse("5")?)) };
/// let tiers = Tiers::new([(Threshold::Pieces(3), five()?), (Threshold::Pieces(6), five()?)])?;
/// let more = Offer::new(Coupon::builder("more").benefit(tiers).build()?)?;
/// let shop = Shop::builder(policy.clone()).offer(more).build()?;
///
/// let warnings = lint(shop.offers().map(Offer::terms), &LintOptions::new(&policy));
/// let why = "`more`, `benefits[0].tiers.steps[1].percent`: gives no more than the tier before it";
/// assert_eq!(warnings[0].to_string(), why);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn lint<'a>(definitions: impl IntoIterator<Item = &'a Coupon>, options: &LintOptions) -> Vec<Warning> {
    let mut coupons: Vec<&Coupon> = definitions.into_iter().collect();
    // Nothing depends on the order in which they come.
    coupons.sort_by(|a, b| (a.id(), a.revision()).cmp(&(b.id(), b.revision())));
    let mut found = Found::default();
    for coupon in &coupons {
        found.of(coupon);
        worth(coupon, options, &mut found);
        never::dates(coupon, options, &mut found);
        never::lists(coupon, &mut found);
        never::currencies(coupon, options, &mut found);
        never::contradictions(coupon, &mut found);
        if let Some(code) = coupon.code().filter(|_| guess::guessable(coupon, options)) {
            found.warn("code", WarningKind::GuessableCode { code: code.clone() });
        }
    }
    twice(&coupons, &mut found);
    sets::alone(&coupons, &mut found);
    if let Some(depth) = options.depth {
        stack::pairs(&coupons, depth, options, &mut found);
    }
    let mut warnings = found.warnings;
    warnings.sort_by(|a, b| (&a.coupon, &a.path).cmp(&(&b.coupon, &b.path)));
    warnings
}

/// What was found so far.
#[derive(Default)]
struct Found {
    coupon: Option<CouponId>,
    warnings: Vec<Warning>,
}

impl Found {
    /// What follows is about this coupon.
    fn of(&mut self, coupon: &Coupon) {
        self.coupon = Some(coupon.id().clone());
    }

    fn warn(&mut self, path: impl Into<String>, kind: WarningKind) {
        if let Some(coupon) = self.coupon.clone() {
            self.warnings.push(Warning { coupon, path: path.into(), kind });
        }
    }
}

/// What the benefits come to.
fn worth(coupon: &Coupon, options: &LintOptions, found: &mut Found) {
    for (i, benefit) in coupon.benefits().iter().enumerate() {
        let path = |field: &str| format!("benefits[{i}].{field}");
        match benefit {
            Benefit::Percent(percent) => of_percent(coupon, percent, &path("percent.off"), options, found),
            Benefit::Amount(amount) => of_amount(coupon, amount, &path, options, found),
            Benefit::SetPrice(price) => of_price(price, &path("set_price.price"), options, found),
            other => sets::worth(other, &format!("benefits[{i}]"), options, found),
        }
    }
}

fn of_percent(coupon: &Coupon, percent: &PercentOff, path: &str, options: &LintOptions, found: &mut Found) {
    let off = percent.off();
    if off >= options.steep {
        found.warn(path, WarningKind::SteepPercent { off });
    }
    let unbounded = percent.cap().is_none()
        && percent.target().max_units().is_none()
        && !off.is_zero()
        && is_endless(coupon.validity())
        && is_unlimited(coupon.limits())
        && is_for_anybody(coupon);
    if unbounded {
        found.warn(path, WarningKind::UnlimitedPercent { off });
    }
}

fn is_endless(validity: &Validity) -> bool {
    match validity {
        Validity::Always => true,
        Validity::Days(days) => days.thru().is_none(),
        Validity::Instants(range) => range.ends_at().is_none(),
        Validity::Countdown(_) => false,
    }
}

fn is_unlimited(limits: &Limits) -> bool {
    let counted = [limits.total(), limits.per_code(), limits.per_customer(), limits.per_customer_and_code()];
    counted.iter().all(Option::is_none) && limits.units().is_none() && limits.money().is_none()
}

/// A code that everybody may have, and no condition on who they are.
fn is_for_anybody(coupon: &Coupon) -> bool {
    let closed = |condition: &Condition| {
        matches!(
            condition,
            Condition::Members(_)
                | Condition::Customers(_)
                | Condition::CustomerTypes(_)
                | Condition::CustomerAttribute(_)
                | Condition::FirstOrder
                | Condition::NthOrder(_)
        )
    };
    coupon.kind() == Kind::General && coupon.code().is_some() && !never::conjuncts(coupon).any(|(_, c)| closed(c))
}

fn of_amount(
    coupon: &Coupon,
    amount: &AmountOff,
    path: &impl Fn(&str) -> String,
    options: &LintOptions,
    found: &mut Found,
) {
    if !options.currencies.iter().any(|currency| amount.off().in_currency(*currency).is_some()) {
        found.warn(path("amount.off"), WarningKind::NoCurrency);
    }
    for currency in &options.currencies {
        let minimum = |condition: &Condition| match condition {
            Condition::MinimumSpend(minimum) => minimum.amounts().in_currency(*currency),
            _ => None,
        };
        let minimums = never::conjuncts(coupon).filter_map(|(_, condition)| minimum(condition));
        let Some(minimum) = minimums.max_by_key(|minimum| minimum.minor()) else { continue };
        if let Some(off) = amount.off().in_currency(*currency).filter(|off| off.minor() > minimum.minor()) {
            found.warn(path("amount.off"), WarningKind::AmountAboveMinimum { off, minimum });
        }
    }
    let of_one_product = matches!(coupon.scope(), Scope::Product { .. })
        || matches!(coupon.scope(), Scope::Products(products) if products.len() == 1);
    if options.mixed_tax && amount.tax() == TaxView::AsPriced && !of_one_product && !amount.off().is_zero() {
        found.warn(path("amount.tax"), WarningKind::MixedTax);
    }
}

fn of_price(price: &SetPrice, path: &str, options: &LintOptions, found: &mut Found) {
    if !options.currencies.iter().any(|currency| price.price().in_currency(*currency).is_some()) {
        found.warn(path, WarningKind::NoCurrency);
    }
    for currency in &options.currencies {
        if price.price().in_currency(*currency).is_some_and(|price| price.to_decimal().is_zero()) {
            found.warn(path, WarningKind::Free { currency: *currency });
        }
    }
}

/// Names, codes and ids that stand for several definitions.
fn twice(coupons: &[&Coupon], found: &mut Found) {
    let (mut names, mut codes) = (BTreeMap::new(), BTreeMap::new());
    let mut last: Option<&CouponId> = None;
    for coupon in coupons {
        found.of(coupon);
        if last == Some(coupon.id()) {
            found.warn("id", WarningKind::DuplicateId);
        }
        last = Some(coupon.id());
        // As a reader of a list takes them to be the same.
        let name = coupon.name().map(|name| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase());
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            let first: &CouponId = names.entry(name).or_insert(coupon.id());
            if first != coupon.id() {
                found.warn("name", WarningKind::DuplicateName { first: first.clone() });
            }
        }
        if let Some(code) = coupon.code() {
            let first: &CouponId = codes.entry(code).or_insert(coupon.id());
            if first != coupon.id() {
                found.warn("code", WarningKind::DuplicateCode { first: first.clone() });
            }
        }
    }
}
