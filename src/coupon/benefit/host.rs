//! Amounts that the host computed.

use super::target::Target;
use crate::coupon::Amounts;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// Amounts per line that the host computed and hands in with the code.
///
/// The way out for a benefit this crate does not know: the host says how much comes off which line, and the engine
/// still caps, shares, funds and taxes it like any other. In JSON `{"host": {"max": {"USD": "100.00"}}}`.
///
/// ```
/// use vouchsafe::{Benefit, HostAmounts};
///
/// assert_eq!(serde_json::to_string(&Benefit::from(HostAmounts::default()))?, r#"{"host":{}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostAmounts {
    pub(crate) max: Option<Amounts>,
    pub(crate) target: Target,
}

impl HostAmounts {
    /// The same, bounded.
    #[must_use]
    pub fn up_to(self, max: Amounts) -> Self {
        Self { max: Some(max), ..self }
    }

    /// The same, on these pieces.
    #[must_use]
    pub fn on(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// The most that the host's figures may come to in all; a currency that is not named has no bound.
    #[must_use]
    pub fn max(&self) -> Option<&Amounts> {
        self.max.as_ref()
    }

    /// Which pieces it acts on.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }
}

impl Form for HostAmounts {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| Some(Self { max: f.optional("max"), target: Target::read_among(f) }))
    }

    fn write(&self) -> DraftValue {
        self.target.write_among(Writer::default().put_some("max", self.max.as_ref())).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_bound_is_optional_and_the_figures_are_not_in_the_definition() {
        assert_identity::<HostAmounts>(&["{}", r#"{"max":{"USD":"100.00"}}"#]);
        assert_errors::<HostAmounts>(&[(
            r#"{"amounts":["1.00"]}"#,
            "`amounts` is `[..]`: unknown field, known: `max`, `scope`, `max_units`, `max_units_per_line`, `pick`, `groups_of`, `pieces_from`",
        )]);
    }
}
