//! How often, by whom and up to what sum a coupon may be used.

use super::amounts::Amounts;
use super::form::choices;

choices! {
    /// What happens where a money budget or a number of units is nearly used up.
    pub enum WhenShort {
        /// The coupon grants what is left.
        Clip = "clip",
        /// The coupon is refused.
        Refuse = "refuse",
    }
}

/// Separate counters, each optional; absent is unlimited, and zero is a definition error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    pub(crate) total: Option<u64>,
    pub(crate) per_code: Option<u64>,
    pub(crate) per_customer: Option<u64>,
    pub(crate) per_customer_and_code: Option<u64>,
    pub(crate) codes: Option<u64>,
    pub(crate) units: Option<u64>,
    pub(crate) money: Option<Amounts>,
    pub(crate) when_short: WhenShort,
}

impl Limits {
    /// Uses of the definition in all.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Uses of each code.
    #[must_use]
    pub fn per_code(&self) -> Option<u64> {
        self.per_code
    }

    /// Uses of the definition by each customer.
    #[must_use]
    pub fn per_customer(&self) -> Option<u64> {
        self.per_customer
    }

    /// Uses of each code by each customer.
    #[must_use]
    pub fn per_customer_and_code(&self) -> Option<u64> {
        self.per_customer_and_code
    }

    /// Codes that may be issued in all (S81).
    #[must_use]
    pub fn codes(&self) -> Option<u64> {
        self.codes
    }

    /// Pieces that may be discounted in all.
    #[must_use]
    pub fn units(&self) -> Option<u64> {
        self.units
    }

    /// Money that may be given away in all, a budget per currency.
    #[must_use]
    pub fn money(&self) -> Option<&Amounts> {
        self.money.as_ref()
    }

    /// What happens where the budget or the pieces left are less than the coupon is worth.
    #[must_use]
    pub fn when_short(&self) -> WhenShort {
        self.when_short
    }
}
