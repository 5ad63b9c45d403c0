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

#[cfg(test)]
mod tests {
    use super::*;

    /// V4, V5.
    #[test]
    fn golden_vectors() {
        assert_eq!(allocate(1000, &[1999, 1999, 6002]).unwrap(), [200, 200, 600]);
        assert_eq!(allocate(1000, &[10_000; 3]).unwrap(), [334, 333, 333]);
        assert_eq!(allocate(3, &[500; 7]).unwrap(), [1, 1, 1, 0, 0, 0, 0]);
        // V10: 10.00 net over 79.84 and 47.40.
        assert_eq!(allocate(1000, &[7984, 4740]).unwrap(), [627, 373]);
        // V3: 10% of 2 x 30.00 and 1 x 40.00.
        assert_eq!(allocate(1000, &[6000, 4000]).unwrap(), [600, 400]);
        // V26: the tax of three equal lines, 4.81 in all, to the lines.
        assert_eq!(allocate(481, &[1005; 3]).unwrap(), [161, 160, 160]);
        // 5 over 1:1:1, the first capped at 1.
        assert_eq!(allocate_capped(5, &[1, 1, 1], &[1, 5, 5]).unwrap(), [1, 2, 2]);
    }

    /// Trap 1: 11 x 1.00 less 0.06 gives six lines one cent, and no line a negative share or a higher price.
    #[test]
    fn trap_1_no_share_is_negative() {
        assert_eq!(allocate(6, &[100; 11]).unwrap(), [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    }

    /// Trap 2: rounding each of seven shares of 0.03 alone would lose the whole discount.
    #[test]
    fn trap_2_a_small_discount_is_not_lost() {
        for lines in 1..100 {
            assert_eq!(allocate(3, &vec![999; lines]).unwrap().iter().sum::<i64>(), 3);
        }
    }

    /// Trap 3: a capped percentage delivers its cap to the cent.
    #[test]
    fn trap_3_a_cap_is_delivered_in_full() {
        let weights = [3_333, 3_333, 3_334, 1, 7];
        for cap in 0..=10_008 {
            let parts = allocate(cap, &weights).unwrap();
            assert_eq!(parts.iter().sum::<i64>(), cap);
            assert!(parts.iter().zip(weights).all(|(part, weight)| (0..=weight).contains(part)));
        }
    }

    /// Trap 4: a fixed amount follows the lines' amounts, so a cheap line does not become free.
    #[test]
    fn trap_4_a_cheap_line_keeps_its_price() {
        assert_eq!(allocate(1_000, &[100, 9_900]).unwrap(), [10, 990]);
    }

    /// Trap 5: a refund is the mirror image of its discount, ties included.
    #[test]
    fn trap_5_ties_do_not_flip_with_the_sign() {
        for amount in 0..200 {
            let weights = [5, 5, 0, 7, 5, 1];
            let caps = [9, 60, 60, 60, 60, 60];
            let negated = |parts: Vec<i64>| parts.into_iter().map(|p| -p).collect::<Vec<_>>();
            assert_eq!(allocate(-amount, &weights).unwrap(), negated(allocate(amount, &weights).unwrap()));
            assert_eq!(
                allocate_capped(-amount, &weights, &caps).unwrap(),
                negated(allocate_capped(amount, &weights, &caps).unwrap())
            );
            assert_eq!(allocate_even(-amount, &caps).unwrap(), negated(allocate_even(amount, &caps).unwrap()));
        }
    }

    #[test]
    fn weights_of_zero_get_nothing() {
        assert_eq!(allocate(5, &[0, 1, 1]).unwrap(), [0, 3, 2]);
        assert_eq!(allocate(0, &[0, 0]).unwrap(), [0, 0]);
        assert_eq!(allocate(0, &[]).unwrap(), [0; 0]);
        for weights in [vec![], vec![0, 0]] {
            assert_eq!(allocate(5, &weights).unwrap_err().to_string(), "`weights` is `0`: zero");
            assert_eq!(allocate_capped(5, &weights, &weights).unwrap_err().to_string(), "`weights` is `0`: zero");
        }
    }

    #[test]
    fn caps_move_the_rest_to_the_others() {
        assert_eq!(allocate_capped(100, &[1, 1, 2], &[10, 100, 100]).unwrap(), [10, 30, 60]);
        // The first cap binds, and only because of it the second.
        assert_eq!(allocate_capped(100, &[1, 1, 2], &[10, 29, 100]).unwrap(), [10, 29, 61]);
        // A quota equal to its cap changes nothing.
        assert_eq!(allocate_capped(100, &[1, 1, 2], &[25, 25, 50]).unwrap(), [25, 25, 50]);
        assert_eq!(allocate_capped(6, &[1, 1, 1], &[0, 9, 9]).unwrap(), [0, 3, 3]);
        let error = allocate_capped(101, &[1, 1, 2], &[25, 25, 50]).unwrap_err();
        assert_eq!(error.to_string(), "`amount` is `101`: not between 0 and 100");
        let error = allocate_capped(-101, &[1, 1, 2], &[25, 25, 50]).unwrap_err();
        assert_eq!(error.to_string(), "`amount` is `-101`: not between -100 and 0");
    }

    #[test]
    fn unusable_arguments_are_named() {
        assert_eq!(allocate(1, &[1, -2]).unwrap_err().to_string(), "`weights[1]` is `-2`: negative");
        assert_eq!(allocate_capped(1, &[1], &[-2]).unwrap_err().to_string(), "`caps[0]` is `-2`: negative");
        assert_eq!(allocate_capped(1, &[1], &[]).unwrap_err().to_string(), "`caps` is `0`: not between 1 and 1");
        assert_eq!(allocate(i64::MIN, &[1]).unwrap_err(), Error::overflow("amount"));
        assert_eq!(allocate(-i64::MAX, &[1, 1]).unwrap().iter().sum::<i64>(), -i64::MAX);
        assert!(allocate_even(1, &[3, -1]).is_err());
        assert!(allocate_each(1, &[3, -1]).is_err());
    }

    #[test]
    fn even_and_each() {
        assert_eq!(allocate_even(10, &[1, 100, 100]).unwrap(), [1, 5, 4]);
        assert_eq!(allocate_even(0, &[]).unwrap(), [0; 0]);
        assert_eq!(allocate_even(3, &[1, 1]).unwrap_err().to_string(), "`amount` is `3`: not between 0 and 2");
        assert_eq!(allocate_each(i64::MIN, &[i64::MAX, 0]).unwrap(), [-i64::MAX, 0]);
        assert_eq!(allocate_each(i64::MAX, &[7, i64::MAX]).unwrap(), [7, i64::MAX]);
    }
}
