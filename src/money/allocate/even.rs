//! Splits that do not follow the weights: even, and the same for each.

use super::{all_placed, mirrored, none_negative, share_even};
use crate::error::Error;

/// Splits an amount evenly, no part above its cap: as [`allocate_capped`](super::allocate_capped) with equal weights.
///
/// # Errors
/// [`Why::Negative`](crate::Why::Negative) at `caps[i]`; [`Why::OutOfRange`](crate::Why::OutOfRange) at `amount` where
/// the amount does not fit under the caps; [`Error::Overflow`] of `amount` for `i64::MIN`.
///
/// ```
/// use vouchsafe::allocate_even;
///
/// assert_eq!(allocate_even(10, &[100, 100, 100])?, [4, 3, 3]);
/// // What the small line cannot hold goes to the others.
/// assert_eq!(allocate_even(10, &[1, 100, 100])?, [1, 5, 4]);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
pub fn allocate_even(amount: i64, caps: &[i64]) -> Result<Vec<i64>, Error> {
    none_negative("caps", caps)?;
    let (parts, rest) = mirrored(amount, |amount, out, scratch| share_even(amount, caps, out, scratch))?;
    all_placed(amount, parts, rest)
}

/// Gives every part the same amount, but none more than its cap. What a part cannot hold is lost, not moved.
///
/// # Errors
/// [`Why::Negative`](crate::Why::Negative) at `caps[i]`.
///
/// ```
/// use vouchsafe::allocate_each;
///
/// assert_eq!(allocate_each(5, &[100, 3, 0])?, [5, 3, 0]);
/// assert_eq!(allocate_each(-5, &[100, 3, 0])?, [-5, -3, 0]);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
pub fn allocate_each(amount_each: i64, caps: &[i64]) -> Result<Vec<i64>, Error> {
    none_negative("caps", caps)?;
    // Caps are zero or above, so their mirror images fit and the clamp's bounds are in order.
    Ok(caps.iter().map(|cap| amount_each.clamp(cap.saturating_neg(), *cap)).collect())
}
