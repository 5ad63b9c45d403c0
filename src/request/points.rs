//! What a customer wants to redeem of loyalty points.

use serde::{Deserialize, Serialize};

/// How many loyalty points a customer wants to redeem, and how many there are.
///
/// The balance is that of the customer's account without what other orders hold of it, as it was loaded; where it is too
/// low, the order is priced without points and says so. The store checks it again when the order is recorded.
///
/// In JSON `{"redeem": 500, "balance": 730}`.
///
/// ```
/// use vouchsafe::PointsUse;
///
/// let points: PointsUse = serde_json::from_str(r#"{"redeem": 500, "balance": 730}"#)?;
/// assert_eq!(points, PointsUse::new(500, 730));
/// assert!(serde_json::from_str::<PointsUse>(r#"{"redeem": -1, "balance": 730}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsUse {
    redeem: u64,
    balance: u64,
}

impl PointsUse {
    /// So many points of a balance. To redeem none is to ask for nothing.
    #[must_use]
    pub fn new(redeem: u64, balance: u64) -> Self {
        Self { redeem, balance }
    }

    /// How many points the customer wants to redeem.
    #[must_use]
    pub fn redeem(self) -> u64 {
        self.redeem
    }

    /// How many there are to redeem.
    #[must_use]
    pub fn balance(self) -> u64 {
        self.balance
    }
}
