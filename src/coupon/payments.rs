//! Which payments of a subscription a coupon lowers.

use std::num::NonZeroU32;

use crate::error::Why;

use crate::form::DraftValue;
use crate::form::{Check, Form, serde_by_form, tagged};

/// Which payments of a subscription or payment plan a coupon lowers.
///
/// Acts on subscription lines only; what is sold once in the same order is discounted once (S149). In JSON `"first"`,
/// `"all"` or `{"first_n": 3}`.
///
/// ```
/// use vouchsafe::Payments;
///
/// let payments: Payments = serde_json::from_str(r#"{"first_n": 3}"#)?;
/// assert!(payments.covers(3) && !payments.covers(4));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payments {
    /// The first payment only: the rest is at full price (S65).
    First,
    /// Every payment (S66).
    All,
    /// The first so many payments.
    FirstN(NonZeroU32),
}

impl Payments {
    /// Whether the payment with this number, counted from 1, is lowered.
    #[must_use]
    pub fn covers(self, payment: u32) -> bool {
        match self {
            Self::First => payment == 1,
            Self::All => payment >= 1,
            Self::FirstN(last) => payment >= 1 && payment <= last.get(),
        }
    }
}

impl Form for Payments {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let choices = "`first`, `all`, `first_n`";
        match check.choice(value, choices)? {
            ("first", None) => Some(Self::First),
            ("all", None) => Some(Self::All),
            ("first_n", Some(inner)) => check.in_field("first_n", 0, |check| {
                let last = NonZeroU32::new(u32::read(inner, check)?);
                if last.is_none() {
                    check.report(inner, Why::Zero);
                }
                last.map(Self::FirstN)
            }),
            ("first_n", None) => {
                check.wrong_kind(value, "an object that says how many");
                None
            }
            (other, _) => {
                check.report(other, Why::UnknownChoice { choices });
                None
            }
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::First => "first".into(),
            Self::All => "all".into(),
            Self::FirstN(last) => tagged("first_n", last.get().into()),
        }
    }
}

serde_by_form!(Payments);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_are_read_and_written() {
        for json in [r#""first""#, r#""all""#, r#"{"first_n":3}"#] {
            let payments: Payments = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&payments).unwrap(), json);
        }
        for (json, error) in [
            (r#"{"first_n":0}"#, "`first_n` is `0`: zero"),
            (r#"{"first_n":"3"}"#, "`first_n` is `3`: expected a whole number"),
            (r#""last""#, "`` is `last`: not one of `first`, `all`, `first_n`"),
            (r#""first_n""#, "`` is `first_n`: expected an object that says how many"),
        ] {
            assert_eq!(serde_json::from_str::<Payments>(json).unwrap_err().to_string(), error);
        }
    }

    /// Proves the reach of S65 and S66.
    #[test]
    fn payments_are_counted_from_one() {
        let three = Payments::FirstN(NonZeroU32::new(3).unwrap());
        let covered = |payments: Payments| (0..6).filter(|n| payments.covers(*n)).collect::<Vec<u32>>();
        assert_eq!(covered(Payments::First), [1]);
        assert_eq!(covered(Payments::All), [1, 2, 3, 4, 5]);
        assert_eq!(covered(three), [1, 2, 3]);
    }
}
