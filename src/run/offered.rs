//! What automatic offers take off one product alone.

use super::listing::Listing;
use super::viewer::Viewer;
use crate::error::Error;
use crate::key::OrderId;
use crate::money::{Money, Quantity};
use crate::order::{Line, LineId, Order};
use crate::outcome::OfferOutcome;
use crate::request::{Reference, Request};

/// What automatic offers of the shop make of the smallest order of one product and nothing else. Made by
/// [`Viewer::offered`], where an example stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedPrice {
    units: u32,
    priced: Money,
    discounted: Money,
    offers: Vec<OfferOutcome>,
}

impl OfferedPrice {
    /// How many units it is for: [`ProductView::smallest_order`](crate::ProductView::smallest_order).
    #[must_use]
    pub fn units(&self) -> u32 {
        self.units
    }

    /// What they cost the customer without any offer.
    #[must_use]
    pub fn priced(&self) -> Money {
        self.priced
    }

    /// What they cost with the offers.
    #[must_use]
    pub fn discounted(&self) -> Money {
        self.discounted
    }

    /// The offers that take something off, or give a gift, by id.
    #[must_use]
    pub fn offers(&self) -> &[OfferOutcome] {
        &self.offers
    }
}

impl Viewer<'_> {
    /// What automatic offers of the shop take off a product alone: the smallest order of it and nothing else, by this
    /// customer at this instant, is evaluated. None where no offer is made of that, and where the customer may not see
    /// what the product costs or not buy it.
    ///
    /// It is true of that order and says no more: of an offer from 50.00 on it tells where one piece costs as much, and of
    /// one for two pieces it does not tell. Beside other goods offers may stand apart that are made here, and others may be
    /// made. The order has no channel, region, payment option or shipping, so what asks for one is not made. What a whole
    /// order comes to, an evaluation of that order says; what is nearly reached, [`Shop::hints`](crate::Shop::hints).
    ///
    /// It costs an evaluation of one line, and nothing in a shop without offers.
    ///
    /// # Errors
    /// As [`Shop::evaluate`](crate::Shop::evaluate).
    ///
    /// # Example
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let sale: Offer = serde_json::from_str(
    ///     r#"{"id": "boots", "description": "Boots for less", "scope": {"categories": ["boots"]},
    ///         "benefits": [{"percent": {"off": "20"}}]}"#,
    /// )?;
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).offer(sale).build()?;
    /// let (anybody, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let viewer = shop.viewer(&anybody, at);
    ///
    /// let boot = Product::new("BOOT".parse()?).with_categories(["boots".parse()?]);
    /// let offered = viewer.offered(&Listing::new(boot, UnitPrice::parse("50.00")?))?.ok_or("no offer")?;
    /// assert_eq!((offered.priced().to_string(), offered.discounted().to_string()), ("50.00 USD".into(), "40.00 USD".into()));
    /// assert_eq!(offered.offers()[0].description(), "Boots for less");
    ///
    /// let sock = Listing::new(Product::new("SOCK".parse()?), UnitPrice::parse("5.00")?);
    /// assert_eq!(viewer.offered(&sock)?, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn offered(&self, listing: &Listing) -> Result<Option<OfferedPrice>, Error> {
        let view = self.view(listing);
        if self.shop().offers_prepared().index().is_none() || view.price().is_none() || !view.is_buyable() {
            return Ok(None);
        }
        let units = view.smallest_order();
        let quantity = Quantity::pieces(units.into())?;
        let line = Line::new(LineId(1), listing.product().clone(), quantity, listing.list_price());
        let line = listing.customer_price().into_iter().fold(line, Line::with_customer_price);
        let order = Order::builder(view.currency()).line(line).build()?;
        let reference = Reference::Order(OrderId::new("view")?);
        let outcome = self.shop().evaluate(&Request::new(&order, self.customer(), reference, self.at()))?;
        if outcome.offers().is_empty() {
            return Ok(None);
        }
        let totals = outcome.lines().first().map(|line| (line.priced(), line.discounted()));
        let offers = outcome.offers().to_vec();
        Ok(totals.map(|(priced, discounted)| OfferedPrice { units, priced, discounted, offers }))
    }
}
