//! Tax rates.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::decimal::{Plain, parse_decimal, scaled_up_to, to_decimal};
use super::rounding::divide_u64;
use super::{Money, Rounding, divide};
use crate::error::{Error, Why};

/// A tax rate from 0 to 1000 percent with up to six decimals.
///
/// Rates are the caller's: this crate knows no tax law. Six decimals hold combined local rates such as 8.1125%.
///
/// ```
/// use vouchsafe::{Currency, Money, Rounding, TaxRate};
///
/// let vat: TaxRate = "21".parse()?;
/// let net = Money::parse("100.00", Currency::EUR)?;
/// assert_eq!(vat.on_net(net, Rounding::HalfUp)?.to_string(), "21.00 EUR");
/// let gross = Money::parse("121.00", Currency::EUR)?;
/// assert_eq!(vat.net_of_gross(gross, Rounding::HalfUp), net);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxRate(u64);

/// The rate of 100% in units of `TaxRate`.
const WHOLE: u64 = 100_000_000;

impl TaxRate {
    /// No tax.
    pub const ZERO: Self = Self(0);
    /// The most decimals of the percentage.
    pub const DECIMALS: u8 = 6;
    /// Ten times the amount, in units of `TaxRate`.
    const MAX: i64 = 1_000_000_000;

    /// A rate from a percentage: 8 is 8%.
    ///
    /// # Errors
    /// At the path `rate`: [`Why::Negative`], [`Why::OutOfRange`] above 1000, [`Why::TooPrecise`] beyond six decimals.
    pub fn from_decimal(percent: Decimal) -> Result<Self, Error> {
        Self::checked(percent).map_err(|why| Error::invalid("rate", percent, why))
    }

    /// A rate from text in plain decimal notation, without a percent sign.
    ///
    /// # Errors
    /// Those of [`TaxRate::from_decimal`], and [`Why::Empty`] and [`Why::NotANumber`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_text(text).map_err(|why| Error::invalid("rate", text, why))
    }

    /// [`TaxRate::parse`] for readers that know the path themselves.
    pub(crate) fn from_text(text: &str) -> Result<Self, Why> {
        Self::checked(parse_decimal(text)?)
    }

    fn checked(percent: Decimal) -> Result<Self, Why> {
        let units = scaled_up_to(percent, Self::DECIMALS, Self::MAX)?;
        u64::try_from(units).map(Self).map_err(|_| Why::Overflow)
    }

    /// Millionths of a percent, which are hundred-millionths of the amount: 8% is 8,000,000.
    #[inline]
    #[must_use]
    pub const fn millionths(self) -> u64 {
        self.0
    }

    /// The percentage as a decimal.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        to_decimal(i64::try_from(self.0).unwrap_or(Self::MAX), Self::DECIMALS)
    }

    /// Whether it is 0%.
    #[inline]
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The tax on an amount that does not contain it yet: net times rate, rounded once.
    ///
    /// # Errors
    /// [`Error::Overflow`] of `tax`.
    ///
    /// ```
    /// use vouchsafe::{Currency, Money, Rounding, TaxRate};
    ///
    /// // From the line total, never from a rounded unit price: 29.02 at 20% is 5.80, not 5.81.
    /// let line = Money::parse("29.02", Currency::EUR)?;
    /// assert_eq!(TaxRate::parse("20")?.on_net(line, Rounding::HalfUp)?.to_string(), "5.80 EUR");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn on_net(self, net: Money, rounding: Rounding) -> Result<Money, Error> {
        let tax = self.exclusive_tax(net.minor(), rounding).ok_or_else(|| Error::overflow("tax"))?;
        Ok(Money::new(tax, net.currency()))
    }

    /// The net part of an amount that contains the tax: gross / (1 + rate), rounded once. The tax is gross less net, so
    /// that the two always sum to the gross.
    ///
    /// ```
    /// use vouchsafe::{Currency, Money, Rounding, TaxRate};
    ///
    /// let gross = Money::parse("274.50", Currency::EUR)?;
    /// let net = TaxRate::parse("21")?.net_of_gross(gross, Rounding::HalfUp);
    /// assert_eq!(net.to_string(), "226.86 EUR");
    /// assert_eq!(gross.checked_sub(net)?.to_string(), "47.64 EUR");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn net_of_gross(self, gross: Money, rounding: Rounding) -> Money {
        Money::new(self.inclusive_net(gross.minor(), rounding), gross.currency())
    }

    /// [`TaxRate::on_net`] on minor units; `None` if the tax does not fit.
    #[inline]
    pub(crate) fn exclusive_tax(self, net: i64, rounding: Rounding) -> Option<i64> {
        if let Some(product) = net.unsigned_abs().checked_mul(self.0) {
            let tax = divide_u64(product, WHOLE, rounding);
            return Some(if net < 0 { 0_i64.saturating_sub_unsigned(tax) } else { 0_i64.saturating_add_unsigned(tax) });
        }
        let product = i128::from(net).checked_mul(i128::from(self.0))?;
        i64::try_from(divide(product, i128::from(WHOLE), rounding)).ok()
    }

    /// [`TaxRate::net_of_gross`] on minor units. Cannot overflow, being at most the gross.
    #[inline]
    pub(crate) fn inclusive_net(self, gross: i64, rounding: Rounding) -> i64 {
        let whole_and_tax = WHOLE.saturating_add(self.0);
        if let Some(product) = gross.unsigned_abs().checked_mul(WHOLE) {
            let net = divide_u64(product, whole_and_tax, rounding);
            return if gross < 0 { 0_i64.saturating_sub_unsigned(net) } else { 0_i64.saturating_add_unsigned(net) };
        }
        let product = i128::from(gross).saturating_mul(i128::from(WHOLE));
        i64::try_from(divide(product, i128::from(whole_and_tax), rounding)).unwrap_or(gross)
    }
}

impl fmt::Display for TaxRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Plain { mantissa: i64::try_from(self.0).unwrap_or(Self::MAX), decimals: Self::DECIMALS }.fmt(f)
    }
}

impl fmt::Debug for TaxRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}%")
    }
}

impl FromStr for TaxRate {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

super::text_serde!(TaxRate, "a tax rate in percent as a string, such as \"8.1125\"");

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> TaxRate {
        text.parse().unwrap()
    }

    #[test]
    fn of_decimals_as_of_text() {
        let eight = TaxRate::from_decimal(Decimal::new(80, 1)).unwrap();
        assert_eq!((eight, eight.is_zero(), rate("0").is_zero()), (rate("8"), false, true));
        assert_eq!(format!("{eight:?}"), "8%");
        let error = TaxRate::from_decimal(Decimal::new(-8, 0)).unwrap_err();
        assert_eq!(error.to_string(), "`rate` is `-8`: negative");
    }

    /// The arithmetic of V9, V11, V21, V24 and V26: exclusive tax on the net.
    #[test]
    fn tax_on_a_net_amount() {
        for (text, net, tax) in [
            ("20", 2_902, 580),
            ("8", 9_000, 720),
            ("8", 10_000, 800),
            ("0", 9_000, 0),
            ("8.1125", 10_000, 811),
            ("0.000001", 50_000_000, 1),
            ("1000", 1_234, 12_340),
        ] {
            assert_eq!(rate(text).exclusive_tax(net, Rounding::HalfUp), Some(tax), "{text}% on {net}");
            assert_eq!(rate(text).exclusive_tax(-net, Rounding::HalfUp), Some(-tax), "{text}% on -{net}");
        }
    }

    #[test]
    fn net_of_a_gross_amount() {
        for (text, gross, net) in [
            ("21", 27_450, 22_686),
            ("21", 12_100, 10_000),
            ("19", 3_015, 2_534),
            ("19", 1_005, 845),
            ("0", 1_005, 1_005),
            ("1000", 1_100, 100),
            ("20", 0, 0),
        ] {
            assert_eq!(rate(text).inclusive_net(gross, Rounding::HalfUp), net, "{gross} incl. {text}%");
            assert_eq!(rate(text).inclusive_net(-gross, Rounding::HalfUp), -net, "-{gross} incl. {text}%");
        }
    }

    #[test]
    fn large_amounts_are_exact_or_no_answer() {
        assert_eq!(rate("100").exclusive_tax(i64::MAX, Rounding::HalfUp), Some(i64::MAX));
        assert_eq!(rate("100").exclusive_tax(i64::MIN, Rounding::HalfUp), Some(i64::MIN));
        assert_eq!(rate("100.000001").exclusive_tax(i64::MAX, Rounding::HalfUp), None);
        assert_eq!(rate("1000").exclusive_tax(i64::MIN, Rounding::HalfUp), None);
        // 2^63 - 1 = 9,223,372,036,854,775,807; at 21% exactly 1,936,908,127,739,502,919.47.
        assert_eq!(rate("21").exclusive_tax(i64::MAX, Rounding::HalfUp), Some(1_936_908_127_739_502_919));
        assert_eq!(rate("0").inclusive_net(i64::MAX, Rounding::HalfUp), i64::MAX);
        assert_eq!(rate("100").inclusive_net(i64::MAX, Rounding::HalfUp), i64::MAX / 2 + 1);
        assert_eq!(rate("100").inclusive_net(i64::MIN, Rounding::HalfUp), i64::MIN / 2);
        let error =
            rate("1000").on_net(Money::new(i64::MAX, super::super::Currency::USD), Rounding::HalfUp).unwrap_err();
        assert_eq!(error, Error::overflow("tax"));
    }

    /// The narrow and the wide product meet between these amounts.
    #[test]
    fn both_widths_give_the_same_answer() {
        let whole = i128::from(WHOLE);
        for text in ["0.000001", "7.7", "8.1125", "21", "999.999999"] {
            let units = i128::from(rate(text).millionths());
            for amount in [184_467_440_737_i64, 184_467_440_738, 8_784_163_843_318_000, 90_000_000_000_000_000] {
                for mode in [Rounding::HalfUp, Rounding::HalfEven, Rounding::HalfDown, Rounding::Down] {
                    let tax = divide(i128::from(amount) * units, whole, mode);
                    assert_eq!(rate(text).exclusive_tax(amount, mode).map(i128::from), Some(tax));
                    let net = divide(i128::from(amount) * whole, whole + units, mode);
                    assert_eq!(i128::from(rate(text).inclusive_net(amount, mode)), net);
                }
            }
        }
    }

    #[test]
    fn bounds_precision_and_text() {
        assert_eq!(rate("8").millionths(), 8_000_000);
        assert_eq!(rate("8.112500").to_string(), "8.1125");
        assert_eq!(rate("1000").to_string(), "1000");
        assert_eq!(rate("8.1125").to_decimal(), Decimal::new(81_125, 4));
        let why = |text| TaxRate::from_text(text).unwrap_err();
        assert_eq!(why("1000.000001"), Why::OutOfRange { min: "0".to_owned(), max: "1000".to_owned() });
        assert_eq!(why("8.1234567"), Why::TooPrecise { decimals: 6 });
        assert_eq!(why("-1"), Why::Negative);
        assert_eq!(serde_json::from_str::<TaxRate>("\"19.0\"").unwrap(), rate("19"));
        assert_eq!(serde_json::to_string(&rate("19.0")).unwrap(), "\"19\"");
        assert!(serde_json::from_str::<TaxRate>("19").is_err());
    }
}
