//! How many have joined.

use std::num::NonZeroU64;

use super::selection::into_condition;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// At least so many different customers have joined the offer: a social sale, which takes effect once enough are
/// together.
///
/// Who has joined is the host's to count, since nobody can have used a code that does not work yet: everyone who signed
/// up for the offer, asked for its code, or put it into an open basket. The figure comes with the presented code
/// ([`Usage::with_customers`](crate::Usage::with_customers)), the shopper at hand in it or not, as the host decides;
/// where none is given nobody has joined. An order that was placed keeps its price, however many leave. In JSON
/// `{"unique_customers": {"at_least": 100}}`.
///
/// ```
/// use std::num::NonZeroU64;
/// use vouchsafe::{Condition, UniqueCustomers};
///
/// let crowd = NonZeroU64::new(100).map(UniqueCustomers::new).map(Condition::from);
/// assert_eq!(serde_json::to_string(&crowd)?, r#"{"unique_customers":{"at_least":100}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UniqueCustomers {
    pub(crate) at_least: u64,
}

impl UniqueCustomers {
    /// At least so many.
    #[must_use]
    pub fn new(at_least: NonZeroU64) -> Self {
        Self { at_least: at_least.get() }
    }

    /// The least number of customers.
    #[must_use]
    pub fn at_least(&self) -> u64 {
        self.at_least
    }
}

impl Form for UniqueCustomers {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| f.required_not_zero("at_least").map(|at_least| Self { at_least }))
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("at_least", &self.at_least).end()
    }
}

into_condition!(UniqueCustomers);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_number_of_customers_is_needed() {
        assert_identity::<UniqueCustomers>(&[r#"{"at_least":1}"#, r#"{"at_least":18446744073709551615}"#]);
        assert_errors::<UniqueCustomers>(&[
            ("{}", "`at_least` is missing"),
            (r#"{"at_least":0}"#, "`at_least` is `0`: zero"),
        ]);
    }
}
