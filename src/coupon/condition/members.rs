//! Membership.

use crate::key::MembershipId;

/// The customer is a member, of one of these groups or of any (S103).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    pub(crate) groups: Option<Vec<MembershipId>>,
}

impl Members {
    /// The groups that count; `None`: any membership, an empty list: none.
    #[must_use]
    pub fn groups(&self) -> Option<&[MembershipId]> {
        self.groups.as_deref()
    }
}
