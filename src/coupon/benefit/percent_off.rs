//! A percentage off.

use super::target::Target;
use crate::coupon::amounts::Amounts;
use crate::coupon::form::choices;
use crate::coupon::pending::Percent;

choices! {
    /// What a percentage is taken of.
    pub enum PercentBase {
        /// What remains after earlier coupons: 10% and 10% are 19%.
        Remaining = "remaining",
        /// The amount before any coupon: 10% and 10% are 20%.
        Original = "original",
    }
}

/// A percentage off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PercentOff {
    pub(crate) off: Percent,
    pub(crate) base: PercentBase,
    pub(crate) cap: Option<Amounts>,
    pub(crate) include_shipping: bool,
    pub(crate) target: Target,
}

impl PercentOff {
    /// The percentage.
    #[must_use]
    pub fn off(&self) -> Percent {
        self.off
    }

    /// What it is taken of.
    #[must_use]
    pub fn base(&self) -> PercentBase {
        self.base
    }

    /// The most it gives in all.
    #[must_use]
    pub fn cap(&self) -> Option<&Amounts> {
        self.cap.as_ref()
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
