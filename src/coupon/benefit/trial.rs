//! Free days.

/// Free days before a subscription is charged for the first time (S67).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    pub(crate) days: u32,
}

impl Trial {
    /// Whole days, at least one.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }
}
