//! Days that come back every year: birthdays and anniversaries, 29 February among them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::window::Window;
use super::zone::Zone;
use crate::error::{Error, Why};

/// A day of the year without a year, such as a birthday; 29 February is one of them.
///
/// In JSON the text `"02-29"`: month and day, two digits each.
///
/// ```
/// use vouchsafe::{LeapDay, MonthDay};
///
/// let birthday: MonthDay = "02-29".parse()?;
/// let day = birthday.in_year(2027, LeapDay::Feb28).map(|day| day.to_string());
/// assert_eq!(day.as_deref(), Some("2027-02-28"));
/// assert!(MonthDay::new(2, 30).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: u32,
    day: u32,
}

/// The day that stands for 29 February in the years that have none (S33).
///
/// ```
/// use vouchsafe::LeapDay;
///
/// assert_eq!(serde_json::to_string(&LeapDay::Mar1)?, r#""mar_1""#);
/// assert_eq!(LeapDay::default(), LeapDay::Feb28);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LeapDay {
    /// 28 February.
    #[default]
    #[serde(rename = "feb_28")]
    Feb28,
    /// 1 March.
    #[serde(rename = "mar_1")]
    Mar1,
}

/// A year that has every day there is.
const LEAP_YEAR: i32 = 2024;

impl MonthDay {
    /// Month and day, both counted from 1.
    ///
    /// # Errors
    /// [`Why::BadTime`] at the path `date` for a day that no year has.
    pub fn new(month: u32, day: u32) -> Result<Self, Error> {
        match NaiveDate::from_ymd_opt(LEAP_YEAR, month, day) {
            Some(_) => Ok(Self { month, day }),
            None => Err(Error::invalid("date", format_args!("{month:02}-{day:02}"), Why::BadTime)),
        }
    }

    /// The day of the year on which a date falls, such as the date of birth.
    #[must_use]
    pub fn of(date: NaiveDate) -> Self {
        Self { month: date.month(), day: date.day() }
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u32 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> u32 {
        self.day
    }

    /// The day in one year; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn in_year(self, year: i32, leap_day: LeapDay) -> Option<NaiveDate> {
        let instead = match leap_day {
            LeapDay::Feb28 => (2, 28),
            LeapDay::Mar1 => (3, 1),
        };
        let day = NaiveDate::from_ymd_opt(year, self.month, self.day)
            .or_else(|| NaiveDate::from_ymd_opt(year, instead.0, instead.1));
        day.filter(|_| (1..=9999).contains(&year))
    }

    /// The window of local days from so many before the day to so many after it that an instant lies in, with the year
    /// of the day itself: around 1 January it may be another one than that of the instant. Of windows that overlap, that
    /// of the earlier day.
    pub(crate) fn window_at(
        self,
        zone: &Zone,
        (before, after): (u32, u32),
        leap_day: LeapDay,
        at: DateTime<Utc>,
    ) -> Option<(i32, Window)> {
        let this_year = zone.local_date(at).year();
        [this_year.checked_sub(1), Some(this_year), this_year.checked_add(1)].into_iter().flatten().find_map(|year| {
            let day = self.in_year(year, leap_day)?;
            let first = day.checked_sub_days(Days::new(u64::from(before)))?;
            let last = day.checked_add_days(Days::new(u64::from(after)))?;
            let window = Window::days(zone, Some(first), Some(last)).ok()?;
            window.contains(at).then_some((year, window))
        })
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// Month and day as `02-29`, with exactly those digits.
impl FromStr for MonthDay {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |why| Error::invalid("date", text.escape_debug(), why);
        let two = |digits: &str| {
            let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse::<u32>().ok().filter(|_| plain)
        };
        let parts = text.split_once('-').and_then(|(month, day)| Some((two(month)?, two(day)?)));
        let Some((month, day)) = parts else {
            return Err(bad(Why::WrongKind { expected: "month and day, such as 02-29" }));
        };
        Self::new(month, day).map_err(|_| bad(Why::BadTime))
    }
}

impl Serialize for MonthDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_instant;

    fn at(text: &str) -> DateTime<Utc> {
        parse_instant(text).unwrap()
    }

    fn day(text: &str) -> MonthDay {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_read_strictly() {
        for text in ["01-01", "02-29", "12-31", "10-05"] {
            assert_eq!(day(text).to_string(), text);
            assert_eq!(serde_json::to_string(&day(text)).unwrap(), format!("\"{text}\""));
        }
        for text in ["", "2-9", "02/29", "2024-02-29", "+2-09", "02-29 ", "--02-29"] {
            let error = text.parse::<MonthDay>().unwrap_err().to_string();
            assert!(error.ends_with("expected month and day, such as 02-29"), "{error}");
        }
        for text in ["02-30", "04-31", "13-01", "00-10", "10-00"] {
            let error = text.parse::<MonthDay>().unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "`date` is `{text}`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z"
                )
            );
        }
        assert_eq!(MonthDay::of(NaiveDate::from_ymd_opt(1984, 2, 29).unwrap()), day("02-29"));
    }

    /// Proves the 29 February of S33.
    #[test]
    fn the_leap_day_is_what_was_stated_in_common_years() {
        for (year, leap_day, expected) in [
            (2028, LeapDay::Feb28, "2028-02-29"),
            (2028, LeapDay::Mar1, "2028-02-29"),
            (2027, LeapDay::Feb28, "2027-02-28"),
            (2027, LeapDay::Mar1, "2027-03-01"),
            (2100, LeapDay::Mar1, "2100-03-01"),
            (2000, LeapDay::Mar1, "2000-02-29"),
        ] {
            assert_eq!(day("02-29").in_year(year, leap_day).unwrap().to_string(), expected);
        }
        assert_eq!(day("06-15").in_year(0, LeapDay::Feb28), None);
        assert_eq!(day("06-15").in_year(10_000, LeapDay::Feb28), None);
    }

    /// Proves the window of S33: local days, both ends whole, across the turn of the year.
    #[test]
    fn a_window_lies_around_the_day_in_local_days() {
        let zone = Zone::named("+02:00").unwrap();
        let found = |birthday: &str, span, instant: &str| {
            day(birthday)
                .window_at(&zone, span, LeapDay::Feb28, at(instant))
                .map(|(year, window)| (year, window.from().unwrap().to_rfc3339(), window.until().unwrap().to_rfc3339()))
        };
        let expect = |year, from: &str, until: &str| Some((year, format!("{from}+00:00"), format!("{until}+00:00")));
        // A week before and after 15 June: 8 June 00:00 to 23 June 00:00, in local time.
        let june = expect(2026, "2026-06-07T22:00:00", "2026-06-22T22:00:00");
        assert_eq!(found("06-15", (7, 7), "2026-06-07T21:59:59Z"), None);
        assert_eq!(found("06-15", (7, 7), "2026-06-07T22:00:00Z"), june);
        assert_eq!(found("06-15", (7, 7), "2026-06-22T21:59:59Z"), june);
        assert_eq!(found("06-15", (7, 7), "2026-06-22T22:00:00Z"), None);
        // The window of the second of January begins in the year before.
        let new_year = expect(2027, "2026-12-25T22:00:00", "2027-01-09T22:00:00");
        assert_eq!(found("01-02", (7, 7), "2026-12-26T12:00:00Z"), new_year);
        assert_eq!(found("01-02", (7, 7), "2027-01-05T12:00:00Z"), new_year);
        // That of the thirtieth of December ends in the year after.
        let silvester = expect(2026, "2026-12-22T22:00:00", "2027-01-06T22:00:00");
        assert_eq!(found("12-30", (7, 7), "2027-01-03T12:00:00Z"), silvester);
        // The day alone.
        assert_eq!(found("06-15", (0, 0), "2026-06-15T23:00:00Z"), None);
        assert!(found("06-15", (0, 0), "2026-06-15T12:00:00Z").is_some());
    }

    /// At 364 days beside the day, every instant lies in one window and no more.
    #[test]
    fn the_longest_windows_touch_and_do_not_overlap() {
        for leap_day in [LeapDay::Feb28, LeapDay::Mar1] {
            for birthday in ["02-28", "02-29", "03-01", "12-31"] {
                let mut windows: Vec<(i32, Window)> = Vec::new();
                let mut date = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
                while date.year() < 2030 {
                    let noon = date.and_hms_opt(12, 0, 0).unwrap().and_utc();
                    let found = day(birthday).window_at(&Zone::UTC, (182, 182), leap_day, noon);
                    windows.extend(found.filter(|w| windows.last() != Some(w)));
                    date = date.succ_opt().unwrap();
                }
                assert!(windows.len() >= 7, "{birthday}");
                for pair in windows.windows(2) {
                    assert_eq!(pair[1].0, pair[0].0 + 1);
                    assert!(pair[0].1.intersect(&pair[1].1).is_none(), "{birthday} {leap_day:?}");
                }
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_no_window() {
        let birthday = day("01-01");
        assert!(birthday.window_at(&Zone::UTC, (7, 7), LeapDay::Feb28, DateTime::<Utc>::MIN_UTC).is_none());
        assert!(birthday.window_at(&Zone::UTC, (u32::MAX, 7), LeapDay::Feb28, DateTime::<Utc>::MAX_UTC).is_none());
    }
}
