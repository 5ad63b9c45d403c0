//! How long the periods of a report are.

use chrono::{DateTime, NaiveDate, Utc};

use crate::calendar::{Period, Zone};
use crate::form::choices;

choices! {
    /// How long the periods of a report are, on the merchant's calendar. Each is named by its first local day.
    ///
    /// ```
    /// use vouchsafe::{Granularity, Zone, parse_date, parse_instant};
    ///
    /// // 1 January 2026 is a Thursday; its ISO week began on the Monday before.
    /// let new_year = parse_instant("2026-01-01T00:30:00Z")?;
    /// assert_eq!(Granularity::Week.first_day(&Zone::UTC, new_year), parse_date("2025-12-29")?);
    /// // In New York it was still the old year.
    /// let west = Zone::named("-05:00")?;
    /// assert_eq!(Granularity::Day.first_day(&west, new_year), parse_date("2025-12-31")?);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub enum Granularity {
        /// Local days.
        Day = "day",
        /// Weeks from Monday on, as ISO 8601 has them.
        Week = "week",
        /// Calendar months.
        Month = "month",
        /// Calendar quarters.
        Quarter = "quarter",
        /// Calendar years.
        Year = "year",
    }
}

impl Granularity {
    /// The first local day of the period that an instant lies in.
    #[must_use]
    pub fn first_day(self, zone: &Zone, at: DateTime<Utc>) -> NaiveDate {
        let period = match self {
            Self::Day => Period::Day,
            Self::Week => Period::Week,
            Self::Month => Period::Month,
            Self::Quarter => Period::Quarter,
            Self::Year => Period::Year,
        };
        period.at(zone, at).0
    }
}
