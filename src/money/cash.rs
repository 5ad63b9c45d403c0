//! Rounding the amount to pay to the smallest coin.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::decimal::{minor_from_decimal, parse_decimal, scaled_up_to};
use super::{Currency, Money, Rounding, divide_i64};
use crate::error::{Error, Why};

/// The smallest step in which cash is paid: 0.05 for Swiss francs, 0.10 for New Zealand dollars, 1 for Swedish kronor.
///
/// It touches the amount to pay and nothing else: the difference is an entry of its own, never a change of a line, of a
/// tax base or of a coupon.
///
/// ```
/// use vouchsafe::{CashInterval, Currency, Money};
///
/// let rappen: CashInterval = "0.05".parse()?;
/// let to_pay = Money::parse("17.38", Currency::CHF)?;
/// assert_eq!(rappen.difference(to_pay)?.to_string(), "0.02 CHF");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CashInterval(Decimal);

impl CashInterval {
    /// An interval in major units.
    ///
    /// # Errors
    /// At the path `cash_interval`: [`Why::Zero`], [`Why::Negative`], [`Why::TooPrecise`] beyond nine decimals,
    /// [`Why::OutOfRange`] above a thousand million.
    pub fn from_decimal(interval: Decimal) -> Result<Self, Error> {
        Self::checked(interval).map_err(|why| Error::invalid("cash_interval", interval, why))
    }

    /// An interval from text in plain decimal notation.
    ///
    /// # Errors
    /// Those of [`CashInterval::from_decimal`], and [`Why::Empty`] and [`Why::NotANumber`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_text(text).map_err(|why| Error::invalid("cash_interval", text, why))
    }

    /// [`CashInterval::parse`] for readers that know the path themselves.
    pub(crate) fn from_text(text: &str) -> Result<Self, Why> {
        Self::checked(parse_decimal(text)?)
    }

    fn checked(interval: Decimal) -> Result<Self, Why> {
        match scaled_up_to(interval, Currency::MAX_EXPONENT, 1_000_000_000_000_000_000)? {
            0 => Err(Why::Zero),
            _ => Ok(Self(interval.normalize())),
        }
    }

    /// The interval in major units.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        self.0
    }

    /// The interval in minor units of a currency.
    ///
    /// # Errors
    /// At the path `cash_interval`: [`Why::TooPrecise`] where the currency has fewer decimals, [`Why::Overflow`].
    ///
    /// ```
    /// use vouchsafe::{CashInterval, Currency};
    ///
    /// let rappen = CashInterval::parse("0.05")?;
    /// assert_eq!(rappen.to_minor(Currency::CHF)?, 5);
    /// assert!(rappen.to_minor(Currency::JPY).is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn to_minor(self, currency: Currency) -> Result<i64, Error> {
        minor_from_decimal(self.0, currency).map_err(|why| Error::invalid("cash_interval", self.0, why))
    }

    /// What must be added to an amount to reach the nearest multiple of the interval; the midpoint goes away from zero.
    ///
    /// # Errors
    /// Those of [`CashInterval::to_minor`]; [`Error::Overflow`] of `cash_rounding`.
    ///
    /// ```
    /// use vouchsafe::{CashInterval, Currency, Money};
    ///
    /// let dime = CashInterval::parse("0.10")?;
    /// assert_eq!(dime.difference(Money::new(1234, Currency::NZD))?.minor(), -4);
    /// assert_eq!(dime.difference(Money::new(1235, Currency::NZD))?.minor(), 5);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn difference(self, amount: Money) -> Result<Money, Error> {
        let interval = self.to_minor(amount.currency())?;
        let difference =
            Self::difference_minor(amount.minor(), interval).ok_or_else(|| Error::overflow("cash_rounding"))?;
        Ok(Money::new(difference, amount.currency()))
    }

    /// [`CashInterval::difference`] in minor units, for an interval above zero; `None` if the multiple does not fit.
    pub(crate) fn difference_minor(amount: i64, interval: i64) -> Option<i64> {
        let multiple = divide_i64(amount, interval, Rounding::HalfUp).checked_mul(interval)?;
        multiple.checked_sub(amount)
    }
}

impl fmt::Display for CashInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for CashInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for CashInterval {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

super::text_serde!(CashInterval, "a cash interval as a string, such as \"0.05\"");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_decimals_as_of_text() {
        let interval = CashInterval::from_decimal(Decimal::new(50, 3)).unwrap();
        assert_eq!((interval, format!("{interval:?}").as_str()), ("0.05".parse().unwrap(), "0.05"));
        assert_eq!(interval.to_decimal(), Decimal::new(5, 2));
        for (interval, error) in [
            (Decimal::ZERO, "`cash_interval` is `0`: zero"),
            (Decimal::new(-5, 2), "`cash_interval` is `-0.05`: negative"),
        ] {
            assert_eq!(CashInterval::from_decimal(interval).unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn nearest_multiple_by_hand() {
        for (interval, currency, amount, difference) in [
            ("0.05", Currency::CHF, 1_740, 0),
            ("0.05", Currency::CHF, 1_741, -1),
            ("0.05", Currency::CHF, 1_742, -2),
            ("0.05", Currency::CHF, 1_743, 2),
            ("0.05", Currency::CHF, 1_744, 1),
            ("0.05", Currency::CHF, 2, -2),
            ("0.05", Currency::CHF, 3, 2),
            ("0.10", Currency::NZD, 1_235, 5),
            ("1", Currency::SEK, 1_250, 50),
            ("1", Currency::SEK, 1_249, -49),
            ("10", Currency::JPY, 1_234, -4),
            ("0.005", Currency::KWD, 1_233, 2),
            ("0.01", Currency::USD, 1_233, 0),
            ("0.05", Currency::CHF, 0, 0),
        ] {
            let interval: CashInterval = interval.parse().unwrap();
            let got = interval.difference(Money::new(amount, currency)).unwrap();
            assert_eq!(got, Money::new(difference, currency), "{amount} to {interval}");
            let mirror = interval.difference(Money::new(-amount, currency)).unwrap();
            assert_eq!(mirror, Money::new(-difference, currency), "-{amount} to {interval}");
        }
    }

    #[test]
    fn bounds_precision_and_text() {
        let why = |text| CashInterval::from_text(text).unwrap_err();
        assert_eq!(why("0"), Why::Zero);
        assert_eq!(why("0.00"), Why::Zero);
        assert_eq!(why("-0.05"), Why::Negative);
        assert_eq!(why("0.0000000001"), Why::TooPrecise { decimals: 9 });
        assert!(matches!(why("1000000000.1"), Why::OutOfRange { .. }));
        let dime: CashInterval = "0.10".parse().unwrap();
        assert_eq!(dime, "0.1".parse().unwrap());
        assert_eq!(serde_json::to_string(&dime).unwrap(), "\"0.1\"");
        assert_eq!(serde_json::from_str::<CashInterval>("\"0.10\"").unwrap(), dime);
        assert!(serde_json::from_str::<CashInterval>("0.1").is_err());
        let error = dime.to_minor(Currency::JPY).unwrap_err();
        assert_eq!(error.to_string(), "`cash_interval` is `0.1`: more than 0 decimals");
    }

    #[test]
    fn a_multiple_that_does_not_fit_is_an_error() {
        let interval: CashInterval = "0.1".parse().unwrap();
        assert!(interval.difference(Money::new(i64::MAX, Currency::USD)).is_err());
        // 9,223,372,036,854,775,807 to hundreds fits, to tens and to fours it lies beyond.
        assert_eq!(CashInterval::difference_minor(i64::MAX, 100), Some(-7));
        assert_eq!(CashInterval::difference_minor(i64::MAX, 10), None);
        assert_eq!(CashInterval::difference_minor(i64::MAX, 4), None);
        assert_eq!(CashInterval::difference_minor(i64::MIN, 3), None);
        assert_eq!(CashInterval::difference_minor(i64::MIN, 4), Some(0));
    }
}
