//! Pieces enough.

use super::minimum_spend::Range;
use crate::coupon::scope::Scope;

/// The order has at least so many pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimumQuantity {
    pub(crate) pieces: u64,
    pub(crate) range: Range,
    pub(crate) of: Option<Scope>,
}

impl MinimumQuantity {
    /// The least number of pieces.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.pieces
    }

    /// Which lines are counted.
    #[must_use]
    pub fn range(&self) -> Range {
        self.range
    }

    /// Counts only pieces of this scope, within the range.
    #[must_use]
    pub fn of(&self) -> Option<&Scope> {
        self.of.as_ref()
    }
}
