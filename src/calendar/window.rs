//! Windows of validity: half-open in UTC, whatever they were made from.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::parse::in_range;
use super::zone::Zone;
use crate::error::{Error, Why};

/// A stretch of time `[from, until)`: from its first instant until just before its last; either end may be open, and it
/// is never empty.
///
/// ```
/// use vouchsafe::{Phase, Window, Zone, parse_date, parse_instant};
///
/// let march = Window::days(&Zone::UTC, Some(parse_date("2026-03-01")?), Some(parse_date("2026-03-31")?))?;
/// assert_eq!(march.phase(parse_instant("2026-02-28T23:59:59Z")?), Phase::Scheduled);
/// assert_eq!(march.phase(parse_instant("2026-03-31T23:59:59Z")?), Phase::Live);
/// assert_eq!(march.phase(parse_instant("2026-04-01T00:00:00Z")?), Phase::Ended);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// Where an instant stands relative to a [`Window`].
///
/// ```
/// use vouchsafe::{Phase, Window, parse_instant};
///
/// assert_eq!(Window::ALWAYS.phase(parse_instant("2026-03-31T23:59:59Z")?), Phase::Live);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The window has not begun.
    Scheduled,
    /// The instant lies in the window.
    Live,
    /// The window is over.
    Ended,
}

impl Window {
    /// All of time.
    pub const ALWAYS: Self = Self { from: None, until: None };

    /// From the instant `starts_at` until just before `ends_at`; `None` leaves an end open.
    ///
    /// # Errors
    ///
    /// At the path `ends_at`: [`Why::EmptyWindow`] where it does not lie after `starts_at`. At either path:
    /// [`Why::BadTime`] outside the years 1 to 9999.
    ///
    /// ```
    /// use vouchsafe::{Window, parse_instant};
    ///
    /// let noon = parse_instant("2026-03-28T12:00:00Z")?;
    /// assert!(Window::instants(Some(noon), None)?.contains(noon));
    /// assert!(!Window::instants(None, Some(noon))?.contains(noon));
    /// assert!(Window::instants(Some(noon), Some(noon)).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn instants(starts_at: Option<DateTime<Utc>>, ends_at: Option<DateTime<Utc>>) -> Result<Self, Error> {
        for (path, instant) in [("starts_at", starts_at), ("ends_at", ends_at)] {
            if let Some(instant) = instant.filter(|instant| !in_range(instant.date_naive())) {
                return Err(Error::invalid(path, instant, Why::BadTime));
            }
        }
        match (starts_at, ends_at) {
            (Some(from), Some(until)) if until <= from => {
                Err(Error::invalid("ends_at", until.to_rfc3339(), Why::EmptyWindow))
            }
            (from, until) => Ok(Self { from, until }),
        }
    }

    /// From the local day `from` through the local day `thru`, both whole (S92); `None` leaves an end open.
    ///
    /// # Errors
    ///
    /// At the path `thru`: [`Why::EmptyWindow`] where it lies before `from`, [`Why::Impossible`] where the clocks skip
    /// every day of the window. At either path: [`Why::BadTime`] outside the years 1 to 9999.
    ///
    /// # Example: the last day counts whole
    ///
    /// ```
    /// # #[cfg(feature = "tz")] {
    /// use vouchsafe::{Window, Zone, parse_date, parse_instant};
    ///
    /// let berlin = Zone::named("Europe/Berlin")?;
    /// let window = Window::days(&berlin, None, Some(parse_date("2026-03-29")?))?;
    /// assert!(window.contains(parse_instant("2026-03-29T21:59:59Z")?));
    /// assert!(!window.contains(parse_instant("2026-03-29T22:00:00Z")?));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Example: a day that never was
    ///
    /// Samoa moved across the date line at the end of 29 December 2011 and went on with the 31st.
    ///
    /// ```
    /// # #[cfg(feature = "tz")] {
    /// use vouchsafe::{Window, Zone, parse_date};
    ///
    /// let apia = Zone::named("Pacific/Apia")?;
    /// let day = parse_date("2011-12-30")?;
    /// let error = Window::days(&apia, Some(day), Some(day)).unwrap_err();
    /// assert_eq!(error.to_string(), "`thru` is `2011-12-30`: can never apply: no such day in this time zone");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn days(zone: &Zone, from: Option<NaiveDate>, thru: Option<NaiveDate>) -> Result<Self, Error> {
        let bad = |path: &'static str| move |day: NaiveDate| Error::invalid(path, day, Why::BadTime);
        let start = from.map(|day| zone.day_start(day).map_err(|_| bad("from")(day))).transpose()?;
        let end = thru.map(|day| zone.day_end(day).map_err(|_| bad("thru")(day))).transpose()?;
        if let (Some(first), Some(last)) = (from, thru) {
            if last < first {
                return Err(Error::invalid("thru", last, Why::EmptyWindow));
            }
            if end <= start {
                return Err(Error::invalid("thru", last, Why::Impossible { because: "no such day in this time zone" }));
            }
        }
        Ok(Self { from: start, until: end })
    }

    /// A countdown from the instant of issue (S79): exactly `days` times 24 hours plus `hours`, whatever the clocks on
    /// the wall do meanwhile.
    ///
    /// # Errors
    ///
    /// At the path `countdown`: [`Why::Zero`] for no time at all, [`Why::BadTime`] where it ends after the year 9999. At
    /// the path `issued`: [`Why::BadTime`] outside the years 1 to 9999.
    ///
    /// ```
    /// use vouchsafe::{Window, parse_instant};
    ///
    /// let window = Window::countdown(parse_instant("2026-03-28T12:00:00Z")?, 2, 3)?;
    /// assert!(window.contains(parse_instant("2026-03-30T14:59:59Z")?));
    /// assert!(!window.contains(parse_instant("2026-03-30T15:00:00Z")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn countdown(issued: DateTime<Utc>, days: u32, hours: u32) -> Result<Self, Error> {
        if !in_range(issued.date_naive()) {
            return Err(Error::invalid("issued", issued, Why::BadTime));
        }
        let error = |why| Error::invalid("countdown", format_args!("{days} d {hours} h"), why);
        if days == 0 && hours == 0 {
            return Err(error(Why::Zero));
        }
        // Added one after the other and checked each time: the sum of both lengths could pass the end of time.
        let until = TimeDelta::try_days(i64::from(days))
            .and_then(|days| issued.checked_add_signed(days))
            .and_then(|at| at.checked_add_signed(TimeDelta::try_hours(i64::from(hours))?))
            .filter(|until| in_range(until.date_naive()))
            .ok_or_else(|| error(Why::BadTime))?;
        Ok(Self { from: Some(issued), until: Some(until) })
    }

    /// The first instant that belongs to the window; `None` if it was always open.
    #[must_use]
    pub fn from(&self) -> Option<DateTime<Utc>> {
        self.from
    }

    /// The first instant that no longer belongs to the window; `None` if it never ends.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// Whether the instant lies in the window.
    ///
    /// ```
    /// use vouchsafe::{Window, parse_instant};
    ///
    /// assert!(Window::ALWAYS.contains(parse_instant("2026-03-28T12:00:00Z")?));
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.phase(at) == Phase::Live
    }

    /// Whether the window is still to come, open, or over at this instant.
    ///
    /// ```
    /// use vouchsafe::{Phase, Window, parse_instant};
    ///
    /// let end = parse_instant("2026-03-28T12:00:00Z")?;
    /// assert_eq!(Window::instants(None, Some(end))?.phase(end), Phase::Ended);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn phase(&self, at: DateTime<Utc>) -> Phase {
        if self.from.is_some_and(|from| at < from) {
            Phase::Scheduled
        } else if self.until.is_some_and(|until| at >= until) {
            Phase::Ended
        } else {
            Phase::Live
        }
    }

    /// The time that lies in both windows; `None` if there is none.
    ///
    /// ```
    /// use vouchsafe::{Window, parse_instant};
    ///
    /// let noon = parse_instant("2026-03-28T12:00:00Z")?;
    /// let (before, after) = (Window::instants(None, Some(noon))?, Window::instants(Some(noon), None)?);
    /// assert_eq!(before.intersect(&after), None); // they touch, but share no instant
    /// assert_eq!(before.intersect(&Window::ALWAYS), Some(before));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        // An open beginning (`None`) sorts before every instant, but an open end must sort after every one.
        let from = self.from.max(other.from);
        let until = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match (from, until) {
            (Some(from), Some(until)) if until <= from => None,
            _ => Some(Self { from, until }),
        }
    }

    /// The local date of the last instant in the window: what "expires on" shows a shopper (S87); `None` if it never
    /// ends.
    ///
    /// # Example: a countdown that ends at midnight
    ///
    /// ```
    /// use vouchsafe::{Window, Zone, parse_instant};
    ///
    /// let window = Window::countdown(parse_instant("2026-03-28T00:00:00Z")?, 1, 0)?;
    /// assert_eq!(window.last_day(&Zone::UTC).map(|day| day.to_string()).as_deref(), Some("2026-03-28"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn last_day(&self, zone: &Zone) -> Option<NaiveDate> {
        let until = self.until?;
        let last = until.checked_sub_signed(TimeDelta::nanoseconds(1)).unwrap_or(until);
        Some(zone.local_date(last))
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::ALWAYS
    }
}

/// The instant exactly `days` times 24 hours before `at`: where "in the last 30 days" begins.
///
/// A length of time, not a number of calendar days, so that it means the same in every zone and in every week of the
/// year. Before the beginning of representable time, the answer is that beginning.
///
/// ```
/// use vouchsafe::{days_before, parse_instant};
///
/// let at = parse_instant("2026-03-30T15:00:00Z")?;
/// assert_eq!(days_before(at, 30), parse_instant("2026-02-28T15:00:00Z")?);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[must_use]
pub fn days_before(at: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    TimeDelta::try_days(i64::from(days))
        .and_then(|days| at.checked_sub_signed(days))
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}

#[cfg(test)]
mod tests {
    use super::super::parse::{parse_date, parse_instant};
    use super::*;

    fn date(text: &str) -> Option<NaiveDate> {
        Some(parse_date(text).unwrap())
    }

    fn instant(text: &str) -> DateTime<Utc> {
        parse_instant(text).unwrap()
    }

    fn path_and_why(answer: Result<Window, Error>) -> (String, Why) {
        match answer.unwrap_err() {
            Error::Invalid(field) => (field.path, field.why),
            other => panic!("{other}"),
        }
    }

    /// V16.
    #[test]
    fn a_countdown_is_exact() {
        let window = Window::countdown(instant("2026-03-28T12:00:00Z"), 2, 3).unwrap();
        assert_eq!(window.phase(instant("2026-03-28T11:59:59Z")), Phase::Scheduled);
        assert_eq!(window.phase(instant("2026-03-28T12:00:00Z")), Phase::Live);
        assert_eq!(window.phase(instant("2026-03-30T14:59:59.999999999Z")), Phase::Live);
        assert_eq!(window.phase(instant("2026-03-30T15:00:00Z")), Phase::Ended);
        assert_eq!(window, Window::countdown(instant("2026-03-28T12:00:00Z"), 0, 51).unwrap());
    }

    /// Trap 21: an end date that ends when its day begins.
    #[test]
    fn the_last_day_counts_whole() {
        let window = Window::days(&Zone::UTC, date("2026-03-29"), date("2026-03-29")).unwrap();
        assert!(!window.contains(instant("2026-03-28T23:59:59Z")));
        assert!(window.contains(instant("2026-03-29T00:00:00Z")));
        assert!(window.contains(instant("2026-03-29T23:59:59.999999999Z")));
        assert!(!window.contains(instant("2026-03-30T00:00:00Z")));
        assert_eq!(window.last_day(&Zone::UTC), date("2026-03-29"));
        assert_eq!(window.last_day(&Zone::named("+01:00").unwrap()), date("2026-03-30"));
    }

    #[test]
    fn open_ends_stay_open() {
        let early = DateTime::<Utc>::MIN_UTC;
        let late = DateTime::<Utc>::MAX_UTC;
        assert!(Window::ALWAYS.contains(early) && Window::ALWAYS.contains(late));
        assert_eq!(Window::days(&Zone::UTC, None, None).unwrap(), Window::ALWAYS);
        assert_eq!(Window::instants(None, None).unwrap(), Window::default());
        let from = Window::days(&Zone::UTC, date("2026-01-01"), None).unwrap();
        assert_eq!(
            (from.phase(early), from.phase(late), from.last_day(&Zone::UTC)),
            (Phase::Scheduled, Phase::Live, None)
        );
        let thru = Window::days(&Zone::UTC, None, date("2026-01-01")).unwrap();
        assert_eq!((thru.phase(early), thru.phase(late)), (Phase::Live, Phase::Ended));
        assert_eq!((thru.from(), thru.until()), (None, Some(instant("2026-01-02T00:00:00Z"))));
    }

    #[test]
    fn empty_windows_do_not_exist() {
        let day = instant("2026-03-28T12:00:00Z");
        let backwards = Window::days(&Zone::UTC, date("2026-03-29"), date("2026-03-28"));
        assert_eq!(path_and_why(backwards), ("thru".to_owned(), Why::EmptyWindow));
        assert_eq!(path_and_why(Window::instants(Some(day), Some(day))), ("ends_at".to_owned(), Why::EmptyWindow));
        assert_eq!(path_and_why(Window::countdown(day, 0, 0)), ("countdown".to_owned(), Why::Zero));
        let moment = Window::instants(Some(day), Some(day + TimeDelta::nanoseconds(1))).unwrap();
        assert!(moment.contains(day));
    }

    #[test]
    fn extremes_are_typed_errors() {
        let bad = |path: &str| (path.to_owned(), Why::BadTime);
        let day = instant("2026-03-28T12:00:00Z");
        let (early, late) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert_eq!(path_and_why(Window::instants(Some(early), None)), bad("starts_at"));
        assert_eq!(path_and_why(Window::instants(None, Some(late))), bad("ends_at"));
        assert_eq!(path_and_why(Window::days(&Zone::UTC, Some(NaiveDate::MIN), None)), bad("from"));
        assert_eq!(path_and_why(Window::days(&Zone::UTC, None, Some(NaiveDate::MAX))), bad("thru"));
        assert_eq!(path_and_why(Window::countdown(day, u32::MAX, u32::MAX)), bad("countdown"));
        assert_eq!(path_and_why(Window::countdown(day, 0, u32::MAX)), bad("countdown"));
        assert_eq!(path_and_why(Window::countdown(late, 0, 1)), bad("issued"));
        assert_eq!(path_and_why(Window::countdown(early, 0, 1)), bad("issued"));
        // "For ever", as many a shop writes it, is a window like any other.
        let ever = Window::days(&Zone::UTC, date("0001-01-01"), date("9999-12-31")).unwrap();
        assert!(ever.contains(day) && !ever.contains(early) && !ever.contains(late));
        assert_eq!(ever.last_day(&Zone::UTC), date("9999-12-31"));
    }

    /// Whole days at the ends of time pass them in most zones; what is written of them must be readable.
    #[test]
    fn for_ever_can_be_written_and_read() {
        for zone in ["+00:00", "+14:00", "-12:00"].map(|zone| Zone::named(zone).unwrap()) {
            let ever = Window::days(&zone, date("0001-01-01"), date("9999-12-31")).unwrap();
            let (from, until) = (ever.from().unwrap(), ever.until().unwrap());
            for edge in [from, until] {
                let written = serde_json::to_value(edge).unwrap();
                assert_eq!(crate::calendar::parse_instant(written.as_str().unwrap()), Ok(edge), "{}", zone.name());
            }
            assert_eq!(Window::instants(Some(from), Some(until)), Ok(ever));
            assert_eq!(ever.last_day(&zone), date("9999-12-31"));
            assert!(ever.contains(instant("9999-12-31T09:59:59Z")) && ever.contains(instant("0001-01-01T12:00:00Z")));
            assert!(Window::days(&zone, date("0001-01-01"), date("0001-01-01")).is_ok());
            assert!(Window::days(&zone, date("9999-12-31"), date("9999-12-31")).is_ok());
        }
    }

    #[test]
    fn windows_meet_in_what_both_allow() {
        let [a, b, c, d] = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
            .map(|day| Some(instant(&format!("{day}T00:00:00Z"))));
        let window = |from, until| Window::instants(from, until).unwrap();
        for (one, other, both) in [
            (window(a, c), window(b, d), Some(window(b, c))),
            (window(a, d), window(b, c), Some(window(b, c))),
            (window(a, b), window(c, d), None),
            (window(a, b), window(b, c), None),
            (window(None, c), window(b, None), Some(window(b, c))),
            (window(None, b), window(None, c), Some(window(None, b))),
            (window(b, None), window(c, None), Some(window(c, None))),
            (Window::ALWAYS, window(a, b), Some(window(a, b))),
        ] {
            assert_eq!(one.intersect(&other), both);
            assert_eq!(other.intersect(&one), both);
        }
    }

    #[test]
    fn days_before_is_a_length_of_time() {
        let at = instant("2026-03-30T15:00:00Z");
        assert_eq!(days_before(at, 0), at);
        assert_eq!(days_before(at, 1), instant("2026-03-29T15:00:00Z"));
        assert_eq!(days_before(at, 365), instant("2025-03-30T15:00:00Z"));
        assert_eq!(days_before(at, u32::MAX), DateTime::<Utc>::MIN_UTC);
        assert_eq!(days_before(DateTime::<Utc>::MIN_UTC, 1), DateTime::<Utc>::MIN_UTC);
    }
}
