//! When not: days that an offer leaves out.

use chrono::{Days, NaiveDate};

use super::selection::into_condition;
use crate::coupon::DayRange;
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, read_members};

/// The order does not come in on one of these days: blackout dates.
///
/// Days are those of the merchant's wall calendar, and a range has both of its ends. For the time in which a coupon is
/// valid at all, see [`Validity`](crate::Validity); this cuts days out of it: not on the day of the sale, not between
/// Christmas and New Year. In JSON a date or a range each:
/// `{"not_on": {"dates": ["2026-11-27", {"from": "2026-12-24", "thru": "2027-01-01"}]}}`.
///
/// ```
/// use vouchsafe::{Condition, DayRange, NotOn, parse_date};
///
/// let (eve, new_year) = (parse_date("2026-12-24")?, parse_date("2027-01-01")?);
/// let holidays = Condition::from(NotOn::new([DayRange::new(Some(eve), Some(new_year))?])?);
/// assert_eq!(
///     serde_json::to_string(&holidays)?,
///     r#"{"not_on":{"dates":[{"from":"2026-12-24","thru":"2027-01-01"}]}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # From a day on
///
/// A range may lack one end, but not both: that would be every day.
///
/// ```
/// use vouchsafe::{DayRange, NotOn};
///
/// assert!(NotOn::new([DayRange::new(None, None)?]).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOn {
    dates: Vec<DayRange>,
}

impl NotOn {
    /// None of these days; an empty list leaves no day out.
    ///
    /// # Errors
    /// [`Why::Missing`] at `dates[i].from` for a range without any end.
    pub fn new(dates: impl IntoIterator<Item = DayRange>) -> Result<Self, Error> {
        let dates: Vec<DayRange> = dates.into_iter().collect();
        match dates.iter().position(|range| range.from().is_none() && range.thru().is_none()) {
            Some(i) => Err(Error::invalid(format!("dates[{i}].from"), "", Why::Missing)),
            None => Ok(Self { dates }),
        }
    }

    /// The days that are left out.
    #[must_use]
    pub fn dates(&self) -> &[DayRange] {
        &self.dates
    }

    /// Whether a day is left out.
    pub(crate) fn leaves_out(&self, day: NaiveDate) -> bool {
        self.dates.iter().any(|range| contains(range, day))
    }

    /// The first day from this one on that is not left out.
    pub(crate) fn next_open(&self, day: NaiveDate) -> Option<NaiveDate> {
        // By their first days, so that one walk finds where those that meet end.
        let mut ranges: Vec<&DayRange> = self.dates.iter().collect();
        ranges.sort_by_key(|range| range.from());
        let next = |open: NaiveDate, range: &DayRange| match range.thru() {
            _ if !contains(range, open) => Some(open),
            Some(thru) => thru.checked_add_days(Days::new(1)),
            None => None,
        };
        ranges.into_iter().try_fold(day, next)
    }
}

fn contains(range: &DayRange, day: NaiveDate) -> bool {
    range.from().is_none_or(|from| from <= day) && range.thru().is_none_or(|thru| day <= thru)
}

/// A date, or an object with the first and the last.
fn read_range(value: &DraftValue, check: &mut Check) -> Option<DayRange> {
    if value.as_text().is_some() {
        let day = NaiveDate::read(value, check)?;
        return Some(DayRange { from: Some(day), thru: Some(day) });
    }
    if value.as_map().is_none() {
        check.wrong_kind(value, "a date, or an object with `from` and `thru`");
        return None;
    }
    check.fields(value, |f| {
        let (from, thru) = (f.optional_or_reported("from"), f.optional_or_reported("thru"));
        let (from, thru) = (from?, thru?);
        if from.is_none() && thru.is_none() {
            f.report("from", Why::Missing);
            return None;
        }
        f.accept_at(&["thru"], DayRange::new(from, thru))
    })
}

fn write_range(range: &DayRange) -> DraftValue {
    match (range.from(), range.thru()) {
        (Some(from), Some(thru)) if from == thru => from.write(),
        (from, thru) => Writer::default().put_some("from", from.as_ref()).put_some("thru", thru.as_ref()).end(),
    }
}

impl Form for NotOn {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let dates = f.required_with("dates", |value, check| read_members(value, check, read_range));
            dates?.into_iter().collect::<Option<_>>().map(|dates| Self { dates })
        })
    }

    fn write(&self) -> DraftValue {
        let dates = DraftValue::list(self.dates.iter().map(write_range));
        Writer::default().put("dates", &dates).end()
    }
}

into_condition!(NotOn);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn dates_and_ranges_are_read_and_written() {
        assert_identity::<NotOn>(&[
            r#"{"dates":[]}"#,
            r#"{"dates":["2026-11-27",{"from":"2026-12-24","thru":"2027-01-01"}]}"#,
            r#"{"dates":[{"from":"2026-12-24"},{"thru":"2026-01-06"}]}"#,
        ]);
        let whole = read::<NotOn>(r#"{"dates":[{"from":"2026-11-27","thru":"2026-11-27"}]}"#);
        assert_eq!(whole, read(r#"{"dates":["2026-11-27"]}"#));
        assert_errors::<NotOn>(&[
            ("{}", "`dates` is missing"),
            (
                r#"{"dates":["2026-02-30",7,{},{"from":"2026-12-24","thru":"2026-12-23"},{"on":"2026-12-24"}]}"#,
                "`dates[0]` is `2026-02-30`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z; \
                 `dates[1]` is `7`: expected a date, or an object with `from` and `thru`; \
                 `dates[2].from` is missing; \
                 `dates[3].thru` is `2026-12-23`: ends before it begins; \
                 `dates[4].on` is `2026-12-24`: unknown field, known: `from`, `thru`; `dates[4].from` is missing",
            ),
        ]);
    }

    #[test]
    fn ranges_that_meet_are_left_out_as_one() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let dates = read::<NotOn>(concat!(
            r#"{"dates":["2026-12-27",{"from":"2026-12-24","thru":"2026-12-26"},"#,
            r#"{"from":"2026-12-25","thru":"2026-12-25"},{"from":"2027-01-02"},{"thru":"2026-01-06"}]}"#
        ));
        for (on, open) in [
            ("2026-12-23", Some("2026-12-23")),
            ("2026-12-24", Some("2026-12-28")),
            ("2026-12-25", Some("2026-12-28")),
            ("2026-12-27", Some("2026-12-28")),
            ("2026-12-28", Some("2026-12-28")),
            ("2025-06-01", Some("2026-01-07")),
            ("2027-01-01", Some("2027-01-01")),
            ("2027-01-02", None),
        ] {
            assert_eq!(dates.next_open(day(on)), open.map(day), "{on}");
            assert_eq!(dates.leaves_out(day(on)), open != Some(on), "{on}");
        }
    }
}
