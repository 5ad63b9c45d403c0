//! No named zones: the feature `tz` is off. Twin of `zone_enabled.rs`.

use chrono::{FixedOffset, NaiveDateTime};

/// There are no zone data.
pub(super) const VERSION: Option<&str> = None;

/// A zone that cannot exist, so that every function on it is trivially right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Named {}

impl Named {
    /// Finds nothing.
    pub(super) fn find(_name: &str) -> Option<Self> {
        None
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {}
    }

    /// The offset in force at a UTC time.
    pub(super) fn offset_at(self, _utc: NaiveDateTime) -> FixedOffset {
        match self {}
    }

    /// The UTC offset with which a local time occurs first.
    pub(super) fn earliest_offset(self, _local: NaiveDateTime) -> Option<FixedOffset> {
        match self {}
    }
}
