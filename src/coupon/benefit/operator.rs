//! An amount that an operator gives.

use super::target::Target;
use crate::coupon::Amounts;
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// An amount that an operator gives with the code, following instructions (S141).
///
/// For offers that no rule can put in figures ("match the competitor's price, see his advertisement"). The definition
/// holds the instructions and perhaps a bound; the figure comes with the presented code, and without it the code is
/// refused. In JSON `{"operator": {"instructions": "...", "max": {"USD": "25.00"}}}`.
///
/// ```
/// use vouchsafe::{Amounts, Currency, Money, OperatorAmount};
///
/// let bound = Amounts::new([Money::parse("25", Currency::USD)?])?;
/// let matched = OperatorAmount::new("match the advertised price")?.up_to(bound);
/// assert_eq!(matched.instructions(), "match the advertised price");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorAmount {
    pub(crate) max: Option<Amounts>,
    pub(crate) instructions: String,
    pub(crate) target: Target,
}

impl OperatorAmount {
    /// The most characters of instructions.
    pub const MAX_INSTRUCTIONS: usize = 4_000;

    /// An amount without a bound, following these instructions.
    ///
    /// # Errors
    /// [`Why::TooLong`] at `instructions` past 4,000 characters.
    pub fn new(instructions: impl Into<String>) -> Result<Self, Error> {
        let instructions = instructions.into();
        if instructions.chars().count() > Self::MAX_INSTRUCTIONS {
            let why = Why::TooLong { max: Self::MAX_INSTRUCTIONS };
            return Err(Error::invalid("instructions", instructions, why));
        }
        Ok(Self { max: None, instructions, target: Target::default() })
    }

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

    /// The most the operator may give; a currency that is not named has no bound.
    #[must_use]
    pub fn max(&self) -> Option<&Amounts> {
        self.max.as_ref()
    }

    /// What the operator is told to do.
    #[must_use]
    pub fn instructions(&self) -> &str {
        &self.instructions
    }

    /// Which pieces it acts on.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }
}

impl Form for OperatorAmount {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let instructions: String = f.or_default("instructions");
            let made = f.accept_at(&["instructions"], Self::new(instructions));
            let max = f.optional("max");
            let target = Target::read_among(f);
            made.map(|made| Self { max, target, ..made })
        })
    }

    fn write(&self) -> DraftValue {
        let writer =
            Writer::default().put_unless_default("instructions", &self.instructions).put_some("max", self.max.as_ref());
        self.target.write_among(writer).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, errors_of};

    #[test]
    fn bounds_and_instructions_are_optional() {
        assert_identity::<OperatorAmount>(&[
            "{}",
            r#"{"instructions":"match the price","max":{"USD":"25.00"},"scope":"on_sale"}"#,
        ]);
        assert_errors::<OperatorAmount>(&[
            (r#"{"instructions":7}"#, "`instructions` is `7`: expected a string"),
            (r#"{"max":{"USD":"0.001"}}"#, "`max.USD` is `0.001`: more than 2 decimals"),
        ]);
        let long = format!(r#"{{"instructions":"{}"}}"#, "x".repeat(4_001));
        assert!(errors_of::<OperatorAmount>(&long).ends_with(": longer than 4000 characters"));
    }
}
