//! What is asked of an attribute.

use crate::attribute::Attributes;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form};
use crate::key::{AttributeKey, AttributeValue};

/// An attribute has one of these values, or any value at all.
///
/// Asked of products by [`Scope::Attribute`](crate::Scope::Attribute), and of customers by
/// [`Condition::CustomerAttribute`](crate::Condition::CustomerAttribute). Where a key has several values one of them is
/// enough. A list that is absent allows every value, but the key must have one; an empty list allows none. In JSON
/// `{"key": "colour", "any_of": ["red", "black"]}`.
///
/// ```
/// use vouchsafe::{Attributes, HasAttribute};
///
/// let boot = Attributes::new([("colour".parse()?, "red".parse()?)]);
/// assert!(HasAttribute::any("colour".parse()?).is_met_by(&boot));
/// assert!(HasAttribute::one_of("colour".parse()?, ["red".parse()?, "black".parse()?]).is_met_by(&boot));
/// assert!(!HasAttribute::one_of("colour".parse()?, ["Red".parse()?]).is_met_by(&boot)); // compared exactly
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HasAttribute {
    key: AttributeKey,
    any_of: Option<Vec<AttributeValue>>,
}

impl HasAttribute {
    /// The key has a value, whichever.
    #[must_use]
    pub fn any(key: AttributeKey) -> Self {
        Self { key, any_of: None }
    }

    /// The key has one of these values.
    #[must_use]
    pub fn one_of(key: AttributeKey, values: impl IntoIterator<Item = AttributeValue>) -> Self {
        Self { key, any_of: Some(values.into_iter().collect()) }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &AttributeKey {
        &self.key
    }

    /// The values that are allowed; `None` allows every one, an empty list none.
    #[must_use]
    pub fn any_of(&self) -> Option<&[AttributeValue]> {
        self.any_of.as_deref()
    }

    /// Whether attributes have it.
    #[must_use]
    pub fn is_met_by(&self, attributes: &Attributes) -> bool {
        attributes.of(&self.key).any(|value| self.any_of.as_ref().is_none_or(|values| values.contains(value)))
    }
}

impl Form for HasAttribute {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (key, any_of) = (f.required("key"), f.optional_or_reported("any_of"));
            Some(Self { key: key?, any_of: any_of? })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("key", &self.key).put_some("any_of", self.any_of.as_ref()).end()
    }
}

serde_by_form!(HasAttribute);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn a_key_is_needed() {
        assert_identity::<HasAttribute>(&[
            r#"{"key":"colour"}"#,
            r#"{"key":"colour","any_of":[]}"#,
            r#"{"key":"colour","any_of":["red","black"]}"#,
        ]);
        assert_errors::<HasAttribute>(&[
            ("{}", "`key` is missing"),
            (
                r#"{"key":"","any_of":["red",7],"none_of":[]}"#,
                "`key` is ``: empty; `any_of[1]` is `7`: expected a string; `none_of` is `[]`: unknown field, known: `key`, `any_of`",
            ),
        ]);
    }

    #[test]
    fn one_value_is_enough_and_no_key_is_none() {
        let boot = read::<Attributes>(r#"{"brand":"Alpina","colour":["black","red"]}"#);
        for (asked, met) in [
            (r#"{"key":"colour"}"#, true),
            (r#"{"key":"size"}"#, false),
            (r#"{"key":"colour","any_of":["red","blue"]}"#, true),
            (r#"{"key":"colour","any_of":["blue"]}"#, false),
            (r#"{"key":"brand","any_of":["red"]}"#, false),
            (r#"{"key":"colour","any_of":[]}"#, false),
        ] {
            assert_eq!(read::<HasAttribute>(asked).is_met_by(&boot), met, "{asked}");
        }
    }
}
