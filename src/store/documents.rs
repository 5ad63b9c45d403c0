//! What a store is asked before pricing, and what it tells.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::coupon::{Code, CodeFormat, Coupon};
use crate::customer::{Customer, HeldTypes, IdentityKey};
use crate::error::Error;
use crate::key::{CouponId, CustomerTypeId};
use crate::money::{Currency, Money};
use crate::outcome::{AllowanceCounter, CounterKey, Redemption};
use crate::request::{IssuedCode, Presented, Reference, Usage};
use crate::shop::{AllowanceUsage, Prepared, Shop};

use super::PointsBalance;

/// What a checkout wants to know: the codes as they were typed, and who types them.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let at = parse_instant("2026-03-01T12:00:00Z")?;
/// let request = LoadRequest::new(Reference::Order("o-1".parse()?), Currency::USD, at)
///     .code(" welcome-10 ")
///     .customer([IdentityKey::id("42")?, IdentityKey::email("ann@example.com")?]);
/// assert_eq!(request.codes(), [" welcome-10 "]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRequest {
    codes: Vec<String>,
    customer: Vec<IdentityKey>,
    reference: Reference,
    currency: Currency,
    at: DateTime<Utc>,
    allowances: Vec<AllowanceCounter>,
    points: bool,
}

impl LoadRequest {
    /// A request for an order or claim. What this very reference holds or has recorded is left out of every figure, so
    /// that a shopper is never blocked by the own basket.
    #[must_use]
    pub fn new(reference: Reference, currency: Currency, at: DateTime<Utc>) -> Self {
        let (codes, customer, allowances) = (Vec::new(), Vec::new(), Vec::new());
        Self { codes, customer, reference, currency, at, allowances, points: false }
    }

    /// One more code, as it was typed.
    #[must_use]
    pub fn code(mut self, entered: impl Into<String>) -> Self {
        self.codes.push(entered.into());
        self
    }

    /// The codes, as they were typed.
    #[must_use]
    pub fn with_codes<C: Into<String>>(mut self, entered: impl IntoIterator<Item = C>) -> Self {
        self.codes = entered.into_iter().map(Into::into).collect();
        self
    }

    /// The identity keys of the customer that count for limits:
    /// [`Policy::counted_keys`](crate::Policy::counted_keys) chooses them.
    #[must_use]
    pub fn customer(mut self, keys: impl IntoIterator<Item = IdentityKey>) -> Self {
        self.customer = keys.into_iter().collect();
        self.customer.sort();
        self.customer.dedup();
        self
    }

    /// Asks for the customer's loyalty points as well: those in the account of the first identity key.
    #[must_use]
    pub fn points(mut self) -> Self {
        self.points = true;
        self
    }

    /// The account of points that is asked for; none where it is not asked, or the customer has no key that counts.
    #[must_use]
    pub fn points_account(&self) -> Option<&IdentityKey> {
        self.customer.first().filter(|_| self.points)
    }

    /// The counters of allowances that the order may take from: [`Shop::allowance_counters`] names them.
    #[must_use]
    pub fn allowances(mut self, counters: impl IntoIterator<Item = AllowanceCounter>) -> Self {
        self.allowances = counters.into_iter().collect();
        self
    }

    /// The counters of allowances that are asked for.
    #[must_use]
    pub fn allowance_counters(&self) -> &[AllowanceCounter] {
        &self.allowances
    }

    /// What is taken of the allowances that are asked for, put together from their counters. For stores.
    ///
    /// `taken` tells for each counter what is recorded and held **by others**, as for
    /// [`usage_of`](Self::usage_of); of a counter with a first instant, only what was recorded at it or
    /// [later](AllowanceCounter::recorded_since), and every live hold. Over several identity keys the highest counts.
    pub fn allowance_usage(&self, mut taken: impl FnMut(&AllowanceCounter) -> u64) -> Vec<AllowanceUsage> {
        let mut usage: Vec<AllowanceUsage> = Vec::new();
        for counter in &self.allowances {
            let used = AllowanceUsage::new(counter.allowance().clone(), taken(counter));
            match usage.last_mut().filter(|last| last.allowance() == counter.allowance()) {
                Some(last) if last.taken() >= used.taken() => {}
                Some(last) => *last = used,
                None => usage.push(used),
            }
        }
        usage
    }

    /// What is taken of the limits of a definition, put together from its counters. For stores.
    ///
    /// `taken` tells for each counter what is used and held **by others**: what this very reference has recorded or
    /// holds is left out, or a repeat would be priced as a second use and be recorded as [`Commit::Different`]. Over
    /// several identity keys the highest counts.
    ///
    /// # From a database
    ///
    /// A first call learns the keys, one query fetches them, a second call puts them together:
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::collections::BTreeMap;
    /// use vouchsafe::*;
    ///
    /// let coupon = Coupon::builder("spring").code("SPRING").percent_off("10").total_limit(100).build()?;
    /// let at = parse_instant("2026-03-01T12:00:00Z")?;
    /// let request = LoadRequest::new(Reference::Order("o-1".parse()?), Currency::USD, at).code("SPRING");
    ///
    /// let mut keys = Vec::new();
    /// request.usage_of(&coupon, None, |key| {
    ///     keys.push(key.clone());
    ///     0
    /// });
    /// // ... select key, used + held by others from counters where key in (keys) ...
    /// let rows = BTreeMap::from([(CounterKey::Total { coupon: "spring".parse()? }, 42)]);
    /// assert!(rows.keys().all(|key| keys.contains(key)));
    ///
    /// let usage = request.usage_of(&coupon, None, |key| rows.get(key).copied().unwrap_or(0));
    /// assert_eq!(usage.total(), 42);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`Commit::Different`]: crate::Commit::Different
    pub fn usage_of(
        &self,
        coupon: &Coupon,
        issued: Option<&IssuedCode>,
        mut taken: impl FnMut(&CounterKey) -> u64,
    ) -> Usage {
        let id = coupon.id();
        let mut usage = Usage::default()
            .with_total(taken(&CounterKey::Total { coupon: id.clone() }))
            .with_units(taken(&CounterKey::Units { coupon: id.clone() }));
        let mut highest = |key: &dyn Fn(IdentityKey) -> CounterKey| {
            self.customer.iter().map(|customer| taken(&key(customer.clone()))).max().unwrap_or(0)
        };
        usage = usage
            .with_customer(highest(&|customer| CounterKey::Customer { coupon: id.clone(), customer }))
            .with_first_order_claimed(highest(&|customer| CounterKey::FirstOrder { customer }) > 0);
        let code = issued.map(|issued| issued.code().clone()).or_else(|| coupon.code().cloned());
        if let Some(code) = code {
            usage = usage.with_customer_code(highest(&|customer| CounterKey::CustomerCode {
                coupon: id.clone(),
                code: code.clone(),
                customer,
            }));
            usage = usage.with_code(taken(&CounterKey::Code { coupon: id.clone(), code }));
        }
        if coupon.limits().money().is_some() {
            let given = taken(&CounterKey::Money { coupon: id.clone(), currency: self.currency });
            usage = usage.with_money(Money::new(i64::try_from(given).unwrap_or(i64::MAX), self.currency));
        }
        usage
    }

    /// The codes, as they were typed.
    #[must_use]
    pub fn codes(&self) -> &[String] {
        &self.codes
    }

    /// The identity keys that count, sorted.
    #[must_use]
    pub fn customer_keys(&self) -> &[IdentityKey] {
        &self.customer
    }

    /// The order or claim.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The currency in which budgets are asked for.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The instant at which holds are judged.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

/// The canonical spellings that a typed text may stand for, the more literal format first: what a store looks up.
///
/// A definition is taken only under the spelling of its own [`code_format`](Coupon::code_format): the two formats drop
/// different characters, and a code that is accepted under one spelling and counted under another would be used twice.
/// Text that is no code under any format has no spelling, and is [unknown](LoadedCode::unknown).
///
/// ```
/// use vouchsafe::{Code, CodeFormat, store::spellings};
///
/// let found: Vec<(CodeFormat, Code)> = spellings(" welcome-10 ").collect();
/// assert_eq!(found[0].0, CodeFormat::Imported);
/// assert_eq!((found[1].0, found[1].1.as_str()), (CodeFormat::Standard, "WELCOME10"));
/// assert_eq!(spellings("").count(), 0);
/// ```
pub fn spellings(entered: &str) -> impl Iterator<Item = (CodeFormat, Code)> {
    [CodeFormat::Imported, CodeFormat::Standard]
        .into_iter()
        .filter_map(move |format| Code::parse(entered, format).ok().map(|code| (format, code)))
}

/// What a store tells of one typed code. Everything about counters may be stale the moment it is read; commit checks
/// them again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedCode {
    pub(crate) entered: String,
    pub(crate) coupon: Option<Arc<Coupon>>,
    pub(crate) issued: Option<IssuedCode>,
    pub(crate) usage: Usage,
}

impl LoadedCode {
    /// A code that no definition answers to.
    #[must_use]
    pub fn unknown(entered: impl Into<String>) -> Self {
        Self { entered: entered.into(), coupon: None, issued: None, usage: Usage::default() }
    }

    /// A code of a definition. For stores to build their answer with.
    #[must_use]
    pub fn found(entered: impl Into<String>, coupon: Arc<Coupon>, usage: Usage) -> Self {
        Self { entered: entered.into(), coupon: Some(coupon), issued: None, usage }
    }

    /// The facts of an issued code.
    #[must_use]
    pub fn with_issued(mut self, issued: IssuedCode) -> Self {
        self.issued = Some(issued);
        self
    }

    /// What was typed.
    #[must_use]
    pub fn entered(&self) -> &str {
        &self.entered
    }

    /// The definition; none where the code is unknown. Of a reference with a live hold, the terms that the hold pins.
    #[must_use]
    pub fn coupon(&self) -> Option<&Arc<Coupon>> {
        self.coupon.as_ref()
    }

    /// The key under which the prepared definition can be kept: its terms never change under one revision. Counters are
    /// never to be kept.
    #[must_use]
    pub fn revision(&self) -> Option<(&CouponId, u32)> {
        self.coupon.as_ref().map(|c| (c.id(), c.revision()))
    }

    /// The facts of an issued code; none for a shared one.
    #[must_use]
    pub fn issued(&self) -> Option<&IssuedCode> {
        self.issued.as_ref()
    }

    /// How much of the limits is taken: used, and held by others. Nothing of this reference is in it.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Prepares the definition; none where the code is unknown. A host that keeps prepared coupons by
    /// [revision](Self::revision) only does this for those that it has not.
    ///
    /// # Errors
    /// As [`Shop::prepare`].
    pub fn prepare(&self, shop: &Shop) -> Result<Option<Prepared>, Error> {
        self.coupon.as_ref().map(|coupon| shop.prepare(Coupon::clone(coupon))).transpose()
    }

    /// The code as [`Request`](crate::Request) wants it. Without a prepared definition it is presented as unknown.
    #[must_use]
    pub fn presented<'a>(&'a self, prepared: Option<&'a Prepared>) -> Presented<'a> {
        let presented = match prepared {
            Some(prepared) => Presented::new(&self.entered, prepared).with_usage(self.usage),
            None => Presented::unknown(&self.entered),
        };
        match &self.issued {
            Some(issued) => presented.with_issued(issued),
            None => presented,
        }
    }
}

/// How far the reference of a [`LoadRequest`] has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is held or recorded under it.
    #[default]
    Open,
    /// It has a live hold.
    Held {
        /// The hold lives before this instant.
        until: DateTime<Utc>,
    },
    /// It is recorded: the order was placed, and this is a repeat. There is nothing to evaluate.
    Recorded(Arc<Redemption>),
    /// It was recorded, and then voided.
    Voided,
}

/// What a store knows of a checkout.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let mut store = MemoryStore::new();
/// store.define(Coupon::builder("welcome").code("WELCOME10").percent_off("10").total_limit(100).build()?)?;
///
/// let at = parse_instant("2026-03-01T12:00:00Z")?;
/// let request = LoadRequest::new(Reference::Order("o-1".parse()?), Currency::USD, at).with_codes(["Welcome 10", "HELLO"]);
/// let loaded = block_on(store.load(&request))?;
/// assert_eq!(loaded.codes()[0].revision(), Some((&"welcome".parse()?, 1)));
/// assert_eq!(loaded.codes()[0].usage().total(), 0);
/// assert!(loaded.codes()[1].coupon().is_none());
/// assert_eq!(loaded.progress(), &Progress::Open);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    codes: Vec<LoadedCode>,
    held: HeldTypes,
    allowances: Vec<AllowanceUsage>,
    points: Option<PointsBalance>,
    progress: Progress,
}

impl Loaded {
    /// For stores to build their answer with: one entry per typed code, in the order of the request.
    #[must_use]
    pub fn new(codes: Vec<LoadedCode>, progress: Progress) -> Self {
        Self { codes, held: HeldTypes::default(), allowances: Vec::new(), points: None, progress }
    }

    /// The account of points that was asked for.
    #[must_use]
    pub fn with_points(mut self, points: PointsBalance) -> Self {
        self.points = Some(points);
        self
    }

    /// The account of points that was asked for, with what others hold of it; nothing of this reference is in it. Its
    /// [available](PointsBalance::available) points are the balance of a [`PointsUse`](crate::PointsUse).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let (mut store, ann) = (MemoryStore::new(), IdentityKey::id("42")?);
    /// store.credit_points(&ann, &"moved-in".parse()?, 730);
    /// let at = parse_instant("2026-03-01T12:00:00Z")?;
    /// let request = LoadRequest::new(Reference::Order("o-1".parse()?), Currency::USD, at).customer([ann]).points();
    /// let loaded = block_on(store.load(&request))?;
    /// let balance = loaded.points().map_or(0, PointsBalance::available);
    /// assert_eq!(PointsUse::new(500, balance), PointsUse::new(500, 730));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn points(&self) -> Option<PointsBalance> {
        self.points
    }

    /// What is taken of the allowances that were asked for.
    #[must_use]
    pub fn with_allowances(mut self, taken: Vec<AllowanceUsage>) -> Self {
        self.allowances = taken;
        self
    }

    /// What is taken of the allowances that were asked for, for
    /// [`Request::with_allowances`](crate::Request::with_allowances): recorded, and held by others. Nothing of this
    /// reference is in it.
    #[must_use]
    pub fn allowances(&self) -> &[AllowanceUsage] {
        &self.allowances
    }

    /// The types that are stored for the customer: what is left after all recorded changes.
    #[must_use]
    pub fn with_held(mut self, held: HeldTypes) -> Self {
        self.held = held;
        self
    }

    /// One entry per typed code, in the order of the request.
    #[must_use]
    pub fn codes(&self) -> &[LoadedCode] {
        &self.codes
    }

    /// The primary type that is stored for the customer, whether or not its term is over: of [`held`](Self::held).
    #[must_use]
    pub fn customer_type(&self) -> Option<&CustomerTypeId> {
        self.held.primary()
    }

    /// The types that earlier redemptions gave the customer, memberships among them: all changes over the identity keys,
    /// and none that was recorded with this very reference or after it. [`Loaded::customer`] hands them on, where the host
    /// keeps no types of its own. Their [revision](HeldTypes::revision) tells the store, when a change that was priced from
    /// them is recorded, whether they have changed since.
    #[must_use]
    pub fn held(&self) -> &HeldTypes {
        &self.held
    }

    /// The customer as the request is to have it: with the [types](Self::held) that were stored, the primary one in the
    /// place of the host's, memberships in the place of those of the same type, and as it was handed in otherwise. Without
    /// this step a customer whom a code moved to another type would be priced as before on the next order.
    ///
    /// A host that writes types into its own customer records has set it there, and needs no second source. It then has
    /// to see to it that of two changes of one customer neither is lost: the store can only do that for types it handed
    /// out.
    ///
    /// ```
    /// use vouchsafe::{Customer, Loaded};
    ///
    /// let stored = Loaded::default().with_held(Customer::anonymous().with_type("PROFORM".parse()?).held().clone());
    /// let ann = stored.customer(Customer::anonymous().with_type("RETAIL".parse()?));
    /// assert_eq!(ann.customer_type().unwrap().as_str(), "PROFORM");
    ///
    /// let nothing = Loaded::default();
    /// let bob = nothing.customer(Customer::anonymous().with_type("RETAIL".parse()?));
    /// assert_eq!(bob.customer_type().unwrap().as_str(), "RETAIL");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn customer(&self, customer: Customer) -> Customer {
        let mut held = customer.held().clone();
        if let Some(primary) = self.held.primary() {
            held.primary = Some(primary.clone());
            held.term = self.held.term().cloned();
        }
        for membership in self.held.memberships() {
            held.set_membership(membership.clone());
        }
        held.revision = self.held.revision();
        customer.with_held(held)
    }

    /// How far this reference has come.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Prepares every definition, in the order of the codes. A host that keeps prepared coupons by revision does this
    /// [code by code](LoadedCode::prepare).
    ///
    /// # Errors
    /// As [`Shop::prepare`].
    pub fn prepare(&self, shop: &Shop) -> Result<Vec<Option<Prepared>>, Error> {
        self.codes.iter().map(|code| code.prepare(shop)).collect()
    }

    /// The codes as [`Request`](crate::Request) wants them, given what [`prepare`](Self::prepare) made of them: one for
    /// each code of the [`LoadRequest`], in the same order.
    ///
    /// # A code that was entered on a line
    ///
    /// A store knows no lines and no amounts by operators; both are added here, by the place in the request:
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// # let shop = Shop::new(Policy::association(Currency::USD, Zone::UTC));
    /// # let mut store = MemoryStore::new();
    /// # store.define(Coupon::builder("welcome").code("WELCOME10").percent_off("10").build()?)?;
    /// # let (reference, at) = (Reference::Order("o-1".parse()?), parse_instant("2026-03-01T12:00:00Z")?);
    /// let entered = [("WELCOME10", None), ("SEMINAR", Some(LineId(2)))]; // of the order, and on line 2
    /// let request = LoadRequest::new(reference, Currency::USD, at).with_codes(entered.map(|(code, _)| code));
    /// let loaded = block_on(store.load(&request))?;
    /// let prepared = loaded.prepare(&shop)?;
    ///
    /// let mut codes = loaded.presented(&prepared);
    /// for (presented, (_, line)) in codes.iter_mut().zip(entered) {
    ///     if let Some(line) = line {
    ///         *presented = presented.on_line(line);
    ///     }
    /// }
    /// assert_eq!(codes[1].entered(), "SEMINAR");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn presented<'a>(&'a self, prepared: &'a [Option<Prepared>]) -> Vec<Presented<'a>> {
        let nothing = std::iter::repeat(&None);
        self.codes.iter().zip(prepared.iter().chain(nothing)).map(|(code, p)| code.presented(p.as_ref())).collect()
    }
}
