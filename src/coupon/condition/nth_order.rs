//! The n-th order.

/// This order is the customer's n-th: there are n - 1 earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NthOrder {
    pub(crate) n: u64,
}

impl NthOrder {
    /// Which order, counted from 1.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }
}
