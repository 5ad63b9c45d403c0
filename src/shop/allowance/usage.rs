//! What is taken of an allowance, as the store knows it.

use crate::key::AllowanceId;

/// How many units of an allowance are taken in its window at this instant: recorded, and held by others; never by the
/// order that is priced. Over several identity keys the highest counts. What is absent is zero; the store has the last
/// word.
///
/// ```
/// use vouchsafe::AllowanceUsage;
///
/// let usage = AllowanceUsage::new("BOOTS".parse()?, 4);
/// assert_eq!(usage.taken(), 4);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowanceUsage {
    allowance: AllowanceId,
    taken: u64,
}

impl AllowanceUsage {
    /// So many units of it are taken.
    #[must_use]
    pub fn new(allowance: AllowanceId, taken: u64) -> Self {
        Self { allowance, taken }
    }

    /// The allowance.
    #[must_use]
    pub fn allowance(&self) -> &AllowanceId {
        &self.allowance
    }

    /// How many units are taken.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken
    }
}
