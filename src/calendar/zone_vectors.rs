//! Days that begin oddly, in named zones: each is a date on which some shop's midnight was missing, doubled or moved.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{Phase, Weekly, Window, Zone, parse_date, parse_instant};
use crate::error::{Error, Why};

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn date(text: &str) -> NaiveDate {
    parse_date(text).unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    parse_instant(text).unwrap()
}

/// V15.
#[test]
fn an_end_date_in_berlin_lasts_until_its_midnight() {
    let berlin = zone("Europe/Berlin");
    let window = Window::days(&berlin, None, Some(date("2026-03-29"))).unwrap();
    assert_eq!(window.until(), Some(instant("2026-03-29T22:00:00Z")));
    assert_eq!(window.phase(instant("2026-03-29T21:59:59.999999999Z")), Phase::Live);
    assert_eq!(window.phase(instant("2026-03-29T22:00:00Z")), Phase::Ended);
    assert_eq!(window.last_day(&berlin), Some(date("2026-03-29")));
}

/// V16: the clocks of Berlin lose an hour meanwhile, the countdown does not.
#[test]
fn a_countdown_ignores_the_wall() {
    let berlin = zone("Europe/Berlin");
    let window = Window::countdown(instant("2026-03-28T12:00:00Z"), 2, 3).unwrap();
    assert_eq!(window.phase(instant("2026-03-30T15:00:00Z")), Phase::Ended);
    assert_eq!(berlin.local_date_time(instant("2026-03-28T12:00:00Z")).to_string(), "2026-03-28 13:00:00");
    assert_eq!(berlin.local_date_time(instant("2026-03-30T15:00:00Z")).to_string(), "2026-03-30 17:00:00");
}

/// Trap 21, on the day of 23 hours and on the day of 25.
#[test]
fn the_last_day_counts_whole_when_clocks_change() {
    let berlin = zone("Europe/Berlin");
    for (day, hours) in [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-24", 24), ("2026-10-25", 25)] {
        let window = Window::days(&berlin, Some(date(day)), Some(date(day))).unwrap();
        let (from, until) = (window.from().unwrap(), window.until().unwrap());
        assert_eq!((until - from).num_hours(), hours, "{day}");
        assert_eq!((berlin.local_date(from), window.last_day(&berlin)), (date(day), Some(date(day))));
    }
}

#[test]
fn days_begin_where_the_wall_first_shows_them() {
    for (name, day, start) in [
        // No midnight: the clocks jump from 00:00 to 01:00.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"),
        ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z"),
        // The day after begins as usual, an hour earlier by UTC.
        ("America/Sao_Paulo", "2018-11-05", "2018-11-05T02:00:00Z"),
        // The day that was skipped begins and ends where the next one begins.
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2012-01-01", "2011-12-31T10:00:00Z"),
        // Two midnights: at 01:00 the clocks go back to 00:00. The first one counts.
        ("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z"),
        ("America/Havana", "2024-11-04", "2024-11-04T05:00:00Z"),
        // At 00:01 the clocks go back to 23:01 of the day before. The day begins with the first midnight.
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"),
        ("America/St_Johns", "2010-11-08", "2010-11-08T03:30:00Z"),
        // A gap that neither begins nor ends on a whole hour of UTC, and one that ends within a minute.
        ("Pacific/Kiritimati", "1979-10-01", "1979-10-01T10:40:00Z"),
        ("Africa/Monrovia", "1972-01-07", "1972-01-07T00:44:30Z"),
        // Ordinary days, east and west.
        ("Asia/Kolkata", "2026-07-01", "2026-06-30T18:30:00Z"),
        ("America/Los_Angeles", "2026-07-01", "2026-07-01T07:00:00Z"),
    ] {
        let zone = zone(name);
        assert_eq!(zone.day_start(date(day)).unwrap(), instant(start), "{name} {day}");
    }
}

#[test]
fn a_day_begins_with_its_first_second() {
    for (name, day) in [
        ("America/Sao_Paulo", "2018-11-04"),
        ("Africa/Cairo", "2024-04-26"),
        ("Asia/Beirut", "2024-03-31"),
        ("Pacific/Apia", "2011-12-31"),
        ("America/Havana", "2024-11-03"),
        ("America/St_Johns", "2010-11-07"),
        ("Pacific/Kiritimati", "1979-10-01"),
        ("Africa/Monrovia", "1972-01-07"),
    ] {
        let (zone, day) = (zone(name), date(day));
        let start = zone.day_start(day).unwrap();
        assert!(zone.local_date(start) >= day, "{name}");
        assert!(zone.local_date(start - TimeDelta::seconds(1)) < day, "{name}");
    }
}

#[test]
fn a_skipped_day_is_no_window() {
    let apia = zone("Pacific/Apia");
    let days = |from, thru| Window::days(&apia, Some(date(from)), Some(date(thru)));
    match days("2011-12-30", "2011-12-30").unwrap_err() {
        Error::Invalid(field) => {
            assert_eq!(field.path, "thru");
            assert_eq!(field.why, Why::Impossible { because: "no such day in this time zone" });
        }
        other => panic!("{other}"),
    }
    // Together with a day that exists it is harmless, and the last day shown is one that exists.
    let window = days("2011-12-29", "2011-12-30").unwrap();
    assert_eq!(window.last_day(&apia), Some(date("2011-12-29")));
    assert_eq!(window, days("2011-12-29", "2011-12-29").unwrap());
    assert_eq!(days("2011-12-30", "2011-12-31").unwrap(), days("2011-12-31", "2011-12-31").unwrap());
}

/// Neighbouring days leave no gap and no overlap, through two years of every zone.
#[test]
fn days_follow_each_other_in_every_zone() {
    for name in chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()) {
        let zone = zone(name);
        let mut previous = zone.day_start(date("2023-12-31")).unwrap();
        for day in date("2024-01-01").iter_days().take(731) {
            let start = zone.day_start(day).unwrap();
            let hours = (start - previous).num_hours();
            // Troll station sets its clocks by two hours.
            assert!((22..=26).contains(&hours), "{name} {day}: {hours} hours");
            assert_eq!(zone.local_date(start), day, "{name}");
            previous = start;
        }
    }
}

#[test]
fn weekly_hours_follow_the_wall() {
    use chrono::{NaiveTime, Weekday};
    let berlin = zone("Europe/Berlin");
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    let early = Weekly::hours(&[Weekday::Sun], time(2, 0), time(3, 0)).unwrap();
    // 2026-03-29: the wall jumps from 02:00 to 03:00 at 01:00Z.
    assert!(!early.contains(&berlin, instant("2026-03-29T00:59:59Z")));
    assert!(!early.contains(&berlin, instant("2026-03-29T01:00:00Z")));
    // 2026-10-25: 02:00 to 03:00 comes twice, from 00:00Z to 02:00Z.
    assert!(!early.contains(&berlin, instant("2026-10-24T23:59:59Z")));
    assert!(early.contains(&berlin, instant("2026-10-25T00:00:00Z")));
    assert!(early.contains(&berlin, instant("2026-10-25T01:59:59Z")));
    assert!(!early.contains(&berlin, instant("2026-10-25T02:00:00Z")));
}

#[test]
fn names_are_the_ones_of_the_data() {
    assert_eq!(zone("Europe/Berlin").name(), "Europe/Berlin");
    assert_eq!(serde_json::to_string(&zone("America/St_Johns")).unwrap(), "\"America/St_Johns\"");
    assert!(Zone::named("europe/berlin").is_err());
    let version = super::tz_data_version().unwrap();
    assert!(version.len() == 5 && version.starts_with("20"), "{version}");
}
