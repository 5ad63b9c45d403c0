//! Prices of one unit, which may be finer than the minor unit.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use rust_decimal::Decimal;

use super::decimal::{Plain, parse_decimal, power_of_ten, scaled, shortest, to_decimal};
use super::{Currency, Money, Quantity, Rounding, divide, divide_i64};
use crate::error::{Error, Why};

/// The price of one unit in major units, from zero upward; at most nine decimals and eighteen digits.
///
/// A screw may cost 0.0035. Only the line's amount is money: price times quantity, rounded **once**. The currency is the
/// order's and comes with each call.
///
/// ```
/// use vouchsafe::{Currency, Quantity, Rounding, UnitPrice};
///
/// let screw: UnitPrice = "0.0035".parse()?;
/// let box_of_screws = screw.extended(Quantity::pieces(1_000)?, Currency::USD, Rounding::HalfUp)?;
/// assert_eq!(box_of_screws.to_string(), "3.50 USD");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # Equal is equal in value
///
/// ```
/// use vouchsafe::UnitPrice;
///
/// let (short, long) = (UnitPrice::parse("12.5")?, UnitPrice::parse("12.500")?);
/// assert_eq!(short, long);
/// assert_eq!(long.to_string(), "12.5");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct UnitPrice {
    /// Below 10^18.
    mantissa: i64,
    /// At most 9. As it was given: taking the zeros off would cost more than it saves.
    decimals: u8,
}

impl UnitPrice {
    /// Free.
    pub const ZERO: Self = Self { mantissa: 0, decimals: 0 };
    /// The most decimals.
    pub const DECIMALS: u8 = 9;
    /// The largest mantissa: eighteen digits.
    const MAX_MANTISSA: i64 = 999_999_999_999_999_999;

    /// A price from a decimal.
    ///
    /// # Errors
    /// At the path `unit_price`: [`Why::Negative`], [`Why::TooPrecise`] beyond nine decimals, [`Why::Overflow`] beyond
    /// eighteen digits.
    pub fn from_decimal(price: Decimal) -> Result<Self, Error> {
        Self::checked(price).map_err(|why| Error::invalid("unit_price", price, why))
    }

    /// A price from text in plain decimal notation.
    ///
    /// # Errors
    /// Those of [`UnitPrice::from_decimal`], and [`Why::Empty`] and [`Why::NotANumber`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_text(text).map_err(|why| Error::invalid("unit_price", text, why))
    }

    /// [`UnitPrice::parse`] for readers that know the path themselves.
    pub(crate) fn from_text(text: &str) -> Result<Self, Why> {
        Self::checked(parse_decimal(text)?)
    }

    #[inline]
    fn checked(price: Decimal) -> Result<Self, Why> {
        let decimals = u8::try_from(price.scale()).unwrap_or(u8::MAX).min(Self::DECIMALS);
        let mantissa = scaled(price, decimals)?;
        if mantissa < 0 {
            Err(Why::Negative)
        } else if mantissa > Self::MAX_MANTISSA {
            Err(Why::Overflow)
        } else {
            Ok(Self { mantissa, decimals })
        }
    }

    /// The price as a decimal.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        to_decimal(self.mantissa, self.decimals)
    }

    /// Whether it is free.
    #[inline]
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Price times quantity, rounded once to the minor unit.
    ///
    /// # Errors
    /// [`Error::Overflow`] of `extended`.
    ///
    /// # Rounded once, on the line and not on the unit
    ///
    /// ```
    /// use vouchsafe::{Currency, Quantity, Rounding, UnitPrice};
    ///
    /// // Three at 0.335 are 1.005, so 1.01; rounding each to 0.34 would charge 1.02.
    /// let price = UnitPrice::parse("0.335")?;
    /// let line = price.extended(Quantity::pieces(3)?, Currency::USD, Rounding::HalfUp)?;
    /// assert_eq!(line.to_string(), "1.01 USD");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn extended(self, quantity: Quantity, currency: Currency, rounding: Rounding) -> Result<Money, Error> {
        let minor = self.extended_minor(quantity, currency, rounding).ok_or_else(|| Error::overflow("extended"))?;
        Ok(Money::new(minor, currency))
    }

    /// [`UnitPrice::extended`] in minor units; `None` if it does not fit.
    #[inline]
    pub(crate) fn extended_minor(self, quantity: Quantity, currency: Currency, rounding: Rounding) -> Option<i64> {
        let (factor, factor_decimals) = quantity.factor();
        // 10^18 times 10^15 at most.
        let decimals = self.decimals.saturating_add(factor_decimals);
        match (self.mantissa.checked_mul(factor), decimals.checked_sub(currency.exponent())) {
            (Some(product), Some(0)) => Some(product),
            (Some(product), Some(excess)) => Some(divide_i64(product, power_of_ten(excess)?, rounding)),
            (Some(product), None) => product.checked_mul(power_of_ten(currency.exponent().saturating_sub(decimals))?),
            (None, Some(excess)) => {
                let product = i128::from(self.mantissa).checked_mul(i128::from(factor))?;
                i64::try_from(divide(product, i128::from(power_of_ten(excess)?), rounding)).ok()
            }
            // Does not fit even before it grows.
            (None, None) => None,
        }
    }

    /// The price in minor units, rounded up; `None` if it does not fit.
    pub(crate) fn to_minor_ceil(self, currency: Currency) -> Option<i64> {
        let floor = self.to_minor_floor(currency)?;
        let exact = Self { mantissa: floor, decimals: currency.exponent() };
        if exact < self { floor.checked_add(1) } else { Some(floor) }
    }

    /// The price in minor units, rounded down; `None` if it does not fit.
    pub(crate) fn to_minor_floor(self, currency: Currency) -> Option<i64> {
        self.extended_minor(Quantity::ONE, currency, Rounding::Down)
    }

    /// Mantissa over nine decimals, in which two prices compare.
    fn common(self) -> i128 {
        let missing = Self::DECIMALS.saturating_sub(self.decimals);
        // Below 10^18 times 10^9.
        i128::from(self.mantissa).saturating_mul(i128::from(power_of_ten(missing).unwrap_or(1)))
    }
}

impl PartialEq for UnitPrice {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for UnitPrice {}

impl PartialOrd for UnitPrice {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for UnitPrice {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        if self.decimals == other.decimals {
            self.mantissa.cmp(&other.mantissa)
        } else {
            self.common().cmp(&other.common())
        }
    }
}

impl Hash for UnitPrice {
    fn hash<H: Hasher>(&self, state: &mut H) {
        shortest(self.mantissa, self.decimals).hash(state);
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Plain { mantissa: self.mantissa, decimals: self.decimals }.fmt(f)
    }
}

impl fmt::Debug for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for UnitPrice {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

super::text_serde!(UnitPrice, "a unit price as a string, such as \"0.0035\"");
