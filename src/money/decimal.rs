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
