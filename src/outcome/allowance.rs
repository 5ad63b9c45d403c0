//! What an order takes of allowances, and on which counters that is counted.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::counter::{CounterKey, Delta};
use super::redemption::{Guard, Redemption};
use crate::calendar::days_before;
use crate::customer::IdentityKey;
use crate::key::AllowanceId;
use crate::order::{Order, Product};
use crate::shop::{AllowancePer, Shop};

/// One allowance that concerns the order, and what the order takes of it (S44).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// // Six pairs a month; four were bought, three are ordered.
/// let pairs = Allowance::new("pairs".parse()?, [Goods::product("BOOT".parse()?)], 6)?
///     .with_window(AllowanceWindow::Month)
///     .with_excess(Excess::Cap);
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).allowance(pairs).build()?;
/// let boot = Product::new("BOOT".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), boot, Quantity::pieces(3)?, UnitPrice::parse("30.00")?))
///     .build()?;
/// let (ann, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-03-29T12:00:00Z")?);
/// let taken = [AllowanceUsage::new("pairs".parse()?, 4)];
/// let request = Request::new(&order, &ann, Reference::Order("o-1".parse()?), at).with_allowances(&taken);
/// let outcome = shop.evaluate(&request)?;
///
/// let pairs = &outcome.allowances()[0];
/// assert_eq!((pairs.limit(), pairs.taken(), pairs.granted(), pairs.left()), (6, 4, 2, 0));
/// assert_eq!(pairs.until(), Some(parse_instant("2026-04-01T00:00:00Z")?));
/// let line = &outcome.lines()[0];
/// assert_eq!((outcome.requested(line), line.units()), (3, 2));
/// assert_eq!(outcome.totals().payable().to_string(), "60.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowanceOutcome {
    pub(crate) allowance: AllowanceId,
    pub(crate) per: AllowancePer,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) since: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) from: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) rolling_days: Option<u32>,
    pub(crate) limit: u64,
    pub(crate) taken: u64,
    pub(crate) granted: u64,
}

impl AllowanceOutcome {
    /// The allowance.
    #[must_use]
    pub fn allowance(&self) -> &AllowanceId {
        &self.allowance
    }

    /// Whose purchases it counts together.
    #[must_use]
    pub fn per(&self) -> AllowancePer {
        self.per
    }

    /// How many units may be bought in its window: its own quantity, or the one agreed with the customer.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// How many of them were taken before this order, as the host handed it in.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// How many this order takes; nothing where its lines are refused.
    #[must_use]
    pub fn granted(&self) -> u64 {
        self.granted
    }

    /// How many are left after this order.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.taken).saturating_sub(self.granted)
    }

    /// The first instant at which it is no longer counted like this: a new window begins, or what was agreed with the
    /// customer ends. None where it stays.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// What it raises when the order is recorded.
    pub(super) fn deltas<'a>(&'a self, counted: &'a [IdentityKey]) -> impl Iterator<Item = Delta> + 'a {
        let of_each = match self.per {
            AllowancePer::Customer => counted,
            AllowancePer::Shared => &[],
        };
        let shared = (self.per == AllowancePer::Shared).then_some(None);
        let customers = of_each.iter().map(Some).chain(shared);
        customers.filter(|_| self.granted > 0).map(|customer| Delta {
            key: CounterKey::Allowance {
                allowance: self.allowance.clone(),
                customer: customer.cloned(),
                since: self.since,
            },
            by: self.granted,
            limit: self.limit,
            rolling_days: self.rolling_days,
        })
    }

    /// The window in which it was judged, where it has one.
    pub(super) fn guard(&self) -> Option<Guard> {
        let bounded = self.granted > 0 && (self.from.is_some() || self.until.is_some());
        bounded.then(|| Guard::Allowance { allowance: self.allowance.clone(), from: self.from, until: self.until })
    }
}

/// An allowance of fixed dates that are yet to begin: what is bought before is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllowanceToCome {
    pub(crate) allowance: AllowanceId,
    pub(crate) begins: DateTime<Utc>,
}

impl AllowanceToCome {
    pub(super) fn guard(&self) -> Guard {
        Guard::Allowance { allowance: self.allowance.clone(), from: None, until: Some(self.begins) }
    }
}

/// A counter of an allowance that a checkout wants to know, and how far back it counts. Made by
/// [`Shop::allowance_counters`], handed to [`LoadRequest::allowances`](crate::LoadRequest::allowances).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AllowanceCounter {
    key: CounterKey,
    allowance: AllowanceId,
    rolling_days: Option<u32>,
}

impl AllowanceCounter {
    /// The counter.
    #[must_use]
    pub fn key(&self) -> &CounterKey {
        &self.key
    }

    /// The allowance.
    #[must_use]
    pub fn allowance(&self) -> &AllowanceId {
        &self.allowance
    }

    /// Where only what was recorded in the last days counts: so many, each of 24 hours.
    #[must_use]
    pub fn rolling_days(&self) -> Option<u32> {
        self.rolling_days
    }

    /// The first instant that still counts, of a look at this instant; none where everything on the counter does.
    #[must_use]
    pub fn recorded_since(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.rolling_days.map(|days| days_before(at, days))
    }
}

impl Delta {
    /// Where only what was recorded in the last days counts: so many, each of 24 hours (S45).
    #[must_use]
    pub fn rolling_days(&self) -> Option<u32> {
        self.rolling_days
    }

    /// The first instant that still counts where it is recorded at this instant; none where everything on the counter
    /// does. What was recorded at that very instant counts.
    #[must_use]
    pub fn recorded_since(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.rolling_days.map(|days| days_before(at, days))
    }
}

impl Redemption {
    /// Whether both raise the same counters by the same figures. The window of an allowance may have gone on between two
    /// evaluations of one order, which is no other purchase for that.
    pub(super) fn same_deltas(&self, other: &Self) -> bool {
        let same = |a: &Delta, b: &Delta| match (&a.key, &b.key) {
            (
                CounterKey::Allowance { allowance, customer, .. },
                CounterKey::Allowance { allowance: other, customer: by_other, .. },
            ) => allowance == other && customer == by_other && a.by == b.by,
            _ => a == b,
        };
        self.deltas.len() == other.deltas.len() && self.deltas.iter().zip(&other.deltas).all(|(a, b)| same(a, b))
    }
}

impl Shop {
    /// The counters of the allowances that an order may take from, by key: what a checkout asks a store for. `counted`
    /// are the customer's keys that count, as [`Policy::counted_keys`](crate::Policy::counted_keys) chooses them.
    ///
    /// Those of every customer type are among them, since a code may change the type before the order is priced.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let pairs = Allowance::new("pairs".parse()?, [Goods::product("BOOT".parse()?)], 6)?
    ///     .with_window(AllowanceWindow::Month);
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).allowance(pairs).build()?;
    /// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("30.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (ann, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-03-29T12:00:00Z")?);
    ///
    /// let counters = shop.allowance_counters(&order, &shop.policy().counted_keys(&ann), at);
    /// let march = CounterKey::Allowance {
    ///     allowance: "pairs".parse()?,
    ///     customer: Some(IdentityKey::id("42")?),
    ///     since: Some(parse_date("2026-03-01")?),
    /// };
    /// assert_eq!(counters[0].key(), &march);
    /// let request = LoadRequest::new(Reference::Order("o-1".parse()?), Currency::USD, at).allowances(counters);
    /// let loaded = block_on(MemoryStore::new().load(&request))?;
    /// assert_eq!(loaded.allowances()[0].taken(), 0);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn allowance_counters(
        &self,
        order: &Order,
        counted: &[IdentityKey],
        at: DateTime<Utc>,
    ) -> Vec<AllowanceCounter> {
        self.allowance_counters_of(order.lines().iter().map(|line| line.product()), counted, at)
    }

    /// [`allowance_counters`](Self::allowance_counters) for products that are not in an order yet, such as those of a
    /// page.
    #[must_use]
    pub fn allowance_counters_of<'p>(
        &self,
        products: impl IntoIterator<Item = &'p Product>,
        counted: &[IdentityKey],
        at: DateTime<Utc>,
    ) -> Vec<AllowanceCounter> {
        let (bounds, mut places, mut all) = (self.bounds(), Vec::new(), Vec::new());
        if bounds.allowances().is_empty() {
            return Vec::new();
        }
        for product in products {
            bounds.about(self.catalogue(), product, &mut places);
            all.append(&mut places);
        }
        all.sort_unstable();
        all.dedup();
        let mut counters = Vec::new();
        for place in all {
            let Some(allowance) = bounds.allowances().get(place) else { continue };
            let Some(since) = bounds.counted_since(place, self.policy().zone(), at) else { continue };
            let counter = |customer: Option<IdentityKey>| AllowanceCounter {
                key: CounterKey::Allowance { allowance: allowance.id().clone(), customer, since },
                allowance: allowance.id().clone(),
                rolling_days: allowance.window().rolling_days(),
            };
            match allowance.per() {
                AllowancePer::Shared => counters.push(counter(None)),
                AllowancePer::Customer => counters.extend(counted.iter().map(|key| counter(Some(key.clone())))),
            }
        }
        counters.sort_unstable();
        counters.dedup();
        counters
    }
}
