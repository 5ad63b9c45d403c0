//! By how much counters move where a recorded redemption is changed.

use super::counter::{CounterKey, Delta};
use super::redemption::Redemption;

/// A counter that moves because a recorded order was changed: by the difference alone, up or down, never by zero.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// // A budget of 100.00, of which an order took 9.00.
/// let usd = |text| Money::parse(text, Currency::USD);
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let coupon = Coupon::builder("c").code("TEN").percent_off("10").total_limit(5);
/// let coupon = shop.prepare(coupon.budget(Amounts::new([usd("100.00")?])?).build()?)?;
/// let shirt = Product::new("SHIRT".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), shirt, Quantity::pieces(3)?, UnitPrice::parse("30.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("ten", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let placed = shop.place(&request)?;
///
/// let amended = placed.amend(&Amendment::new("a-1".parse()?).in_quantity(LineId(1), Quantity::pieces(2)?))?;
/// let [budget] = amended.changes() else { panic!("it is still one use, so only the budget moves") };
/// assert_eq!((budget.by(), budget.limit()), (-300, Some(10_000)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CounterChange {
    key: CounterKey,
    by: i64,
    limit: Option<u64>,
    rolling_days: Option<u32>,
}

impl CounterChange {
    /// The counter.
    #[must_use]
    pub fn key(&self) -> &CounterKey {
        &self.key
    }

    /// By how much it moves; below zero where it falls.
    #[must_use]
    pub fn by(&self) -> i64 {
        self.by
    }

    /// The most it may reach, where it rises; none where the changed order counts on it no longer.
    #[must_use]
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// What changes from one redemption to the next, by key.
    pub(crate) fn between(before: &Redemption, after: &Redemption) -> Vec<Self> {
        let find = |of: &Redemption, key: &CounterKey| {
            let at = of.deltas().binary_search_by(|delta| delta.key().cmp(key)).ok();
            at.and_then(|at| of.deltas().get(at)).map_or(0, Delta::by)
        };
        let change = |key: &CounterKey, limit: Option<u64>, rolling_days: Option<u32>, before: u64, after: u64| {
            let by = i128::from(after).saturating_sub(i128::from(before));
            let by = i64::try_from(by).unwrap_or(if by < 0 { i64::MIN } else { i64::MAX });
            (by != 0).then(|| Self { key: key.clone(), by, limit, rolling_days })
        };
        let kept = after.deltas().iter();
        let kept = kept.filter_map(|d| change(&d.key, Some(d.limit), d.rolling_days, find(before, &d.key), d.by));
        let gone = before.deltas().iter().filter(|d| find(after, &d.key) == 0);
        let gone = gone.filter_map(|d| change(&d.key, None, d.rolling_days, d.by, 0));
        let mut changes: Vec<Self> = kept.chain(gone).collect();
        changes.sort_by(|a, b| a.key.cmp(&b.key));
        changes
    }
}
