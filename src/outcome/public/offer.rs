//! What the shop gives without a code, as a browser may see it.

use serde::Serialize;

use super::super::OfferOutcome;
use crate::money::Money;

/// An automatic offer that was made, as a browser may see it: the text for the shopper and what it takes off, without its
/// id (S73).
///
/// In JSON `{"description":"Spring sale","amount":"6.00"}`; the amount is in the discounts of lines and shipping already.
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
