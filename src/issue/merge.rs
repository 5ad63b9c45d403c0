//! What a mail or a printed card says of a code.

use chrono::NaiveDate;
use serde::Serialize;

use crate::calendar::{Window, Zone};
use crate::coupon::{Code, Coupon, Validity};
use crate::error::Error;
use crate::request::IssuedCode;

/// What a mail, a letter or a printed card says of an issued code (S87): the code, since when it counts, and the last day
/// on which it can be used.
///
/// Dates are days of the merchant's zone. They are for people to read: whether a code can still be used is decided by the
/// instant, and a countdown may end at noon of the day that is shown. What the shop itself knows to end a code early,
/// such as a limit that is reached, is not in them.
///
/// In JSON `{"code": "K7WQ93MX", "date_created": "2026-03-28", "expires": "2026-03-30"}`; what there is not is left out.
/// It can be written but not read.
///
/// V16: issued at 2026-03-28T12:00Z for two days and three hours, a code is valid until 2026-03-30T15:00Z.
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let welcome: Coupon = serde_json::from_str(
///     r#"{"version": 1, "id": "welcome", "kind": "personal", "validity": {"countdown": {"days": 2, "hours": 3}},
///         "benefits": [{"percent": {"off": "10"}}]}"#,
/// )?;
/// let issued = IssuedCode::new(Code::from_canonical("K7WQ93MX")?, parse_instant("2026-03-28T12:00:00Z")?);
/// let fields = MergeFields::new(&welcome, &issued, &Zone::UTC)?;
/// assert_eq!(fields.code().as_str(), "K7WQ93MX");
/// assert_eq!(fields.date_created(), Some(parse_date("2026-03-28")?));
/// assert_eq!(fields.expires(), Some(parse_date("2026-03-30")?));
/// # Ok(())
/// # }
/// ```
///
/// # Valid for ever, and since ever
///
/// Where a code has no beginning, the day on which it was made says nothing to its reader.
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let thanks = Coupon::builder("thanks").percent_off("10").build()?;
/// let issued = IssuedCode::new(Code::from_canonical("K7WQ93MX")?, parse_instant("2026-03-28T12:00:00Z")?);
/// let fields = MergeFields::new(&thanks, &issued, &Zone::UTC)?;
/// assert_eq!((fields.date_created(), fields.expires()), (None, None));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeFields {
    code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_created: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<NaiveDate>,
}

impl MergeFields {
    /// The fields of a code that was issued under a definition.
    ///
    /// # Errors
    /// Those of [`Window::countdown`], where the countdown ends after the year 9999.
    pub fn new(coupon: &Coupon, issued: &IssuedCode, zone: &Zone) -> Result<Self, Error> {
        let (begins, ends) = match coupon.validity() {
            Validity::Always => (false, None),
            Validity::Days(days) => (days.from().is_some(), days.thru()),
            Validity::Instants(range) => {
                (range.starts_at().is_some(), Window::instants(None, range.ends_at())?.last_day(zone))
            }
            Validity::Countdown(countdown) => {
                let window = Window::countdown(issued.issued_at(), countdown.days(), countdown.hours())?;
                (true, window.last_day(zone))
            }
        };
        let own = issued.window().unwrap_or_default();
        let created = (begins || own.from().is_some()).then(|| zone.local_date(issued.issued_at()));
        // What ends first ends it.
        let expires = [ends, own.last_day(zone)].into_iter().flatten().min();
        Ok(Self { code: issued.code().clone(), date_created: created, expires })
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// The day on which it was issued; none where the code has neither a first day nor a countdown.
    #[must_use]
    pub fn date_created(&self) -> Option<NaiveDate> {
        self.date_created
    }

    /// The last day on which it can be used; none where it never ends.
    #[must_use]
    pub fn expires(&self) -> Option<NaiveDate> {
        self.expires
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_instant;

    fn fields(validity: &str, own: (Option<&str>, Option<&str>), zone: &str) -> (Option<String>, Option<String>) {
        let json =
            format!(r#"{{"version":1,"id":"c","validity":{validity},"benefits":[{{"percent":{{"off":"10"}}}}]}}"#);
        let coupon: Coupon = serde_json::from_str(&json).unwrap();
        let instant = |text: &str| parse_instant(text).unwrap();
        let window = Window::instants(own.0.map(instant), own.1.map(instant)).unwrap();
        let issued =
            IssuedCode::new(Code::from_canonical("ABC").unwrap(), instant("2026-03-28T23:30:00Z")).with_window(window);
        let fields = MergeFields::new(&coupon, &issued, &Zone::named(zone).unwrap()).unwrap();
        let text = |date: Option<NaiveDate>| date.map(|date| date.to_string());
        (text(fields.date_created()), text(fields.expires()))
    }

    /// Proves S87.
    #[test]
    fn a_day_of_issue_is_told_where_a_code_begins() {
        let none = (None, None);
        for (validity, own, created, expires) in [
            ("{}", none, "", ""),
            (r#"{"thru":"2026-05-31"}"#, none, "", "2026-05-31"),
            (r#"{"from":"2026-03-01"}"#, none, "2026-03-28", ""),
            (r#"{"from":"2026-03-01","thru":"2026-05-31"}"#, none, "2026-03-28", "2026-05-31"),
            (r#"{"starts_at":"2026-03-01T00:00:00Z"}"#, none, "2026-03-28", ""),
            // The first instant that is no longer valid is no part of the last day.
            (r#"{"ends_at":"2026-06-01T00:00:00Z"}"#, none, "", "2026-05-31"),
            (r#"{"ends_at":"2026-06-01T00:00:01Z"}"#, none, "", "2026-06-01"),
            (r#"{"countdown":{"hours":1}}"#, none, "2026-03-28", "2026-03-29"),
            // Half past eleven and half an hour is midnight.
            (r#"{"countdown":{"days":2}}"#, none, "2026-03-28", "2026-03-30"),
            ("{}", (Some("2026-04-01T00:00:00Z"), None), "2026-03-28", ""),
            ("{}", (None, Some("2026-05-01T00:00:00Z")), "", "2026-04-30"),
            // The earlier end counts, whichever of the two it is.
            (r#"{"thru":"2026-05-31"}"#, (None, Some("2026-05-01T00:00:00Z")), "", "2026-04-30"),
            (r#"{"thru":"2026-04-15"}"#, (None, Some("2026-05-01T00:00:00Z")), "", "2026-04-15"),
        ] {
            let shown = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            assert_eq!(fields(validity, own, "UTC"), (shown(created), shown(expires)), "{validity} {own:?}");
        }
    }

    /// Two hours east of UTC, the code is issued at half past one in the night of the 29th.
    #[test]
    fn days_are_those_of_the_merchant() {
        let east = |validity| fields(validity, (None, None), "+02:00");
        let days = |created: &str, expires: &str| (Some(created.to_owned()), Some(expires.to_owned()));
        assert_eq!(east(r#"{"countdown":{"hours":1}}"#), days("2026-03-29", "2026-03-29"));
        assert_eq!(east(r#"{"from":"2026-03-01","thru":"2026-05-31"}"#), days("2026-03-29", "2026-05-31"));
        assert_eq!(east(r#"{"ends_at":"2026-05-31T22:00:00Z"}"#), (None, Some("2026-05-31".to_owned())));
    }

    #[test]
    fn a_countdown_past_the_end_of_time_is_an_error() {
        let coupon: Coupon = serde_json::from_str(
            r#"{"version":1,"id":"c","validity":{"countdown":{"days":2}},"benefits":[{"percent":{"off":"10"}}]}"#,
        )
        .unwrap();
        let issued =
            IssuedCode::new(Code::from_canonical("ABC").unwrap(), parse_instant("9999-12-30T00:00:00Z").unwrap());
        let error = MergeFields::new(&coupon, &issued, &Zone::UTC).unwrap_err().to_string();
        assert!(error.starts_with("`countdown` is `2 d 0 h`"), "{error}");
    }

    #[test]
    fn json_leaves_out_what_there_is_not() {
        let code = Code::from_canonical("ABC").unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 3, 28);
        let json = |date_created, expires| {
            serde_json::to_string(&MergeFields { code: code.clone(), date_created, expires }).unwrap()
        };
        assert_eq!(json(None, None), r#"{"code":"ABC"}"#);
        assert_eq!(json(day, day), r#"{"code":"ABC","date_created":"2026-03-28","expires":"2026-03-28"}"#);
    }
}
