//! Which payments of a subscription a coupon lowers.

use std::num::NonZeroU32;

use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, choices, serde_by_form, tagged};

/// Which payments of a subscription or payment plan a coupon lowers.
///
/// Acts on subscription lines only; what is sold once in the same order is discounted once (S149). In JSON `"first"`,
/// `"all"`, `{"first_n": 3}`, `{"months": 3}` or `{"days": 90}`.
///
/// A time of service, in months or days from the order on, covers of each payment the share that lies in it: of a yearly
/// bill of 120.00 three months are 30.00, on which 10% is 3.00; the next bill is not covered. A line that is not
/// [billed again](crate::Billing) has no time of service, and such a coupon leaves it alone.
///
/// ```
/// use vouchsafe::Payments;
///
/// let payments = Payments::first_n(3)?;
/// assert!(payments.covers(3) && !payments.covers(4));
/// assert_eq!(serde_json::to_string(&payments)?, r#"{"first_n":3}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payments {
    /// The first payment only: the rest is at full price (S65).
    First,
    /// Every payment (S66).
    All,
    /// The first so many payments.
    FirstN(NonZeroU32),
    /// So many months of service.
    Months(NonZeroU32),
    /// So many days of service.
    Days(NonZeroU32),
}

choices! {
    /// What becomes of the part of an amount that a payment of a subscription cannot take.
    ///
    /// ```
    /// use vouchsafe::Remainder;
    ///
    /// assert_eq!(serde_json::to_string(&Remainder::Carry)?, r#""carry""#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum Remainder {
        /// It is lost (S63).
        Forfeit = "forfeit",
        /// Later payments of the same subscription take it, and nothing else ever does: no credit arises (S64).
        Carry = "carry",
    }
}

impl Payments {
    /// The first so many payments.
    ///
    /// # Errors
    /// At the path `first_n`: [`Why::Zero`].
    pub fn first_n(payments: u32) -> Result<Self, Error> {
        Self::counted("first_n", payments).map(Self::FirstN)
    }

    /// So many months of service, from the order on.
    ///
    /// # Errors
    /// At the path `months`: [`Why::Zero`].
    ///
    /// ```
    /// use vouchsafe::Payments;
    ///
    /// assert_eq!(serde_json::to_string(&Payments::months(3)?)?, r#"{"months":3}"#);
    /// assert_eq!(Payments::months(0).unwrap_err().to_string(), "`months` is `0`: zero");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn months(months: u32) -> Result<Self, Error> {
        Self::counted("months", months).map(Self::Months)
    }

    /// So many days of service, from the order on.
    ///
    /// # Errors
    /// At the path `days`: [`Why::Zero`].
    pub fn days(days: u32) -> Result<Self, Error> {
        Self::counted("days", days).map(Self::Days)
    }

    fn counted(path: &'static str, count: u32) -> Result<NonZeroU32, Error> {
        NonZeroU32::new(count).ok_or_else(|| Error::invalid(path, count, Why::Zero))
    }

    /// Whether the payment with this number, counted from 1, is lowered. Of a time of service the first one is; which later
    /// ones are hangs on how long a payment lasts.
    #[must_use]
    pub fn covers(self, payment: u32) -> bool {
        match self {
            Self::First | Self::Months(_) | Self::Days(_) => payment == 1,
            Self::All => payment >= 1,
            Self::FirstN(last) => payment >= 1 && payment <= last.get(),
        }
    }

    /// Whether it is a time of service.
    pub(crate) fn is_service_time(self) -> bool {
        matches!(self, Self::Months(_) | Self::Days(_))
    }
}

impl Form for Payments {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let choices = "`first`, `all`, `first_n`, `months`, `days`";
        match check.choice(value, choices)? {
            ("first", None) => Some(Self::First),
            ("all", None) => Some(Self::All),
            (name @ ("first_n" | "months" | "days"), Some(inner)) => check.in_field(name, 0, |check| {
                let count = NonZeroU32::new(u32::read(inner, check)?);
                if count.is_none() {
                    check.report(inner, Why::Zero);
                }
                Some(match name {
                    "months" => Self::Months(count?),
                    "days" => Self::Days(count?),
                    _ => Self::FirstN(count?),
                })
            }),
            ("first_n" | "months" | "days", None) => {
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
            Self::Months(months) => tagged("months", months.get().into()),
            Self::Days(days) => tagged("days", days.get().into()),
        }
    }
}

serde_by_form!(Payments);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_are_read_and_written() {
        for json in [r#""first""#, r#""all""#, r#"{"first_n":3}"#, r#"{"months":3}"#, r#"{"days":90}"#] {
            let payments: Payments = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&payments).unwrap(), json);
        }
        for (json, error) in [
            (r#"{"first_n":0}"#, "`first_n` is `0`: zero"),
            (r#"{"first_n":"3"}"#, "`first_n` is `3`: expected a whole number"),
            (r#""last""#, "`` is `last`: not one of `first`, `all`, `first_n`, `months`, `days`"),
            (r#"{"months":0}"#, "`months` is `0`: zero"),
            (r#""first_n""#, "`` is `first_n`: expected an object that says how many"),
        ] {
            assert_eq!(serde_json::from_str::<Payments>(json).unwrap_err().to_string(), error);
        }
        for (made, error) in [
            (Payments::first_n(0), "`first_n` is `0`: zero"),
            (Payments::months(0), "`months` is `0`: zero"),
            (Payments::days(0), "`days` is `0`: zero"),
        ] {
            assert_eq!(made.unwrap_err().to_string(), error);
        }
    }

    /// Proves the reach of S65 and S66.
    #[test]
    fn payments_are_counted_from_one() {
        let three = Payments::first_n(3).unwrap();
        let covered = |payments: Payments| (0..6).filter(|n| payments.covers(*n)).collect::<Vec<u32>>();
        assert_eq!(covered(Payments::First), [1]);
        assert_eq!(covered(Payments::All), [1, 2, 3, 4, 5]);
        assert_eq!(covered(three), [1, 2, 3]);
    }
}
