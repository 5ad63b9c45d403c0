//! Amounts of money.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Currency;
use super::decimal::{minor_from_decimal, minor_from_text, to_decimal};
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
