//! Percentages of discounts.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::decimal::{Plain, parse_decimal, scaled_up_to, to_decimal};
use super::rounding::divide_u64;
use super::{Money, Rounding, divide};
use crate::error::{Error, Why};

/// A percentage from 0 to 100 with up to three decimals, the value of a percentage coupon.
///
/// Held as thousandths of a percent: 33.333% is 33,333. Bounds and precision are a rule of the field (S142): nobody gives
/// more than everything, and a third is written 33.333.
///
/// ```
/// use vouchsafe::{Currency, Money, Percent, Rounding};
///
/// let third: Percent = "33.333".parse()?;
/// let hundred = Money::parse("100.00", Currency::USD)?;
/// assert_eq!(third.of(hundred, Rounding::HalfUp).to_string(), "33.33 USD");
/// assert!("100.001".parse::<Percent>().is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// A string, written in its shortest form.
///
/// ```
/// use vouchsafe::Percent;
///
/// let ten: Percent = serde_json::from_str("\"10.000\"").unwrap();
/// assert_eq!(serde_json::to_string(&ten).unwrap(), "\"10\"");
/// assert!(serde_json::from_str::<Percent>("10").is_err());
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u32);

/// Thousandths of a percent in a whole.
const WHOLE: u32 = 100_000;

impl Percent {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Everything.
    pub const HUNDRED: Self = Self(WHOLE);
    /// The most decimals.
    pub const DECIMALS: u8 = 3;

    /// A percentage from thousandths of a percent: 33,333 is 33.333%.
    ///
    /// # Errors
    /// [`Why::OutOfRange`] above 100,000, at the path `percent`.
    ///
    /// ```
    /// use vouchsafe::Percent;
    ///
    /// assert_eq!(Percent::from_thousandths(12_500)?.to_string(), "12.5");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn from_thousandths(thousandths: u32) -> Result<Self, Error> {
        Self::from_decimal(to_decimal(i64::from(thousandths), Self::DECIMALS))
    }

    /// A percentage from a decimal: 12.5 is 12.5%, not 1250%.
    ///
    /// # Errors
    /// At the path `percent`: [`Why::Negative`], [`Why::OutOfRange`], [`Why::TooPrecise`] beyond three decimals.
    pub fn from_decimal(percent: Decimal) -> Result<Self, Error> {
        Self::checked(percent).map_err(|why| Error::invalid("percent", percent, why))
    }

    /// A percentage from text in plain decimal notation, without a percent sign.
    ///
    /// # Errors
    /// Those of [`Percent::from_decimal`], and [`Why::Empty`] and [`Why::NotANumber`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_text(text).map_err(|why| Error::invalid("percent", text, why))
    }

    /// [`Percent::parse`] for readers that know the path themselves.
    pub(crate) fn from_text(text: &str) -> Result<Self, Why> {
        Self::checked(parse_decimal(text)?)
    }

    fn checked(percent: Decimal) -> Result<Self, Why> {
        let thousandths = scaled_up_to(percent, Self::DECIMALS, i64::from(WHOLE))?;
        u32::try_from(thousandths).map(Self).map_err(|_| Why::Overflow)
    }

    /// Thousandths of a percent.
    #[inline]
    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.0
    }

    /// The percentage as a decimal: 12.5% is 12.500.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        to_decimal(i64::from(self.0), Self::DECIMALS)
    }

    /// Whether it is 0%.
    #[inline]
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This percentage of an amount, rounded once to the minor unit. Cannot overflow, being at most the amount.
    ///
    /// ```
    /// use vouchsafe::{Currency, Money, Percent, Rounding};
    ///
    /// // 2.5% of 1.00 lies in the middle of two cents.
    /// let (percent, one) = (Percent::parse("2.5")?, Money::new(100, Currency::USD));
    /// assert_eq!(percent.of(one, Rounding::HalfUp).minor(), 3);
    /// assert_eq!(percent.of(one, Rounding::HalfEven).minor(), 2);
    /// assert_eq!(percent.of(one, Rounding::HalfDown).minor(), 2);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn of(self, amount: Money, rounding: Rounding) -> Money {
        Money::new(self.of_minor(amount.minor(), rounding), amount.currency())
    }

    /// [`Percent::of`] on minor units.
    #[must_use]
    #[inline]
    pub(crate) fn of_minor(self, amount: i64, rounding: Rounding) -> i64 {
        let magnitude = match amount.unsigned_abs().checked_mul(u64::from(self.0)) {
            Some(product) => divide_u64(product, u64::from(WHOLE), rounding),
            None => return self.of_large(amount, rounding),
        };
        if amount < 0 { 0_i64.saturating_sub_unsigned(magnitude) } else { 0_i64.saturating_add_unsigned(magnitude) }
    }

    /// [`Percent::of_minor`] where the product needs more than 64 bits.
    #[cold]
    fn of_large(self, amount: i64, rounding: Rounding) -> i64 {
        let product = i128::from(amount).saturating_mul(i128::from(self.0));
        // At most the amount itself, so it fits.
        i64::try_from(divide(product, i128::from(WHOLE), rounding)).unwrap_or(amount)
    }
}

/// A percentage with its rounding, made ready for many amounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoundedPercent {
    percent: Percent,
    rounding: Rounding,
    /// Added before a division that rounds down, it rounds as asked.
    bias: u64,
    /// The largest amount whose product fits 64 bits, together with the bias; zero where a bias does not do.
    most: u64,
}

impl RoundedPercent {
    pub(crate) fn new(percent: Percent, rounding: Rounding) -> Self {
        let half = u64::from(WHOLE / 2);
        let (bias, fits) = match rounding {
            Rounding::HalfUp => (half, true),
            Rounding::HalfDown => (half.saturating_sub(1), true),
            Rounding::Down => (0, true),
            // Looks at the quotient as well.
            Rounding::HalfEven => (0, false),
        };
        let most = u64::MAX.saturating_sub(bias).checked_div(u64::from(percent.0)).unwrap_or(u64::MAX);
        Self { percent, rounding, bias, most: if fits { most } else { 0 } }
    }

    /// [`Percent::of_minor`].
    #[inline]
    pub(crate) fn of_minor(self, amount: i64) -> i64 {
        match u64::try_from(amount) {
            Ok(positive) if positive <= self.most => {
                let product = positive.wrapping_mul(u64::from(self.percent.0)).wrapping_add(self.bias);
                0_i64.wrapping_add_unsigned(divide_u64(product, u64::from(WHOLE), Rounding::Down))
            }
            _ => self.percent.of_minor(amount, self.rounding),
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Plain { mantissa: i64::from(self.0), decimals: Self::DECIMALS }.fmt(f)
    }
}

impl fmt::Debug for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}%")
    }
}

impl FromStr for Percent {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

super::text_serde!(Percent, "a percentage as a string, such as \"12.5\"");

#[cfg(test)]
mod tests {
    use super::*;

    const MODES: [Rounding; 4] = [Rounding::HalfUp, Rounding::HalfEven, Rounding::HalfDown, Rounding::Down];

    fn percent(text: &str) -> Percent {
        text.parse().unwrap()
    }

    /// V8; proves S142. Columns: half-up, half-even, half-down, down.
    #[test]
    fn v8_and_other_midpoints() {
        for (rate, amount, expected) in [
            ("33.333", 10_000, [3333, 3333, 3333, 3333]),
            ("2.5", 100, [3, 2, 2, 2]),
            ("3.5", 100, [4, 4, 3, 3]),
            ("10", 106, [11, 11, 11, 10]),
            ("10", 1_005, [101, 100, 100, 100]),
            ("0.001", 50_000, [1, 0, 0, 0]),
            ("0.001", 49_999, [0, 0, 0, 0]),
            ("66.667", 1, [1, 1, 1, 0]),
            ("0", 12_345, [0; 4]),
            ("100", 12_345, [12_345; 4]),
        ] {
            for (mode, expected) in MODES.into_iter().zip(expected) {
                assert_eq!(percent(rate).of_minor(amount, mode), expected, "{rate}% of {amount} {mode:?}");
                assert_eq!(RoundedPercent::new(percent(rate), mode).of_minor(amount), expected, "{rate}% of {amount}");
                // Trap 5: a refund is the mirror of its discount.
                assert_eq!(percent(rate).of_minor(-amount, mode), -expected, "{rate}% of -{amount} {mode:?}");
            }
        }
    }

    /// V17; proves S142: 100.000 is in, 100.001 is out.
    #[test]
    fn v17_bounds_and_precision() {
        assert_eq!(percent("100.000"), Percent::HUNDRED);
        assert_eq!(percent("0.000"), Percent::ZERO);
        assert_eq!(percent("-0"), Percent::ZERO);
        assert_eq!(Percent::from_thousandths(100_000).unwrap(), Percent::HUNDRED);
        let why = |text| Percent::from_text(text).unwrap_err();
        let range = Why::OutOfRange { min: "0".to_owned(), max: "100".to_owned() };
        assert_eq!(why("100.001"), range);
        assert_eq!(why("99999999999999999999"), range);
        assert_eq!(why("-0.001"), Why::Negative);
        assert_eq!(why("-99999999999999999999"), Why::Negative);
        assert_eq!(why("33.3333"), Why::TooPrecise { decimals: 3 });
        assert_eq!(percent("33.3330").thousandths(), 33_333);
        assert_eq!(why("10%"), Why::NotANumber);
        assert!(Percent::from_thousandths(100_001).is_err());
        assert!(Percent::from_thousandths(u32::MAX).is_err());
        assert_eq!("101".parse::<Percent>().unwrap_err().to_string(), "`percent` is `101`: not between 0 and 100");
    }

    /// V23: 10% of 1.06, 2.06, 3.06 and 4.06 is 1.02 on the sum and 1.04 line by line.
    #[test]
    fn v23_rounding_once_or_per_line() {
        let (ten, lines) = (percent("10"), [106, 206, 306, 406]);
        assert_eq!(ten.of_minor(lines.iter().sum(), Rounding::HalfUp), 102);
        assert_eq!(lines.map(|line| ten.of_minor(line, Rounding::HalfUp)), [11, 21, 31, 41]);
    }

    /// V7: two times ten percent, each on what remains.
    #[test]
    fn v7_sequential() {
        let ten = percent("10");
        let once = 10_000 - ten.of_minor(10_000, Rounding::HalfUp);
        assert_eq!(once - ten.of_minor(once, Rounding::HalfUp), 8_100);
    }

    /// The narrow and the wide product meet at amounts of about 1.8e14; both must be the exact answer.
    #[test]
    fn any_amount_has_its_exact_percentage() {
        let border = i64::try_from(u64::MAX / 33_333).unwrap();
        for amount in [1, border - 1, border, border + 1, border + 2, i64::MAX - 1, i64::MAX, -border - 1, i64::MIN] {
            for rate in [Percent::ZERO, percent("0.001"), percent("33.333"), percent("99.999"), Percent::HUNDRED] {
                for mode in MODES {
                    let exact = divide(i128::from(amount) * i128::from(rate.thousandths()), 100_000, mode);
                    assert_eq!(i128::from(rate.of_minor(amount, mode)), exact, "{rate}% of {amount}");
                    let ready = RoundedPercent::new(rate, mode).of_minor(amount);
                    assert_eq!(i128::from(ready), exact, "{rate}% of {amount} {mode:?}");
                }
            }
            // Trap 7: everything off leaves nothing.
            assert_eq!(Percent::HUNDRED.of_minor(amount, Rounding::HalfUp), amount);
        }
    }

    #[test]
    fn text_is_the_shortest_form() {
        for (text, shown) in [("10.000", "10"), ("33.333", "33.333"), ("0.5", "0.5"), ("0", "0"), ("100", "100")] {
            assert_eq!(percent(text).to_string(), shown);
            let json = serde_json::to_string(&percent(text)).unwrap();
            assert_eq!(json, format!("\"{shown}\""));
            assert_eq!(serde_json::from_str::<Percent>(&json).unwrap(), percent(text));
        }
        for json in ["10", "10.5", "\"10%\"", "\"\"", "null", "\"100.001\""] {
            assert!(serde_json::from_str::<Percent>(json).is_err(), "{json}");
        }
        assert_eq!(percent("12.5").to_decimal(), Decimal::new(125, 1));
    }
}
