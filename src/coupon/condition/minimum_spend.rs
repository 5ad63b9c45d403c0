//! Worth enough.

use crate::coupon::amounts::Amounts;
use crate::coupon::benefit::TaxView;
use crate::coupon::form::choices;

choices! {
    /// Which amount of a line a threshold looks at.
    pub enum Basis {
        /// After the discounts of the shop and before any coupon.
        Discounted = "discounted",
        /// At list price.
        List = "list",
        /// What is left at the coupon's turn, after earlier coupons.
        Remaining = "remaining",
    }
}

choices! {
    /// Which lines a threshold looks at.
    pub enum Range {
        /// The lines that the coupon acts on.
        Qualifying = "qualifying",
        /// Every line of the order.
        Order = "order",
    }
}

/// The order is worth at least so much (S17).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimumSpend {
    pub(crate) amounts: Amounts,
    pub(crate) basis: Basis,
    pub(crate) tax: TaxView,
    pub(crate) range: Range,
    pub(crate) inclusive: bool,
}

impl MinimumSpend {
    /// The threshold per currency.
    #[must_use]
    pub fn amounts(&self) -> &Amounts {
        &self.amounts
    }

    /// Which amount of a line it looks at.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// With or without tax.
    #[must_use]
    pub fn tax(&self) -> TaxView {
        self.tax
    }

    /// Which lines it looks at.
    #[must_use]
    pub fn range(&self) -> Range {
        self.range
    }

    /// Whether reaching the threshold exactly is enough.
    #[must_use]
    pub fn inclusive(&self) -> bool {
        self.inclusive
    }
}
