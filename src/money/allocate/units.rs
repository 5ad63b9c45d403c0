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
