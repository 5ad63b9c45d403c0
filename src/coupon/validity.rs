//! When a code can be used.
//!
//! Two clocks are in use. A campaign ends on a *day*, and shoppers take its last day to last until midnight where the
//! shop is (S92, S138): [`DayRange`]. A code that is promised "for two days and three hours" runs from the *instant* it
//! was issued, whatever the calendar says (S79): [`Countdown`]. [`InstantRange`] is for hosts that have worked out the
//! instants themselves.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::calendar::{Window, Zone, read_date, read_instant};
use crate::error::{Error, Why};

use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, serde_by_form, tagged};

/// When a code can be used.
///
/// In JSON `{"from": "2026-01-01", "thru": "2026-12-31"}`, `{"starts_at": "2026-01-01T09:00:00Z"}`, or
/// `{"countdown": {"days": 2, "hours": 3}}`; the three do not mix (S78). Absent is any time.
///
/// ```
/// use vouchsafe::Validity;
///
/// let spring: Validity = serde_json::from_str(r#"{"from": "2026-03-01", "thru": "2026-05-31"}"#)?;
/// assert!(matches!(spring, Validity::Days(days) if days.thru() == "2026-05-31".parse().ok()));
///
/// let mixed = serde_json::from_str::<Validity>(r#"{"thru": "2026-05-31", "countdown": {"days": 2}}"#).unwrap_err();
/// assert_eq!(mixed.to_string(), "`countdown` is `{..}`: not allowed together with dates");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Validity {
    /// At any time (S77).
    #[default]
    Always,
    /// On local days, the last one inclusive (S70, S92).
    Days(DayRange),
    /// Between two instants.
    Instants(InstantRange),
    /// For a length of time from the moment the code was issued (S79).
    Countdown(Countdown),
}

impl Validity {
    /// Its dates as a window in the merchant's zone. A countdown has none before a code is issued: any time.
    ///
    /// # Errors
    /// Days that the zone's clocks skip, or that lie outside of representable time; the path is that of the field.
    pub(crate) fn window_in(&self, zone: &Zone) -> Result<Window, Error> {
        match self {
            Self::Always | Self::Countdown(_) => Ok(Window::ALWAYS),
            Self::Days(days) => Window::days(zone, days.from, days.thru),
            Self::Instants(range) => Window::instants(range.starts_at, range.ends_at),
        }
    }
}

impl Form for Validity {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            if f.has("from") || f.has("thru") {
                f.forbid("starts_at", "dates");
                f.forbid("ends_at", "dates");
                f.forbid("countdown", "dates");
                read_days(f).map(Self::Days)
            } else if f.has("starts_at") || f.has("ends_at") {
                f.forbid("countdown", "instants");
                read_instants(f).map(Self::Instants)
            } else {
                f.has("countdown");
                Some(f.optional("countdown").map_or(Self::Always, Self::Countdown))
            }
        })
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Always => Writer::default().end(),
            Self::Days(days) => {
                Writer::default().put_some("from", days.from.as_ref()).put_some("thru", days.thru.as_ref()).end()
            }
            Self::Instants(range) => Writer::default()
                .put_some("starts_at", range.starts_at.as_ref())
                .put_some("ends_at", range.ends_at.as_ref())
                .end(),
            Self::Countdown(countdown) => tagged("countdown", countdown.write()),
        }
    }
}

/// Local days of the merchant's time zone, both inclusive, each optional (S77).
///
/// ```
/// use vouchsafe::{DayRange, parse_date};
///
/// let day = parse_date("2026-03-29")?;
/// assert!(DayRange::new(Some(day), Some(day)).is_ok()); // one whole day (S137)
/// assert!(DayRange::new(Some(day), day.pred_opt()).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    pub(crate) from: Option<NaiveDate>,
    pub(crate) thru: Option<NaiveDate>,
}

impl DayRange {
    /// Days from the first to the last, both inclusive.
    ///
    /// # Errors
    /// [`Why::EmptyWindow`] at `thru` where it lies before `from` (S137).
    pub fn new(from: Option<NaiveDate>, thru: Option<NaiveDate>) -> Result<Self, Error> {
        match (from, thru) {
            (Some(from), Some(thru)) if thru < from => Err(Error::invalid("thru", thru, Why::EmptyWindow)),
            _ => Ok(Self { from, thru }),
        }
    }

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

/// Instants `[starts_at, ends_at)`: the start is valid, the end no longer is; each optional.
///
/// ```
/// use vouchsafe::{InstantRange, parse_instant};
///
/// let noon = parse_instant("2026-03-28T12:00:00Z")?;
/// assert!(InstantRange::new(Some(noon), None).is_ok());
/// assert!(InstantRange::new(Some(noon), Some(noon)).is_err()); // no instant lies in there
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstantRange {
    pub(crate) starts_at: Option<DateTime<Utc>>,
    pub(crate) ends_at: Option<DateTime<Utc>>,
}

impl InstantRange {
    /// From the first valid instant to the first that no longer is.
    ///
    /// # Errors
    /// [`Why::EmptyWindow`] at `ends_at` where it does not lie after `starts_at`.
    pub fn new(starts_at: Option<DateTime<Utc>>, ends_at: Option<DateTime<Utc>>) -> Result<Self, Error> {
        match (starts_at, ends_at) {
            (Some(start), Some(end)) if end <= start => Err(Error::invalid("ends_at", end, Why::EmptyWindow)),
            _ => Ok(Self { starts_at, ends_at }),
        }
    }

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

/// A length of time from the moment a code was issued (S79); a day is 24 hours, so that a summer-time change does not
/// stretch it.
///
/// Everyone has the same length, whenever the code was issued. For personal codes and for batches; a code that is
/// shared has no moment of issue.
///
/// ```
/// use vouchsafe::Countdown;
///
/// let countdown = Countdown::new(2, 3)?;
/// assert_eq!((countdown.days(), countdown.hours()), (2, 3));
/// assert!(Countdown::new(0, 0).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Countdown {
    pub(crate) days: u32,
    pub(crate) hours: u32,
}

impl Countdown {
    /// The most days, and the most hours beside them: a hundred years.
    pub const MAX_DAYS: u32 = 36_500;

    /// So many days and hours.
    ///
    /// # Errors
    /// [`Why::Zero`] at `days` for no time at all; [`Why::OutOfRange`] above a hundred years of either.
    pub fn new(days: u32, hours: u32) -> Result<Self, Error> {
        let too_long = |max: u32| Why::OutOfRange { min: "0".to_owned(), max: max.to_string() };
        let max_hours = Self::MAX_DAYS.saturating_mul(24);
        if days == 0 && hours == 0 {
            Err(Error::invalid("days", days, Why::Zero))
        } else if days > Self::MAX_DAYS {
            Err(Error::invalid("days", days, too_long(Self::MAX_DAYS)))
        } else if hours > max_hours {
            Err(Error::invalid("hours", hours, too_long(max_hours)))
        } else {
            Ok(Self { days, hours })
        }
    }

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

impl Form for Countdown {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (days, hours): (Option<Option<u32>>, _) =
                (f.optional_or_reported("days"), f.optional_or_reported("hours"));
            let made = Self::new(days?.unwrap_or(0), hours?.unwrap_or(0));
            f.accept_at(&["days", "hours"], made)
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put_unless_default("days", &self.days).put_unless_default("hours", &self.hours).end()
    }
}

serde_by_form!(Validity, Countdown);

fn read_days(f: &mut Fields<'_, '_>) -> Option<DayRange> {
    let (from, thru) = (f.optional_or_reported("from"), f.optional_or_reported("thru"));
    f.accept_at(&["thru"], DayRange::new(from?, thru?))
}

fn read_instants(f: &mut Fields<'_, '_>) -> Option<InstantRange> {
    let (start, end) = (f.optional_or_reported("starts_at"), f.optional_or_reported("ends_at"));
    f.accept_at(&["ends_at"], InstantRange::new(start?, end?))
}

impl Form for NaiveDate {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        read_date(check.text(value)?).map_err(|why| check.report(value, why)).ok()
    }

    fn write(&self) -> DraftValue {
        self.to_string().into()
    }
}

impl Form for DateTime<Utc> {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        read_instant(check.text(value)?).map_err(|why| check.report(value, why)).ok()
    }

    fn write(&self) -> DraftValue {
        self.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves S77, S78, S137.
    #[test]
    fn dates_instants_and_countdowns_are_checked() {
        for (json, error) in [
            (r#"{}"#, ""),
            (r#"{"from":"2026-03-29","thru":"2026-03-29"}"#, ""),
            (r#"{"thru":"2026-03-29"}"#, ""),
            (r#"{"from":"2026-03-30","thru":"2026-03-29"}"#, "`thru` is `2026-03-29`: ends before it begins"),
            (
                r#"{"from":"2026-02-30","thru":7}"#,
                "`from` is `2026-02-30`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z; \
                 `thru` is `7`: expected a string",
            ),
            (r#"{"starts_at":"2026-03-29T00:00:00Z"}"#, ""),
            (
                r#"{"starts_at":"2026-03-29T00:00:00Z","ends_at":"2026-03-29T00:00:00Z"}"#,
                "`ends_at` is `2026-03-29T00:00:00Z`: ends before it begins",
            ),
            (
                r#"{"from":"2026-03-29","ends_at":"2026-03-29T00:00:00Z"}"#,
                "`ends_at` is `2026-03-29T00:00:00Z`: not allowed together with dates",
            ),
            (
                r#"{"countdown":{"days":1},"ends_at":"2026-03-29T00:00:00Z"}"#,
                "`countdown` is `{..}`: not allowed together with instants",
            ),
            (r#"{"countdown":{"hours":48}}"#, ""),
            (r#"{"countdown":{}}"#, "`countdown.days` is ``: zero"),
            (r#"{"countdown":{"days":0,"hours":0}}"#, "`countdown.days` is `0`: zero"),
            (r#"{"countdown":{"days":36501}}"#, "`countdown.days` is `36501`: not between 0 and 36500"),
            (r#"{"countdown":{"hours":-1}}"#, "`countdown.hours` is `-1`: negative"),
            (
                r#"{"until":"2026-03-29"}"#,
                "`until` is `2026-03-29`: unknown field, known: `from`, `thru`, `starts_at`, `ends_at`, `countdown`",
            ),
        ] {
            let read = serde_json::from_str::<Validity>(json);
            assert_eq!(read.map_or_else(|e| e.to_string(), |_| String::new()), error, "{json}");
        }
    }

    #[test]
    fn a_round_trip_is_identity() {
        for json in [
            r#"{}"#,
            r#"{"from":"2026-01-01"}"#,
            r#"{"starts_at":"2026-03-29T22:00:00Z","ends_at":"2026-03-29T22:00:00.001Z"}"#,
            r#"{"countdown":{"days":2,"hours":3}}"#,
        ] {
            let validity: Validity = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&validity).unwrap(), json);
        }
    }
}
