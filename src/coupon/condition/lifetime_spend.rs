//! What the customer spent so far.

use super::selection::into_condition;
use crate::coupon::Amounts;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// The customer spent at least so much in earlier orders (S15).
///
/// The figure is the host's, per currency, and never converted. In JSON
/// `{"lifetime_spend": {"at_least": {"USD": "1000.00"}}}`.
///
/// ```
/// use vouchsafe::{Amounts, Currency, LifetimeSpend, Money};
///
/// let loyal = LifetimeSpend::new(Amounts::new([Money::parse("1000", Currency::USD)?])?);
/// assert_eq!(loyal.at_least().in_currency(Currency::USD), Some(Money::parse("1000", Currency::USD)?));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifetimeSpend {
    pub(crate) at_least: Amounts,
}

impl LifetimeSpend {
    /// At least so much.
    #[must_use]
    pub fn new(at_least: Amounts) -> Self {
        Self { at_least }
    }

    /// The least that is enough, inclusive.
    #[must_use]
    pub fn at_least(&self) -> &Amounts {
        &self.at_least
    }
}

impl Form for LifetimeSpend {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| f.required("at_least").map(|at_least| Self { at_least }))
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("at_least", &self.at_least).end()
    }
}

into_condition!(LifetimeSpend);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn an_amount_is_needed() {
        assert_identity::<LifetimeSpend>(&[r#"{"at_least":{"JPY":"1000","USD":"10.00"}}"#]);
        assert_errors::<LifetimeSpend>(&[
            ("{}", "`at_least` is missing"),
            (r#"{"at_least":{"USD":"-1"}}"#, "`at_least.USD` is `-1`: negative"),
        ]);
    }
}
