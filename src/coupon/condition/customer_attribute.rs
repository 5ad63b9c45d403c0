//! What else is known of the customer.

use super::Condition;
use crate::coupon::HasAttribute;

/// The customer has an attribute.
///
/// In JSON `{"customer_attribute": {"key": "segment", "any_of": ["press"]}}`.
///
/// ```
/// use vouchsafe::{Condition, HasAttribute};
///
/// let press = Condition::from(HasAttribute::one_of("segment".parse()?, ["press".parse()?]));
/// assert_eq!(serde_json::to_string(&press)?, r#"{"customer_attribute":{"key":"segment","any_of":["press"]}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl From<HasAttribute> for Condition {
    fn from(attribute: HasAttribute) -> Self {
        Self::CustomerAttribute(attribute)
    }
}
