//! Strict readers of dates and instants, the same for JSON definitions and for hosts.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::error::{Error, Why};

/// Reads a calendar date, `YYYY-MM-DD` with exactly those digits.
///
/// Years 0001 to 9999; no blanks, no other separators, no time of day.
///
/// # Errors
///
/// [`Error::Invalid`] with the text: [`Why::Empty`] for no text at all, else [`Why::BadTime`]: malformed, or a day that
/// no calendar has.
///
/// ```
/// use vouchsafe::parse_date;
///
/// assert_eq!(parse_date("2026-03-29")?.to_string(), "2026-03-29");
/// let error = parse_date("2026-02-29").unwrap_err(); // not a leap year
/// assert_eq!(error.to_string(), "`date` is `2026-02-29`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z");
/// assert!(parse_date("2026-3-29").is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
pub fn parse_date(text: &str) -> Result<NaiveDate, Error> {
    read_date(text).map_err(|why| Error::invalid("date", text.escape_debug(), why))
}

/// [`parse_date`] for documents, which know the path.
pub(crate) fn read_date(text: &str) -> Result<NaiveDate, Why> {
    if text.is_empty() {
        return Err(Why::Empty);
    }
    if !matches_layout(text.as_bytes(), b"0000-00-00") {
        return Err(Why::BadTime);
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| Why::BadTime)?;
    if in_range(date) { Ok(date) } else { Err(Why::BadTime) }
}

/// Reads an instant in RFC 3339 form with seconds and an offset: `2026-03-29T22:00:00Z`.
///
/// The `T` and the `Z` are capital; an offset such as `+02:00` may stand instead of `Z`; up to nine digits of a second
/// may follow. A time without an offset is refused, because it names another instant in every zone. A leap second
/// (`23:59:60`) is refused too: clocks that smear it and clocks that repeat it would disagree on the order of events.
///
/// # Errors
///
/// [`Error::Invalid`] with the text: [`Why::Empty`] for no text at all, else [`Why::BadTime`].
///
/// ```
/// use vouchsafe::parse_instant;
///
/// let instant = parse_instant("2026-03-30T00:00:00+02:00")?;
/// assert_eq!(instant, parse_instant("2026-03-29T22:00:00Z")?);
/// let error = parse_instant("2026-03-29T22:00:00").unwrap_err(); // whose 22:00?
/// assert!(error.to_string().starts_with("`instant` is `2026-03-29T22:00:00`: "));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
pub fn parse_instant(text: &str) -> Result<DateTime<Utc>, Error> {
    read_instant(text).map_err(|why| Error::invalid("instant", text.escape_debug(), why))
}

/// [`parse_instant`] for documents, which know the path.
pub(crate) fn read_instant(text: &str) -> Result<DateTime<Utc>, Why> {
    if text.is_empty() {
        return Err(Why::Empty);
    }
    if !has_instant_layout(text.as_bytes()) {
        return Err(Why::BadTime);
    }
    let instant = DateTime::parse_from_rfc3339(text).map_err(|_| Why::BadTime)?.to_utc();
    if in_range(instant.date_naive()) { Ok(instant) } else { Err(Why::BadTime) }
}

/// The years this crate speaks about: those that RFC 3339 can write and every database can store.
pub(super) fn in_range(date: NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

/// The nearest instant within those years: whole days at the ends of time pass them by the offset of their zone, and what
/// is written must be readable.
pub(super) fn representable(instant: DateTime<Utc>) -> DateTime<Utc> {
    let first = NaiveDate::from_ymd_opt(1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).and_then(|day| day.and_hms_nano_opt(23, 59, 59, 999_999_999));
    match (first, last) {
        (Some(first), Some(last)) => instant.clamp(first.and_utc(), last.and_utc()),
        _ => instant,
    }
}

/// Whether the text has a digit wherever the layout has `0`, and the layout's own character everywhere else.
fn matches_layout(text: &[u8], layout: &[u8]) -> bool {
    text.len() == layout.len()
        && text.iter().zip(layout).all(|(&have, &want)| if want == b'0' { have.is_ascii_digit() } else { have == want })
}

/// Date, `T`, time, an optional fraction of one to nine digits, then `Z` or an offset in hours and minutes.
fn has_instant_layout(text: &[u8]) -> bool {
    let Some((head, tail)) = text.split_at_checked(19) else { return false };
    let leap_second = head.ends_with(b":60");
    let zone = match tail.strip_prefix(b".") {
        Some(rest) => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            match rest.split_at_checked(digits) {
                Some((_, zone)) if (1..=9).contains(&digits) => zone,
                _ => return false,
            }
        }
        None => tail,
    };
    !leap_second
        && matches_layout(head, b"0000-00-00T00:00:00")
        && (zone == b"Z" || matches_layout(zone, b"+00:00") || matches_layout(zone, b"-00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_strictly() {
        for good in ["0001-01-01", "2024-02-29", "2026-03-29", "9999-12-31"] {
            assert_eq!(read_date(good).map(|d| d.to_string()), Ok(good.to_owned()));
        }
        for bad in [
            " 2026-03-29",
            "2026-03-29 ",
            "2026-3-29",
            "2026/03/29",
            "26-03-29",
            "+2026-03-29",
            "2026-03-29T00:00:00Z",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "0000-01-01",
            "10000-01-01",
            "٢٠٢٦-٠٣-٢٩",
            "today",
        ] {
            assert_eq!(read_date(bad), Err(Why::BadTime), "{bad}");
        }
        assert_eq!(read_date(""), Err(Why::Empty));
    }

    #[test]
    fn instants_are_read_strictly() {
        for (text, utc) in [
            ("2026-03-29T22:00:00Z", "2026-03-29T22:00:00+00:00"),
            ("2026-03-30T00:00:00+02:00", "2026-03-29T22:00:00+00:00"),
            ("2026-03-29T18:30:00-03:30", "2026-03-29T22:00:00+00:00"),
            ("2026-03-29T22:00:00.5Z", "2026-03-29T22:00:00.500+00:00"),
            ("2026-03-29T22:00:00.123456789Z", "2026-03-29T22:00:00.123456789+00:00"),
            ("2026-03-29T22:00:00-00:00", "2026-03-29T22:00:00+00:00"),
        ] {
            assert_eq!(read_instant(text).map(|t| t.to_rfc3339()), Ok(utc.to_owned()), "{text}");
        }
        for bad in [
            "2026-03-29",
            "2026-03-29T22:00:00",
            "2026-03-29T22:00Z",
            "2026-03-29t22:00:00z",
            "2026-03-29 22:00:00Z",
            "2026-03-29T22:00:00.Z",
            "2026-03-29T22:00:00.1234567890Z",
            "2026-03-29T22:00:00,5Z",
            "2026-03-29T24:00:00Z",
            "2026-03-29T23:60:00Z",
            "2026-06-30T23:59:60Z",
            "2026-03-29T22:00:00+2",
            "2026-03-29T22:00:00+0200",
            "2026-03-29T22:00:00+02:60",
            "2026-03-29T22:00:00 Z",
            " 2026-03-29T22:00:00Z",
            "2026-03-29T22:00:00Zé",
            "0000-12-31T23:00:00Z",
            "0001-01-01T00:00:00+00:01", // still in the year 0 by UTC
            "9999-12-31T23:59:59-00:01", // already in the year 10000 by UTC
        ] {
            assert_eq!(read_instant(bad), Err(Why::BadTime), "{bad}");
        }
        assert_eq!(read_instant(""), Err(Why::Empty));
    }

    #[test]
    fn what_a_host_hands_in_is_named_in_the_error() {
        let why = "not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z";
        assert_eq!(parse_date("today").unwrap_err().to_string(), format!("`date` is `today`: {why}"));
        assert_eq!(
            parse_instant("2026-03-29\n").unwrap_err().to_string(),
            format!("`instant` is `2026-03-29\\n`: {why}")
        );
    }
}
