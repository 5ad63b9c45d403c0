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
