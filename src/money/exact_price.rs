//! Prices of one unit that were worked out and not rounded.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

use super::{Currency, Money, Percent, Quantity, Rounding, UnitPrice, divide, parse_decimal};
use crate::error::{Error, Why};

/// The exact price of one unit in major units: a unit price, or what a percentage or an amount leaves of one. At most
/// fourteen decimals, and nothing is rounded: only the line's amount is money (S37).
///
/// ```
/// use vouchsafe::{Currency, ExactPrice, Quantity, Rounding, UnitPrice};
///
/// // 12.5% off 0.35 leaves 0.30625; a thousand of them cost 306.25 and not 310.00.
/// let bolt = ExactPrice::less_percent(UnitPrice::parse("0.35")?, "12.5".parse()?);
/// assert_eq!(bolt.to_string(), "0.30625");
/// let box_of_bolts = bolt.extended(Quantity::pieces(1_000)?, Currency::USD, Rounding::HalfUp)?;
/// assert_eq!(box_of_bolts.to_string(), "306.25 USD");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct ExactPrice {
    /// At most 10^27.
    mantissa: i128,
    /// At most 14.
    decimals: u8,
}

impl ExactPrice {
    /// The most decimals: nine of a unit price, three of a percentage, and two since that counts hundredths.
    pub const DECIMALS: u8 = 14;

    /// What a percentage off leaves of a price.
    ///
    /// ```
    /// use vouchsafe::{ExactPrice, Percent, UnitPrice};
    ///
    /// let price = UnitPrice::parse("19.99")?;
    /// assert_eq!(ExactPrice::less_percent(price, "10".parse()?).to_string(), "17.991");
    /// assert_eq!(ExactPrice::less_percent(price, Percent::ZERO), price.into());
    /// assert_eq!(ExactPrice::less_percent(price, Percent::HUNDRED), UnitPrice::ZERO.into());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn less_percent(price: UnitPrice, off: Percent) -> Self {
        /// Thousandths of a percent in a whole, and the decimals they add.
        const WHOLE: (u32, u8) = (100_000, 5);
        let (mantissa, decimals) = price.parts();
        let left = i128::from(WHOLE.0.saturating_sub(off.thousandths()));
        // Below 10^18 times 10^5.
        Self { mantissa: i128::from(mantissa).saturating_mul(left), decimals: decimals.saturating_add(WHOLE.1) }
            .shortest()
    }

    /// What an amount off leaves of a price; never below zero.
    ///
    /// ```
    /// use vouchsafe::{ExactPrice, UnitPrice};
    ///
    /// let price = UnitPrice::parse("19.99")?;
    /// assert_eq!(ExactPrice::less_amount(price, UnitPrice::parse("0.995")?).to_string(), "18.995");
    /// assert_eq!(ExactPrice::less_amount(price, UnitPrice::parse("20")?), UnitPrice::ZERO.into());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn less_amount(price: UnitPrice, off: UnitPrice) -> Self {
        let decimals = price.parts().1.max(off.parts().1);
        let left = Self::from(price).scaled(decimals).saturating_sub(Self::from(off).scaled(decimals));
        Self { mantissa: left.max(0), decimals }.shortest()
    }

    /// Reads what was written: a decimal with at most [fourteen](Self::DECIMALS) decimals.
    ///
    /// # Errors
    /// At the path `price`: no plain decimal, a negative one, more decimals, or beyond 10^27 of the smallest unit.
    ///
    /// ```
    /// use vouchsafe::ExactPrice;
    ///
    /// assert_eq!(ExactPrice::parse("0.30625")?.to_string(), "0.30625");
    /// assert!(ExactPrice::parse("-1").is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_text(text).map_err(|why| Error::invalid("price", text, why))
    }

    fn from_text(text: &str) -> Result<Self, Why> {
        /// 10^27.
        const MOST: i128 = 1_000_000_000_000_000_000_000_000_000;
        let decimal = parse_decimal(text)?.normalize();
        let decimals = u8::try_from(decimal.scale()).unwrap_or(u8::MAX);
        if decimals > Self::DECIMALS {
            return Err(Why::TooPrecise { decimals: Self::DECIMALS });
        }
        match decimal.mantissa() {
            negative if negative < 0 => Err(Why::Negative),
            mantissa if mantissa > MOST => Err(Why::Overflow),
            mantissa => Ok(Self { mantissa, decimals }),
        }
    }

    /// The price as a decimal.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        // At most 28 digits and 14 decimals, which fit.
        Decimal::try_from_i128_with_scale(self.mantissa, u32::from(self.decimals)).unwrap_or_default()
    }

    /// Whether it is free.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Price times quantity, rounded once to the minor unit.
    ///
    /// # Errors
    /// [`Error::Overflow`] of `extended`.
    pub fn extended(self, quantity: Quantity, currency: Currency, rounding: Rounding) -> Result<Money, Error> {
        let minor = self.extended_minor(quantity, currency, rounding).ok_or_else(|| Error::overflow("extended"))?;
        Ok(Money::new(minor, currency))
    }

    /// [`ExactPrice::extended`] in minor units; `None` if it does not fit.
    pub(crate) fn extended_minor(self, quantity: Quantity, currency: Currency, rounding: Rounding) -> Option<i64> {
        if let Some(price) = UnitPrice::of_parts(self.mantissa, self.decimals) {
            return price.extended_minor(quantity, currency, rounding);
        }
        let (factor, factor_decimals) = quantity.factor();
        let product = self.mantissa.checked_mul(i128::from(factor))?;
        let decimals = self.decimals.saturating_add(factor_decimals);
        let minor = match decimals.checked_sub(currency.exponent()) {
            Some(excess) => divide(product, 10_i128.checked_pow(u32::from(excess))?, rounding),
            None => {
                let missing = u32::from(currency.exponent().saturating_sub(decimals));
                product.checked_mul(10_i128.checked_pow(missing)?)?
            }
        };
        i64::try_from(minor).ok()
    }

    /// Its mantissa over more decimals.
    fn scaled(self, decimals: u8) -> i128 {
        let missing = u32::from(decimals.saturating_sub(self.decimals));
        // Below 10^32: of the largest mantissas the price has nine decimals already.
        self.mantissa.saturating_mul(10_i128.saturating_pow(missing))
    }

    /// The same value without zeros at the end of its decimals.
    fn shortest(mut self) -> Self {
        while self.decimals > 0 && self.mantissa.checked_rem(10) == Some(0) {
            self.mantissa = self.mantissa.checked_div(10).unwrap_or(0);
            self.decimals = self.decimals.saturating_sub(1);
        }
        self
    }
}

impl From<UnitPrice> for ExactPrice {
    fn from(price: UnitPrice) -> Self {
        let (mantissa, decimals) = price.parts();
        Self { mantissa: i128::from(mantissa), decimals }
    }
}

impl PartialEq for ExactPrice {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ExactPrice {}

impl PartialOrd for ExactPrice {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ExactPrice {
    fn cmp(&self, other: &Self) -> Ordering {
        let decimals = self.decimals.max(other.decimals);
        self.scaled(decimals).cmp(&other.scaled(decimals))
    }
}

impl fmt::Display for ExactPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shortest().to_decimal().fmt(f)
    }
}

impl fmt::Debug for ExactPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: &str = "999999999999999999";

    fn price(text: &str) -> UnitPrice {
        text.parse().unwrap()
    }

    fn less(text: &str, off: &str) -> ExactPrice {
        ExactPrice::less_percent(price(text), off.parse().unwrap())
    }

    fn pieces(count: u64) -> Quantity {
        Quantity::pieces(count).unwrap()
    }

    fn minor(exact: ExactPrice, quantity: Quantity, currency: Currency) -> Option<i64> {
        exact.extended_minor(quantity, currency, Rounding::HalfUp)
    }

    /// 1,000 x 0.30625 is 306.25. A price beyond every unit price, whole, in dinars with three decimals.
    #[test]
    fn bounds_and_equality() {
        let price = |text: &str| ExactPrice::parse(text);
        assert_eq!(price("-0.01").unwrap_err().to_string(), "`price` is `-0.01`: negative");
        assert!(price("1000000000000000000000000000").is_ok(), "10^27");
        assert!(price("1000000000000000000000000001").is_err());
        assert!(price("0.00000000000001").is_ok(), "fourteen decimals");
        assert_ne!(price("0.30625").unwrap(), price("0.30626").unwrap());
    }

    #[test]
    fn extended_to_the_minor_unit() {
        let exact = less("0.35", "12.5");
        let extended = |exact: ExactPrice, count, currency| exact.extended(pieces(count), currency, Rounding::HalfUp);
        assert_eq!(extended(exact, 1_000, Currency::USD).unwrap(), Money::new(30_625, Currency::USD));
        assert_eq!(extended(exact, 1, Currency::USD).unwrap(), Money::new(31, Currency::USD));
        assert_eq!(format!("{exact:?}"), "0.30625");
        assert_eq!((exact.is_zero(), less("5", "100").is_zero()), (false, true));
        let dear = ExactPrice::parse("1000000000000000000").unwrap();
        assert_eq!(extended(dear, 1, Currency::JPY).unwrap(), Money::new(1_000_000_000_000_000_000, Currency::JPY));
        let error = extended(dear, 1, Currency::KWD).unwrap_err();
        assert_eq!(error.to_string(), "`extended` overflows the range of exact amounts");
        assert!(ExactPrice::parse("0.000000000000001").is_err(), "fifteen decimals");
    }

    #[test]
    fn what_is_left_is_exact() {
        for (text, off, left) in [
            ("100", "33.333", "66.667"),
            ("0.000000001", "0.001", "0.00000000099999"),
            ("19.99", "12.5", "17.49125"),
            ("5", "100", "0"),
            ("5.00", "0", "5"),
            (MOST, "0.001", "999989999999999999.00001"),
        ] {
            assert_eq!(less(text, off).to_string(), left, "{text} less {off}%");
        }
        let less = |text: &str, off: &str| ExactPrice::less_amount(price(text), price(off)).to_string();
        assert_eq!(less("10", "0.000000001"), "9.999999999");
        assert_eq!(less(MOST, "0.000000001"), "999999999999999998.999999999");
        assert_eq!(less("10", "10.01"), "0");
    }

    /// The line is rounded once: 3 x 0.335 less 10% is 0.9045, and a percentage on the rounded line would be 0.91.
    #[test]
    fn a_line_is_rounded_once() {
        assert_eq!(minor(less("0.335", "10"), pieces(3), Currency::USD), Some(90));
        // 2.5% off 0.02 is 0.0195, half a cent up from 1,000,000 of them: 19,500.00.
        assert_eq!(minor(less("0.02", "2.5"), pieces(1_000_000), Currency::USD), Some(1_950_000));
        assert_eq!(minor(less("0.01", "50"), pieces(1), Currency::USD), Some(1));
        assert_eq!(minor(less("980", "12.345"), pieces(7), Currency::JPY), Some(6013));
        let half_kilo = Quantity::measured(Decimal::new(5, 1)).unwrap();
        // 7.99 less 5% is 7.5905, half of it 3.79525.
        assert_eq!(minor(less("7.99", "5"), half_kilo, Currency::USD), Some(380));
    }

    #[test]
    fn the_largest_figures_are_exact_or_no_answer() {
        let most = pieces(1_000_000_000);
        assert_eq!(minor(less(MOST, "99.999"), most, Currency::JPY), None);
        // A hundred-thousandth of 10^18 - 1 is 9,999,999,999,999.99999.
        assert_eq!(minor(less(MOST, "99.999"), pieces(1), Currency::USD), Some(1_000_000_000_000_000));
        let finest = Quantity::measured(Decimal::new(999_999_999_999_999, 6)).unwrap();
        assert_eq!(minor(less("0.000000001", "99.999"), finest, Currency::USD), Some(0));
        assert_eq!(minor(ExactPrice::less_amount(price(MOST), price("0.000000001")), most, Currency::JPY), None);
    }

    #[test]
    fn order_follows_the_value() {
        assert!(less("100", "10") < price("90.000000001").into());
        assert_eq!(less("100", "10"), price("90").into());
        assert!(less(MOST, "0.001") < price(MOST).into());
        assert!(ExactPrice::less_amount(price(MOST), price("0.000000001")) < price(MOST).into());
        assert_eq!(less(MOST, "0.001").to_decimal().scale(), 5);
    }
}
