//! Amounts of money.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal::{minor_from_decimal, minor_from_text, to_decimal};
use super::{Currency, Rounding, divide};
use crate::error::{Error, Why};

/// An amount of money: an integer count of the minor unit of its currency.
///
/// May be negative, because a difference is an amount too; where only amounts from zero upward make sense, the type that
/// holds the amount checks it. There is no `+`: adding two currencies is an error that the caller must see, and so is an
/// overflow.
///
/// ```
/// use vouchsafe::{Currency, Money};
///
/// let price = Money::parse("19.99", Currency::USD)?;
/// assert_eq!(price.minor(), 1999);
/// assert_eq!(price.checked_add(Money::new(1, Currency::USD))?.to_string(), "20.00 USD");
/// assert!(price.checked_add(Money::new(1, Currency::EUR)).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # Minor units are not always two decimals
///
/// ```
/// use vouchsafe::{Currency, Money};
///
/// assert_eq!(Money::new(1234, Currency::JPY).to_string(), "1234 JPY");
/// assert_eq!(Money::new(1234, Currency::KWD).to_string(), "1.234 KWD");
/// ```
///
/// # JSON
///
/// The amount is a string; a JSON number is refused.
///
/// ```
/// use vouchsafe::{Currency, Money};
///
/// let money = Money::new(1234, Currency::USD);
/// let json = r#"{"amount":"12.34","currency":"USD"}"#;
/// assert_eq!(serde_json::to_string(&money).unwrap(), json);
/// assert_eq!(serde_json::from_str::<Money>(json).unwrap(), money);
/// assert!(serde_json::from_str::<Money>(r#"{"amount":12.34,"currency":"USD"}"#).is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units of a currency.
    #[inline]
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in this currency.
    #[inline]
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// An amount from a decimal, exactly.
    ///
    /// # Errors
    /// At the path `amount`: [`Why::TooPrecise`] where the currency has fewer decimals, [`Why::Overflow`]. Nothing is
    /// rounded.
    ///
    /// ```
    /// use rust_decimal::Decimal;
    /// use vouchsafe::{Currency, Money};
    ///
    /// assert_eq!(Money::from_decimal(Decimal::new(1050, 2), Currency::USD)?.minor(), 1050);
    /// assert!(Money::from_decimal(Decimal::new(5, 1), Currency::JPY).is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, Error> {
        let minor = minor_from_decimal(amount, currency).map_err(|why| Error::invalid("amount", amount, why))?;
        Ok(Self::new(minor, currency))
    }

    /// An amount from text in plain decimal notation: digits, one point, a leading minus.
    ///
    /// # Errors
    /// At the path `amount`: [`Why::Empty`], [`Why::NotANumber`] (also for an exponent, an underscore, a plus or a
    /// blank), [`Why::TooPrecise`], [`Why::Overflow`].
    ///
    /// ```
    /// use vouchsafe::{Currency, Money};
    ///
    /// assert_eq!(Money::parse("-0.5", Currency::USD)?.minor(), -50);
    /// for odd in ["1e2", "1_000", "+1", " 1", "1,5", ".5", "5."] {
    ///     assert!(Money::parse(odd, Currency::USD).is_err());
    /// }
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    ///
    /// # Zeros at the end are no precision
    ///
    /// ```
    /// use vouchsafe::{Currency, Money};
    ///
    /// assert_eq!(Money::parse("1.500", Currency::USD)?.minor(), 150);
    /// assert!(Money::parse("1.505", Currency::USD).is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Error> {
        let minor = minor_from_text(text, currency).map_err(|why| Error::invalid("amount", text, why))?;
        Ok(Self::new(minor, currency))
    }

    /// The count of minor units.
    #[inline]
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[inline]
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in major units, with exactly the currency's decimals.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        to_decimal(self.minor, self.currency.exponent())
    }

    /// Whether it is nothing.
    #[inline]
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether it is below zero.
    #[inline]
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Why::CurrencyMismatch`] at the path `currency`; [`Error::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.same_currency(other)?;
        self.with(self.minor.checked_add(other.minor))
    }

    /// The difference.
    ///
    /// # Errors
    /// [`Why::CurrencyMismatch`] at the path `currency`; [`Error::Overflow`].
    ///
    /// ```
    /// use vouchsafe::{Currency, Money};
    ///
    /// let (paid, price) = (Money::new(500, Currency::EUR), Money::new(750, Currency::EUR));
    /// assert_eq!(paid.checked_sub(price)?.to_string(), "-2.50 EUR");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn checked_sub(self, other: Self) -> Result<Self, Error> {
        self.same_currency(other)?;
        self.with(self.minor.checked_sub(other.minor))
    }

    /// The same amount with the other sign.
    ///
    /// # Errors
    /// [`Error::Overflow`] for the one amount whose mirror does not fit, `i64::MIN` minor units.
    pub fn checked_neg(self) -> Result<Self, Error> {
        self.with(self.minor.checked_neg())
    }

    /// Which amount is larger.
    ///
    /// # Errors
    /// [`Why::CurrencyMismatch`] at the path `currency`: amounts of two currencies have no order.
    ///
    /// ```
    /// use std::cmp::Ordering;
    /// use vouchsafe::{Currency, Money};
    ///
    /// let ten = Money::new(10, Currency::JPY);
    /// assert_eq!(ten.compare(Money::new(9, Currency::JPY))?, Ordering::Greater);
    /// assert!(ten.compare(Money::new(9, Currency::KRW)).is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn compare(self, other: Self) -> Result<Ordering, Error> {
        self.same_currency(other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    /// The amount as text without its currency, always with the currency's decimals: `12.34`, `-0.05`.
    ///
    /// ```
    /// use vouchsafe::{Currency, Money};
    ///
    /// assert_eq!(Money::new(-5, Currency::USD).amount_text(), "-0.05");
    /// assert_eq!(Money::new(-5, Currency::JPY).amount_text(), "-5");
    /// ```
    #[must_use]
    pub fn amount_text(self) -> String {
        AmountText(self).to_string()
    }

    /// The share of an amount that a part of a whole has, rounded; never beyond exact arithmetic where the part is no more
    /// than the whole.
    pub(crate) fn in_proportion(self, part: u64, whole: u64, rounding: Rounding) -> Self {
        let product = i128::from(self.minor).saturating_mul(i128::from(part));
        let share = divide(product, i128::from(whole.max(1)), rounding);
        Self::new(i64::try_from(share).unwrap_or(i64::MAX), self.currency)
    }

    fn same_currency(self, other: Self) -> Result<(), Error> {
        if self.currency == other.currency {
            Ok(())
        } else {
            let why = Why::CurrencyMismatch { expected: self.currency };
            Err(Error::invalid("currency", other.currency, why))
        }
    }

    fn with(self, minor: Option<i64>) -> Result<Self, Error> {
        let minor = minor.ok_or_else(|| Error::overflow("amount"))?;
        Ok(Self::new(minor, self.currency))
    }
}

/// The amount without its currency, formatted without a detour over `Decimal`.
struct AmountText(Money);

impl fmt::Display for AmountText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Money { minor, currency } = self.0;
        let sign = if minor < 0 { "-" } else { "" };
        let magnitude = minor.unsigned_abs();
        if currency.exponent() == 0 {
            return write!(f, "{sign}{magnitude}");
        }
        let per_major = currency.minor_per_major().unsigned_abs();
        let major = magnitude.checked_div(per_major).unwrap_or(0);
        let rest = magnitude.checked_rem(per_major).unwrap_or(0);
        write!(f, "{sign}{major}.{rest:0width$}", width = usize::from(currency.exponent()))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", AmountText(*self), self.currency.code())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", AmountText(*self), self.currency)
    }
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    amount: String,
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Form { amount: self.amount_text(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = Form::deserialize(deserializer)?;
        Self::parse(&form.amount, form.currency).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    /// Trap 6: minor units hard-coded as two.
    #[test]
    fn told_to_those_who_debug_as_to_others() {
        let told = (format!("{:?}", Money::new(1_234, Currency::USD)), format!("{:?}", Currency::JPY));
        assert_eq!((told.0.as_str(), told.1.as_str()), ("12.34 USD", "JPY"));
        assert_eq!(format!("{:?}", crate::money::Percent::parse("12.5").unwrap()), "12.5%");
    }

    #[test]
    fn text_has_exactly_the_decimals_of_the_currency() {
        let points = Currency::own("PTS", 0).unwrap();
        let fine = Currency::own("FINE", 9).unwrap();
        for (minor, currency, text) in [
            (0, Currency::USD, "0.00 USD"),
            (5, Currency::USD, "0.05 USD"),
            (-5, Currency::USD, "-0.05 USD"),
            (-1234, Currency::USD, "-12.34 USD"),
            (1234, Currency::JPY, "1234 JPY"),
            (-1, Currency::JPY, "-1 JPY"),
            (1234, Currency::KWD, "1.234 KWD"),
            (1, Currency::CLF, "0.0001 CLF"),
            (120, points, "120 PTS"),
            (1, fine, "0.000000001 FINE"),
            (i64::MAX, Currency::USD, "92233720368547758.07 USD"),
            (i64::MIN, Currency::USD, "-92233720368547758.08 USD"),
            (i64::MIN, fine, "-9223372036.854775808 FINE"),
        ] {
            let money = Money::new(minor, currency);
            assert_eq!(money.to_string(), text);
            assert_eq!(money.to_decimal().to_string(), money.amount_text());
            assert_eq!(Money::parse(&money.amount_text(), currency).unwrap(), money);
            assert_eq!(Money::from_decimal(money.to_decimal(), currency).unwrap(), money);
            let json = serde_json::to_string(&money).unwrap();
            assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }
    }

    #[test]
    fn overflow_is_an_error_and_never_a_wrap() {
        assert!(usd(i64::MAX).checked_add(usd(0)).is_ok());
        for overflow in [
            usd(i64::MAX).checked_add(usd(1)),
            usd(i64::MIN).checked_add(usd(-1)),
            usd(i64::MIN).checked_sub(usd(1)),
            usd(0).checked_sub(usd(i64::MIN)),
            usd(i64::MIN).checked_neg(),
        ] {
            assert_eq!(overflow.unwrap_err().to_string(), "`amount` overflows the range of exact amounts");
        }
        assert_eq!(usd(i64::MAX).checked_neg().unwrap(), usd(-i64::MAX));
        let error = Money::parse("92233720368547758.08", Currency::USD).unwrap_err();
        assert_eq!(error.to_string(), "`amount` is `92233720368547758.08`: too large for exact amounts");
    }

    #[test]
    fn two_currencies_do_not_mix() {
        let (dollars, euros) = (usd(1), Money::new(1, Currency::EUR));
        for error in [
            dollars.checked_add(euros).unwrap_err(),
            dollars.checked_sub(euros).unwrap_err(),
            dollars.compare(euros).unwrap_err(),
        ] {
            assert_eq!(error.to_string(), "`currency` is `EUR`: not in USD");
        }
        assert_ne!(dollars, euros);
    }

    #[test]
    fn json_reads_strings_and_nothing_else() {
        for json in [
            r#"{"amount":12.34,"currency":"USD"}"#,
            r#"{"amount":12,"currency":"USD"}"#,
            r#"{"amount":"12.345","currency":"USD"}"#,
            r#"{"amount":"1e3","currency":"USD"}"#,
            r#"{"amount":"1","currency":"USX"}"#,
            r#"{"amount":"1"}"#,
            r#"{"currency":"USD"}"#,
            r#"{"amount":"1","currency":"USD","tax":"0"}"#,
            r#""12.34 USD""#,
            "12.34",
        ] {
            assert!(serde_json::from_str::<Money>(json).is_err(), "{json}");
        }
        let points = Money::new(7, Currency::own("PTS", 0).unwrap());
        assert_eq!(serde_json::to_string(&points).unwrap(), r#"{"amount":"7","currency":"PTS:0"}"#);
    }

    #[test]
    fn sixteen_bytes() {
        assert_eq!(size_of::<Money>(), 16);
    }
}
