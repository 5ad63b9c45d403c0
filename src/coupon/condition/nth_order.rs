//! Which order of the customer this is.

use std::num::NonZeroU64;

use super::selection::into_condition;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// This order is the customer's n-th: there are exactly n - 1 earlier ones.
///
/// The first order has a condition of its own, [`Condition::FirstOrder`](crate::Condition::FirstOrder), which is judged
/// again when the redemption is committed (S16). In JSON `{"nth_order": {"n": 3}}`.
///
/// ```
/// use std::num::NonZeroU64;
/// use vouchsafe::NthOrder;
///
/// let third = NonZeroU64::new(3).map(NthOrder::new);
/// assert_eq!(third.map(|order| order.n()), Some(3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NthOrder {
    pub(crate) n: u64,
}

impl NthOrder {
    /// The order of this number, counted from 1.
    #[must_use]
    pub fn new(n: NonZeroU64) -> Self {
        Self { n: n.get() }
    }

    /// Which order, counted from 1.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }
}

impl Form for NthOrder {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| f.required_not_zero("n").map(|n| Self { n }))
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("n", &self.n).end()
    }
}

into_condition!(NthOrder);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn orders_are_counted_from_one() {
        assert_identity::<NthOrder>(&[r#"{"n":1}"#, r#"{"n":18446744073709551615}"#]);
        assert_errors::<NthOrder>(&[
            (r#"{"n":0}"#, "`n` is `0`: zero"),
            ("{}", "`n` is missing"),
            (r#"{"n":2.5}"#, "`n` is `2.5`: expected a whole number"),
        ]);
    }
}
