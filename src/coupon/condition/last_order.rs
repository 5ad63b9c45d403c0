//! How long ago the customer ordered last.

use super::selection::into_condition;
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// The customer's last order is recent enough, or long enough ago (S94).
///
/// `over_days` wins customers back who have not ordered for a while; `within_days` thanks those who just did. Both
/// together are a span: more than 30, at most 90 days ago. A customer without any order meets neither. In JSON
/// `{"last_order": {"over_days": 30, "within_days": 90}}`.
///
/// ```
/// use vouchsafe::LastOrder;
///
/// assert!(LastOrder::new(Some(90), Some(30)).is_ok());
/// assert!(LastOrder::new(Some(30), Some(30)).is_err()); // more than 30 and at most 30 days ago: never
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastOrder {
    pub(crate) within_days: Option<u32>,
    pub(crate) over_days: Option<u32>,
}

impl LastOrder {
    /// At most `within_days` days ago, and more than `over_days` days ago.
    ///
    /// # Errors
    /// [`Why::Missing`] at `within_days` where neither is given, [`Why::Impossible`] at `over_days` where no moment lies
    /// between.
    pub fn new(within_days: Option<u32>, over_days: Option<u32>) -> Result<Self, Error> {
        match (within_days, over_days) {
            (None, None) => Err(Error::invalid("within_days", "", Why::Missing)),
            (Some(within), Some(over)) if over >= within => Err(Error::invalid(
                "over_days",
                over,
                Why::Impossible { because: "over_days is not less than within_days" },
            )),
            _ => Ok(Self { within_days, over_days }),
        }
    }

    /// At most so many days ago.
    #[must_use]
    pub fn within_days(&self) -> Option<u32> {
        self.within_days
    }

    /// More than so many days ago.
    #[must_use]
    pub fn over_days(&self) -> Option<u32> {
        self.over_days
    }
}

impl Form for LastOrder {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (within, over) = (f.optional_or_reported("within_days"), f.optional_or_reported("over_days"));
            f.accept_at(&["within_days", "over_days"], Self::new(within?, over?))
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_some("within_days", self.within_days.as_ref())
            .put_some("over_days", self.over_days.as_ref())
            .end()
    }
}

into_condition!(LastOrder);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_span_has_room() {
        assert_identity::<LastOrder>(&[
            r#"{"within_days":0}"#,
            r#"{"over_days":30}"#,
            r#"{"within_days":31,"over_days":30}"#,
        ]);
        assert_errors::<LastOrder>(&[
            ("{}", "`within_days` is missing"),
            (
                r#"{"within_days":30,"over_days":30}"#,
                "`over_days` is `30`: can never apply: over_days is not less than within_days",
            ),
            (r#"{"within_days":"30"}"#, "`within_days` is `30`: expected a whole number"),
        ]);
    }
}
