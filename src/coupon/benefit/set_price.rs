//! A price instead of the usual one.

use super::target::Target;
use crate::coupon::amounts::PriceTable;

/// A price instead of the usual one, where that is lower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPrice {
    pub(crate) price: PriceTable,
    pub(crate) target: Target,
}

impl SetPrice {
    /// The price of one piece, or of all qualifying lines together where the coupon's level is the order.
    #[must_use]
    pub fn price(&self) -> &PriceTable {
        &self.price
    }

    /// Which pieces it acts on.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }
}
