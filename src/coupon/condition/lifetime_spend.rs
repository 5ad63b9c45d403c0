//! Spent so far.

use crate::coupon::amounts::Amounts;

/// The customer spent at least so much in earlier orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifetimeSpend {
    pub(crate) at_least: Amounts,
}

impl LifetimeSpend {
    /// The least that counts as enough.
    #[must_use]
    pub fn at_least(&self) -> &Amounts {
        &self.at_least
    }
}
