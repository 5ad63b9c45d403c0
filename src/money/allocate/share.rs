//! The split as the engine runs it: on buffers it keeps, without an allocation once they have grown.

use std::mem;

/// Buffers that one split leaves to the next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    /// Remainder and position of each part in one integer: the smaller, the earlier it gets a missing minor unit.
    keys: Vec<u64>,
    /// The same where 64 bits do not hold both.
    wide_keys: Vec<(u128, usize)>,
    /// The weights whose caps do not bind; zero for the others.
    free: Vec<i64>,
    /// Equal weights.
    ones: Vec<i64>,
}

/// Splits `amount` over `weights` by largest remainder into `out`, no part above its cap, and returns the rest that found
/// no room: all of it where every weight is zero, otherwise what the caps left over.
///
/// `None` only where an argument breaks the promise: something is negative, or caps and weights differ in number.
pub(crate) fn share(
    amount: i64,
    weights: &[i64],
    caps: Option<&[i64]>,
    out: &mut Vec<i64>,
    scratch: &mut Scratch,
) -> Option<i64> {
    let total = Total::of(weights)?;
    let amount = u64::try_from(amount).ok()?;
    let rest = match caps {
        None => largest_remainder(amount, weights, total, out, &mut scratch.keys, &mut scratch.wide_keys),
        Some(caps) => capped(amount, weights, total, caps, out, scratch)?,
    };
    i64::try_from(rest).ok()
}

/// [`share`] with equal weights.
pub(crate) fn share_even(amount: i64, caps: &[i64], out: &mut Vec<i64>, scratch: &mut Scratch) -> Option<i64> {
    let mut ones = mem::take(&mut scratch.ones);
    ones.clear();
    ones.resize(caps.len(), 1);
    let rest = share(amount, &ones, Some(caps), out, scratch);
    scratch.ones = ones;
    rest
}

/// Sum of the weights, and a bound on each of them.
#[derive(Clone, Copy)]
struct Total {
    sum: u128,
    /// No weight has more bits than this.
    bits: u32,
}

impl Total {
    /// `None` if a weight is negative.
    fn of(weights: &[i64]) -> Option<Self> {
        // All weights or-ed together: its sign tells of a negative one, its length bounds them all.
        let (any, sum) = weights.iter().fold((0_i64, 0_i64), |(any, sum), w| (any | w, sum.wrapping_add(*w)));
        let any = u64::try_from(any).ok()?;
        let bits = bits(any);
        let sum = if bits.saturating_add(bits_of_len(weights.len())) < i64::BITS {
            u128::try_from(sum).ok()?
        } else {
            // The sum above may have wrapped.
            weights.iter().map(|w| u128::from(w.unsigned_abs())).fold(0, u128::saturating_add)
        };
        Some(Self { sum, bits })
    }
}

/// How many bits the number has.
fn bits(number: u64) -> u32 {
    u64::BITS.saturating_sub(number.leading_zeros())
}

/// How many bits a position in a list of this length has, at most.
fn bits_of_len(len: usize) -> u32 {
    usize::BITS.saturating_sub(len.leading_zeros())
}

/// The split without caps. Returns the rest, which is zero unless there is no weight at all.
fn largest_remainder(
    amount: u64,
    weights: &[i64],
    total: Total,
    out: &mut Vec<i64>,
    keys: &mut Vec<u64>,
    wide_keys: &mut Vec<(u128, usize)>,
) -> u64 {
    out.clear();
    out.resize(weights.len(), 0);
    if total.sum == 0 || amount == 0 {
        return amount;
    }
    let position_bits = bits_of_len(weights.len());
    match u64::try_from(total.sum) {
        // Every product of amount and weight fits 64 bits, and so does a remainder beside a position.
        Ok(sum)
            if bits(amount).saturating_add(total.bits) <= u64::BITS
                && bits(sum).saturating_add(position_bits) <= u64::BITS =>
        {
            narrow(amount, weights, sum, position_bits, out, keys);
        }
        _ => wide(amount, weights, total.sum, out, wide_keys),
    }
    0
}

/// The split on 64 bits. The caller has checked that nothing below can wrap.
fn narrow(amount: u64, weights: &[i64], sum: u64, position_bits: u32, out: &mut [i64], keys: &mut Vec<u64>) {
    keys.clear();
    keys.resize(weights.len(), 0);
    // Division by multiplication: 2^64 / sum, rounded down. The estimate of a quotient is then exact or one too small.
    let reciprocal = u64::MAX.checked_div(sum).unwrap_or(0);
    let mut missing = amount;
    let mut position = 0_u64;
    for ((weight, part), key) in weights.iter().zip(out.iter_mut()).zip(keys.iter_mut()) {
        let product = amount.wrapping_mul(0_u64.wrapping_add_signed(*weight));
        let estimate = high_half(product, reciprocal);
        let excess = product.wrapping_sub(estimate.wrapping_mul(sum));
        let short = excess >= sum;
        let quotient = estimate.wrapping_add(u64::from(short));
        let remainder = excess.wrapping_sub(if short { sum } else { 0 });
        missing = missing.wrapping_sub(quotient);
        *part = 0_i64.wrapping_add_unsigned(quotient);
        // The gap to the next integer, so that the largest remainder has the smallest key.
        *key = sum.wrapping_sub(remainder).wrapping_sub(1).wrapping_shl(position_bits) | position;
        position = position.wrapping_add(1);
    }
    let Some(last) = missing.checked_sub(1).and_then(|m| usize::try_from(m).ok()).filter(|m| *m < keys.len()) else {
        return;
    };
    // Keys differ by their positions, so the chosen ones do not depend on how the selection works.
    let (chosen, at_last, _) = keys.select_nth_unstable(last);
    let mask = u64::MAX.checked_shr(u64::BITS.saturating_sub(position_bits)).unwrap_or(0);
    for key in chosen.iter().chain(Some(&*at_last)) {
        if let Some(part) = usize::try_from(key & mask).ok().and_then(|p| out.get_mut(p)) {
            *part = part.wrapping_add(1);
        }
    }
}

/// The upper 64 bits of a product.
#[inline]
fn high_half(a: u64, b: u64) -> u64 {
    u64::try_from(u128::from(a).wrapping_mul(u128::from(b)).wrapping_shr(u64::BITS)).unwrap_or(u64::MAX)
}

/// The split on 128 bits: a product has at most 127.
#[cold]
fn wide(amount: u64, weights: &[i64], sum: u128, out: &mut [i64], keys: &mut Vec<(u128, usize)>) {
    keys.clear();
    let mut missing = amount;
    for (position, (weight, part)) in weights.iter().zip(out.iter_mut()).enumerate() {
        let product = u128::from(amount).saturating_mul(u128::from(weight.unsigned_abs()));
        // At most the amount, because no weight is above the sum.
        let quotient = product.checked_div(sum).and_then(|q| u64::try_from(q).ok()).unwrap_or(0);
        let remainder = product.checked_rem(sum).unwrap_or(0);
        missing = missing.saturating_sub(quotient);
        *part = 0_i64.saturating_add_unsigned(quotient);
        keys.push((sum.saturating_sub(remainder), position));
    }
    let Some(last) = missing.checked_sub(1).and_then(|m| usize::try_from(m).ok()).filter(|m| *m < keys.len()) else {
        return;
    };
    let (chosen, at_last, _) = keys.select_nth_unstable(last);
    for (_, position) in chosen.iter().chain(Some(&*at_last)) {
        if let Some(part) = out.get_mut(*position) {
            *part = part.saturating_add(1);
        }
    }
}

/// The split under caps.
///
/// A weight whose exact quota reaches its cap gets the cap. That never lowers the quotas of the others, so caps may be
/// taken one by one as they are found, in any order, and the result is the same. Each round at least halves the weights
/// still free or the amount that caps pushed on, so the number of rounds follows the bits of the numbers and not the
/// number of lines. In the end every free quota is below its cap, and caps are whole: rounding up cannot pass one.
fn capped(
    amount: u64,
    weights: &[i64],
    total: Total,
    caps: &[i64],
    out: &mut Vec<i64>,
    scratch: &mut Scratch,
) -> Option<u64> {
    if caps.len() != weights.len() || caps.iter().any(|cap| *cap < 0) {
        return None;
    }
    let Scratch { keys, wide_keys, free, .. } = scratch;
    let (mut rest, mut sum) = (amount, total.sum);
    if !weights.iter().zip(caps).any(|(weight, cap)| binds(rest, sum, *weight, *cap)) {
        return Some(largest_remainder(amount, weights, total, out, keys, wide_keys));
    }
    free.clear();
    free.extend_from_slice(weights);
    loop {
        let before = sum;
        for (weight, cap) in free.iter_mut().zip(caps) {
            if binds(rest, sum, *weight, *cap) {
                // The cap is at most the quota and the quota at most the rest.
                rest = rest.saturating_sub(cap.unsigned_abs());
                sum = sum.saturating_sub(u128::from(weight.unsigned_abs()));
                *weight = 0;
            }
        }
        if sum == before {
            break;
        }
    }
    let rest = largest_remainder(rest, free, Total { sum, ..total }, out, keys, wide_keys);
    for (((part, weight), free), cap) in out.iter_mut().zip(weights).zip(free.iter()).zip(caps) {
        if *free == 0 && *weight > 0 {
            *part = *cap;
        }
    }
    Some(rest)
}

/// Whether the exact quota of a weight, `rest * weight / sum`, reaches its cap.
#[inline]
fn binds(rest: u64, sum: u128, weight: i64, cap: i64) -> bool {
    if weight == 0 {
        return false;
    }
    let wanted = u128::from(rest).wrapping_mul(u128::from(weight.unsigned_abs()));
    match u64::try_from(sum) {
        Ok(sum) => wanted >= u128::from(cap.unsigned_abs()).wrapping_mul(u128::from(sum)),
        // A product beyond 128 bits is above any that was wanted.
        Err(_) => u128::from(cap.unsigned_abs()).checked_mul(sum).is_some_and(|held| wanted >= held),
    }
}
