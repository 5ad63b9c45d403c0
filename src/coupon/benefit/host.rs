//! Amounts that the host computed.

use super::target::Target;
use crate::coupon::amounts::Amounts;

/// Amounts per line that the host computed and hands in with the code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostAmounts {
    pub(crate) max: Option<Amounts>,
    pub(crate) target: Target,
}

impl HostAmounts {
    /// The most that the host's figures may come to in all.
    #[must_use]
    pub fn max(&self) -> Option<&Amounts> {
        self.max.as_ref()
    }

    /// Which pieces it acts on.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }
}
