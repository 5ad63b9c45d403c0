//! How many different products the order has.

use std::num::NonZeroU64;

use super::LineRange;
use super::selection::into_condition;
use super::spend::read_of;
use crate::coupon::Scope;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// The order has at least so many different products.
///
/// Two lines of one product are one product, and so are its thousand pieces: "three different wines of this list" is not
/// met by three bottles of one. In JSON `{"distinct_products": {"at_least": 3, "of": {"categories": ["wine"]}}}`, with
/// `"range": "order"` to look beyond the lines that the coupon acts on.
///
/// ```
/// use std::num::NonZeroU64;
/// use vouchsafe::{Condition, DistinctProducts, LineRange};
///
/// let three = NonZeroU64::MIN.saturating_add(2);
/// let condition = Condition::from(DistinctProducts::new(three).range_of(LineRange::Order));
/// assert_eq!(serde_json::to_string(&condition)?, r#"{"distinct_products":{"at_least":3,"range":"order"}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinctProducts {
    pub(crate) at_least: u64,
    pub(crate) range: LineRange,
    pub(crate) of: Option<Scope>,
}

impl DistinctProducts {
    /// At least so many different products on the qualifying lines.
    #[must_use]
    pub fn new(at_least: NonZeroU64) -> Self {
        Self { at_least: at_least.get(), range: LineRange::Qualifying, of: None }
    }

    /// The same, looking at these lines.
    #[must_use]
    pub fn range_of(self, range: LineRange) -> Self {
        Self { range, ..self }
    }

    /// The same, counting only products of this scope.
    #[must_use]
    pub fn only_of(self, scope: Scope) -> Self {
        Self { of: Some(scope), ..self }
    }

    /// The least number of different products.
    #[must_use]
    pub fn at_least(&self) -> u64 {
        self.at_least
    }

    /// Which lines are looked at.
    #[must_use]
    pub fn range(&self) -> LineRange {
        self.range
    }

    /// Counts only products of this scope, within the range.
    #[must_use]
    pub fn of(&self) -> Option<&Scope> {
        self.of.as_ref()
    }
}

impl Form for DistinctProducts {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (at_least, range, of) = (f.required_not_zero("at_least"), f.or_default("range"), read_of(f));
            at_least.map(|at_least| Self { at_least, range, of })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("at_least", &self.at_least)
            .put_unless_default("range", &self.range)
            .put_some("of", self.of.as_ref())
            .end()
    }
}

into_condition!(DistinctProducts);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_number_of_products_is_needed() {
        assert_identity::<DistinctProducts>(&[
            r#"{"at_least":1}"#,
            r#"{"at_least":3,"range":"order","of":{"categories":["wine"]}}"#,
        ]);
        assert_errors::<DistinctProducts>(&[
            ("{}", "`at_least` is missing"),
            (r#"{"at_least":0}"#, "`at_least` is `0`: zero"),
            (r#"{"at_least":3,"of":{"subsystem":{}}}"#, "`of.subsystem.subsystem` is missing"),
        ]);
    }
}
