//! The channel or order form.

use crate::key::ChannelId;

/// The order comes through one of these channels or order forms (S82).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    pub(crate) only: Vec<ChannelId>,
}

impl Channels {
    /// Allows only these; an empty list allows nothing.
    #[must_use]
    pub fn only(allowed: impl IntoIterator<Item = ChannelId>) -> Self {
        Self { only: allowed.into_iter().collect() }
    }

    /// The channels that are allowed.
    #[must_use]
    pub fn allowed(&self) -> &[ChannelId] {
        &self.only
    }
}
