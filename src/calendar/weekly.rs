//! Happy hours: windows that come back every week.

use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveTime, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};

use super::zone::Zone;
use crate::error::{Error, Why};

/// A window that comes back every week: some weekdays, all day or between two local times (S32).
///
/// Judged by the merchant's wall clock: where summer time skips an hour, a window in that hour does not open that day;
/// where an hour comes twice, it is open twice.
///
/// JSON: `{"days": ["mon", "tue"], "from": "15:00", "until": "17:00"}`; without the times, all day.
///
/// ```
/// use chrono::{NaiveTime, Weekday};
/// use vouchsafe::{Weekly, Zone, parse_instant};
///
/// let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
/// let happy_hour = Weekly::hours(&[Weekday::Mon, Weekday::Tue], time(15), time(17))?;
/// let zone = Zone::named("+02:00")?;
/// assert!(happy_hour.contains(&zone, parse_instant("2026-03-30T13:00:00Z")?)); // Monday, 15:00 local
/// assert!(!happy_hour.contains(&zone, parse_instant("2026-03-30T15:00:00Z")?)); // 17:00: over
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WeeklyDraft", into = "WeeklyDraft")]
pub struct Weekly {
    /// Bit n is the n-th weekday, Monday is bit 0; never empty.
    days: u8,
    /// First minute of the day, and the first one that is over; `None` is all day.
    minutes: Option<(u16, u16)>,
}

const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Mon, "mon"),
    (Weekday::Tue, "tue"),
    (Weekday::Wed, "wed"),
    (Weekday::Thu, "thu"),
    (Weekday::Fri, "fri"),
    (Weekday::Sat, "sat"),
    (Weekday::Sun, "sun"),
];

impl Weekly {
    /// These weekdays, all day long.
    ///
    /// # Errors
    ///
    /// At the path `days`: [`Why::Empty`] or [`Why::Duplicate`].
    ///
    /// ```
    /// use chrono::Weekday;
    /// use vouchsafe::{Weekly, Zone, parse_instant};
    ///
    /// let weekend = Weekly::days(&[Weekday::Sat, Weekday::Sun])?;
    /// assert!(weekend.contains(&Zone::UTC, parse_instant("2026-03-29T23:59:59Z")?)); // Sunday
    /// assert!(!weekend.contains(&Zone::UTC, parse_instant("2026-03-30T00:00:00Z")?)); // Monday
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn days(days: &[Weekday]) -> Result<Self, Error> {
        if days.is_empty() {
            return Err(Error::invalid("days", "", Why::Empty));
        }
        let mut set = 0;
        for (i, &day) in days.iter().enumerate() {
            if set & bit(day) != 0 {
                return Err(Error::invalid(format!("days[{i}]"), name(day), Why::Duplicate));
            }
            set |= bit(day);
        }
        Ok(Self { days: set, minutes: None })
    }

    /// These weekdays from the local time `from` until just before `until`, to the minute.
    ///
    /// Where `until` is not later than `from`, the window runs past midnight into the next day and belongs to the day on
    /// which it began. So `until` 00:00 is the end of the day.
    ///
    /// # Errors
    ///
    /// As [`days`](Self::days); [`Why::BadTime`] at `from` or `until` where a time is no whole minute;
    /// [`Why::EmptyWindow`] at `until` where both are the same.
    ///
    /// # Example: past midnight
    ///
    /// ```
    /// use chrono::{NaiveTime, Weekday};
    /// use vouchsafe::{Weekly, Zone, parse_instant};
    ///
    /// let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    /// let friday_night = Weekly::hours(&[Weekday::Fri], time(22), time(2))?;
    /// assert!(friday_night.contains(&Zone::UTC, parse_instant("2026-03-28T01:59:59Z")?)); // Saturday early
    /// assert!(!friday_night.contains(&Zone::UTC, parse_instant("2026-03-27T01:59:59Z")?)); // Friday early
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hours(days: &[Weekday], from: NaiveTime, until: NaiveTime) -> Result<Self, Error> {
        let start = minute("from", from)?;
        let end = minute("until", until)?;
        if start == end {
            return Err(Error::invalid("until", clock(end), Why::EmptyWindow));
        }
        Ok(Self { minutes: Some((start, end)), ..Self::days(days)? })
    }

    /// Whether the window is open at this instant, by the wall clock of the zone.
    ///
    /// ```
    /// use chrono::Weekday;
    /// use vouchsafe::{Weekly, Zone, parse_instant};
    ///
    /// let at = parse_instant("2026-03-29T23:00:00Z")?; // Sunday in London, Monday in Berlin
    /// let mondays = Weekly::days(&[Weekday::Mon])?;
    /// assert!(!mondays.contains(&Zone::UTC, at));
    /// assert!(mondays.contains(&Zone::named("+02:00")?, at));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn contains(&self, zone: &Zone, at: DateTime<Utc>) -> bool {
        let local = zone.local_date_time(at);
        let today = self.days & bit(local.weekday()) != 0;
        let yesterday = self.days & bit(local.weekday().pred()) != 0;
        let now = minute_of_day(local.time());
        match self.minutes {
            None => today,
            Some((from, until)) if from < until => today && from <= now && now < until,
            Some((from, until)) => (today && from <= now) || (yesterday && now < until),
        }
    }

    /// The first instant from this one on at which the window is open; none where the calendar ends before that.
    ///
    /// ```
    /// use chrono::{NaiveTime, Weekday};
    /// use vouchsafe::{Weekly, Zone, parse_instant};
    ///
    /// let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    /// let happy_hour = Weekly::hours(&[Weekday::Mon, Weekday::Tue], time(15), time(17))?;
    /// let tuesday_evening = parse_instant("2026-03-31T18:00:00Z")?;
    /// let monday = parse_instant("2026-04-06T15:00:00Z")?;
    /// assert_eq!(happy_hour.next_opening(&Zone::UTC, tuesday_evening), Some(monday));
    /// assert_eq!(happy_hour.next_opening(&Zone::UTC, monday), Some(monday));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn next_opening(&self, zone: &Zone, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.contains(zone, at) {
            return Some(at);
        }
        let from = self.minutes.map_or(0, |(from, _)| u32::from(from));
        let start = NaiveTime::from_num_seconds_from_midnight_opt(from.saturating_mul(60), 0)?;
        let today = zone.local_date(at);
        // The window of this week may be over, and the clocks may skip the next one.
        for ahead in 0..=15 {
            let day = today.checked_add_days(Days::new(ahead))?;
            let (first, begins, ends) =
                (zone.first(day.and_time(start))?, zone.day_start(day).ok()?, zone.day_end(day).ok()?);
            // Where the clocks are set back on that day, it opens then as well, or a second time.
            let back = zone.set_back(begins, ends);
            let again = back.and_then(|(back, _)| first.checked_add_signed(back));
            let openings = [Some(first), back.map(|(_, back)| back), again].into_iter().flatten();
            let open = openings.filter(|opening| *opening >= at && self.contains(zone, *opening)).min();
            if open.is_some() {
                return open;
            }
        }
        None
    }

    /// The weekday of a name as JSON has it.
    pub(crate) fn weekday(name: &str) -> Option<Weekday> {
        WEEK.iter().find(|(_, known)| *known == name).map(|(day, _)| *day)
    }

    /// Its parts as JSON has them: the names of the days, and the hours.
    pub(crate) fn texts(&self) -> (Vec<&'static str>, Option<(String, String)>) {
        let hours = self.minutes.map(|(from, until)| (clock(from), clock(until)));
        (self.weekdays().map(name).collect(), hours)
    }

    /// A local time as JSON has it.
    pub(crate) fn read_time(text: &str) -> Result<NaiveTime, Why> {
        time("", text).map_err(|_| Why::BadTime)
    }

    /// The weekdays on which the window begins, Monday first.
    pub fn weekdays(&self) -> impl Iterator<Item = Weekday> + use<> {
        let days = self.days;
        WEEK.into_iter().map(|(day, _)| day).filter(move |&day| days & bit(day) != 0)
    }
}

fn bit(day: Weekday) -> u8 {
    match day {
        Weekday::Mon => 1,
        Weekday::Tue => 2,
        Weekday::Wed => 4,
        Weekday::Thu => 8,
        Weekday::Fri => 16,
        Weekday::Sat => 32,
        Weekday::Sun => 64,
    }
}

fn name(day: Weekday) -> &'static str {
    WEEK.iter().find(|(known, _)| *known == day).map_or("", |(_, name)| name)
}

/// Minutes since local midnight, 0 to 1439.
fn minute_of_day(time: NaiveTime) -> u16 {
    u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(u16::MAX)
}

fn minute(path: &'static str, time: NaiveTime) -> Result<u16, Error> {
    if time.second() != 0 || time.nanosecond() != 0 {
        return Err(Error::invalid(path, time, Why::BadTime));
    }
    Ok(minute_of_day(time))
}

/// A minute of the day as a clock shows it.
fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The JSON form, readable before it is checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WeeklyDraft {
    days: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl From<Weekly> for WeeklyDraft {
    fn from(weekly: Weekly) -> Self {
        let (from, until) = weekly.minutes.map(|(from, until)| (clock(from), clock(until))).unzip();
        Self { days: weekly.weekdays().map(|day| name(day).to_owned()).collect(), from, until }
    }
}

impl Weekly {
    /// The names of the weekdays.
    pub(crate) const CHOICES: &'static str = "`mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`";
}

impl TryFrom<WeeklyDraft> for Weekly {
    type Error = Error;

    fn try_from(draft: WeeklyDraft) -> Result<Self, Error> {
        let mut days = Vec::with_capacity(draft.days.len().min(WEEK.len()));
        for (i, text) in draft.days.iter().enumerate() {
            let unknown = || Error::invalid(format!("days[{i}]"), text, Why::UnknownChoice { choices: Self::CHOICES });
            days.push(Self::weekday(text).ok_or_else(unknown)?);
        }
        match (draft.from, draft.until) {
            (None, None) => Self::days(&days),
            (Some(from), Some(until)) => Self::hours(&days, time("from", &from)?, time("until", &until)?),
            (Some(_), None) => Err(Error::invalid("until", "", Why::Missing)),
            (None, Some(_)) => Err(Error::invalid("from", "", Why::Missing)),
        }
    }
}

/// Reads `HH:MM`, two digits each.
fn time(path: &'static str, text: &str) -> Result<NaiveTime, Error> {
    let digits = text.len() == 5 && text.bytes().enumerate().all(|(i, byte)| (i == 2) != byte.is_ascii_digit());
    let time = if digits { NaiveTime::parse_from_str(text, "%H:%M").ok() } else { None };
    time.ok_or_else(|| Error::invalid(path, text, Why::BadTime))
}

impl fmt::Display for Weekly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, day) in self.weekdays().enumerate() {
            f.write_str(if i > 0 { ", " } else { "" })?;
            f.write_str(name(day))?;
        }
        match self.minutes {
            Some((from, until)) => write!(f, " {} to {}", clock(from), clock(until)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse_instant;
    use super::*;

    fn at(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
    }

    fn open(weekly: &Weekly, text: &str) -> bool {
        weekly.contains(&Zone::UTC, parse_instant(text).unwrap())
    }

    // 2026-03-27 is a Friday.

    #[test]
    fn hours_are_half_open() {
        let weekly = Weekly::hours(&[Weekday::Fri], at(15, 0), at(17, 30)).unwrap();
        assert!(!open(&weekly, "2026-03-27T14:59:59.999999999Z"));
        assert!(open(&weekly, "2026-03-27T15:00:00Z"));
        assert!(open(&weekly, "2026-03-27T17:29:59.999999999Z"));
        assert!(!open(&weekly, "2026-03-27T17:30:00Z"));
        assert!(!open(&weekly, "2026-03-26T16:00:00Z"));
        assert!(!open(&weekly, "2026-03-28T16:00:00Z"));
    }

    #[test]
    fn midnight_belongs_to_the_day_that_began() {
        let weekly = Weekly::hours(&[Weekday::Sun], at(22, 0), at(2, 0)).unwrap();
        assert!(!open(&weekly, "2026-03-29T01:00:00Z")); // Sunday early: that was Saturday's
        assert!(open(&weekly, "2026-03-29T22:00:00Z"));
        assert!(open(&weekly, "2026-03-30T01:59:59Z")); // Monday early, across the end of the week
        assert!(!open(&weekly, "2026-03-30T02:00:00Z"));
        assert!(!open(&weekly, "2026-03-30T22:00:00Z"));
        let evening = Weekly::hours(&[Weekday::Sun], at(18, 0), at(0, 0)).unwrap();
        assert!(open(&evening, "2026-03-29T23:59:59Z"));
        assert!(!open(&evening, "2026-03-30T00:00:00Z"));
    }

    #[test]
    fn the_next_opening_is_found() {
        let next = |weekly: &Weekly, text: &str| weekly.next_opening(&Zone::UTC, parse_instant(text).unwrap());
        let found = |text: &str| Some(parse_instant(text).unwrap());
        let night = Weekly::hours(&[Weekday::Fri], at(22, 0), at(2, 0)).unwrap();
        assert_eq!(next(&night, "2026-03-27T21:59:59.5Z"), found("2026-03-27T22:00:00Z"));
        assert_eq!(next(&night, "2026-03-28T01:59:59Z"), found("2026-03-28T01:59:59Z"));
        assert_eq!(next(&night, "2026-03-28T02:00:00Z"), found("2026-04-03T22:00:00Z"));
        let days = Weekly::days(&[Weekday::Mon, Weekday::Thu]).unwrap();
        assert_eq!(next(&days, "2026-03-27T08:00:00Z"), found("2026-03-30T00:00:00Z"));
        assert_eq!(next(&days, "2026-03-31T00:00:00Z"), found("2026-04-02T00:00:00Z"));
        assert_eq!(next(&days, "9999-12-31T00:00:00Z"), None, "a Friday, and no day comes after it");
    }

    /// 2026-03-29 skips 02:00 to 03:00 in Berlin, and 2026-10-25 has it twice.
    #[cfg(feature = "tz")]
    #[test]
    fn the_next_opening_knows_when_clocks_are_set() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let next = |from, until, text: &str| {
            let weekly = Weekly::hours(&[Weekday::Sun], from, until).unwrap();
            weekly.next_opening(&berlin, parse_instant(text).unwrap())
        };
        let found = |text: &str| Some(parse_instant(text).unwrap());
        // Skipped as a whole, it opens a week later; in part, when the clocks have moved.
        assert_eq!(next(at(2, 0), at(3, 0), "2026-03-28T12:00:00Z"), found("2026-04-05T00:00:00Z"));
        assert_eq!(next(at(2, 30), at(4, 0), "2026-03-28T12:00:00Z"), found("2026-03-29T01:00:00Z"));
        // Over for the first time at 02:30 summer time, it opens again.
        assert_eq!(next(at(2, 15), at(2, 30), "2026-10-24T12:00:00Z"), found("2026-10-25T00:15:00Z"));
        assert_eq!(next(at(2, 15), at(2, 30), "2026-10-25T00:30:00Z"), found("2026-10-25T01:15:00Z"));
        assert_eq!(next(at(1, 0), at(2, 30), "2026-10-25T00:45:00Z"), found("2026-10-25T01:00:00Z"));
        assert_eq!(next(at(2, 15), at(2, 30), "2026-10-25T01:30:00Z"), found("2026-11-01T01:15:00Z"));
    }

    #[test]
    fn impossible_hours_are_refused() {
        let path_and_why = |answer: Result<Weekly, Error>| match answer.unwrap_err() {
            Error::Invalid(field) => (field.path, field.why),
            other => panic!("{other}"),
        };
        assert_eq!(path_and_why(Weekly::days(&[])), ("days".to_owned(), Why::Empty));
        assert_eq!(path_and_why(Weekly::days(&[Weekday::Mon, Weekday::Mon])), ("days[1]".to_owned(), Why::Duplicate));
        let hours = |from, until| path_and_why(Weekly::hours(&[Weekday::Mon], from, until));
        assert_eq!(hours(at(9, 0), at(9, 0)), ("until".to_owned(), Why::EmptyWindow));
        assert_eq!(hours(NaiveTime::from_hms_opt(9, 0, 1).unwrap(), at(10, 0)), ("from".to_owned(), Why::BadTime));
        let leap = NaiveTime::from_hms_nano_opt(9, 59, 59, 1_500_000_000).unwrap();
        assert_eq!(hours(at(9, 0), leap), ("until".to_owned(), Why::BadTime));
    }

    #[test]
    fn json_round_trips_and_is_checked() {
        for text in [
            r#"{"days":["mon","tue","wed","thu","fri","sat","sun"]}"#,
            r#"{"days":["fri"],"from":"22:00","until":"02:00"}"#,
            r#"{"days":["sat"],"from":"00:00","until":"23:59"}"#,
        ] {
            let weekly: Weekly = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&weekly).unwrap(), text);
        }
        for (text, message) in [
            (r#"{"days":[]}"#, "`days` is ``: empty"),
            (r#"{"days":["Mon"]}"#, "`days[0]` is `Mon`: not one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`"),
            (r#"{"days":["mon"],"from":"22:00"}"#, "`until` is missing"),
            (r#"{"days":["mon"],"until":"22:00"}"#, "`from` is missing"),
            (r#"{"days":["mon"],"from":"9:00","until":"22:00"}"#, "`from` is `9:00`: not a date"),
            (r#"{"days":["mon"],"from":"24:00","until":"22:00"}"#, "`from` is `24:00`: not a date"),
            (r#"{"days":["mon"],"from":"09:00","until":"+9:00"}"#, "`until` is `+9:00`: not a date"),
            (r#"{"days":["mon"],"minutes":[1,2]}"#, "unknown field `minutes`"),
        ] {
            let error = serde_json::from_str::<Weekly>(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn reads_like_a_sign_on_a_door() {
        let weekly = Weekly::hours(&[Weekday::Sat, Weekday::Fri], at(22, 0), at(2, 30)).unwrap();
        assert_eq!(weekly.to_string(), "fri, sat 22:00 to 02:30");
        assert_eq!(Weekly::days(&[Weekday::Sun]).unwrap().to_string(), "sun");
    }
}
