//! Who the customer is: named customers.

use super::selection::into_condition;
use crate::customer::IdentityKey;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// The customer has one of these identity keys (S105).
///
/// For a coupon that a few named customers may use. A code made for one customer is better issued to that customer, as
/// a coupon of [`Kind::Personal`](crate::Kind::Personal). In JSON
/// `{"customers": {"only": ["id:42", "email:ann@example.com"]}}`.
///
/// ```
/// use vouchsafe::{Condition, Customers, IdentityKey};
///
/// let ann = Condition::from(Customers::only([IdentityKey::email("Ann@example.com")?]));
/// assert_eq!(serde_json::to_string(&ann)?, r#"{"customers":{"only":["email:ann@example.com"]}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customers {
    pub(crate) only: Vec<IdentityKey>,
}

impl Customers {
    /// Allows only these; an empty list allows nobody.
    #[must_use]
    pub fn only(allowed: impl IntoIterator<Item = IdentityKey>) -> Self {
        Self { only: allowed.into_iter().collect() }
    }

    /// The identity keys that are allowed.
    #[must_use]
    pub fn allowed(&self) -> &[IdentityKey] {
        &self.only
    }
}

impl Form for Customers {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| f.required("only").map(|only| Self { only }))
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("only", &self.only).end()
    }
}

into_condition!(Customers);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_identity, errors_of};

    #[test]
    fn keys_have_a_kind() {
        assert_identity::<Customers>(&[r#"{"only":[]}"#, r#"{"only":["id:42","email:ann@example.com"]}"#]);
        let errors = errors_of::<Customers>(r#"{"only":["42",42]}"#);
        assert!(errors.starts_with("`only[0]` is `42`: not one of id:"), "{errors}");
        assert!(errors.ends_with("`only[1]` is `42`: expected a string"), "{errors}");
    }
}
