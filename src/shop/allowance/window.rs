//! Over which time an allowance is counted.

use chrono::{DateTime, NaiveDate, Utc};

use crate::calendar::{Period, Window, Zone};
use crate::coupon::DayRange;
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form, tagged};

/// Over which time an allowance is counted (S45).
///
/// Days and calendar periods are those of the merchant's zone. With each new period the count begins anew. Outside its
/// fixed dates an allowance limits nothing.
///
/// In JSON `"ever"`, `"month"`, `"quarter"`, `"year"`, `{"days": {"from": "2026-11-01", "thru": "2026-12-24"}}` or
/// `{"rolling": {"days": 30}}`.
///
/// ```
/// use vouchsafe::AllowanceWindow;
///
/// let rolling: AllowanceWindow = serde_json::from_str(r#"{"rolling": {"days": 30}}"#)?;
/// assert_eq!(rolling, AllowanceWindow::rolling(30).unwrap());
/// assert!(AllowanceWindow::rolling(0).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AllowanceWindow {
    /// All of time: what is taken once stays taken.
    #[default]
    Ever,
    /// Fixed local days, both inclusive.
    Days(DayRange),
    /// The calendar month.
    Month,
    /// The calendar quarter: it begins in January, April, July or October.
    Quarter,
    /// The calendar year.
    Year,
    /// The days of 24 hours before each purchase: what was bought exactly so long ago still counts. Made by
    /// [`rolling`](Self::rolling).
    #[non_exhaustive]
    Rolling {
        /// How many.
        days: u32,
    },
}

impl AllowanceWindow {
    /// The most days that a rolling window may go back: a hundred years.
    pub const MAX_DAYS: u32 = 36_500;

    /// The last so many days, each of 24 hours, at whatever instant it is asked.
    ///
    /// # Errors
    /// At `days`: [`Why::Zero`], [`Why::OutOfRange`] above [`MAX_DAYS`](Self::MAX_DAYS).
    pub fn rolling(days: u32) -> Result<Self, Error> {
        if days == 0 {
            return Err(Error::invalid("days", days, Why::Zero));
        }
        if days > Self::MAX_DAYS {
            let why = Why::OutOfRange { min: "1".to_owned(), max: Self::MAX_DAYS.to_string() };
            return Err(Error::invalid("days", days, why));
        }
        Ok(Self::Rolling { days })
    }

    /// For a window that goes with the purchase: so many days back.
    pub(crate) fn rolling_days(self) -> Option<u32> {
        match self {
            Self::Rolling { days } => Some(days),
            Self::Ever | Self::Days(_) | Self::Month | Self::Quarter | Self::Year => None,
        }
    }
}

impl Form for AllowanceWindow {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        const CHOICES: &str = "`ever`, `days`, `month`, `quarter`, `year`, `rolling`";
        match check.choice(value, CHOICES)? {
            ("ever", None) => Some(Self::Ever),
            ("month", None) => Some(Self::Month),
            ("quarter", None) => Some(Self::Quarter),
            ("year", None) => Some(Self::Year),
            ("days", Some(inner)) => check.in_field("days", 0, |check| {
                check.fields(inner, |f| {
                    let (from, thru) = (f.optional_or_reported("from"), f.optional_or_reported("thru"));
                    f.accept_at(&["thru"], DayRange::new(from?, thru?)).map(Self::Days)
                })
            }),
            ("rolling", Some(inner)) => check.in_field("rolling", 0, |check| {
                check.fields(inner, |f| {
                    let days = f.required("days")?;
                    f.accept_at(&["days"], Self::rolling(days))
                })
            }),
            ("days" | "rolling", None) => {
                check.wrong_kind(value, "an object");
                None
            }
            (name @ ("ever" | "month" | "quarter" | "year"), Some(inner)) => {
                check.in_field(name, 0, |check| check.wrong_kind(inner, "nothing beside the name"));
                None
            }
            _ => {
                check.report(value, Why::UnknownChoice { choices: CHOICES });
                None
            }
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Ever => "ever".into(),
            Self::Month => "month".into(),
            Self::Quarter => "quarter".into(),
            Self::Year => "year".into(),
            Self::Days(days) => tagged(
                "days",
                Writer::default().put_some("from", days.from().as_ref()).put_some("thru", days.thru().as_ref()).end(),
            ),
            Self::Rolling { days } => tagged("rolling", Writer::default().put("days", days).end()),
        }
    }
}

serde_by_form!(AllowanceWindow);

/// A window whose dates are instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PreparedWindow {
    Ever,
    Days { since: Option<NaiveDate>, window: Window },
    Calendar(Period),
    Rolling,
}

/// Where an instant stands in a window of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first day, which tells the counter of this period from those of others.
    pub(crate) since: Option<NaiveDate>,
    /// As long as this lasts, the same counter is counted on.
    pub(crate) window: Window,
}

impl PreparedWindow {
    /// # Errors
    /// Days that the zone cannot place on the time line, at `days.from` or `days.thru`.
    pub(super) fn new(window: AllowanceWindow, zone: &Zone) -> Result<Self, Error> {
        Ok(match window {
            AllowanceWindow::Ever => Self::Ever,
            AllowanceWindow::Month => Self::Calendar(Period::Month),
            AllowanceWindow::Quarter => Self::Calendar(Period::Quarter),
            AllowanceWindow::Year => Self::Calendar(Period::Year),
            AllowanceWindow::Rolling { .. } => Self::Rolling,
            AllowanceWindow::Days(days) => Self::Days {
                since: days.from(),
                window: Window::days(zone, days.from(), days.thru()).map_err(|error| error.under("days"))?,
            },
        })
    }

    /// The period of an instant; outside of fixed dates, what is left until they begin or has passed since they ended.
    pub(super) fn at(&self, zone: &Zone, at: DateTime<Utc>) -> Result<Span, Window> {
        match self {
            Self::Ever | Self::Rolling => Ok(Span { since: None, window: Window::ALWAYS }),
            Self::Calendar(period) => {
                let (first, window) = period.at(zone, at);
                Ok(Span { since: Some(first), window })
            }
            Self::Days { since, window } if window.contains(at) => Ok(Span { since: *since, window: *window }),
            Self::Days { window, .. } => Err(match (window.from(), window.until()) {
                (Some(from), _) if at < from => Window::instants(None, Some(from)).unwrap_or_default(),
                (_, ended) => Window::instants(ended, None).unwrap_or_default(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    /// What no constructor makes is not read either.
    #[test]
    fn a_rolling_window_has_the_same_bounds_in_a_document() {
        assert_identity::<AllowanceWindow>(&[r#"{"rolling":{"days":36500}}"#]);
        assert_errors::<AllowanceWindow>(&[
            (r#"{"rolling":{"days":0}}"#, "`rolling.days` is `0`: zero"),
            (r#"{"rolling":{"days":36501}}"#, "`rolling.days` is `36501`: not between 1 and 36500"),
            (r#"{"rolling":{}}"#, "`rolling.days` is missing"),
        ]);
    }
}
