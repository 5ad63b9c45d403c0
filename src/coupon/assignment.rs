//! A customer type that a coupon assigns.

use crate::key::CustomerTypeId;

use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices, serde_by_form};

choices! {
    /// When an assigned customer type takes effect.
    pub enum AssignWhen {
        /// When the redemption is committed.
        OnCommit = "on_commit",
        /// In the very evaluation that accepts the code: prices and visibility follow the new type (S6).
        BeforePricing = "before_pricing",
        /// From the next order on.
        NextOrder = "next_order",
    }
}

/// A customer type that redeeming the coupon assigns (S1).
///
/// A pro-form code, for instance, turns whoever redeems it into a customer with professional prices. One that works
/// before pricing is judged before any price is known, so its coupon may carry only conditions that read no price and
/// no line.
///
/// In JSON `{"to": "PROFORM", "when": "before_pricing"}`.
///
/// ```
/// use vouchsafe::{AssignWhen, CustomerTypeId, TypeAssignment};
///
/// let assign = TypeAssignment::new(CustomerTypeId::new("PROFORM")?, AssignWhen::BeforePricing);
/// assert_eq!(serde_json::to_string(&assign)?, r#"{"to":"PROFORM","when":"before_pricing"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeAssignment {
    pub(crate) to: CustomerTypeId,
    pub(crate) when: AssignWhen,
}

impl TypeAssignment {
    /// Assigns `to` at the given moment.
    #[must_use]
    pub fn new(to: CustomerTypeId, when: AssignWhen) -> Self {
        Self { to, when }
    }

    /// The type the customer gets.
    #[must_use]
    pub fn to(&self) -> &CustomerTypeId {
        &self.to
    }

    /// When it takes effect.
    #[must_use]
    pub fn when(&self) -> AssignWhen {
        self.when
    }
}

impl Form for TypeAssignment {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (to, when) = (f.required("to"), f.or_default("when"));
            to.map(|to| Self { to, when })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("to", &self.to).put_unless_default("when", &self.when).end()
    }
}

serde_by_form!(TypeAssignment);

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves S1.
    #[test]
    fn a_type_is_named_and_takes_effect_on_commit_by_default() {
        let assign: TypeAssignment = serde_json::from_str(r#"{"to":"CLUB"}"#).unwrap();
        assert_eq!((assign.to().as_str(), assign.when()), ("CLUB", AssignWhen::OnCommit));
        assert_eq!(serde_json::to_string(&assign).unwrap(), r#"{"to":"CLUB"}"#);
        let error = serde_json::from_str::<TypeAssignment>(r#"{"when":"never"}"#).unwrap_err().to_string();
        assert!(error.contains("`to` is missing") && error.contains("`when` is `never`: not one of"), "{error}");
    }
}
