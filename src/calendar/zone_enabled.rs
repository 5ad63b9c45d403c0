//! Named zones from the IANA data built into chrono-tz. Twin of `zone_disabled.rs`.

use chrono::{FixedOffset, LocalResult, NaiveDateTime, Offset, TimeZone};

/// The version of the zone data.
pub(super) const VERSION: Option<&str> = Some(chrono_tz::IANA_TZDB_VERSION);

/// A zone of the IANA data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Named(chrono_tz::Tz);

impl Named {
    /// The zone of exactly this name; names are case-sensitive.
    pub(super) fn find(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// Its IANA name.
    pub(super) fn name(self) -> &'static str {
        self.0.name()
    }

    /// The offset in force at a UTC time.
    pub(super) fn offset_at(self, utc: NaiveDateTime) -> FixedOffset {
        self.0.offset_from_utc_datetime(&utc).fix()
    }

    /// The UTC offset with which a local time occurs first; `None` where the clocks skip it.
    pub(super) fn earliest_offset(self, local: NaiveDateTime) -> Option<FixedOffset> {
        match self.0.offset_from_local_datetime(&local) {
            LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => Some(offset.fix()),
            LocalResult::None => None,
        }
    }
}
