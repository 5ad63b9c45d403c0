//! Counters with a limit, and by how much a redemption raises them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::coupon::Code;
use crate::customer::IdentityKey;
use crate::key::{AllowanceId, CouponId};
use crate::money::Currency;

/// A counter with a limit. The order of keys is the order in which stores take them, so that two checkouts cannot
/// deadlock.
///
/// ```
/// use vouchsafe::CounterKey;
///
/// let total = CounterKey::Total { coupon: "first".parse()? };
/// assert_eq!(serde_json::to_string(&total)?, r#"{"total":{"coupon":"first"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum CounterKey {
    /// Uses of a definition, whatever the code.
    Total {
        /// The definition.
        coupon: CouponId,
    },
    /// Uses of one code.
    Code {
        /// The definition.
        coupon: CouponId,
        /// The code.
        code: Code,
    },
    /// Uses of a definition by one identity.
    Customer {
        /// The definition.
        coupon: CouponId,
        /// The identity.
        customer: IdentityKey,
    },
    /// Uses of one code by one identity.
    CustomerCode {
        /// The definition.
        coupon: CouponId,
        /// The code.
        code: Code,
        /// The identity.
        customer: IdentityKey,
    },
    /// Units discounted by a definition.
    Units {
        /// The definition.
        coupon: CouponId,
    },
    /// Money given by a definition, in minor units.
    Money {
        /// The definition.
        coupon: CouponId,
        /// The currency.
        currency: Currency,
    },
    /// First-order offers taken by one identity, whatever the definition: there is one first order.
    FirstOrder {
        /// The identity.
        customer: IdentityKey,
    },
    /// Units bought of an allowance (S44), in one of its windows.
    Allowance {
        /// The allowance.
        allowance: AllowanceId,
        /// The identity; none where all customers share the allowance.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        customer: Option<IdentityKey>,
        /// The first local day of the window; none where it has no beginning or goes with the purchase.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        since: Option<NaiveDate>,
    },
}

impl CounterKey {
    /// The definition it belongs to; none for the first order of an identity and for an allowance.
    #[must_use]
    pub fn coupon(&self) -> Option<&CouponId> {
        match self {
            Self::Total { coupon }
            | Self::Code { coupon, .. }
            | Self::Customer { coupon, .. }
            | Self::CustomerCode { coupon, .. }
            | Self::Units { coupon }
            | Self::Money { coupon, .. } => Some(coupon),
            Self::FirstOrder { .. } | Self::Allowance { .. } => None,
        }
    }

    /// The allowance it belongs to; none for the counters of coupons.
    #[must_use]
    pub fn allowance(&self) -> Option<&AllowanceId> {
        match self {
            Self::Allowance { allowance, .. } => Some(allowance),
            Self::Total { .. }
            | Self::Code { .. }
            | Self::Customer { .. }
            | Self::CustomerCode { .. }
            | Self::Units { .. }
            | Self::Money { .. }
            | Self::FirstOrder { .. } => None,
        }
    }
}

/// A counter to be raised, and how far it may go. Coupons without a limit raise no counter and touch no shared row.
///
/// Never by zero. In JSON `{"key": {"total": {"coupon": "c"}}, "by": 1, "limit": 1000}`, with `rolling_days` where only
/// those last days count.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let first = shop.prepare(Coupon::builder("first").code("FIRST").percent_off("10").total_limit(1_000).build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("FIRST", &first)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let redemption = outcome.redemption()?;
/// let [delta] = redemption.deltas() else { panic!("one counter") };
/// assert_eq!(delta.key(), &CounterKey::Total { coupon: "first".parse()? });
/// assert_eq!((delta.by(), delta.limit()), (1, 1_000));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    pub(crate) key: CounterKey,
    pub(crate) by: u64,
    pub(crate) limit: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) rolling_days: Option<u32>,
}

impl Delta {
    /// The counter.
    #[must_use]
    pub fn key(&self) -> &CounterKey {
        &self.key
    }

    /// By how much it rises.
    #[must_use]
    pub fn by(&self) -> u64 {
        self.by
    }

    /// The most it may reach.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }
}
