//! What a store tells of an account of loyalty points.

use serde::{Deserialize, Serialize};

/// An account of loyalty points: one for each customer, under the first of the keys that count.
///
/// ```
/// use vouchsafe::PointsBalance;
///
/// let points = PointsBalance::new(730, 500);
/// assert_eq!(points.available(), 230);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsBalance {
    balance: u64,
    held: u64,
}

impl PointsBalance {
    /// So many points, of which live holds have so many. For stores.
    #[must_use]
    pub fn new(balance: u64, held: u64) -> Self {
        Self { balance, held }
    }

    /// The points in the account.
    #[must_use]
    pub fn balance(self) -> u64 {
        self.balance
    }

    /// How many of them live holds have, which may come free again.
    #[must_use]
    pub fn held(self) -> u64 {
        self.held
    }

    /// How many can be redeemed: what [`PointsUse`](crate::PointsUse) wants.
    #[must_use]
    pub fn available(self) -> u64 {
        self.balance.saturating_sub(self.held)
    }
}

/// How a return or a void moved the points of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PointsReturned {
    /// Points that were redeemed on the order and are in the account again.
    pub given_back: u64,
    /// Points that the order had earned and that were taken out again.
    pub taken_back: u64,
    /// Points that were to be taken out and were not there any more: a balance is never below zero. What becomes of them
    /// is for the host to decide.
    pub shortfall: u64,
}

/// The answer to [`return_points`](crate::MemoryStore::return_points).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReturnPoints {
    /// The account was moved.
    Returned(PointsReturned),
    /// It was moved by this very return before. Nothing was changed.
    AlreadyReturned(PointsReturned),
    /// The id stands for another return of this order. Nothing was changed.
    Different,
    /// Nothing is recorded under the reference that moved points.
    NotRecorded,
}
