//! Reading decimal text strictly, and turning decimals into minor units exactly.

use std::fmt;

use rust_decimal::Decimal;

use super::Currency;
use crate::error::Why;

/// Powers of ten that fit an `i64`.
const POWERS: [i64; 19] = {
    let mut powers = [1_i64; 19];
    let mut rest: &mut [i64] = &mut powers;
    let mut power = 1_i64;
    while let Some((first, tail)) = rest.split_first_mut() {
        *first = power;
        // The step after the last entry would not fit; it is never stored.
        power = power.saturating_mul(10);
        rest = tail;
    }
    powers
};

/// Ten to the power of `exponent`, if it fits an `i64`.
#[inline]
pub(super) fn power_of_ten(exponent: u8) -> Option<i64> {
    POWERS.get(usize::from(exponent)).copied()
}

/// Reads plain decimal notation: digits, at most one point with digits on both sides, at most one leading minus.
///
/// Stricter than the reader of `rust_decimal`, on purpose: no exponent, no underscore, no plus, no blank, so that text
/// which one system reads as an amount is never read as another amount by the next.
///
/// # Errors
/// [`Why::Empty`], [`Why::NotANumber`]; [`Why::TooPrecise`] beyond 28 decimals and [`Why::Overflow`] beyond 96 bits.
pub(crate) fn parse_decimal(text: &str) -> Result<Decimal, Why> {
    /// What a `Decimal` can hold.
    const MAX_DECIMALS: u8 = 28;
    const MAX_MANTISSA: u128 = (1 << 96) - 1;

    if text.is_empty() {
        return Err(Why::Empty);
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(Why::NotANumber),
        Some((whole, fraction)) => (whole, fraction),
        None => (digits, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(Why::NotANumber);
    }
    let scale = match u8::try_from(fraction.len()) {
        Ok(scale) if scale <= MAX_DECIMALS => scale,
        _ => return Err(Why::TooPrecise { decimals: MAX_DECIMALS }),
    };
    let mut mantissa = 0_u128;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = u128::from(byte.wrapping_sub(b'0'));
        // Below 2^96 before the step, so far below 2^128 after it.
        mantissa = mantissa.saturating_mul(10).saturating_add(digit);
        if mantissa > MAX_MANTISSA {
            return Err(Why::Overflow);
        }
    }
    let magnitude = i128::try_from(mantissa).map_err(|_| Why::Overflow)?;
    let signed = if negative { magnitude.saturating_neg() } else { magnitude };
    Decimal::try_from_i128_with_scale(signed, u32::from(scale)).map_err(|_| Why::Overflow)
}

/// The integer `value` times ten to the power of `decimals`, exactly.
///
/// Zeros at the end cost nothing: 1.500 is 150 at two decimals. Anything finer is an error, never rounded.
///
/// # Errors
/// [`Why::TooPrecise`] and [`Why::Overflow`].
#[inline]
pub(super) fn scaled(value: Decimal, decimals: u8) -> Result<i64, Why> {
    if value.scale() == u32::from(decimals) {
        return i64::try_from(value.mantissa()).map_err(|_| Why::Overflow);
    }
    rescaled(value, decimals)
}

/// The rare part of [`scaled`]: the decimal was written with more or fewer decimals.
fn rescaled(value: Decimal, decimals: u8) -> Result<i64, Why> {
    let wanted = u32::from(decimals);
    let integer = match value.scale().checked_sub(wanted) {
        Some(excess) => {
            let divisor = 10_i128.checked_pow(excess).ok_or(Why::Overflow)?;
            let mantissa = value.mantissa();
            if mantissa.checked_rem(divisor) != Some(0) {
                return Err(Why::TooPrecise { decimals });
            }
            mantissa.checked_div(divisor)
        }
        None => {
            let factor = 10_i128.checked_pow(wanted.saturating_sub(value.scale())).ok_or(Why::Overflow)?;
            value.mantissa().checked_mul(factor)
        }
    };
    integer.and_then(|i| i64::try_from(i).ok()).ok_or(Why::Overflow)
}

/// The amount in minor units of `currency`, exactly.
///
/// # Errors
/// [`Why::TooPrecise`] where the currency has fewer decimals, [`Why::Overflow`].
#[inline]
pub(crate) fn minor_from_decimal(value: Decimal, currency: Currency) -> Result<i64, Why> {
    scaled(value, currency.exponent())
}

/// [`parse_decimal`], then [`minor_from_decimal`].
///
/// # Errors
/// Those of both.
pub(crate) fn minor_from_text(text: &str, currency: Currency) -> Result<i64, Why> {
    minor_from_decimal(parse_decimal(text)?, currency)
}

/// `mantissa` times ten to the power of minus `decimals` as a decimal. Any `i64` and up to 28 decimals fit.
pub(super) fn to_decimal(mantissa: i64, decimals: u8) -> Decimal {
    Decimal::try_from_i128_with_scale(i128::from(mantissa), u32::from(decimals)).unwrap_or_default()
}

/// A value from zero to `max` as an integer times ten to the power of minus `decimals`, exactly.
///
/// # Errors
/// [`Why::Negative`], [`Why::TooPrecise`]; [`Why::OutOfRange`] above `max`, which is given in the same scale.
pub(super) fn scaled_up_to(value: Decimal, decimals: u8, max: i64) -> Result<i64, Why> {
    let out_of_range = || Why::OutOfRange { min: "0".to_owned(), max: Plain { mantissa: max, decimals }.to_string() };
    match scaled(value, decimals) {
        Ok(integer) if integer > max => Err(out_of_range()),
        Ok(integer) if integer >= 0 => Ok(integer),
        Err(Why::TooPrecise { decimals }) => Err(Why::TooPrecise { decimals }),
        _ if value.is_sign_negative() => Err(Why::Negative),
        _ => Err(out_of_range()),
    }
}

/// A decimal from zero upward in its shortest form: `10`, `33.333`, `0.5`.
pub(super) struct Plain {
    pub(super) mantissa: i64,
    pub(super) decimals: u8,
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mantissa, decimals) = shortest(self.mantissa, self.decimals);
        let (whole, fraction) = match power_of_ten(decimals) {
            Some(power) => (mantissa.checked_div(power).unwrap_or(0), mantissa.checked_rem(power).unwrap_or(0)),
            None => (mantissa, 0),
        };
        if decimals == 0 {
            write!(f, "{whole}")
        } else {
            write!(f, "{whole}.{fraction:0width$}", width = usize::from(decimals))
        }
    }
}

/// The same value without zeros at the end of its decimals.
pub(super) fn shortest(mut mantissa: i64, mut decimals: u8) -> (i64, u8) {
    while decimals > 0 && mantissa.checked_rem(10) == Some(0) {
        mantissa = mantissa.checked_div(10).unwrap_or(0);
        decimals = decimals.saturating_sub(1);
    }
    (mantissa, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_notation_is_read_to_the_digit() {
        for (text, mantissa, scale) in [
            ("0", 0, 0),
            ("-0", 0, 0),
            ("007", 7, 0),
            ("12.34", 1234, 2),
            ("-12.34", -1234, 2),
            ("0.50", 50, 2),
            ("79228162514264337593543950335", 79_228_162_514_264_337_593_543_950_335, 0),
            ("0.0000000000000000000000000001", 1, 28),
        ] {
            let read = parse_decimal(text).unwrap();
            assert_eq!((read.mantissa(), read.scale()), (mantissa, scale), "{text}");
            assert!(mantissa != 0 || !read.is_sign_negative(), "no negative zero");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        assert_eq!(parse_decimal(""), Err(Why::Empty));
        for text in [
            "-", ".", "+1", " 1", "1 ", "1_000", "1,5", "1.", ".5", "-.5", "1.2.3", "1e2", "1E2", "--1", "-+1", "1-",
            "0x1", "NaN", "inf", "\u{0661}", "\u{ff11}", "1.5\u{0}", "1\n", "12.-3",
        ] {
            assert_eq!(parse_decimal(text), Err(Why::NotANumber), "{text:?}");
        }
        assert_eq!(parse_decimal("79228162514264337593543950336"), Err(Why::Overflow));
        assert_eq!(parse_decimal(&"9".repeat(100_000)), Err(Why::Overflow));
        assert_eq!(parse_decimal("0.00000000000000000000000000001"), Err(Why::TooPrecise { decimals: 28 }));
        assert_eq!(parse_decimal(&format!("0.{}", "0".repeat(300))), Err(Why::TooPrecise { decimals: 28 }));
    }

    #[test]
    fn minor_units_are_exact_or_an_error() {
        let kwd = Currency::KWD;
        assert_eq!(minor_from_text("1.5", kwd), Ok(1500));
        assert_eq!(minor_from_text("1.500000", kwd), Ok(1500));
        assert_eq!(minor_from_text("1.5001", kwd), Err(Why::TooPrecise { decimals: 3 }));
        assert_eq!(minor_from_text("1.5", Currency::JPY), Err(Why::TooPrecise { decimals: 0 }));
        assert_eq!(minor_from_text("9223372036854775807", Currency::JPY), Ok(i64::MAX));
        assert_eq!(minor_from_text("-9223372036854775808", Currency::JPY), Ok(i64::MIN));
        assert_eq!(minor_from_text("9223372036854775808", Currency::JPY), Err(Why::Overflow));
        assert_eq!(minor_from_text("9223372036854775807", Currency::USD), Err(Why::Overflow));
        assert_eq!(minor_from_text("92233720368547758.07", Currency::USD), Ok(i64::MAX));
        assert_eq!(minor_from_text("92233720368547758.070", Currency::USD), Ok(i64::MAX));
        assert_eq!(minor_from_text("79228162514264337593543950335", Currency::CLF), Err(Why::Overflow));
        assert_eq!(minor_from_decimal(Decimal::MAX, Currency::own("PTS", 9).unwrap()), Err(Why::Overflow));
        assert_eq!(minor_from_decimal(Decimal::MIN, Currency::USD), Err(Why::Overflow));
    }

    #[test]
    fn powers_of_ten() {
        assert_eq!(power_of_ten(0), Some(1));
        assert_eq!(power_of_ten(9), Some(1_000_000_000));
        assert_eq!(power_of_ten(18), Some(1_000_000_000_000_000_000));
        assert_eq!(power_of_ten(19), None);
    }

    #[test]
    fn the_shortest_form_has_no_zeros_at_its_end() {
        let plain = |mantissa, decimals| Plain { mantissa, decimals }.to_string();
        assert_eq!(plain(10_000, 3), "10");
        assert_eq!(plain(33_333, 3), "33.333");
        assert_eq!(plain(500, 3), "0.5");
        assert_eq!(plain(5, 3), "0.005");
        assert_eq!(plain(0, 3), "0");
        assert_eq!(plain(100, 0), "100");
    }
}
