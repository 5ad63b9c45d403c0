//! What comes with an order for nothing.

use serde::Serialize;

use super::Outcome;
use crate::key::{CouponId, ProductId};
use crate::money::Money;

/// A gift of a coupon: pieces of a product that the host adds to what it ships. No line of the order, so it is in no
/// total, no tax and no threshold.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let value = Amounts::new([Money::parse("4.90", Currency::USD)?])?;
/// let mug = Gift::new("MUG".parse()?).worth(value);
/// let coupon = shop.prepare(Coupon::builder("mug").code("MUG").benefit(mug).build()?)?;
/// let line = Line::new(LineId(1), Product::new("SHIRT".parse()?), Quantity::ONE, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("mug", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let gift = &outcome.gifts()[0];
/// assert_eq!(gift.coupon().as_str(), "mug");
/// assert_eq!(gift.value().map(|value| value.to_string()).as_deref(), Some("4.90 USD"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftOutcome {
    pub(crate) product: ProductId,
    pub(crate) pieces: u64,
    pub(crate) coupon: CouponId,
    /// Given by an automatic offer of the shop.
    pub(crate) offer: bool,
    pub(crate) value: Option<Money>,
}

impl GiftOutcome {
    /// What is given.
    #[must_use]
    pub fn product(&self) -> &ProductId {
        &self.product
    }

    /// How many pieces of it.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.pieces
    }

    /// The coupon that gives it, or the [offer](crate::Offer) of this id.
    #[must_use]
    pub fn coupon(&self) -> &CouponId {
        &self.coupon
    }

    /// Whether an automatic offer of the shop gives it, without a code.
    #[must_use]
    pub fn is_of_offer(&self) -> bool {
        self.offer
    }

    /// What one piece stands at in the books, where the definition says so in the currency of the order.
    #[must_use]
    pub fn value(&self) -> Option<Money> {
        self.value
    }
}

/// A gift, as a browser may see it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let worth = Amounts::new([Money::parse("4.90", Currency::USD)?])?;
/// let mug = Gift::new("MUG".parse()?).worth(worth);
/// let coupon = shop.prepare(Coupon::builder("mug").code("MUG").benefit(mug).build()?)?;
/// let line = Line::new(LineId(1), Product::new("SHIRT".parse()?), Quantity::ONE, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("mug", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// // Neither the coupon's id nor what the mug stands at in the books.
/// let public = shop.evaluate(&request)?.public();
/// assert_eq!(serde_json::to_string(public.gifts())?, r#"[{"product":"MUG","pieces":1}]"#);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicGift {
    pub(crate) product: ProductId,
    pub(crate) pieces: u64,
}

impl PublicGift {
    pub(crate) fn of(gift: &GiftOutcome) -> Self {
        Self { product: gift.product.clone(), pieces: gift.pieces }
    }

    /// What is given.
    #[must_use]
    pub fn product(&self) -> &ProductId {
        &self.product
    }

    /// How many pieces of it.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.pieces
    }
}

impl Outcome {
    /// What comes with the order for nothing: from offers of the shop, then in the order of the codes, and of a code in the
    /// order of its benefits.
    #[must_use]
    pub fn gifts(&self) -> &[GiftOutcome] {
        &self.gifts
    }
}
