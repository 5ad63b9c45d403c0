//! The automatic offers that were made.

use std::sync::Arc;

use super::Outcome;
use super::line::BY_POINTS;
use crate::key::DiscountId;
use crate::money::{Currency, Money};

/// An automatic offer of the shop that took something off the order, or gave a gift.
///
/// Its amounts stand on the lines as discounts of the shop, under its id; they are in
/// [`LineOutcome::shop_discount`](crate::LineOutcome::shop_discount), not in the discounts of coupons.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let sale = Coupon::builder("sale").description("Spring sale").percent_off("20").build()?;
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).offer(Offer::new(sale)?).build()?;
/// let boot = Product::new("BOOT".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), boot, Quantity::ONE, UnitPrice::parse("50.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let outcome = shop.evaluate(&Request::new(&order, &customer, Reference::Order("o-1".parse()?), at))?;
/// let offer = &outcome.offers()[0];
/// assert_eq!((offer.id().as_str(), offer.description()), ("sale", "Spring sale"));
/// assert_eq!(offer.discount().to_string(), "10.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferOutcome {
    pub(crate) id: DiscountId,
    pub(crate) description: Arc<str>,
    pub(crate) currency: Currency,
    pub(crate) discount: i64,
    pub(crate) third_party: i64,
}

impl OfferOutcome {
    /// Its id, which its discounts have.
    #[must_use]
    pub fn id(&self) -> &DiscountId {
        &self.id
    }

    /// The text for the shopper, as its definition has it; may be empty.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What the discounts under its id take off in all.
    #[must_use]
    pub fn discount(&self) -> Money {
        Money::new(self.discount, self.currency)
    }

    /// The part of it that a third party reimburses.
    #[must_use]
    pub fn third_party(&self) -> Money {
        Money::new(self.third_party, self.currency)
    }
}

impl Outcome {
    /// The automatic offers that took something off or gave a gift, by id. Of one that a coupon set aside again (S140) nothing is here.
    #[must_use]
    pub fn offers(&self) -> &[OfferOutcome] {
        &self.offers
    }

    /// Lists those of these offers whose discounts stand, with what they take off.
    pub(crate) fn set_offers<'a>(&mut self, offers: impl Iterator<Item = (&'a DiscountId, &'a Arc<str>)>) {
        let currency = self.currency;
        self.offers.clear();
        self.offers.extend(offers.map(|(id, description)| OfferOutcome {
            id: id.clone(),
            description: description.clone(),
            currency,
            discount: 0,
            third_party: 0,
        }));
        if self.offers.is_empty() {
            return;
        }
        self.offers.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.offers.dedup_by(|a, b| a.id == b.id);
        let Self { offers, adjustments, discounts, gifts, .. } = self;
        for raw in adjustments.iter().filter(|raw| !raw.coupon && raw.source != BY_POINTS) {
            let discount = usize::try_from(raw.source).ok().and_then(|at| discounts.get(at));
            let at = discount.and_then(|(id, _)| offers.binary_search_by(|offer| offer.id.cmp(id)).ok());
            if let Some(offer) = at.and_then(|at| offers.get_mut(at)) {
                offer.discount = offer.discount.saturating_add(raw.amount);
                offer.third_party = offer.third_party.saturating_add(raw.third);
            }
        }
        let gave = |offer: &OfferOutcome| gifts.iter().any(|gift| gift.offer && gift.coupon.key() == offer.id.key());
        offers.retain(|offer| offer.discount > 0 || gave(offer));
    }
}
