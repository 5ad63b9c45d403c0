//! Free days.

use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// Free days before a subscription is charged for the first time (S67).
///
/// Only for subscription lines, and not together with a choice of payments: a trial has no payment to lower. In JSON
/// `{"trial": {"days": 14}}`.
///
/// ```
/// use vouchsafe::{Benefit, Trial};
///
/// assert_eq!(serde_json::to_string(&Benefit::from(Trial::new(14)?))?, r#"{"trial":{"days":14}}"#);
/// assert!(Trial::new(0).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    pub(crate) days: u32,
}

impl Trial {
    /// The longest trial: a hundred years.
    pub const MAX_DAYS: u32 = 36_500;

    /// So many whole days.
    ///
    /// # Errors
    /// At the path `days`: [`Why::Zero`], or [`Why::OutOfRange`] past a hundred years.
    pub fn new(days: u32) -> Result<Self, Error> {
        match days {
            0 => Err(Error::invalid("days", days, Why::Zero)),
            days if days > Self::MAX_DAYS => {
                let why = Why::OutOfRange { min: "1".to_owned(), max: Self::MAX_DAYS.to_string() };
                Err(Error::invalid("days", days, why))
            }
            days => Ok(Self { days }),
        }
    }

    /// Whole days, at least one.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }
}

impl Form for Trial {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let days = f.required("days")?;
            f.accept_at(&["days"], Self::new(days))
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("days", &self.days).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    /// Proves that a trial is whole days (S67).
    #[test]
    fn a_trial_is_whole_days() {
        assert_identity::<Trial>(&[r#"{"days":1}"#, r#"{"days":36500}"#]);
        assert_errors::<Trial>(&[
            (r#"{"days":0}"#, "`days` is `0`: zero"),
            (r#"{"days":1.5}"#, "`days` is `1.5`: expected a whole number"),
            (r#"{"days":36501}"#, "`days` is `36501`: not between 1 and 36500"),
            ("{}", "`days` is missing"),
        ]);
    }
}
