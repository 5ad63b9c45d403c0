//! Who belongs to the merchant: membership.

use super::selection::into_condition;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};
use crate::key::CustomerTypeId;

/// The customer is a member, of one of these groups or of any (S103, S117).
///
/// Memberships stand beside the customer's primary type: a customer has one primary type and any number of
/// [memberships](crate::Membership), each for a time; those that are live at the instant count. In JSON
/// `{"members": {}}` for any membership, `{"members": {"groups": ["PRIMARY"]}}` for some.
///
/// ```
/// use vouchsafe::{CustomerTypeId, Members};
///
/// assert_eq!(Members::any().groups(), None);
/// let primary = Members::of([CustomerTypeId::new("PRIMARY")?]);
/// assert_eq!(primary.groups().map(<[_]>::len), Some(1));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # No group at all
///
/// An empty list allows nothing: [`Members::of`] no group is legal, and no customer meets it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    pub(crate) groups: Option<Vec<CustomerTypeId>>,
}

impl Members {
    /// Any membership.
    #[must_use]
    pub fn any() -> Self {
        Self { groups: None }
    }

    /// One of these groups; an empty list allows nobody.
    #[must_use]
    pub fn of(groups: impl IntoIterator<Item = CustomerTypeId>) -> Self {
        Self { groups: Some(groups.into_iter().collect()) }
    }

    /// The groups that count; `None`: any membership, an empty list: none.
    #[must_use]
    pub fn groups(&self) -> Option<&[CustomerTypeId]> {
        self.groups.as_deref()
    }
}

impl Form for Members {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| Some(Self { groups: f.optional("groups") }))
    }

    fn write(&self) -> DraftValue {
        Writer::default().put_some("groups", self.groups.as_ref()).end()
    }
}

into_condition!(Members);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn an_empty_list_of_groups_is_legal() {
        assert_identity::<Members>(&["{}", r#"{"groups":[]}"#, r#"{"groups":["GOLD"]}"#]);
        assert_errors::<Members>(&[(r#"{"groups":{}}"#, "`groups` is `{}`: expected a list")]);
    }
}
