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
    #[inline]
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

    /// So many times the price in minor units, rounded down; the largest amount where it is beyond that.
    pub(crate) fn times_floor(self, count: u64, currency: Currency) -> i64 {
        let (numerator, denominator) = self.per_minor(currency);
        // Below 2^64 times 10^18; with what a currency of many decimals adds it may not fit, and is more than any amount.
        let product = numerator.checked_mul(i128::from(count));
        product.and_then(|p| i64::try_from(divide(p, denominator, Rounding::Down)).ok()).unwrap_or(i64::MAX)
    }

    /// The smallest number of times that comes to an amount in minor units; `None` for a price of zero, and beyond 64
    /// bits.
    pub(crate) fn times_for(self, minor: i64, currency: Currency) -> Option<u64> {
        let (numerator, denominator) = self.per_minor(currency);
        let wanted = i128::from(minor).checked_mul(denominator)?;
        let whole = wanted.checked_div(numerator)?;
        let rest = wanted.checked_rem(numerator)? != 0;
        u64::try_from(whole.checked_add(i128::from(rest))?).ok()
    }

    /// The price in minor units as a fraction, whose denominator is not zero.
    fn per_minor(self, currency: Currency) -> (i128, i128) {
        let power = |decimals| i128::from(power_of_ten(decimals).unwrap_or(1));
        let exponent = currency.exponent();
        let numerator = i128::from(self.mantissa).saturating_mul(power(exponent.saturating_sub(self.decimals)));
        (numerator, power(self.decimals.saturating_sub(exponent)))
    }

    /// Mantissa, below 10^18, and decimals, at most 9.
    pub(super) fn parts(self) -> (i64, u8) {
        (self.mantissa, self.decimals)
    }

    /// The price of these parts, where they are within the bounds of one.
    pub(super) fn of_parts(mantissa: i128, decimals: u8) -> Option<Self> {
        let mantissa = i64::try_from(mantissa).ok().filter(|m| (0..=Self::MAX_MANTISSA).contains(m))?;
        (decimals <= Self::DECIMALS).then_some(Self { mantissa, decimals })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> UnitPrice {
        text.parse().unwrap()
    }

    fn pieces(count: u64) -> Quantity {
        Quantity::pieces(count).unwrap()
    }

    fn kilos(text: &str) -> Quantity {
        Quantity::measured(parse_decimal(text).unwrap()).unwrap()
    }

    /// Proves S29: so many points are worth so much, and it takes the fewest of them for an amount.
    #[test]
    fn equal_by_value_and_by_nothing_else() {
        let price = |text: &str| UnitPrice::parse(text).unwrap();
        assert_eq!(price("1.50"), price("1.5"));
        assert_ne!(price("1.50"), price("1.05"));
        let texts = ["1.5", "1.50", "1.500", "1.05"];
        assert_eq!(texts.map(price).into_iter().collect::<std::collections::HashSet<_>>().len(), 2);
        assert_eq!(format!("{:?}", price("1.50")), "1.5");
    }

    #[test]
    fn times_and_back_again() {
        let (usd, jpy) = (Currency::USD, Currency::JPY);
        for (price, currency, count, worth, fewest) in [
            ("0.01", usd, 730, 730, 730),
            ("0.003", usd, 1_000, 300, 1_000),
            ("0.003", usd, 667, 200, 667),
            ("0.003", usd, 501, 150, 500),
            ("0.015", usd, 1, 1, 1),
            ("2.50", usd, 3, 750, 3),
            ("0.4", jpy, 9, 3, 8),
            ("2", jpy, 5, 10, 5),
            ("0.000000001", usd, 9_999_999, 0, 0),
            ("99999999", usd, u64::MAX, i64::MAX, 922_337_213),
        ] {
            let price = UnitPrice::parse(price).unwrap();
            assert_eq!(price.times_floor(count, currency), worth, "{price} {count}");
            assert_eq!(price.times_for(worth, currency), Some(fewest), "{price} {worth}");
        }
        assert_eq!(UnitPrice::ZERO.times_for(1, usd), None);
        assert_eq!(UnitPrice::parse("0.000000001").unwrap().times_for(i64::MAX, usd), None, "beyond 64 bits");
        let many = Currency::own("MANY", 9).unwrap();
        assert_eq!(UnitPrice::parse("99999999.9").unwrap().times_floor(u64::MAX, many), i64::MAX);
    }

    #[test]
    fn price_times_quantity_by_hand() {
        for (unit, quantity, currency, minor) in [
            ("19.99", pieces(3), Currency::USD, 5_997),
            ("0", pieces(3), Currency::USD, 0),
            ("5", pieces(3), Currency::USD, 1_500),
            ("5.0", pieces(3), Currency::USD, 1_500),
            ("0.0035", pieces(1), Currency::USD, 0),
            ("0.005", pieces(1), Currency::USD, 1),
            ("0.0035", pieces(1_000), Currency::USD, 350),
            ("0.335", pieces(3), Currency::USD, 101),
            ("0.000000001", pieces(1_000_000_000), Currency::USD, 100),
            ("100", pieces(2), Currency::JPY, 200),
            ("0.5", pieces(3), Currency::JPY, 2),
            ("1.2345", pieces(2), Currency::KWD, 2_469),
            ("0.0001", pieces(7), Currency::CLF, 7),
            ("12", pieces(7), Currency::CLF, 840_000),
            ("7.99", kilos("1.25"), Currency::USD, 999),
            ("7.96", kilos("0.5"), Currency::USD, 398),
            ("2", kilos("1.5"), Currency::USD, 300),
            ("0.000000001", kilos("0.000001"), Currency::USD, 0),
        ] {
            assert_eq!(
                price(unit).extended_minor(quantity, currency, Rounding::HalfUp),
                Some(minor),
                "{unit} x {quantity}"
            );
        }
    }

    /// Prices of twelve digits times a million pieces, and what lies beyond.
    #[test]
    fn large_prices_are_exact_or_an_error() {
        let extended =
            |unit: &str, quantity, currency| price(unit).extended_minor(quantity, currency, Rounding::HalfUp);
        let million = pieces(1_000_000);
        assert_eq!(extended("9999999999.99", million, Currency::USD), Some(999_999_999_999_000_000));
        assert_eq!(extended("999999999999", million, Currency::USD), None);
        assert_eq!(extended("999999999999", million, Currency::JPY), Some(999_999_999_999_000_000));
        // The product passes 64 bits, the rounded amount does not: 123,456,789.123456789 x 1,000,000,000.
        let most = pieces(1_000_000_000);
        assert_eq!(extended("123456789.123456789", most, Currency::JPY), Some(123_456_789_123_456_789));
        // 76,543,210.123456789 x 100,000.01 = 7,654,321,777,777.780134...
        assert_eq!(extended("76543210.123456789", kilos("100000.01"), Currency::USD), Some(765_432_177_777_778));
        assert_eq!(extended("9999999999999999.99", Quantity::ONE, Currency::USD), Some(999_999_999_999_999_999));
        assert_eq!(extended("999999999999999999", Quantity::ONE, Currency::JPY), Some(999_999_999_999_999_999));
        assert_eq!(extended("999999999999999999", Quantity::ONE, Currency::USD), None);
        assert_eq!(extended("999999999999999999", most, Currency::JPY), None);
        // 999,999,999.999999999 x 999,999,999.999999 is just below 10^18 major units: fits in yen, not in dollars.
        let all = kilos("999999999.999999");
        assert_eq!(extended("999999999.999999999", all, Currency::JPY), Some(999_999_999_999_998_999));
        assert_eq!(extended("999999999.999999999", all, Currency::USD), None);
        let error = price("999999999999").extended(most, Currency::USD, Rounding::HalfUp).unwrap_err();
        assert_eq!(error, Error::overflow("extended"));
    }

    /// Every width and direction against one exact division of 128 bits.
    #[test]
    fn every_path_is_the_exact_product_rounded_once() {
        let quantities =
            [pieces(1), pieces(3), pieces(999_999_937), kilos("0.333333"), kilos("1.5"), kilos("12345.678901")];
        let own = Currency::own("PTS", 9).unwrap();
        for text in ["0.000000001", "0.005", "0.015", "1", "19.99", "1234.5678", "99999999.999999999", "999999999.5"] {
            for quantity in quantities {
                for currency in [Currency::JPY, Currency::USD, Currency::KWD, Currency::CLF, own] {
                    for mode in [Rounding::HalfUp, Rounding::HalfEven, Rounding::HalfDown, Rounding::Down] {
                        // All in units of 10^-15, then down to the currency.
                        let nine = |d: Decimal, decimals: u32| d.mantissa() * 10_i128.pow(decimals - d.scale());
                        let product = nine(price(text).to_decimal(), 9) * nine(quantity.to_decimal(), 6);
                        let exact = divide(product, 10_i128.pow(15 - u32::from(currency.exponent())), mode);
                        let got = price(text).extended_minor(quantity, currency, mode);
                        assert_eq!(got, i64::try_from(exact).ok(), "{text} x {quantity} {currency} {mode:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn in_minor_units_up_and_down() {
        for (text, currency, floor, ceil) in [
            ("19.99", Currency::USD, 1999, 1999),
            ("19.990", Currency::USD, 1999, 1999),
            ("0.0035", Currency::USD, 0, 1),
            ("19.991", Currency::USD, 1999, 2000),
            ("5", Currency::KWD, 5000, 5000),
            ("5.5", Currency::JPY, 5, 6),
            ("0", Currency::JPY, 0, 0),
        ] {
            assert_eq!(price(text).to_minor_floor(currency), Some(floor), "{text}");
            assert_eq!(price(text).to_minor_ceil(currency), Some(ceil), "{text}");
        }
        assert_eq!(price("999999999999999999").to_minor_ceil(Currency::USD), None);
    }

    #[test]
    fn order_and_hash_follow_the_value() {
        use std::collections::HashSet;
        assert!(price("0.5") < price("0.51"));
        assert!(price("10") > price("9.999999999"));
        assert!(price("999999999999999999") > price("999999999.999999999"));
        assert_eq!(price("1.0"), price("1"));
        let set = HashSet::from([price("1.0"), price("1"), price("1.00"), price("0.0"), UnitPrice::ZERO]);
        assert_eq!(set.len(), 2);
    }

    #[test]
    fn bounds_precision_and_text() {
        let why = |text| UnitPrice::from_text(text).unwrap_err();
        assert_eq!(why("-0.01"), Why::Negative);
        assert_eq!(why("0.0000000001"), Why::TooPrecise { decimals: 9 });
        assert_eq!(why("1000000000000000000"), Why::Overflow);
        assert_eq!(why("1000000000.000000000"), Why::Overflow);
        assert_eq!(why("99999999999999999999"), Why::Overflow);
        assert_eq!(price("0.0010000000000000000000"), price("0.001"));
        assert_eq!(price("12.50").to_string(), "12.5");
        assert_eq!(serde_json::to_string(&price("12.50")).unwrap(), "\"12.5\"");
        assert_eq!(serde_json::from_str::<UnitPrice>("\"0.0035\"").unwrap(), price("0.0035"));
        assert!(serde_json::from_str::<UnitPrice>("12.5").is_err());
        assert!(price("0.00").is_zero());
        assert_eq!(size_of::<UnitPrice>(), 16);
    }
}
