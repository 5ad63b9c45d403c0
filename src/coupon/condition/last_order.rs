//! The last order.

/// How long ago the customer's last order was (S94).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastOrder {
    pub(crate) within_days: Option<u32>,
    pub(crate) over_days: Option<u32>,
}

impl LastOrder {
    /// At most so many days ago.
    #[must_use]
    pub fn within_days(&self) -> Option<u32> {
        self.within_days
    }

    /// More than so many days ago.
    #[must_use]
    pub fn over_days(&self) -> Option<u32> {
        self.over_days
    }
}
