//! Which pieces a benefit acts on.

use crate::coupon::form::choices;
use crate::coupon::scope::Scope;

choices! {
    /// Which pieces go first where a benefit acts on a limited number of them.
    pub enum Pick {
        /// The cheapest.
        Cheapest = "cheapest",
        /// The dearest.
        Dearest = "dearest",
    }
}

/// Which pieces a benefit acts on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    pub(crate) scope: Option<Scope>,
    pub(crate) max_units: Option<u64>,
    pub(crate) max_units_per_line: Option<u64>,
    pub(crate) pick: Pick,
}

impl Target {
    /// Narrows the coupon's scope for this benefit.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The most pieces in all; `None`: every piece.
    #[must_use]
    pub fn max_units(&self) -> Option<u64> {
        self.max_units
    }

    /// The most pieces of one line; `None`: every piece.
    #[must_use]
    pub fn max_units_per_line(&self) -> Option<u64> {
        self.max_units_per_line
    }

    /// Which pieces go first.
    #[must_use]
    pub fn pick(&self) -> Pick {
        self.pick
    }
}
