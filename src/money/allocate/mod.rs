//! The split of an amount into parts that sum to it exactly.
//!
//! Ten dollars over three lines is 3.33 each and one cent short. The cent must go somewhere, always to the same place,
//! and must never be lost or made up. The method here is the **largest remainder** (Hamilton's method, known from the
//! apportionment of seats): every part first gets its exact quota rounded down, then the minor units still missing go one
//! each to the parts whose quota lost most by rounding. Ties go to the earlier part.
//!
//! What holds for every input:
//! - the parts sum exactly to the amount;
//! - no part is negative, and none passes its cap;
//! - a part that no cap binds is less than one minor unit from its exact quota;
//! - a weight of zero gets nothing;
//! - permuting the weights permutes the parts, but for ties;
//! - a negative amount gives the mirror image of the positive one, so that a refund undoes its discount to the cent.
//!
//! Engines that round every line and give the difference to the last one break most of these: 0.03 over seven lines
//! rounds to nothing, and 0.06 over eleven lines raises the price of the last.

mod even;
mod share;
mod units;

pub use even::{allocate_each, allocate_even};
pub(crate) use share::{Scratch, share, share_even};
pub use units::{UnitSplit, split_units};

use crate::error::{Error, Why};

/// Splits an amount in proportion to weights, to the minor unit.
///
/// Amount and weights are minor units, but weights of any unit do. Ties go to the smaller position. Zero over weights of
/// zero is zeros.
///
/// # Errors
/// [`Why::Negative`] at `weights[i]`; [`Why::Zero`] at `weights` where there is something to split and every weight is
/// zero; [`Error::Overflow`] of `amount` for `i64::MIN`, which has no mirror image.
///
/// ```
/// use vouchsafe::allocate;
///
/// // 10.00 over lines of 19.99, 19.99 and 60.02.
/// assert_eq!(allocate(1000, &[1999, 1999, 6002])?, [200, 200, 600]);
/// // Three equal lines: the first gets the odd cent.
/// assert_eq!(allocate(1000, &[10_000, 10_000, 10_000])?, [334, 333, 333]);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # Less than a cent for each
///
/// ```
/// use vouchsafe::allocate;
///
/// assert_eq!(allocate(3, &[50, 50, 50, 50, 50, 50, 50])?, [1, 1, 1, 0, 0, 0, 0]);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # The mirror image
///
/// ```
/// use vouchsafe::allocate;
///
/// assert_eq!(allocate(-1000, &[1, 1, 1])?, [-334, -333, -333]);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
pub fn allocate(amount: i64, weights: &[i64]) -> Result<Vec<i64>, Error> {
    none_negative("weights", weights)?;
    let parts = mirrored(amount, |amount, out, scratch| share(amount, weights, None, out, scratch))?;
    match parts {
        (parts, 0) => Ok(parts),
        _ => Err(Error::invalid("weights", 0, Why::Zero)),
    }
}

/// Splits an amount in proportion to weights, no part above its cap.
///
/// A weight whose exact quota reaches its cap gets its cap, and the rest is split anew over the others until no cap
/// binds; only then is anything rounded.
///
/// # Errors
/// Those of [`allocate`]; [`Why::Negative`] at `caps[i]`; [`Why::OutOfRange`] at `caps` where there are not as many caps
/// as weights, and at `amount` where the amount does not fit under the caps.
///
/// ```
/// use vouchsafe::allocate_capped;
///
/// // The first may take 1 of its 1.67; the other two share the remaining 4.
/// assert_eq!(allocate_capped(5, &[1, 1, 1], &[1, 9, 9])?, [1, 2, 2]);
/// assert!(allocate_capped(5, &[1, 1, 1], &[1, 1, 1]).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
pub fn allocate_capped(amount: i64, weights: &[i64], caps: &[i64]) -> Result<Vec<i64>, Error> {
    none_negative("weights", weights)?;
    none_negative("caps", caps)?;
    if weights.len() != caps.len() {
        let wanted = weights.len().to_string();
        return Err(Error::invalid("caps", caps.len(), Why::OutOfRange { min: wanted.clone(), max: wanted }));
    }
    let (parts, rest) = mirrored(amount, |amount, out, scratch| share(amount, weights, Some(caps), out, scratch))?;
    if rest != 0 && weights.iter().all(|weight| *weight == 0) {
        return Err(Error::invalid("weights", 0, Why::Zero));
    }
    all_placed(amount, parts, rest)
}

/// The parts, or an error that says how much could be placed.
fn all_placed(amount: i64, parts: Vec<i64>, rest: i64) -> Result<Vec<i64>, Error> {
    if rest == 0 {
        return Ok(parts);
    }
    let most = amount.unsigned_abs().saturating_sub(rest.unsigned_abs());
    let min = if amount < 0 { format!("-{most}") } else { "0".to_owned() };
    let max = if amount < 0 { "0".to_owned() } else { most.to_string() };
    Err(Error::invalid("amount", amount, Why::OutOfRange { min, max }))
}

/// Splits the magnitude of an amount and gives the parts its sign; with them the rest that found no room.
fn mirrored(
    amount: i64,
    split: impl FnOnce(i64, &mut Vec<i64>, &mut Scratch) -> Option<i64>,
) -> Result<(Vec<i64>, i64), Error> {
    let overflow = || Error::overflow("amount");
    let magnitude = amount.checked_abs().ok_or_else(overflow)?;
    let mut parts = Vec::new();
    let rest = split(magnitude, &mut parts, &mut Scratch::default()).ok_or_else(overflow)?;
    if amount < 0 {
        for part in &mut parts {
            *part = part.checked_neg().ok_or_else(overflow)?;
        }
    }
    Ok((parts, rest))
}

fn none_negative(name: &str, values: &[i64]) -> Result<(), Error> {
    match values.iter().enumerate().find(|(_, value)| **value < 0) {
        None => Ok(()),
        Some((i, value)) => Err(Error::invalid(format!("{name}[{i}]"), value, Why::Negative)),
    }
}
