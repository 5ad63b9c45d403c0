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
/// no room: all of it where every weight is zero, otherwise what the caps left over. `out` is overwritten.
///
/// Where the caps are the weights themselves and the amount is at most their sum, no cap can bind: give none, it is
/// faster. About 4 ns a part without caps, 5 ns with caps that do not bind, 7 ns where some do.
///
/// `None` only where an argument breaks the promise: something is negative, or caps and weights differ in number.
pub(crate) fn share(
    amount: i64,
    weights: &[i64],
    caps: Option<&[i64]>,
    out: &mut Vec<i64>,
    scratch: &mut Scratch,
) -> Option<i64> {
    let sum = sum_of(weights)?;
    let amount = u64::try_from(amount).ok()?;
    let rest = match caps {
        None => largest_remainder(amount, weights, sum, out, &mut scratch.keys, &mut scratch.wide_keys),
        Some(caps) => capped(amount, weights, sum, caps, out, scratch)?,
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

/// The sum of the weights; `None` if one is negative.
fn sum_of(weights: &[i64]) -> Option<u128> {
    // All weights or-ed together: the sign tells of a negative one, the length bounds them all.
    let (any, sum) = weights.iter().fold((0_i64, 0_i64), |(any, sum), w| (any | w, sum.wrapping_add(*w)));
    let any = u64::try_from(any).ok()?;
    if bits(any).saturating_add(bits_of_len(weights.len())) < i64::BITS {
        return u128::try_from(sum).ok();
    }
    // The sum above may have wrapped.
    Some(weights.iter().map(|w| u128::from(w.unsigned_abs())).fold(0, u128::saturating_add))
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
    sum: u128,
    out: &mut Vec<i64>,
    keys: &mut Vec<u64>,
    wide_keys: &mut Vec<(u128, usize)>,
) -> u64 {
    out.clear();
    out.resize(weights.len(), 0);
    if sum == 0 || amount == 0 {
        return amount;
    }
    if let [only] = out.as_mut_slice() {
        *only = i64::try_from(amount).unwrap_or(i64::MAX);
        return 0;
    }
    let position_bits = bits_of_len(weights.len());
    match u64::try_from(sum) {
        // A remainder fits 64 bits beside a position.
        Ok(narrow_sum) if bits(narrow_sum).saturating_add(position_bits) <= u64::BITS => {
            narrow(amount, weights, narrow_sum, position_bits, out, keys);
        }
        _ => wide(amount, weights, sum, out, wide_keys),
    }
    0
}

/// The split where the sum, and so every remainder, leaves room for a position in 64 bits. Products need not fit: only
/// what a quotient leaves of them is looked at, and that is below twice the sum, so it is exact on 64 bits whatever was
/// lost above them.
fn narrow(amount: u64, weights: &[i64], sum: u64, position_bits: u32, out: &mut [i64], keys: &mut Vec<u64>) {
    keys.clear();
    keys.resize(weights.len(), 0);
    let quota = Quota::new(amount, sum);
    let mut missing = amount;
    let mut position = 0_u64;
    for ((weight, part), key) in weights.iter().zip(out.iter_mut()).zip(keys.iter_mut()) {
        let weight = 0_u64.wrapping_add_signed(*weight);
        let estimate = quota.estimate(weight);
        let excess = amount.wrapping_mul(weight).wrapping_sub(estimate.wrapping_mul(sum));
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

/// The ratio of amount to sum as a fraction on 64 bits, so that a quota is a multiplication and not a division.
#[derive(Clone, Copy)]
struct Quota {
    /// `amount / sum`, times two to the power of 64 less `shift`, rounded down.
    ratio: u64,
    shift: u32,
}

impl Quota {
    /// With s = 64 - `shift`: the ratio is below 2^bits(amount) / 2^(bits(sum) - 1), so times 2^s, where s is at most
    /// 63 - bits(amount) + bits(sum), it is below 2^64. An amount has at most 63 bits, so s is at least bits(sum).
    fn new(amount: u64, sum: u64) -> Self {
        let scale = u64::BITS.saturating_sub(1).saturating_sub(bits(amount)).saturating_add(bits(sum)).min(u64::BITS);
        let scaled = u128::from(amount).wrapping_shl(scale);
        let ratio = scaled.checked_div(u128::from(sum)).and_then(|r| u64::try_from(r).ok()).unwrap_or(0);
        Self { ratio, shift: u64::BITS.saturating_sub(scale) }
    }

    /// `amount * weight / sum`, rounded down, or one less: the ratio is too small by less than 2^-s, and the weight, being
    /// at most the sum, is below 2^s. For the same reason no bit of the weight is lost.
    #[inline]
    fn estimate(self, weight: u64) -> u64 {
        high_half(weight.wrapping_shl(self.shift), self.ratio)
    }
}

/// The upper 64 bits of a product.
#[inline]
fn high_half(a: u64, b: u64) -> u64 {
    u64::try_from(u128::from(a).wrapping_mul(u128::from(b)).wrapping_shr(u64::BITS)).unwrap_or(u64::MAX)
}

/// The split on 128 bits, for sums that leave no room beside them: a product has at most 127.
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
    sum: u128,
    caps: &[i64],
    out: &mut Vec<i64>,
    scratch: &mut Scratch,
) -> Option<u64> {
    if caps.len() != weights.len() || caps.iter().fold(0, |any, cap| any | cap) < 0 {
        return None;
    }
    let Scratch { keys, wide_keys, free, .. } = scratch;
    let (mut rest, mut sum) = (amount, sum);
    if !weights.iter().zip(caps).any(|(weight, cap)| binds(rest, sum, *weight, *cap)) {
        return Some(largest_remainder(amount, weights, sum, out, keys, wide_keys));
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
    let rest = largest_remainder(rest, free, sum, out, keys, wide_keys);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A generator for orders that are the same in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: u64) -> i64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((self.0 >> 16) % limit).unwrap()
        }

        fn list(&mut self, len: i64, limit: u64) -> Vec<i64> {
            (0..len).map(|_| self.below(limit)).collect()
        }
    }

    /// The rule word for word, slowly, on fractions of 128 bits: quotas, caps until none binds, one pass of remainders.
    fn reference(amount: i64, weights: &[i64], caps: Option<&[i64]>) -> (Vec<i64>, i64) {
        let wide = |x: i64| i128::from(x);
        let mut parts = vec![0_i64; weights.len()];
        let mut free: Vec<usize> = (0..weights.len()).filter(|i| weights[*i] > 0).collect();
        let mut rest = amount;
        loop {
            let sum: i128 = free.iter().map(|i| wide(weights[*i])).sum();
            let bound: Vec<usize> = free
                .iter()
                .copied()
                .filter(|i| caps.is_some_and(|caps| wide(rest) * wide(weights[*i]) >= wide(caps[*i]) * sum))
                .collect();
            if bound.is_empty() {
                break;
            }
            for i in &bound {
                parts[*i] = caps.unwrap()[*i];
                rest -= parts[*i];
            }
            free.retain(|i| !bound.contains(i));
        }
        let sum: i128 = free.iter().map(|i| wide(weights[*i])).sum();
        if sum == 0 {
            return (parts, rest);
        }
        let quota = |i: &usize| wide(rest) * wide(weights[*i]);
        for i in &free {
            parts[*i] = i64::try_from(quota(i) / sum).unwrap();
        }
        let missing = rest - free.iter().map(|i| parts[*i]).sum::<i64>();
        free.sort_by_key(|i| (-(quota(i) % sum), *i));
        for i in free.iter().take(usize::try_from(missing).unwrap()) {
            parts[*i] += 1;
        }
        (parts, 0)
    }

    fn shared(amount: i64, weights: &[i64], caps: Option<&[i64]>, scratch: &mut Scratch) -> (Vec<i64>, i64) {
        let mut out = vec![77; 3];
        let rest = share(amount, weights, caps, &mut out, scratch).unwrap();
        (out, rest)
    }

    #[test]
    fn shares_equal_the_rule_applied_slowly() {
        let mut numbers = Numbers(42);
        let mut scratch = Scratch::default();
        // Limits of amount, weight and cap: small numbers make ties and binding caps, large ones need 128 bits. The
        // reference multiplies a cap by the sum of up to 19 weights and needs the largest case below 127 bits.
        let limits =
            [(4, 3, 3), (40, 10, 12), (1_000, 50_000, 400), (1 << 40, 1 << 40, 1 << 38), (1 << 62, 1 << 58, 1 << 58)];
        for round in 0..20_000 {
            let (amount, weight, cap) = limits[round % limits.len()];
            let len = numbers.below(20);
            let (amount, weights, caps) = (numbers.below(amount), numbers.list(len, weight), numbers.list(len, cap));
            for caps in [None, Some(caps.as_slice())] {
                let (parts, rest) = shared(amount, &weights, caps, &mut scratch);
                assert_eq!((&parts, rest), (&reference(amount, &weights, caps).0, reference(amount, &weights, caps).1));
                let sum: i128 = parts.iter().map(|p| i128::from(*p)).sum();
                assert_eq!(sum + i128::from(rest), i128::from(amount));
                for (i, part) in parts.iter().enumerate() {
                    assert!(*part >= 0 && caps.is_none_or(|caps| *part <= caps[i]));
                    assert!(weights[i] > 0 || *part == 0);
                }
            }
        }
    }

    /// Sums that do not fit beside a position go the way of 128 bits; the answer is the same on both sides of the border,
    /// also where products need more than 64 bits.
    #[test]
    fn both_widths_give_the_same_answer() {
        let mut numbers = Numbers(7);
        let (mut narrow_out, mut wide_out) = (Vec::new(), Vec::new());
        let (mut keys, mut wide_keys) = (Vec::new(), Vec::new());
        for round in 0..5_000_u64 {
            let len = 1 + numbers.below(40);
            let weights = numbers.list(len, 1 + (((round % 31) * (round % 29)) << (round % 43)));
            let sum = weights.iter().sum::<i64>().unsigned_abs();
            let amount = numbers.below(100_000 << (round % 47)).unsigned_abs();
            if sum == 0 {
                continue;
            }
            for out in [&mut narrow_out, &mut wide_out] {
                out.clear();
                out.resize(weights.len(), 0);
            }
            narrow(amount, &weights, sum, bits_of_len(weights.len()), &mut narrow_out, &mut keys);
            wide(amount, &weights, u128::from(sum), &mut wide_out, &mut wide_keys);
            assert_eq!(narrow_out, wide_out, "{amount} over {weights:?}");
        }
    }

    /// Powers of two and their neighbours are where a division by multiplication goes wrong first.
    #[test]
    fn quotients_are_exact_at_the_borders_of_bits() {
        let mut scratch = Scratch::default();
        for shift in 0..62 {
            for sum in [(1_i64 << shift) - 1, 1 << shift, (1 << shift) + 1] {
                for amount in [1, 2, 3, 99, 1 << 20, (1 << 31) - 1, 1 << 31, i64::MAX] {
                    for weights in [vec![sum], vec![sum / 2, sum - sum / 2], vec![1, sum], vec![sum, 1, 0]] {
                        let (parts, rest) = shared(amount, &weights, None, &mut scratch);
                        assert_eq!((parts, rest), reference(amount, &weights, None), "{amount} over {weights:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_largest_numbers_there_are() {
        let mut scratch = Scratch::default();
        const MAX: i64 = i64::MAX;
        let half = MAX / 2;
        assert_eq!(shared(MAX, &[MAX], None, &mut scratch), (vec![MAX], 0));
        assert_eq!(shared(MAX, &[MAX, MAX], None, &mut scratch), (vec![half + 1, half], 0));
        assert_eq!(shared(MAX, &[MAX, MAX], Some(&[MAX, MAX]), &mut scratch), (vec![half + 1, half], 0));
        assert_eq!(shared(MAX, &[MAX, 1], None, &mut scratch), (vec![MAX - 1, 1], 0));
        // Sums beyond 64 bits, and products of cap and sum beyond 128.
        let many = vec![MAX; 9];
        let (parts, rest) = shared(MAX, &many, Some(&many), &mut scratch);
        assert_eq!((parts.iter().sum::<i64>(), rest), (MAX, 0));
        let (parts, rest) = shared(MAX, &many, Some(&[1, MAX, MAX, 2, MAX, MAX, MAX, MAX, 3]), &mut scratch);
        assert_eq!((parts[0], parts[3], parts[8]), (1, 2, 3));
        assert_eq!((parts.iter().sum::<i64>(), rest), (MAX, 0));
        assert_eq!(shared(1, &[MAX, MAX, MAX], Some(&[0, 0, MAX]), &mut scratch), (vec![0, 0, 1], 0));
    }

    #[test]
    fn what_finds_no_room_is_returned() {
        let mut scratch = Scratch::default();
        assert_eq!(shared(7, &[], None, &mut scratch), (vec![], 7));
        assert_eq!(shared(7, &[0, 0], None, &mut scratch), (vec![0, 0], 7));
        assert_eq!(shared(7, &[0, 0], Some(&[9, 9]), &mut scratch), (vec![0, 0], 7));
        assert_eq!(shared(0, &[0, 0], None, &mut scratch), (vec![0, 0], 0));
        assert_eq!(shared(7, &[1, 1], Some(&[2, 3]), &mut scratch), (vec![2, 3], 2));
        assert_eq!(shared(5, &[1, 0], Some(&[2, 9]), &mut scratch), (vec![2, 0], 3));
    }

    #[test]
    fn a_broken_promise_is_answered_with_none() {
        let (mut out, mut scratch) = (Vec::new(), Scratch::default());
        assert_eq!(share(-1, &[1], None, &mut out, &mut scratch), None);
        assert_eq!(share(1, &[2, -1], None, &mut out, &mut scratch), None);
        assert_eq!(share(1, &[1], Some(&[-1]), &mut out, &mut scratch), None);
        assert_eq!(share(1, &[1], Some(&[1, 1]), &mut out, &mut scratch), None);
        assert_eq!(share_even(1, &[-1], &mut out, &mut scratch), None);
    }

    /// Caps that bind one after the other, each only because the one before did, in the least lucky order.
    #[test]
    fn a_chain_of_caps_settles_in_few_rounds() {
        let mut scratch = Scratch::default();
        let weights: Vec<i64> = (0..40).map(|i| 1_i64 << i).collect();
        let caps: Vec<i64> = (0..40).map(|i| (1_i64 << i) + 40 - i).collect();
        for amount in [1_000, 1 << 39, (1 << 40) - 1, 1 << 40, (1 << 40) + 780, (1 << 40) + 2_000] {
            let (parts, rest) = shared(amount, &weights, Some(&caps), &mut scratch);
            assert_eq!((parts, rest), reference(amount, &weights, Some(&caps)));
        }
    }

    /// Ties go by position, so a permutation of different weights permutes the parts.
    #[test]
    fn permuting_the_lines_changes_no_share() {
        let mut numbers = Numbers(3);
        let mut scratch = Scratch::default();
        for _ in 0..2_000 {
            let mut lines: Vec<(i64, i64)> =
                (0..12).map(|i| (numbers.below(10_000) * 12 + i, numbers.below(200))).collect();
            let amount = numbers.below(2_000);
            let split = |lines: &[(i64, i64)], scratch: &mut Scratch| {
                let (weights, caps): (Vec<i64>, Vec<i64>) = lines.iter().copied().unzip();
                let (parts, rest) = shared(amount, &weights, Some(&caps), scratch);
                let mut by_line: Vec<_> = lines.iter().copied().zip(parts).collect();
                by_line.sort_unstable();
                (by_line, rest)
            };
            // Equal remainders are decided by position, which a permutation changes: not counted here.
            let sum: i64 = lines.iter().map(|(w, _)| w).sum();
            let mut remainders: Vec<i64> = lines.iter().map(|(w, _)| amount * w % sum.max(1)).collect();
            remainders.sort_unstable();
            remainders.dedup();
            let caps_bind = lines.iter().any(|(w, c)| amount * w >= c * sum);
            if remainders.len() < lines.len() || caps_bind {
                continue;
            }
            let before = split(&lines, &mut scratch);
            lines.reverse();
            lines.swap(2, 7);
            assert_eq!(split(&lines, &mut scratch), before);
        }
    }

    /// Buffers grow once and are kept.
    #[test]
    fn a_second_split_of_the_same_size_allocates_nothing() {
        let (mut out, mut scratch) = (Vec::new(), Scratch::default());
        let weights: Vec<i64> = (1..200).collect();
        let caps = vec![9; 199];
        for _ in 0..2 {
            share(1_000, &weights, Some(&caps), &mut out, &mut scratch).unwrap();
            share_even(1_000, &caps, &mut out, &mut scratch).unwrap();
        }
        let buffers = |out: &Vec<i64>, s: &Scratch| {
            (out.as_ptr(), s.keys.as_ptr(), s.wide_keys.as_ptr(), s.free.as_ptr(), s.ones.as_ptr())
        };
        let before = buffers(&out, &scratch);
        for amount in 0..500 {
            share(amount, &weights, None, &mut out, &mut scratch).unwrap();
            share(amount, &weights, Some(&caps), &mut out, &mut scratch).unwrap();
            share_even(amount, &caps, &mut out, &mut scratch).unwrap();
        }
        assert_eq!(buffers(&out, &scratch), before);
    }
}
