//! Days, weeks, months, quarters and years of the merchant's wall calendar.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};

use super::window::Window;
use super::zone::Zone;

/// A stretch of the calendar that comes again and again, each time as a whole: a local day, a week from Monday on (ISO
/// 8601), or from the first local day of a month to the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Period {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    /// The period that an instant lies in: its first local day, which tells it from all others, and its window.
    ///
    /// The window always holds the instant. Where the clocks are set back over the midnight that begins a month, the
    /// wall shows the old month once more although the new one has begun; the window goes before the wall then, as it
    /// does wherever a day begins.
    ///
    /// A period that reaches out of the years 1 to 9999 is open at that end.
    pub(crate) fn at(self, zone: &Zone, at: DateTime<Utc>) -> (NaiveDate, Window) {
        let mut first = self.first_day(zone.local_date(at));
        let mut last = self.last_day(first);
        if zone.day_end(last).is_ok_and(|end| end <= at) {
            first = last.succ_opt().unwrap_or(last);
            last = self.last_day(first);
        }
        let window = Window::days(zone, Some(first), Some(last))
            .or_else(|_| Window::days(zone, None, Some(last)))
            .or_else(|_| Window::days(zone, Some(first), None));
        (first, window.unwrap_or_default())
    }

    /// The first day of the period that a day lies in.
    fn first_day(self, day: NaiveDate) -> NaiveDate {
        let month = match self {
            Self::Day => return day,
            Self::Week => {
                let since_monday = u64::from(day.weekday().num_days_from_monday());
                return day.checked_sub_days(Days::new(since_monday)).unwrap_or(day);
            }
            Self::Month => day.month(),
            Self::Quarter => match day.month() {
                1..=3 => 1,
                4..=6 => 4,
                7..=9 => 7,
                _ => 10,
            },
            Self::Year => 1,
        };
        NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day)
    }

    /// The last day of the period that begins on this day.
    fn last_day(self, first: NaiveDate) -> NaiveDate {
        let months = match self {
            Self::Day => return first,
            Self::Week => return first.checked_add_days(Days::new(6)).unwrap_or(NaiveDate::MAX),
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        };
        let next = first.checked_add_months(Months::new(months)).and_then(|next| next.pred_opt());
        next.unwrap_or(NaiveDate::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::{parse_date, parse_instant};
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        parse_instant(text).unwrap()
    }

    /// First day, start and end, as text.
    fn shown(period: Period, zone: &str, instant: &str) -> Option<[String; 3]> {
        let (first, window) = period.at(&Zone::named(zone).ok()?, at(instant));
        assert!(window.contains(at(instant)), "{period:?} {zone} {instant}");
        let text = |end: Option<DateTime<Utc>>| end.map_or("open".to_owned(), |end| end.to_rfc3339());
        Some([first.to_string(), text(window.from()), text(window.until())])
    }

    #[test]
    fn periods_begin_with_the_first_day_of_a_month() {
        use Period::{Day, Month, Quarter, Week, Year};
        for (period, instant, first, from, until) in [
            (Day, "2026-02-28T23:59:59Z", "2026-02-28", "2026-02-28", "2026-03-01"),
            (Day, "2024-02-29T00:00:00Z", "2024-02-29", "2024-02-29", "2024-03-01"),
            // The first day of 2026 is a Thursday: ISO week 1 began on Monday, 29 December.
            (Week, "2026-01-01T00:00:00Z", "2025-12-29", "2025-12-29", "2026-01-05"),
            (Week, "2026-01-04T23:59:59Z", "2025-12-29", "2025-12-29", "2026-01-05"),
            (Week, "2026-01-05T00:00:00Z", "2026-01-05", "2026-01-05", "2026-01-12"),
            (Month, "2026-02-28T23:59:59Z", "2026-02-01", "2026-02-01", "2026-03-01"),
            (Month, "2026-03-01T00:00:00Z", "2026-03-01", "2026-03-01", "2026-04-01"),
            (Month, "2024-02-29T12:00:00Z", "2024-02-01", "2024-02-01", "2024-03-01"),
            (Month, "2026-12-31T23:59:59Z", "2026-12-01", "2026-12-01", "2027-01-01"),
            (Quarter, "2026-03-31T23:59:59Z", "2026-01-01", "2026-01-01", "2026-04-01"),
            (Quarter, "2026-04-01T00:00:00Z", "2026-04-01", "2026-04-01", "2026-07-01"),
            (Quarter, "2026-12-31T00:00:00Z", "2026-10-01", "2026-10-01", "2027-01-01"),
            (Year, "2026-01-01T00:00:00Z", "2026-01-01", "2026-01-01", "2027-01-01"),
            (Year, "2026-12-31T23:59:59Z", "2026-01-01", "2026-01-01", "2027-01-01"),
        ] {
            let midnight = |day: &str| format!("{day}T00:00:00+00:00");
            let expected = [first.to_owned(), midnight(from), midnight(until)];
            assert_eq!(shown(period, "UTC", instant).unwrap(), expected, "{period:?} {instant}");
        }
    }

    /// A month in Berlin begins and ends at its own midnights, one hour apart from UTC in winter and two in summer.
    #[test]
    fn a_month_is_that_of_the_merchant() {
        let Some(march) = shown(Period::Month, "Europe/Berlin", "2026-03-31T21:59:59Z") else { return };
        assert_eq!(march, ["2026-03-01", "2026-02-28T23:00:00+00:00", "2026-03-31T22:00:00+00:00"]);
        let april = shown(Period::Month, "Europe/Berlin", "2026-03-31T22:00:00Z").unwrap();
        assert_eq!(april[0], "2026-04-01");
        let east = shown(Period::Year, "+14:00", "2025-12-31T10:00:00Z").unwrap();
        assert_eq!(east, ["2026-01-01", "2025-12-31T10:00:00+00:00", "2026-12-31T10:00:00+00:00"]);
    }

    /// In St. John's the clocks went back from 00:01 on 1 November 2009 to 23:01 on 31 October, so that the wall showed
    /// the old month for another hour. The month had begun, and does not begin twice.
    #[test]
    fn a_month_begins_once() {
        for instant in ["2009-11-01T02:30:00Z", "2009-11-01T02:45:00Z", "2009-11-01T03:30:00Z"] {
            let Some(november) = shown(Period::Month, "America/St_Johns", instant) else { return };
            assert_eq!(november, ["2009-11-01", "2009-11-01T02:30:00+00:00", "2009-12-01T03:30:00+00:00"], "{instant}");
        }
        let october = shown(Period::Month, "America/St_Johns", "2009-11-01T02:29:59Z").unwrap();
        assert_eq!((october[0].as_str(), october[2].as_str()), ("2009-10-01", "2009-11-01T02:30:00+00:00"));
    }

    /// Every instant lies in one period of each kind, and periods neither overlap nor leave a gap, whatever the zone.
    #[test]
    fn one_period_follows_another() {
        for name in ["UTC", "+14:00", "-12:00", "America/St_Johns", "Africa/Cairo", "Pacific/Apia", "America/Sao_Paulo"]
        {
            let Ok(zone) = Zone::named(name) else { continue };
            for period in [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year] {
                let (mut first, mut window) = period.at(&zone, at("2005-06-15T00:00:00Z"));
                while first < parse_date("2015-01-01").unwrap() {
                    let until = window.until().unwrap();
                    assert_eq!(period.at(&zone, until - chrono::TimeDelta::nanoseconds(1)), (first, window), "{name}");
                    let (next, after) = period.at(&zone, until);
                    assert!(next > first && after.from() == Some(until), "{name} {next}");
                    (first, window) = (next, after);
                }
            }
        }
    }

    #[test]
    fn beyond_the_years_that_can_be_written_windows_are_open() {
        assert_eq!(
            shown(Period::Year, "UTC", "9999-12-31T23:59:59Z").unwrap(),
            ["9999-01-01", "9999-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999999+00:00"]
        );
        assert_eq!(shown(Period::Month, "UTC", "0001-01-01T00:00:00Z").unwrap()[1], "0001-01-01T00:00:00+00:00");
        for outside in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            for period in [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year] {
                assert_eq!(period.at(&Zone::UTC, outside).1, Window::ALWAYS);
            }
        }
    }
}
