//! How much a customer may buy: at one time ([`QuantityRule`]), and over a window of time ([`Allowance`]).
//!
//! Both count indivisible units: pieces, and a measured line as one.

mod bounds;
mod definition;
mod rule;
mod usage;
mod window;

pub(crate) use bounds::{Available, Bounds, Ledger, Limit, Quantities, Standby};
pub use definition::{Allowance, AllowancePer};
pub(super) use rule::NO_FIGURE;
pub use rule::QuantityRule;
pub(crate) use rule::round_down;
pub use usage::AllowanceUsage;
pub use window::AllowanceWindow;

use window::PreparedWindow;

use crate::form::choices;

choices! {
    /// What becomes of a quantity above what is allowed. In JSON by name: `"refuse"` or `"cap"`.
    ///
    /// ```
    /// use vouchsafe::Excess;
    ///
    /// assert_eq!(Excess::default(), Excess::Refuse);
    /// assert_eq!(serde_json::to_string(&Excess::Cap)?, r#""cap""#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum Excess {
        /// The lines are refused, and the order cannot be placed as it is.
        Refuse = "refuse",
        /// As much as is allowed is sold, earlier lines first; the outcome tells what was requested.
        Cap = "cap",
    }
}
