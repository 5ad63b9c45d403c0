//! Orders lately.

/// The customer placed at least so many orders within the last so many days (S15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrdersInPeriod {
    pub(crate) days: u32,
    pub(crate) at_least: u64,
}

impl OrdersInPeriod {
    /// Length of the period in days, ending at the instant of evaluation.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }

    /// The least number of earlier orders.
    #[must_use]
    pub fn at_least(&self) -> u64 {
        self.at_least
    }
}
