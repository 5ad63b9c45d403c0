//! What is to be recorded: counters to move, guards to check, and the record itself. A store applies it in one atomic
//! step and evaluates nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::allowance::AllowanceToCome;
use super::answer::Answer;
use super::counter::{CounterKey, Delta};
use super::digest::Digest;
use super::grant::Grant;
use super::points::PointsMove;
use super::recorded::RedemptionForm;
use super::type_change::TypeChange;
use super::wire::Version;
use super::{Flag, Outcome};
use crate::calendar::Window;
use crate::coupon::{Code, Condition, Coupon, TypeKind};
use crate::customer::IdentityKey;
use crate::key::{AccountId, ActorId, AllowanceId, CampaignId, CouponId};
use crate::money::{Currency, Money};
use crate::order::LineId;
use crate::refusal::OrderRefusal;
use crate::request::Reference;

/// What must hold at the moment of recording.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// // Whoever edits the definition between the price and the commit makes the commit stale.
/// let revision = Guard::Revision { coupon: "tenth".parse()?, revision: 1 };
/// assert!(outcome.redemption()?.guards().contains(&revision));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Guard {
    /// The definition still has this revision, and can be redeemed.
    Revision {
        /// The definition.
        coupon: CouponId,
        /// The revision that was priced.
        revision: u32,
    },
    /// An issued code still exists, was not withdrawn, and belongs to nobody but this customer.
    CodeLive {
        /// The definition.
        coupon: CouponId,
        /// The code.
        code: Code,
    },
    /// The instant of recording lies in this window.
    Window {
        /// The definition.
        coupon: CouponId,
        /// From this instant on.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        from: Option<DateTime<Utc>>,
        /// Before this instant.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<DateTime<Utc>>,
    },
    /// The instant of recording lies in the window of an allowance that was counted, or before one that was not yet to be
    /// counted.
    Allowance {
        /// The allowance.
        allowance: AllowanceId,
        /// From this instant on.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        from: Option<DateTime<Utc>>,
        /// Before this instant.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<DateTime<Utc>>,
    },
    /// The types that the store has for the customer are those from which a change of them was priced (S12, S49).
    Types {
        /// The [revision](crate::HeldTypes::revision) that they were priced from.
        revision: u64,
    },
    /// The total is the one that the shopper saw.
    Seen {
        /// The digest of the page that the shopper agreed to.
        digest: Digest,
    },
}

/// One coupon as it is redeemed: the record of the purchase history (S86).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let redemption = outcome.redemption()?;
/// let redeemed = &redemption.coupons()[0];
/// assert_eq!((redeemed.coupon.as_str(), redeemed.discount.to_string()), ("tenth", "6.00 USD".to_owned()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Redeemed {
    /// The definition.
    pub coupon: CouponId,
    /// Its revision when it was priced.
    pub revision: u32,
    /// The code.
    pub code: Code,
    /// The line it was entered on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<LineId>,
    /// What it took off.
    pub discount: Money,
    /// What it would have taken off had its budget not run short.
    pub wanted: Money,
    /// The part of its amount that was lost.
    pub forfeited: Money,
    /// The part of the discount that a third party reimburses.
    pub third_party: Money,
    /// How many units it discounted.
    pub units: u64,
    /// The discount account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<AccountId>,
    /// The campaign.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub campaign: Option<CampaignId>,
    /// Trial days.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trial_days: Option<u32>,
}

/// What to record when the order is placed or the claim is made: made by [`Outcome::redemption`], applied by a
/// [`CouponStore`](crate::CouponStore) in one atomic step, all or nothing.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let coupon = shop.prepare(Coupon::builder("c").code("TEN").percent_off("10").total_limit(1_000).build()?)?;
/// let shirt = Product::new("SHIRT".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), shirt, Quantity::pieces(2)?, UnitPrice::parse("30.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("ten", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let redemption = outcome.redemption()?;
/// let counter = &redemption.deltas()[0];
/// assert_eq!(*counter.key(), CounterKey::Total { coupon: "c".parse()? });
/// assert_eq!((counter.by(), counter.limit()), (1, 1_000));
/// // Only where the total is still the one on the page:
/// let redemption = redemption.confirming(outcome.digest());
/// assert!(redemption.guards().contains(&Guard::Seen { digest: outcome.digest() }));
/// # Ok(())
/// # }
/// ```
///
/// Two redemptions with the same reference and the same [content](Redemption::same_content) are one redemption.
///
/// Serialises for storage, with its version first. What is read back is checked: counters in the order of their keys
/// and each once, amounts in the one currency and not negative, counters, guards and type change of coupons that are
/// redeemed here, a guard on the customer's types only where they change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RedemptionForm")]
pub struct Redemption {
    pub(super) version: Version,
    pub(crate) reference: Reference,
    pub(crate) customer: Vec<IdentityKey>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) counted: Vec<IdentityKey>,
    pub(crate) new_customer: bool,
    pub(crate) currency: Currency,
    pub(crate) payable: Money,
    pub(crate) coupons: Vec<Redeemed>,
    pub(crate) deltas: Vec<Delta>,
    pub(crate) guards: Vec<Guard>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) type_changes: Vec<TypeChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) grants: Vec<Grant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points: Option<PointsMove>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) actor: Option<ActorId>,
    pub(crate) digest: Digest,
    pub(crate) priced_at: DateTime<Utc>,
}

impl Redemption {
    /// The order or claim.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Who redeems: a bearer code is bound to this customer when it is committed (S3).
    #[must_use]
    pub fn customer(&self) -> &[IdentityKey] {
        &self.customer
    }

    /// Those of the customer's keys that count: uses are counted on them, a bearer code is bound to them, and a new
    /// customer type is stored under them.
    #[must_use]
    pub fn counted(&self) -> &[IdentityKey] {
        &self.counted
    }

    /// Whether the host had no earlier record of the customer (S95).
    #[must_use]
    pub fn is_new_customer(&self) -> bool {
        self.new_customer
    }

    /// The currency of its amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What the shopper pays for the order, be it in money or in points as a [tender](PointsMove::money).
    #[must_use]
    pub fn payable(&self) -> Money {
        self.payable
    }

    /// The coupons, by definition and code.
    #[must_use]
    pub fn coupons(&self) -> &[Redeemed] {
        &self.coupons
    }

    /// The counters to be raised, in the order of their keys.
    #[must_use]
    pub fn deltas(&self) -> &[Delta] {
        &self.deltas
    }

    /// What must hold at the moment of recording.
    #[must_use]
    pub fn guards(&self) -> &[Guard] {
        &self.guards
    }

    /// The changes of the customer's types, as [`Outcome::type_changes`].
    #[must_use]
    pub fn type_changes(&self) -> &[TypeChange] {
        &self.type_changes
    }

    /// The change of the customer's primary type, where there is one.
    #[must_use]
    pub fn type_change(&self) -> Option<&TypeChange> {
        self.type_changes.iter().find(|change| change.kind == TypeKind::Primary)
    }

    /// What the order earned (S99): codes to be issued after the commit, each for its [occasion](Grant::occasions).
    ///
    /// They are recorded with the order, so that a host that stops in between finds them again. A repeat is the same
    /// redemption whatever it says here: after [`Commit::AlreadyRecorded`](crate::Commit::AlreadyRecorded) the grants of
    /// the record count.
    #[must_use]
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Who acted for the customer (S42). A repeat by another actor is the same redemption.
    #[must_use]
    pub fn actor(&self) -> Option<&ActorId> {
        self.actor.as_ref()
    }

    /// The digest of the amounts.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// When it was priced.
    #[must_use]
    pub fn priced_at(&self) -> DateTime<Utc> {
        self.priced_at
    }

    /// Asks the store to refuse where the total is no longer the one that the shopper agreed to.
    #[must_use]
    pub fn confirming(mut self, seen: Digest) -> Self {
        self.guards.retain(|g| !matches!(g, Guard::Seen { .. }));
        self.guards.push(Guard::Seen { digest: seen });
        self
    }

    /// Whether the other one records the same: everything but the instant of pricing and what is counted from it, the
    /// window and limit of allowances, the revision of the customer's types, what was earned, the actor, and the digest that
    /// was asked for.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        self.reference == other.reference
            && self.customer == other.customer
            && self.currency == other.currency
            && self.payable == other.payable
            && self.coupons == other.coupons
            && self.same_deltas(other)
            && self.digest == other.digest
            && self.points == other.points
            && self.type_changes.len() == other.type_changes.len()
            && self.type_changes.iter().zip(&other.type_changes).all(|(a, b)| a.same_content(b))
    }
}

/// Why an outcome cannot be placed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::builder(Currency::USD).no_identity(NoIdentity::ApplyAndFlag).build()?);
/// let once = shop.prepare(Coupon::builder("once").code("ONCE").percent_off("10").per_customer_limit(1).build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("ONCE", &once)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// assert_eq!(outcome.redemption().unwrap_err(), NotPlaceable::CustomerRequired);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotPlaceable {
    /// A line is refused.
    #[error("line {line} is refused")]
    LineRefused {
        /// The first such line.
        line: LineId,
    },
    /// The order as a whole is refused (S39).
    #[error("the order is refused: {refusal}")]
    OrderRefused {
        /// The first reason.
        refusal: OrderRefusal,
    },
    /// A per-customer limit or allowance applies, and the shopper has no identity key (S98).
    #[error("a limit per customer needs a known customer")]
    CustomerRequired,
    /// It was priced as if the customer had another type ([`Request::as_type`](crate::Request::as_type)).
    #[error("a preview as another customer type records nothing")]
    Preview,
}

impl Outcome {
    /// Why it cannot be placed, if it cannot.
    pub(crate) fn check_placeable(&self) -> Result<(), NotPlaceable> {
        if self.has_flag(Flag::Preview) {
            return Err(NotPlaceable::Preview);
        }
        if let Some(line) = self.lines.iter().find(|l| l.refusal.is_some()) {
            return Err(NotPlaceable::LineRefused { line: line.id });
        }
        if let Some(refusal) = self.order_refusals.first() {
            return Err(NotPlaceable::OrderRefused { refusal: refusal.clone() });
        }
        if self.has_flag(Flag::IdentityNeeded) {
            return Err(NotPlaceable::CustomerRequired);
        }
        Ok(())
    }

    /// What to record when the order is placed or the claim is made.
    ///
    /// # Errors
    /// [`NotPlaceable`]: an outcome with a refused line, one that is refused as a whole, or one without the identity that
    /// a limit needs, records nothing.
    pub fn redemption(&self) -> Result<Redemption, NotPlaceable> {
        self.check_placeable()?;
        let mut record = Redemption {
            version: Version,
            reference: self.reference.clone(),
            customer: self.customer.clone(),
            counted: self.counted.clone(),
            new_customer: self.new_customer,
            currency: self.currency,
            payable: self.totals.payable(),
            coupons: Vec::new(),
            deltas: Vec::new(),
            guards: Vec::new(),
            type_changes: self.type_changes.clone(),
            grants: self.grants.clone(),
            points: self.points_move(),
            actor: self.actor.clone(),
            digest: self.digest(),
            priced_at: self.at,
        };
        let mut applied: Vec<(&Answer, &Coupon, &Code)> = self
            .answers
            .iter()
            .filter(|a| a.is_applied())
            .filter_map(|a| Some((a, a.terms.as_deref()?, a.code.as_ref()?)))
            .collect();
        applied.sort_by(|(_, a, x), (_, b, y)| a.id().cmp(b.id()).then_with(|| x.cmp(y)));
        for (answer, terms, code) in applied {
            record.add(answer, terms, code);
        }
        for allowance in &self.allowances {
            record.deltas.extend(allowance.deltas(&self.counted));
            record.guards.extend(allowance.guard());
        }
        record.guards.extend(self.allowances_to_come.iter().map(AllowanceToCome::guard));
        merge(&mut record.deltas);
        record.guards.extend(self.types_revision.map(|revision| Guard::Types { revision }));
        Ok(record)
    }
}

impl Redemption {
    fn add(&mut self, answer: &Answer, terms: &Coupon, code: &Code) {
        let coupon = terms.id();
        let redeemed = Redeemed {
            coupon: coupon.clone(),
            revision: terms.revision(),
            code: code.clone(),
            line: answer.line,
            discount: answer.discount(),
            wanted: answer.wanted(),
            forfeited: answer.forfeited(),
            third_party: answer.third_party(),
            units: answer.units,
            account: terms.account().cloned(),
            campaign: terms.campaign().cloned(),
            trial_days: answer.trial_days,
        };
        self.guards.push(Guard::Revision { coupon: coupon.clone(), revision: terms.revision() });
        if answer.issued {
            self.guards.push(Guard::CodeLive { coupon: coupon.clone(), code: code.clone() });
        }
        if answer.window != Window::ALWAYS {
            let (from, until) = (answer.window.from(), answer.window.until());
            self.guards.push(Guard::Window { coupon: coupon.clone(), from, until });
        }
        raise(&mut self.deltas, &redeemed, terms, self.currency, &self.counted);
        self.coupons.push(redeemed);
    }

    /// The counters that the redeemed codes of a definition raise under these terms, by key. A limit that is added in the
    /// middle of a campaign counts earlier uses, so a store raises for each record what is not among
    /// [its deltas](Self::deltas) (S69); and a commit that a live hold keeps to its older terms counts on it as well.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let terms = || Coupon::builder("spring").code("SPRING").percent_off("10");
    /// let spring = shop.prepare(terms().build()?)?;
    /// let line = Line::new(LineId(1), Product::new("CHAIR".parse()?), Quantity::ONE, UnitPrice::parse("60.00")?);
    /// let (order, ann) = (Order::builder(Currency::USD).line(line).build()?, Customer::anonymous());
    /// let (reference, at) = (Reference::Order("o-1".parse()?), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("spring", &spring)];
    /// let redemption = shop.evaluate(&Request::new(&order, &ann, reference, at).with_codes(&codes))?.redemption()?;
    ///
    /// assert!(redemption.deltas().is_empty());
    /// let added = redemption.deltas_under(&terms().total_limit(100).build()?);
    /// assert_eq!((added[0].by(), added[0].limit()), (1, 100));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn deltas_under(&self, terms: &Coupon) -> Vec<Delta> {
        let mut deltas = Vec::new();
        for redeemed in self.coupons.iter().filter(|r| r.coupon == *terms.id()) {
            raise(&mut deltas, redeemed, terms, self.currency, &self.counted);
        }
        merge(&mut deltas);
        deltas
    }
}

/// One delta for each limit of the terms that the redeemed coupon counts on.
fn raise(deltas: &mut Vec<Delta>, redeemed: &Redeemed, terms: &Coupon, currency: Currency, counted: &[IdentityKey]) {
    let (coupon, code, limits) = (&redeemed.coupon, &redeemed.code, terms.limits());
    let mut raise = |key: CounterKey, by: u64, limit: Option<u64>| {
        if let Some(limit) = limit.filter(|_| by > 0) {
            deltas.push(Delta { key, by, limit, rolling_days: None });
        }
    };
    raise(CounterKey::Total { coupon: coupon.clone() }, 1, limits.total());
    raise(CounterKey::Code { coupon: coupon.clone(), code: code.clone() }, 1, limits.per_code());
    raise(CounterKey::Units { coupon: coupon.clone() }, redeemed.units, limits.units());
    if let Some(budget) = limits.money().and_then(|m| m.in_currency(currency)) {
        let key = CounterKey::Money { coupon: coupon.clone(), currency };
        let minor = |m: Money| u64::try_from(m.minor()).unwrap_or(0);
        raise(key, minor(redeemed.discount), Some(minor(budget)));
    }
    for customer in counted {
        let key = CounterKey::Customer { coupon: coupon.clone(), customer: customer.clone() };
        raise(key, 1, limits.per_customer());
        let key = CounterKey::CustomerCode { coupon: coupon.clone(), code: code.clone(), customer: customer.clone() };
        raise(key, 1, limits.per_customer_and_code());
        if terms.conditions().iter().any(Condition::requires_first_order) {
            raise(CounterKey::FirstOrder { customer: customer.clone() }, 1, Some(1));
        }
    }
}

/// Sorts deltas by key, each key once: two codes of one definition raise its counters together. A first order is one,
/// whatever is redeemed with it.
fn merge(deltas: &mut Vec<Delta>) {
    deltas.sort_by(|a, b| a.key.cmp(&b.key));
    deltas.dedup_by(|next, kept| {
        let same = next.key == kept.key;
        if same && !matches!(kept.key, CounterKey::FirstOrder { .. }) {
            kept.by = kept.by.saturating_add(next.by);
        }
        same
    });
}
