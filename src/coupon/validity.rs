//! When a code can be used.

use chrono::{DateTime, NaiveDate, Utc};

/// When a code can be used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Validity {
    /// At any time (S77).
    #[default]
    Always,
    /// On local days, the last one inclusive.
    Days(DayRange),
    /// Between two instants.
    Instants(InstantRange),
    /// For a length of time from the moment the code was issued.
    Countdown(Countdown),
}

/// Local days of the merchant's time zone, both inclusive, each optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    pub(crate) from: Option<NaiveDate>,
    pub(crate) thru: Option<NaiveDate>,
}

impl DayRange {
    /// The first valid day.
    #[must_use]
    pub fn from(&self) -> Option<NaiveDate> {
        self.from
    }

    /// The last valid day.
    #[must_use]
    pub fn thru(&self) -> Option<NaiveDate> {
        self.thru
    }
}

/// Instants `[starts_at, ends_at)`, each optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstantRange {
    pub(crate) starts_at: Option<DateTime<Utc>>,
    pub(crate) ends_at: Option<DateTime<Utc>>,
}

impl InstantRange {
    /// The first valid instant.
    #[must_use]
    pub fn starts_at(&self) -> Option<DateTime<Utc>> {
        self.starts_at
    }

    /// The first instant that is no longer valid.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.ends_at
    }
}

/// A length of time from the moment a code was issued (S79).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Countdown {
    pub(crate) days: u32,
    pub(crate) hours: u32,
}

impl Countdown {
    /// Days of 24 hours.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }

    /// Hours beside the days.
    #[must_use]
    pub fn hours(&self) -> u32 {
        self.hours
    }
}
