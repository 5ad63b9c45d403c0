//! A line's amount on its units.

/// How an amount falls on the pieces of a line: some pieces carry one minor unit more than the others.
///
/// Two pairs of count and amount, whatever the quantity: a million pieces are never written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnitSplit {
    larger: (u32, i64),
    smaller: (u32, i64),
}

impl UnitSplit {
    /// How many pieces carry one minor unit more (in the direction of the amount's sign), and what each of them carries.
    /// The first pieces of the line. None where the amount divides evenly.
    #[must_use]
    pub const fn larger(self) -> (u32, i64) {
        self.larger
    }

    /// How many pieces carry the smaller amount, and what each of them carries. The last pieces of the line; never none.
    #[must_use]
    pub const fn smaller(self) -> (u32, i64) {
        self.smaller
    }

    /// What one piece carries, counted from 0; `None` beyond the last.
    ///
    /// ```
    /// use vouchsafe::split_units;
    ///
    /// let split = split_units(100, 3);
    /// assert_eq!([split.nth(0), split.nth(1), split.nth(2), split.nth(3)], [Some(34), Some(33), Some(33), None]);
    /// ```
    #[must_use]
    pub fn nth(self, index: u32) -> Option<i64> {
        if index < self.larger.0 {
            return Some(self.larger.1);
        }
        (index.saturating_sub(self.larger.0) < self.smaller.0).then_some(self.smaller.1)
    }

    /// What the first `count` pieces carry together; all of them where there are fewer.
    ///
    /// ```
    /// use vouchsafe::split_units;
    ///
    /// assert_eq!(split_units(100, 3).first(2), 67);
    /// assert_eq!(split_units(100, 3).first(9), 100);
    /// ```
    #[must_use]
    pub fn first(self, count: u32) -> i64 {
        let larger = count.min(self.larger.0);
        let smaller = count.saturating_sub(larger).min(self.smaller.0);
        // Never more than the amount itself, so nothing saturates.
        let larger_minor = i64::from(larger).saturating_mul(self.larger.1);
        larger_minor.saturating_add(i64::from(smaller).saturating_mul(self.smaller.1))
    }
}

/// Splits a line's amount over its pieces, as evenly as minor units allow; the first pieces carry the odd ones.
///
/// A quantity of 0 counts as 1, so that the amount is never lost. The cost does not depend on the quantity.
///
/// ```
/// use vouchsafe::split_units;
///
/// let split = split_units(100, 3);
/// assert_eq!((split.larger(), split.smaller()), ((1, 34), (2, 33)));
/// let even = split_units(99, 3);
/// assert_eq!((even.larger(), even.smaller()), ((0, 33), (3, 33)));
/// ```
///
/// # A refund is the mirror image
///
/// ```
/// use vouchsafe::split_units;
///
/// let split = split_units(-100, 3);
/// assert_eq!((split.larger(), split.smaller()), ((1, -34), (2, -33)));
/// ```
#[must_use]
pub fn split_units(amount: i64, quantity: u32) -> UnitSplit {
    let quantity = quantity.max(1);
    let each = amount.checked_div(i64::from(quantity)).unwrap_or(0);
    // Below the quantity, and with the sign of the amount.
    let rest = amount.checked_rem(i64::from(quantity)).unwrap_or(0);
    let count = u32::try_from(rest.unsigned_abs()).unwrap_or(0);
    let larger = if count == 0 { each } else { each.saturating_add(amount.signum()) };
    UnitSplit { larger: (count, larger), smaller: (quantity.saturating_sub(count), each) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_sum_to_the_line_and_differ_by_one_at_most() {
        for amount in -50..50 {
            for quantity in 1..12 {
                let split = split_units(amount, quantity);
                let units: Vec<i64> = (0..quantity).filter_map(|i| split.nth(i)).collect();
                assert_eq!(units.len(), usize::try_from(quantity).unwrap());
                assert_eq!(units.iter().sum::<i64>(), amount);
                assert!(units.windows(2).all(|pair| pair[0].abs() >= pair[1].abs()));
                assert!(units.iter().all(|unit| (unit - units[0]).abs() <= 1));
                assert_eq!(split.nth(quantity), None);
                for (count, given) in (0..=quantity).zip(0_usize..) {
                    assert_eq!(split.first(count), units.iter().take(given).sum::<i64>());
                }
                let mirror = split_units(-amount, quantity);
                assert!((0..quantity).all(|i| mirror.nth(i) == split.nth(i).map(|unit| -unit)));
            }
        }
    }

    /// V2: 100.00 over three is 33.34, 33.33, 33.33.
    #[test]
    fn v2_units() {
        let split = split_units(10_000, 3);
        assert_eq!((split.larger(), split.smaller()), ((1, 3_334), (2, 3_333)));
    }

    #[test]
    fn ends_of_the_range() {
        let split = split_units(i64::MAX, 1);
        assert_eq!((split.larger().0, split.smaller()), (0, (1, i64::MAX)));
        assert_eq!(split_units(i64::MIN, 1).smaller(), (1, i64::MIN));
        let split = split_units(i64::MIN, 1_000_000_000);
        assert_eq!((split.larger(), split.smaller()), ((854_775_808, -9_223_372_037), (145_224_192, -9_223_372_036)));
        assert_eq!(split.first(u32::MAX), i64::MIN);
        assert_eq!(split_units(5, u32::MAX).first(u32::MAX), 5);
        assert_eq!(split_units(5, 0), split_units(5, 1));
    }
}
