//! Where the order comes from: the channel or order form.

use super::selection::into_condition;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};
use crate::key::ChannelId;

/// The order comes through one of these channels or order forms (S82).
///
/// A coupon acts only where it is switched on, so there is a list that allows and none that shuts out. In JSON
/// `{"channels": {"only": ["web", "form-12"]}}`.
///
/// ```
/// use vouchsafe::{ChannelId, Channels, Condition};
///
/// let web = Condition::from(Channels::only([ChannelId::new("web")?]));
/// assert_eq!(serde_json::to_string(&web)?, r#"{"channels":{"only":["web"]}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    pub(crate) only: Vec<ChannelId>,
}

impl Channels {
    /// Allows only these; an empty list allows nothing.
    #[must_use]
    pub fn only(allowed: impl IntoIterator<Item = ChannelId>) -> Self {
        Self { only: allowed.into_iter().collect() }
    }

    /// The channels that are allowed.
    #[must_use]
    pub fn allowed(&self) -> &[ChannelId] {
        &self.only
    }
}

impl Form for Channels {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| f.required("only").map(|only| Self { only }))
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("only", &self.only).end()
    }
}

into_condition!(Channels);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_list_is_needed() {
        assert_identity::<Channels>(&[r#"{"only":[]}"#, r#"{"only":["web"]}"#]);
        assert_errors::<Channels>(&[
            ("{}", "`only` is missing"),
            (r#"{"except":["web"]}"#, "`except` is `[..]`: unknown field, known: `only`; `only` is missing"),
        ]);
    }
}
