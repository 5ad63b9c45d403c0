//! When in the week.

use super::Condition;
use crate::calendar::Weekly;

/// The order comes in on some weekdays, or between some hours of them, by the merchant's clock (S32).
///
/// The window is a [`Weekly`], whose rules about midnight and summer time hold here. For several windows, name them in
/// an [`any`](Condition::any). In JSON `{"hours": {"days": ["mon", "tue"], "from": "15:00", "until": "17:00"}}`.
///
/// ```
/// use chrono::Weekday;
/// use vouchsafe::{Condition, Weekly};
///
/// let weekend = Condition::from(Weekly::days(&[Weekday::Sat, Weekday::Sun])?);
/// assert_eq!(serde_json::to_string(&weekend)?, r#"{"hours":{"days":["sat","sun"]}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl From<Weekly> for Condition {
    fn from(hours: Weekly) -> Self {
        Self::Hours(hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn weekdays_and_hours_are_read_and_written() {
        assert_identity::<Weekly>(&[
            r#"{"days":["sat","sun"]}"#,
            r#"{"days":["mon"],"from":"15:00","until":"17:00"}"#,
            r#"{"days":["fri"],"from":"22:00","until":"02:00"}"#,
        ]);
        assert_errors::<Weekly>(&[
            ("{}", "`days` is missing"),
            (r#"{"days":[]}"#, "`days` is `[]`: empty"),
            (
                r#"{"days":["mon","Tue",3]}"#,
                "`days[1]` is `Tue`: not one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`; \
                 `days[2]` is `3`: expected a string",
            ),
            (r#"{"days":["mon","mon"]}"#, "`days[1]` is `mon`: given twice"),
            (
                r#"{"days":["mon"],"from":"9:00","until":"24:00"}"#,
                "`from` is `9:00`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z; \
                 `until` is `24:00`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z",
            ),
            (r#"{"days":["mon"],"from":"09:00"}"#, "`until` is missing"),
            (r#"{"days":["mon"],"from":"09:00","until":"09:00"}"#, "`until` is `09:00`: ends before it begins"),
        ]);
    }
}
