//! A customer type that a coupon assigns.

use crate::key::CustomerTypeId;

use super::form::choices;

choices! {
    /// When an assigned customer type takes effect.
    pub enum AssignWhen {
        /// When the redemption is committed.
        OnCommit = "on_commit",
        /// In the very evaluation that accepts the code: prices and visibility follow the new type (S6).
        BeforePricing = "before_pricing",
        /// From the next order on.
        NextOrder = "next_order",
    }
}

/// A customer type that redeeming the coupon assigns (S1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeAssignment {
    pub(crate) to: CustomerTypeId,
    pub(crate) when: AssignWhen,
}

impl TypeAssignment {
    /// Assigns `to` at the given moment.
    #[must_use]
    pub fn new(to: CustomerTypeId, when: AssignWhen) -> Self {
        Self { to, when }
    }

    /// The type the customer gets.
    #[must_use]
    pub fn to(&self) -> &CustomerTypeId {
        &self.to
    }

    /// When it takes effect.
    #[must_use]
    pub fn when(&self) -> AssignWhen {
        self.when
    }
}
