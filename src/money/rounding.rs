//! Rounding modes and the one division that rounds.

use serde::{Deserialize, Serialize};

/// How a result between two minor units is rounded.
///
/// Every mode mirrors at zero: what rounds 2.5 to 3 rounds -2.5 to -3. A refund is therefore always the exact mirror of
/// its discount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest; the midpoint away from zero.
    #[default]
    HalfUp,
    /// To the nearest; the midpoint to the even neighbour.
    HalfEven,
    /// To the nearest; the midpoint toward zero.
    HalfDown,
    /// Toward zero.
    Down,
}

/// `num / den`, rounded. `den` must be above zero; otherwise the answer is zero.
#[inline]
pub(crate) fn divide(num: i128, den: i128, rounding: Rounding) -> i128 {
    debug_assert!(den > 0);
    let den = den.unsigned_abs();
    let magnitude = num.unsigned_abs();
    let quotient = magnitude.checked_div(den).unwrap_or(0);
    let rest = magnitude.checked_rem(den).unwrap_or(0);
    // Compares the rest with the gap to the next integer, because twice the rest may not fit.
    let gap = den.saturating_sub(rest);
    let up = match rounding {
        Rounding::HalfUp => rest >= gap,
        Rounding::HalfEven => rest > gap || (rest == gap && quotient & 1 == 1),
        Rounding::HalfDown => rest > gap,
        Rounding::Down => false,
    };
    let rounded = quotient.saturating_add(u128::from(up));
    if num < 0 { 0_i128.saturating_sub_unsigned(rounded) } else { 0_i128.saturating_add_unsigned(rounded) }
}

/// [`divide`] on 64 bits: the same answer, about five times faster.
#[inline]
pub(crate) fn divide_i64(num: i64, den: i64, rounding: Rounding) -> i64 {
    debug_assert!(den > 0);
    let rounded = divide_u64(num.unsigned_abs(), den.unsigned_abs(), rounding);
    if num < 0 { 0_i64.saturating_sub_unsigned(rounded) } else { 0_i64.saturating_add_unsigned(rounded) }
}

/// The magnitude part of [`divide_i64`].
#[inline]
pub(super) fn divide_u64(num: u64, den: u64, rounding: Rounding) -> u64 {
    let quotient = num.checked_div(den).unwrap_or(0);
    let rest = num.checked_rem(den).unwrap_or(0);
    let gap = den.saturating_sub(rest);
    let up = match rounding {
        Rounding::HalfUp => rest >= gap,
        Rounding::HalfEven => rest > gap || (rest == gap && quotient & 1 == 1),
        Rounding::HalfDown => rest > gap,
        Rounding::Down => false,
    };
    quotient.saturating_add(u64::from(up))
}
