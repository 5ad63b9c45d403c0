//! The merchant's time zone, and when its days begin.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::parse::{in_range, representable};
use super::zone_data::Named;
use crate::error::{Error, Why};

/// No zone was ever further from UTC than this: Manila and Juneau kept 15 h 56 min and 15 h 02 min in the 19th century.
const FURTHEST_OFFSET: TimeDelta = TimeDelta::hours(16);

/// A time zone: UTC, a fixed offset, or with the feature `tz` an IANA name such as `Europe/Berlin`.
///
/// Serialises as its name. Prefer a name to an offset wherever clocks change in summer: `+01:00` is one hour wrong for
/// half of the year in Berlin.
///
/// ```
/// use vouchsafe::Zone;
///
/// assert_eq!(Zone::named("UTC")?, Zone::UTC);
/// assert_eq!(Zone::named("+05:30")?.name(), "+05:30");
/// # #[cfg(feature = "tz")]
/// assert_eq!(Zone::named("Europe/Berlin")?.name(), "Europe/Berlin");
/// assert!(Zone::named("Europe/Bärlin").is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "String")]
pub struct Zone(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// Whole minutes east of UTC, -1080 to 1080.
    Fixed {
        east_minutes: i16,
    },
    Named(Named),
}

impl Zone {
    /// Coordinated universal time: no summer time, every day has 24 hours.
    pub const UTC: Self = Self(Kind::Fixed { east_minutes: 0 });

    /// The zone of this name: `UTC` (or `Etc/UTC`, the same zone), an offset `+HH:MM` or `-HH:MM` up to 18 hours, or
    /// with the feature `tz` an IANA name, in exactly its own upper and lower case.
    ///
    /// # Errors
    ///
    /// [`Why::UnknownZone`] at the path `zone`.
    ///
    /// ```
    /// use vouchsafe::Zone;
    ///
    /// assert_eq!(Zone::named("+00:00")?.name(), "UTC");
    /// let error = Zone::named("Mars/Olympus").unwrap_err();
    /// assert_eq!(error.to_string(), "`zone` is `Mars/Olympus`: not a known time zone");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn named(name: &str) -> Result<Self, Error> {
        if matches!(name, "UTC" | "Etc/UTC") {
            return Ok(Self::UTC);
        }
        parse_offset(name)
            .map(|east_minutes| Kind::Fixed { east_minutes })
            .or_else(|| Named::find(name).map(Kind::Named))
            .map(Self)
            .ok_or_else(|| Error::invalid("zone", name, Why::UnknownZone))
    }

    /// The name that [`named`](Self::named) reads back: `UTC`, `+02:00` or `Europe/Berlin`.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self.0 {
            Kind::Fixed { east_minutes: 0 } => Cow::Borrowed("UTC"),
            Kind::Fixed { east_minutes } => {
                let sign = if east_minutes < 0 { '-' } else { '+' };
                let minutes = east_minutes.unsigned_abs();
                Cow::Owned(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
            }
            Kind::Named(zone) => Cow::Borrowed(zone.name()),
        }
    }

    /// The instant at which a local day begins.
    ///
    /// Mostly 00:00, but not always: where the clocks are set forward at midnight the day begins later, with the first
    /// instant whose local time is past it. Where midnight comes twice, the day begins with the first. Where the whole
    /// day is skipped, it begins when the next one does, and is empty. East of Greenwich the first day there is begins in
    /// the year 0 by UTC; what stands for that is the first instant of the year 1.
    ///
    /// # Errors
    ///
    /// [`Why::BadTime`] at the path `date` for a date outside the years 1 to 9999.
    ///
    /// # Example: a day without midnight
    ///
    /// Cairo began summer time in 2024 by skipping from 00:00 to 01:00, so that 26 April began at 01:00 local time.
    ///
    /// ```
    /// # #[cfg(feature = "tz")] {
    /// use vouchsafe::{Zone, parse_date};
    ///
    /// let cairo = Zone::named("Africa/Cairo")?;
    /// let start = cairo.day_start(parse_date("2024-04-26")?)?;
    /// assert_eq!(start.to_rfc3339(), "2024-04-25T22:00:00+00:00");
    /// assert_eq!(cairo.local_date_time(start).to_string(), "2024-04-26 01:00:00");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn day_start(&self, date: NaiveDate) -> Result<DateTime<Utc>, Error> {
        let bad = || Error::invalid("date", date, Why::BadTime);
        if !in_range(date) {
            return Err(bad());
        }
        self.midnight(date).map(representable).ok_or_else(bad)
    }

    /// The instant at which a local day ends and the next one begins. The last day there is ends with the last instant of
    /// the year 9999, so that its end can be written like any other.
    ///
    /// # Errors
    ///
    /// As [`day_start`](Self::day_start); the last day there is, 9999-12-31, has an end.
    ///
    /// # Example: a day of 23 hours
    ///
    /// ```
    /// # #[cfg(feature = "tz")] {
    /// use vouchsafe::{Zone, parse_date};
    ///
    /// let berlin = Zone::named("Europe/Berlin")?;
    /// let day = parse_date("2026-03-29")?;
    /// assert_eq!(berlin.day_end(day)?.to_rfc3339(), "2026-03-29T22:00:00+00:00");
    /// assert_eq!((berlin.day_end(day)? - berlin.day_start(day)?).num_hours(), 23);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn day_end(&self, date: NaiveDate) -> Result<DateTime<Utc>, Error> {
        let bad = || Error::invalid("date", date, Why::BadTime);
        if !in_range(date) {
            return Err(bad());
        }
        date.succ_opt().and_then(|next| self.midnight(next)).map(representable).ok_or_else(bad)
    }

    /// The day on the merchant's wall calendar at this instant.
    ///
    /// ```
    /// use vouchsafe::{Zone, parse_instant};
    ///
    /// let at = parse_instant("2026-03-29T22:30:00Z")?;
    /// assert_eq!(Zone::UTC.local_date(at).to_string(), "2026-03-29");
    /// assert_eq!(Zone::named("+02:00")?.local_date(at).to_string(), "2026-03-30");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local_date_time(at).date()
    }

    /// The day and time on the merchant's wall at this instant.
    ///
    /// At the ends of chrono's own range, a quarter of a million years away, the UTC time stands in where the local one
    /// cannot be written.
    ///
    /// ```
    /// use vouchsafe::{Zone, parse_instant};
    ///
    /// let at = parse_instant("2026-07-01T12:00:00Z")?;
    /// assert_eq!(Zone::named("-03:30")?.local_date_time(at).to_string(), "2026-07-01 08:30:00");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn local_date_time(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let utc = at.naive_utc();
        match self.0 {
            Kind::Fixed { east_minutes } => utc.checked_add_signed(east(east_minutes)),
            Kind::Named(zone) => utc.checked_add_offset(zone.offset_at(utc)),
        }
        .unwrap_or(utc)
    }

    /// How many midnights lie between two instants: 0 on the same local day, negative where `later` is the earlier one.
    ///
    /// Counts days as people do, from one page of the calendar to another: from Monday 23:59 to Tuesday 00:01 is one
    /// day. For a length of time, see [`days_before`](crate::days_before).
    ///
    /// ```
    /// use vouchsafe::{Zone, parse_instant};
    ///
    /// let (evening, night) = (parse_instant("2026-07-01T23:59:00Z")?, parse_instant("2026-07-02T00:01:00Z")?);
    /// assert_eq!(Zone::UTC.days_between(evening, night), 1);
    /// assert_eq!(Zone::named("+02:00")?.days_between(evening, night), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn days_between(&self, earlier: DateTime<Utc>, later: DateTime<Utc>) -> i64 {
        self.local_date(later).signed_duration_since(self.local_date(earlier)).num_days()
    }

    /// The first instant of a date whose year is 1 to 10000.
    fn midnight(&self, date: NaiveDate) -> Option<DateTime<Utc>> {
        self.first(date.and_time(NaiveTime::MIN))
    }

    /// The first instant at which the wall shows a local time; where the clocks skip it, the first one past it.
    pub(super) fn first(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let utc = match self.0 {
            Kind::Fixed { east_minutes } => local.checked_sub_signed(east(east_minutes))?,
            Kind::Named(zone) => match zone.earliest_offset(local) {
                Some(offset) => local.checked_sub_offset(offset)?,
                None => end_of_gap(zone, local)?,
            },
        };
        Some(utc.and_utc())
    }

    /// How far the clocks are set back between two instants, and the first second after that; zero where they are not.
    pub(super) fn set_back(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<(TimeDelta, DateTime<Utc>)> {
        let east = |at: DateTime<Utc>| self.local_date_time(at).signed_duration_since(at.naive_utc());
        let (before, back) = (east(from), east(from).checked_sub(&east(until))?);
        let (mut low, mut high) = (from.timestamp(), until.timestamp());
        while back > TimeDelta::zero() && high.saturating_sub(low) > 1 {
            let middle = low.saturating_add(high.saturating_sub(low) / 2);
            let at = DateTime::from_timestamp(middle, 0)?;
            *(if east(at) == before { &mut low } else { &mut high }) = middle;
        }
        Some((back, DateTime::from_timestamp(high, 0)?)).filter(|(back, _)| *back > TimeDelta::zero())
    }
}

/// The first UTC second whose local time is `local` or later, where the clocks skip `local` itself.
///
/// Bisected to the second, because gaps begin and end at any second: Kiritimati skipped 40 minutes in 1979, and before
/// standard time offsets were counted in seconds.
fn end_of_gap(zone: Named, local: NaiveDateTime) -> Option<NaiveDateTime> {
    let local_at = |utc: NaiveDateTime| utc.checked_add_offset(zone.offset_at(utc));
    let (mut before, mut after) =
        (local.checked_sub_signed(FURTHEST_OFFSET)?, local.checked_add_signed(FURTHEST_OFFSET)?);
    loop {
        let seconds = after.signed_duration_since(before).num_seconds();
        if seconds <= 1 {
            return Some(after);
        }
        let middle = before.checked_add_signed(TimeDelta::try_seconds(seconds / 2)?)?;
        if local_at(middle)? < local {
            before = middle;
        } else {
            after = middle;
        }
    }
}

fn east(minutes: i16) -> TimeDelta {
    TimeDelta::minutes(i64::from(minutes))
}

/// `+HH:MM` or `-HH:MM` in minutes east; `-00:00` is refused, RFC 3339 gives it to an unknown offset.
fn parse_offset(text: &str) -> Option<i16> {
    const FURTHEST_MINUTES: i16 = 18 * 60;
    let number = |tens: u8, ones: u8| {
        let digit = |byte: u8| byte.is_ascii_digit().then(|| i16::from(byte & 0x0f));
        digit(tens)?.checked_mul(10)?.checked_add(digit(ones)?)
    };
    let &[sign, h1, h2, b':', m1, m2] = text.as_bytes() else { return None };
    let minutes = number(m1, m2).filter(|minutes| *minutes <= 59)?;
    let east = number(h1, h2)?.checked_mul(60)?.checked_add(minutes).filter(|east| *east <= FURTHEST_MINUTES)?;
    match sign {
        b'+' => Some(east),
        b'-' if east > 0 => east.checked_neg(),
        _ => None,
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::named(name)
    }
}

impl TryFrom<Cow<'_, str>> for Zone {
    type Error = Error;

    fn try_from(name: Cow<'_, str>) -> Result<Self, Error> {
        Self::named(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::{parse_date, parse_instant};
    use super::*;

    fn date(text: &str) -> NaiveDate {
        parse_date(text).unwrap()
    }

    fn instant(text: &str) -> DateTime<Utc> {
        parse_instant(text).unwrap()
    }

    #[test]
    fn offsets_are_read_strictly() {
        for (text, minutes) in [("+02:00", 120), ("-03:30", -210), ("+00:01", 1), ("+18:00", 1080), ("-18:00", -1080)] {
            assert_eq!(Zone::named(text).unwrap().0, Kind::Fixed { east_minutes: minutes }, "{text}");
            assert_eq!(Zone::named(text).unwrap().name(), text);
        }
        for text in
            ["", "Z", "utc", "+2:00", "+0200", "+02:60", "+18:01", "-00:00", "02:00", "+02:00 ", "+٠٢:٠٠", "−02:00"]
        {
            let error = Zone::named(text).unwrap_err();
            assert!(matches!(error, Error::Invalid(field) if field.path == "zone" && field.why == Why::UnknownZone));
        }
    }

    #[test]
    fn utc_has_one_form() {
        for text in ["UTC", "Etc/UTC", "+00:00"] {
            assert_eq!(Zone::named(text).unwrap(), Zone::UTC);
        }
        assert_eq!(Zone::default().to_string(), "UTC");
    }

    #[test]
    fn zones_are_json_strings() {
        for text in ["\"UTC\"", "\"-03:30\""] {
            let zone: Zone = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&zone).unwrap(), text);
        }
        let error = serde_json::from_str::<Zone>("\"Mars/Olympus\"").unwrap_err();
        assert!(error.to_string().starts_with("`zone` is `Mars/Olympus`: not a known time zone"), "{error}");
        assert!(serde_json::from_str::<Zone>("2").is_err());
    }

    #[test]
    fn fixed_offsets_have_plain_days() {
        let (east, west) = (Zone::named("+14:00").unwrap(), Zone::named("-12:00").unwrap());
        assert_eq!(east.day_start(date("2026-03-29")).unwrap(), instant("2026-03-28T10:00:00Z"));
        assert_eq!(west.day_start(date("2026-03-29")).unwrap(), instant("2026-03-29T12:00:00Z"));
        assert_eq!(west.day_end(date("2026-03-29")).unwrap(), instant("2026-03-30T12:00:00Z"));
        assert_eq!(east.local_date(instant("2026-03-28T10:00:00Z")), date("2026-03-29"));
        assert_eq!(east.local_date(instant("2026-03-28T09:59:59Z")), date("2026-03-28"));
    }

    #[test]
    fn extremes_are_typed_errors() {
        let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
        let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
        for name in ["UTC", "+18:00", "-18:00", "Pacific/Apia", "Asia/Manila", "America/Juneau"] {
            // Without the feature `tz` only the fixed offsets are there.
            let Ok(zone) = Zone::named(name) else { continue };
            assert!(zone.day_start(first).is_ok() && zone.day_end(last).is_ok());
            for outside in [NaiveDate::MIN, first.pred_opt().unwrap(), last.succ_opt().unwrap(), NaiveDate::MAX] {
                for answer in [zone.day_start(outside), zone.day_end(outside)] {
                    let error = answer.unwrap_err();
                    assert!(
                        matches!(error, Error::Invalid(field) if field.path == "date" && field.why == Why::BadTime)
                    );
                }
            }
            for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                assert!(zone.local_date_time(at).signed_duration_since(at.naive_utc()).abs() <= TimeDelta::hours(18));
            }
        }
    }

    #[test]
    fn days_between_counts_midnights() {
        let zone = Zone::named("-05:00").unwrap();
        let at = instant("2026-07-02T04:59:59Z"); // 23:59:59 on the 1st
        assert_eq!(zone.days_between(at, instant("2026-07-02T05:00:00Z")), 1);
        assert_eq!(zone.days_between(instant("2026-07-02T05:00:00Z"), at), -1);
        assert_eq!(zone.days_between(at, at), 0);
        assert_eq!(zone.days_between(instant("2025-07-02T05:00:00Z"), instant("2026-07-02T05:00:00Z")), 365);
    }
}
