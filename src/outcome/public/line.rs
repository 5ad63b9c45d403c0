//! Lines and charges as a browser may see them.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::super::line::LineOutcome;
use crate::money::Money;
use crate::order::LineId;
use crate::refusal::PublicLineReason;

/// A line as a browser may see it: amounts for the whole line, or why it cannot be sold to this customer. A product that
/// the customer must not see is an unknown one, with nothing else about it.
///
/// In JSON `{"id":1,"units":2,"price":"60.00","shop_discount":"0.00","coupon_discount":"6.00","total":"54.00"}`, with
/// `points_discount` where points took something off and `tax` where rates were given, or `{"id":1,"units":2,"refused":"unknown_product"}`.
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
/// let json = r#"{"id":1,"units":2,"price":"60.00","shop_discount":"0.00","coupon_discount":"6.00","total":"54.00"}"#;
/// assert_eq!(serde_json::to_string(&outcome.public().lines()[0])?, json);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicLine {
    id: LineId,
    units: u32,
    sold: Result<PublicAmounts, PublicLineReason>,
}

impl PublicLine {
    pub(super) fn of(line: &LineOutcome) -> Self {
        let sold = match line.refusal() {
            Some(refusal) => Err(refusal.public()),
            None => Ok(PublicAmounts::of(line)),
        };
        Self { id: line.id(), units: line.units(), sold }
    }

    /// The number of the line.
    #[must_use]
    pub fn id(&self) -> LineId {
        self.id
    }

    /// Indivisible units: pieces, or one for a measured line.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.units
    }

    /// Its amounts; none where it is refused.
    #[must_use]
    pub fn amounts(&self) -> Option<&PublicAmounts> {
        self.sold.as_ref().ok()
    }

    /// Why it cannot be sold to this customer; none where it can be.
    #[must_use]
    pub fn refusal(&self) -> Option<PublicLineReason> {
        self.sold.err()
    }
}

impl Serialize for PublicLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("units", &self.units)?;
        match &self.sold {
            Ok(amounts) => amounts.entries(&mut map)?,
            Err(reason) => map.serialize_entry("refused", reason)?,
        }
        map.end()
    }
}

/// Shipping or a fee as a browser may see it.
///
/// In JSON like a [`PublicLine`], without `units`.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("30.00")?);
/// let shipping = Charge::shipping(LineId(2), Money::parse("4.90", Currency::USD)?);
/// let order = Order::builder(Currency::USD).line(line).charge(shipping).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let public = outcome.public();
/// assert_eq!(public.charges()[0].amounts().total().to_string(), "4.90 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicCharge {
    pub(super) id: LineId,
    pub(super) amounts: PublicAmounts,
}

impl PublicCharge {
    /// The number of the charge.
    #[must_use]
    pub fn id(&self) -> LineId {
        self.id
    }

    /// Its amounts.
    #[must_use]
    pub fn amounts(&self) -> &PublicAmounts {
        &self.amounts
    }
}

impl Serialize for PublicCharge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        self.amounts.entries(&mut map)?;
        map.end()
    }
}

/// The amounts of a [`PublicLine`] or [`PublicCharge`], for the whole of it. An example stands at [`PublicCharge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicAmounts {
    pub(super) price: Money,
    pub(super) shop_discount: Money,
    pub(super) coupon_discount: Money,
    pub(super) points_discount: Money,
    pub(super) total: Money,
    pub(super) tax: Option<Money>,
}

impl PublicAmounts {
    pub(super) fn of(line: &LineOutcome) -> Self {
        Self {
            price: line.priced(),
            shop_discount: line.shop_discount(),
            coupon_discount: line.coupon_discount(),
            points_discount: line.points_discount(),
            total: line.discounted(),
            tax: line.tax(),
        }
    }

    /// At the price that holds for this customer, before discounts.
    #[must_use]
    pub fn price(&self) -> Money {
        self.price
    }

    /// Discounts that the shop gave.
    #[must_use]
    pub fn shop_discount(&self) -> Money {
        self.shop_discount
    }

    /// Discounts by coupons.
    #[must_use]
    pub fn coupon_discount(&self) -> Money {
        self.coupon_discount
    }

    /// What loyalty points took off.
    #[must_use]
    pub fn points_discount(&self) -> Money {
        self.points_discount
    }

    /// What is left after discounts; with tax where prices contain it, without where they do not.
    #[must_use]
    pub fn total(&self) -> Money {
        self.total
    }

    /// The tax on it; none where no rates were given.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        self.tax
    }

    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("price", &self.price.amount_text())?;
        map.serialize_entry("shop_discount", &self.shop_discount.amount_text())?;
        map.serialize_entry("coupon_discount", &self.coupon_discount.amount_text())?;
        if !self.points_discount.is_zero() {
            map.serialize_entry("points_discount", &self.points_discount.amount_text())?;
        }
        map.serialize_entry("total", &self.total.amount_text())?;
        match self.tax {
            Some(tax) => map.serialize_entry("tax", &tax.amount_text()),
            None => Ok(()),
        }
    }
}
