//! An amount off.

use super::target::Target;
use crate::coupon::amounts::Amounts;
use crate::coupon::form::choices;

choices! {
    /// How often an amount is taken.
    pub enum Per {
        /// Once, shared over the qualifying lines (S62).
        Order = "order",
        /// Once on each qualifying line.
        Line = "line",
        /// Once on each qualifying piece.
        Unit = "unit",
    }
}

choices! {
    /// Whether an amount is meant with or without tax.
    pub enum TaxView {
        /// As the order's prices are.
        AsPriced = "as_priced",
        /// Without tax.
        Net = "net",
        /// With tax.
        Gross = "gross",
    }
}

choices! {
    /// How an amount per order is shared over the lines.
    pub enum Split {
        /// By what each line has left.
        Proportional = "proportional",
        /// The same for each line, as far as it has room.
        Even = "even",
    }
}

/// An amount off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountOff {
    pub(crate) off: Amounts,
    pub(crate) per: Per,
    pub(crate) tax: TaxView,
    pub(crate) split: Split,
    pub(crate) include_shipping: bool,
    pub(crate) target: Target,
}

impl AmountOff {
    /// The amount per currency.
    #[must_use]
    pub fn off(&self) -> &Amounts {
        &self.off
    }

    /// How often it is taken.
    #[must_use]
    pub fn per(&self) -> Per {
        self.per
    }

    /// With or without tax.
    #[must_use]
    pub fn tax(&self) -> TaxView {
        self.tax
    }

    /// How it is shared over the lines.
    #[must_use]
    pub fn split(&self) -> Split {
        self.split
    }

    /// Whether shipping lines are lowered as well.
    #[must_use]
    pub fn include_shipping(&self) -> bool {
        self.include_shipping
    }

    /// Which pieces it acts on.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }
}
