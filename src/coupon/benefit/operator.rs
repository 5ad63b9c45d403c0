//! An amount that an operator gives.

use super::target::Target;
use crate::coupon::amounts::Amounts;

/// An amount that an operator gives with the code, following instructions (S141).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorAmount {
    pub(crate) max: Option<Amounts>,
    pub(crate) instructions: String,
    pub(crate) target: Target,
}

impl OperatorAmount {
    /// The most the operator may give.
    #[must_use]
    pub fn max(&self) -> Option<&Amounts> {
        self.max.as_ref()
    }

    /// What the operator is told to do.
    #[must_use]
    pub fn instructions(&self) -> &str {
        &self.instructions
    }

    /// Which pieces it acts on.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }
}
