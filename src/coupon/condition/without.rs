//! What the order must not have.

use super::selection::into_condition;
use super::spend::read_scope;
use crate::coupon::Scope;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// The order has no line of this scope (S22).
///
/// To leave gift cards alone, a coupon narrows its own [scope](crate::Coupon::scope); this is for a coupon that is not
/// for orders with a gift card at all: "not valid with items on sale". Every line counts that is in the totals, whether
/// the coupon would act on it or not. In JSON `{"without": {"of": "on_sale"}}`.
///
/// ```
/// use vouchsafe::{Condition, Scope, Without};
///
/// let regular = Condition::from(Without::new(Scope::OnSale));
/// assert_eq!(serde_json::to_string(&regular)?, r#"{"without":{"of":"on_sale"}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Without {
    pub(crate) of: Scope,
}

impl Without {
    /// No line of this scope.
    #[must_use]
    pub fn new(of: Scope) -> Self {
        Self { of }
    }

    /// What no line may be of.
    #[must_use]
    pub fn of(&self) -> &Scope {
        &self.of
    }
}

impl Form for Without {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| f.required_with("of", read_scope).map(|of| Self { of }))
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("of", &self.of).end()
    }
}

into_condition!(Without);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_scope_is_needed() {
        assert_identity::<Without>(&[r#"{"of":"on_sale"}"#, r#"{"of":{"not":{"categories":["shoes"]}}}"#]);
        assert_errors::<Without>(&[
            ("{}", "`of` is missing"),
            (r#"{"of":{"tags":"sale"}}"#, "`of.tags` is `sale`: expected a list"),
            (r#""on_sale""#, "`` is `on_sale`: expected an object"),
        ]);
    }
}
