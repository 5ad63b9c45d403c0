//! What the shop gives without a code, as a browser may see it.

use serde::Serialize;

use super::super::OfferOutcome;
use crate::money::Money;

/// An automatic offer that was made, as a browser may see it: the text for the shopper and what it takes off, without its
/// id (S73).
///
/// In JSON `{"description":"Spring sale","amount":"6.00"}`; the amount is in the discounts of lines and shipping already.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let sale = Coupon::builder("q3-overstock").description("Spring sale").percent_off("20").build()?;
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).offer(Offer::new(sale)?).build()?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let outcome = shop.evaluate(&Request::new(&order, &customer, Reference::Order("o-1".parse()?), at))?;
/// let json = r#"[{"description":"Spring sale","amount":"6.00"}]"#;
/// assert_eq!(serde_json::to_string(outcome.public().offers())?, json);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicOffer {
    description: String,
    #[serde(serialize_with = "super::totals::amount")]
    amount: Money,
}

impl PublicOffer {
    pub(super) fn of(offer: &OfferOutcome) -> Self {
        Self { description: offer.description().to_owned(), amount: offer.discount() }
    }

    /// The text for the shopper; may be empty.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What it takes off.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }
}
