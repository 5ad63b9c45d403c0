//! What the rewarded pieces of a set give.

use crate::coupon::Amounts;
use crate::form::{Check, DraftValue, Form, serde_by_form, tagged};
use crate::money::Percent;

use crate::error::Why;

/// What becomes of each piece that a set of pieces rewards: the one of "buy two, get one", the third of three.
///
/// In JSON `"free"`, or an object with one field: `{"percent": "50"}`, `{"amount": {"USD": "5.00"}}` off each piece,
/// `{"to_price": {"USD": "1.00"}}` for each piece. None of them makes anything dearer.
///
/// ```
/// use vouchsafe::{Percent, Reward};
///
/// let half: Reward = serde_json::from_str(r#"{"percent": "50"}"#)?;
/// assert_eq!(half, Reward::Percent(Percent::parse("50")?));
/// assert_eq!(serde_json::to_string(&Reward::Free)?, r#""free""#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Reward {
    /// It costs nothing.
    #[default]
    Free,
    /// A percentage off, rounded on the rewarded pieces of each line together, or on each piece where policy says so.
    Percent(Percent),
    /// This amount off each piece; what a piece does not have is forfeited.
    Amount(Amounts),
    /// Each piece costs this, where it would cost more.
    ToPrice(Amounts),
}

impl Reward {
    /// The figures per currency that it names.
    #[must_use]
    pub fn amounts(&self) -> Option<&Amounts> {
        match self {
            Self::Free | Self::Percent(_) => None,
            Self::Amount(amounts) | Self::ToPrice(amounts) => Some(amounts),
        }
    }

    /// Whether it takes nothing off, whatever a piece costs.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Free | Self::ToPrice(_) => false,
            Self::Percent(percent) => percent.is_zero(),
            Self::Amount(amounts) => amounts.is_zero(),
        }
    }
}

const KINDS: &str = "`free`, `percent`, `amount`, `to_price`";

impl Form for Reward {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        match check.choice(value, KINDS)? {
            ("free", None) => Some(Self::Free),
            (kind @ ("percent" | "amount" | "to_price"), Some(inner)) => check.in_field(kind, 0, |check| match kind {
                "percent" => Form::read(inner, check).map(Self::Percent),
                "amount" => Form::read(inner, check).map(Self::Amount),
                _ => Form::read(inner, check).map(Self::ToPrice),
            }),
            ("percent" | "amount" | "to_price", None) => {
                check.wrong_kind(value, "an object with one field, since this kind needs more than its name");
                None
            }
            ("free", Some(inner)) => {
                check.in_field("free", 0, |check| check.wrong_kind(inner, "only the name `free`"));
                None
            }
            (kind, _) => {
                check.report(kind, Why::UnknownChoice { choices: KINDS });
                None
            }
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Free => "free".into(),
            Self::Percent(percent) => tagged("percent", percent.write()),
            Self::Amount(amounts) => tagged("amount", amounts.write()),
            Self::ToPrice(amounts) => tagged("to_price", amounts.write()),
        }
    }
}

serde_by_form!(Reward);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn every_reward_is_read_and_written() {
        assert_identity::<Reward>(&[
            r#""free""#,
            r#"{"percent":"50"}"#,
            r#"{"amount":{"USD":"5.00"}}"#,
            r#"{"to_price":{"USD":"1.00","other":"1"}}"#,
        ]);
        assert_errors::<Reward>(&[
            (r#""half""#, "`` is `half`: not one of `free`, `percent`, `amount`, `to_price`"),
            (
                r#""percent""#,
                "`` is `percent`: expected an object with one field, since this kind needs more than its name",
            ),
            (r#"{"free":true}"#, "`free` is `true`: expected only the name `free`"),
            (r#"{"percent":"100.001"}"#, "`percent` is `100.001`: not between 0 and 100"),
            (r#"{"amount":{"USD":"-1"}}"#, "`amount.USD` is `-1`: negative"),
        ]);
    }

    #[test]
    fn a_reward_of_zero_is_known_by_its_definition() {
        for (json, zero) in [
            (r#""free""#, false),
            (r#"{"percent":"0"}"#, true),
            (r#"{"amount":{"USD":"0"}}"#, true),
            (r#"{"to_price":{"USD":"0"}}"#, false),
        ] {
            assert_eq!(read::<Reward>(json).is_zero(), zero, "{json}");
        }
    }
}
