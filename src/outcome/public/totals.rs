//! Sums and taxes as a browser may see them.

use serde::{Serialize, Serializer};

use crate::money::{Money, TaxRate};

/// The tax of one class as a browser may see it: rate and amounts, not what the class is called.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).default_rate(TaxRate::parse("8")?).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// assert_eq!(serde_json::to_string(outcome.public().taxes())?, r#"[{"rate":"8","net":"54.00","tax":"4.32"}]"#);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PublicTax {
    pub(super) rate: TaxRate,
    #[serde(serialize_with = "amount")]
    pub(super) net: Money,
    #[serde(serialize_with = "amount")]
    pub(super) tax: Money,
}

impl PublicTax {
    /// The rate in percent.
    #[must_use]
    pub fn rate(&self) -> TaxRate {
        self.rate
    }

    /// What it is taken on.
    #[must_use]
    pub fn net(&self) -> Money {
        self.net
    }

    /// The tax.
    #[must_use]
    pub fn tax(&self) -> Money {
        self.tax
    }
}

/// The sums as a browser may see them. Where prices do not contain tax,
/// `items - item_discount + shipping - shipping_discount + fees + tax + cash_rounding = payable`; where they do, the
/// same without `tax`.
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
/// let public = outcome.public();
/// let totals = public.totals();
/// assert_eq!((totals.items().to_string(), totals.payable().to_string()), ("60.00 USD".into(), "54.00 USD".into()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PublicTotals {
    #[serde(serialize_with = "amount")]
    pub(super) items: Money,
    #[serde(serialize_with = "amount")]
    pub(super) item_discount: Money,
    #[serde(serialize_with = "amount")]
    pub(super) coupon_discount: Money,
    #[serde(serialize_with = "amount", skip_serializing_if = "is_zero")]
    pub(super) points_discount: Money,
    #[serde(serialize_with = "amount")]
    pub(super) shipping: Money,
    #[serde(serialize_with = "amount")]
    pub(super) shipping_discount: Money,
    #[serde(serialize_with = "amount")]
    pub(super) fees: Money,
    #[serde(serialize_with = "amount_or_none", skip_serializing_if = "Option::is_none")]
    pub(super) tax: Option<Money>,
    #[serde(serialize_with = "amount", skip_serializing_if = "is_zero")]
    pub(super) cash_rounding: Money,
    #[serde(serialize_with = "amount")]
    pub(super) payable: Money,
}

impl PublicTotals {
    /// Lines at the customer's prices, before discounts.
    #[must_use]
    pub fn items(&self) -> Money {
        self.items
    }

    /// All discounts on lines: the shop's, those of coupons, and points.
    #[must_use]
    pub fn item_discount(&self) -> Money {
        self.item_discount
    }

    /// All discounts of coupons, on lines and on shipping.
    #[must_use]
    pub fn coupon_discount(&self) -> Money {
        self.coupon_discount
    }

    /// What loyalty points took off lines.
    #[must_use]
    pub fn points_discount(&self) -> Money {
        self.points_discount
    }

    /// Shipping, before discounts.
    #[must_use]
    pub fn shipping(&self) -> Money {
        self.shipping
    }

    /// All discounts on shipping.
    #[must_use]
    pub fn shipping_discount(&self) -> Money {
        self.shipping_discount
    }

    /// Fees.
    #[must_use]
    pub fn fees(&self) -> Money {
        self.fees
    }

    /// The tax; none where no rates were given.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        self.tax
    }

    /// What cash rounding adds; negative where it takes away.
    #[must_use]
    pub fn cash_rounding(&self) -> Money {
        self.cash_rounding
    }

    /// What the shopper pays, be it in money or with [points](super::PublicPoints::due).
    #[must_use]
    pub fn payable(&self) -> Money {
        self.payable
    }
}

pub(super) fn amount<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&money.amount_text())
}

fn amount_or_none<S: Serializer>(money: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
    money.map(Money::amount_text).serialize(serializer)
}

fn is_zero(money: &Money) -> bool {
    money.is_zero()
}
