//! The customer.

use crate::coupon::pending::IdentityKey;

/// The customer has one of these identity keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customers {
    pub(crate) only: Vec<IdentityKey>,
}

impl Customers {
    /// Allows only these; an empty list allows nobody.
    #[must_use]
    pub fn only(allowed: impl IntoIterator<Item = IdentityKey>) -> Self {
        Self { only: allowed.into_iter().collect() }
    }

    /// The identity keys that are allowed.
    #[must_use]
    pub fn allowed(&self) -> &[IdentityKey] {
        &self.only
    }
}
