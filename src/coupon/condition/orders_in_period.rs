//! How often the customer ordered lately.

use super::selection::into_condition;
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// The customer placed at least so many orders within the last so many days (S15).
///
/// "Loyal" in numbers: five orders in 365 days. The order at hand is not counted. In JSON
/// `{"orders_in_period": {"days": 365, "at_least": 5}}`.
///
/// ```
/// use vouchsafe::OrdersInPeriod;
///
/// let loyal = OrdersInPeriod::new(365, 5)?;
/// assert_eq!((loyal.days(), loyal.at_least()), (365, 5));
/// assert!(OrdersInPeriod::new(365, 0).is_err()); // everyone has placed no order
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrdersInPeriod {
    pub(crate) days: u32,
    pub(crate) at_least: u64,
}

impl OrdersInPeriod {
    /// At least so many orders within so many days.
    ///
    /// # Errors
    /// [`Why::Zero`] at `days` or at `at_least`.
    pub fn new(days: u32, at_least: u64) -> Result<Self, Error> {
        if days == 0 {
            Err(Error::invalid("days", days, Why::Zero))
        } else if at_least == 0 {
            Err(Error::invalid("at_least", at_least, Why::Zero))
        } else {
            Ok(Self { days, at_least })
        }
    }

    /// Length of the period in days, ending at the instant of evaluation.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }

    /// The least number of earlier orders.
    #[must_use]
    pub fn at_least(&self) -> u64 {
        self.at_least
    }
}

impl Form for OrdersInPeriod {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (days, at_least) = (f.required_not_zero("days"), f.required_not_zero("at_least"));
            Some(Self { days: days?, at_least: at_least? })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("days", &self.days).put("at_least", &self.at_least).end()
    }
}

into_condition!(OrdersInPeriod);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn neither_figure_is_zero() {
        assert_identity::<OrdersInPeriod>(&[r#"{"days":365,"at_least":5}"#]);
        assert_errors::<OrdersInPeriod>(&[
            (r#"{"days":0,"at_least":0}"#, "`days` is `0`: zero; `at_least` is `0`: zero"),
            (r#"{"days":30}"#, "`at_least` is missing"),
        ]);
        assert!(OrdersInPeriod::new(0, 1).is_err());
    }
}
