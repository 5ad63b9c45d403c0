//! What becomes of loyalty points when a part of an order is returned.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LineFigures, Movement, SettleError, Settlement};
use crate::error::Error;
use crate::key::MovementId;
use crate::money::Money;
use crate::order::LineId;
use crate::outcome::{Earning, Outcome, PointsOutcome};
use crate::policy::PriceMode;
use crate::shop::PointsMultiplier;

/// How returns move the points of an order: what was redeemed on goods that came back is given back in proportion, and
/// what they had earned is taken back.
///
/// In JSON `{"given_back": 250, "taken_back": 26}`.
///
/// Two cups at 20.00, of which 10.00 is paid with points; one comes back:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let program = PointsProgram::earning(PointsRates::everywhere("1".parse()?))
///     .worth(PriceTable::new([(Currency::USD, UnitPrice::parse("0.01")?)])?)?;
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).points(program).build()?;
/// let line = Line::new(LineId(1), Product::new("CUP".parse()?), Quantity::pieces(2)?, UnitPrice::parse("20.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (ann, reference) = (IdentityKey::id("42")?, Reference::Order("o-1".parse()?));
/// let (customer, at) = (Customer::new([ann.clone()]), parse_instant("2026-03-01T12:00:00Z")?);
/// let request = Request::new(&order, &customer, reference.clone(), at).with_points(PointsUse::new(1000, 1000));
/// let outcome = shop.evaluate(&request)?; // 30.00 are paid, which earn 30 points
///
/// let mut store = MemoryStore::new();
/// store.credit_points(&ann, &"moved-in".parse()?, 1000);
/// block_on(store.commit(&outcome.redemption()?, at))?;
/// assert_eq!(store.points(&ann, at).balance(), 30);
///
/// let mut settlement = Settlement::new(&outcome)?;
/// let back: MovementId = "r-1".parse()?;
/// let refund = settlement.refund(&RefundRequest::new(back.clone()).units(LineId(1), 1))?;
/// settlement.apply(&refund)?;
/// assert_eq!(refund.payable().to_string(), "15.00 USD");
/// let points = settlement.points_return(&outcome, &back)?;
/// assert_eq!((points.given_back(), points.taken_back()), (500, 15));
/// store.return_points(&reference, &back, points);
/// assert_eq!(store.points(&ann, at).balance(), 515);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsReturn {
    given_back: u64,
    taken_back: u64,
}

impl PointsReturn {
    /// So many points that were redeemed are given back, and so many that were earned are taken back.
    #[must_use]
    pub fn new(given_back: u64, taken_back: u64) -> Self {
        Self { given_back, taken_back }
    }

    /// How many of the redeemed points are given back.
    #[must_use]
    pub fn given_back(self) -> u64 {
        self.given_back
    }

    /// How many of the earned points are taken back.
    #[must_use]
    pub fn taken_back(self) -> u64 {
        self.taken_back
    }

    /// The larger of each.
    fn max(self, other: Self) -> Self {
        Self::new(self.given_back.max(other.given_back), self.taken_back.max(other.taken_back))
    }

    fn minus(self, earlier: Self) -> Self {
        let given_back = self.given_back.saturating_sub(earlier.given_back);
        Self::new(given_back, self.taken_back.saturating_sub(earlier.taken_back))
    }
}

impl Settlement {
    /// How a return moves the points of the order: what it adds to all returns before it. Nothing where it is no return, or
    /// no points are moved.
    ///
    /// Earned points are worked out again on what is kept, with one floor over all of it, so that returns in any order
    /// come to the same; redeemed points go back in proportion to what they took off or paid. When everything is back, so
    /// is every point. Units that moved to another order are kept, and their points stay with this one.
    ///
    /// # Errors
    /// [`SettleError::WrongOrder`] where the outcome is that of another order.
    pub fn points_return(&self, outcome: &Outcome, id: &MovementId) -> Result<PointsReturn, SettleError> {
        let Some(place) = self.movements.iter().position(|movement| movement.id() == id) else {
            return Ok(PointsReturn::default());
        };
        let before = self.returned_until(outcome, place)?;
        Ok(self.returned_until(outcome, place.saturating_add(1))?.minus(before))
    }

    /// How all returns so far move the points of the order.
    ///
    /// # Errors
    /// As [`points_return`](Self::points_return).
    pub fn points_returned(&self, outcome: &Outcome) -> Result<PointsReturn, SettleError> {
        self.returned_until(outcome, self.movements.len())
    }

    /// The part of a refund that goes back as points and not in money, where points were a tender: what the points that it
    /// [gives back](Self::points_return) had paid.
    ///
    /// # Errors
    /// As [`points_return`](Self::points_return).
    pub fn tender_return(&self, outcome: &Outcome, id: &MovementId) -> Result<Money, SettleError> {
        let place = self.movements.iter().position(|movement| movement.id() == id);
        let Some((place, points)) = place.zip(outcome.points()) else { return Ok(Money::zero(self.currency)) };
        self.of(outcome)?;
        let kept = |until| {
            let (kept, all) = (self.kept(points, until), self.kept(points, 0));
            proportion(points.tendered_minor().unsigned_abs(), kept.1.payable, all.1.payable)
        };
        let back = kept(place).saturating_sub(kept(place.saturating_add(1)));
        Ok(Money::new(i64::try_from(back).unwrap_or(i64::MAX), self.currency))
    }

    fn of(&self, outcome: &Outcome) -> Result<(), SettleError> {
        if outcome.reference() == &self.reference {
            return Ok(());
        }
        Err(SettleError::WrongOrder { found: outcome.reference().clone() })
    }

    /// What the first movements return. Never less than fewer of them did.
    fn returned_until(&self, outcome: &Outcome, until: usize) -> Result<PointsReturn, SettleError> {
        self.of(outcome)?;
        let Some(points) = outcome.points() else { return Ok(PointsReturn::default()) };
        let mut returned = PointsReturn::default();
        for until in 0..=until {
            returned = returned.max(self.undone(points, outcome.points_multiplier(), until)?);
        }
        Ok(returned)
    }

    fn undone(
        &self,
        points: &PointsOutcome,
        multiplier: PointsMultiplier,
        until: usize,
    ) -> Result<PointsReturn, Error> {
        let ((by_points, kept), (_, all)) = (self.kept(points, until), self.kept(points, 0));
        let tendered = points.tendered_minor();
        let (part, whole) = if tendered > 0 { (kept.payable, all.payable) } else { (by_points, points.money) };
        let used = proportion(points.redeemed, part, whole);
        let paid = i64::try_from(proportion(tendered.unsigned_abs(), kept.payable, all.payable)).unwrap_or(0);
        let earned = match points.program() {
            Some(program) => kept.points(program, multiplier, self.currency, paid)?,
            None => 0,
        };
        Ok(PointsReturn::new(points.redeemed.saturating_sub(used), points.earned.saturating_sub(earned)))
    }

    /// What is kept after so many movements of the lines that points are about: what points took off it, and what earns.
    fn kept(&self, points: &PointsOutcome, until: usize) -> (i64, Earning) {
        let mut lines: BTreeMap<LineId, Kept> = BTreeMap::new();
        for line in self.placed.iter().filter(|line| points.lines.binary_search(&line.line).is_ok()) {
            lines.entry(line.line).or_default().add(&line.figures);
        }
        for movement in self.movements.iter().take(until) {
            let Movement::Refund(refund) = movement else { continue };
            for line in &refund.lines {
                lines.entry(line.line).and_modify(|kept| kept.take(&line.figures));
            }
            for line in &refund.kept {
                lines.entry(line.line).and_modify(|kept| {
                    kept.take(&line.before);
                    kept.add(&line.after);
                });
            }
        }
        let (mut by_points, mut earning) = (0_i64, Earning::default());
        for kept in lines.values() {
            by_points = by_points.saturating_add(kept.by_points);
            earning.add(kept.left, kept.third, kept.tax, kept.payable(self.mode), self.mode);
        }
        (by_points.max(0), earning)
    }
}

/// What is kept of a line. Sums first, and rounding on what is left of them: when all is back, there is nothing to round.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    left: i64,
    third: i64,
    tax: i64,
    by_points: i64,
}

impl Kept {
    fn add(&mut self, figures: &LineFigures) {
        self.change(figures, i64::saturating_add);
    }

    fn take(&mut self, figures: &LineFigures) {
        self.change(figures, i64::saturating_sub);
    }

    fn change(&mut self, figures: &LineFigures, by: impl Fn(i64, i64) -> i64) {
        self.left = by(self.left, figures.discounted_minor());
        self.third = by(self.third, figures.third_minor());
        self.tax = by(self.tax, figures.tax().map_or(0, Money::minor));
        self.by_points = by(self.by_points, figures.points_discount().minor());
    }

    fn payable(&self, mode: PriceMode) -> i64 {
        match mode {
            PriceMode::TaxInclusive => self.left,
            PriceMode::TaxExclusive => self.left.saturating_add(self.tax),
        }
    }
}

/// The part of a figure that `part` is of `whole`, rounded up: what is given back is rounded down until all is back.
fn proportion(figure: u64, part: i64, whole: i64) -> u64 {
    let (part, whole) = (u128::from(part.max(0).unsigned_abs()), u128::from(whole.max(0).unsigned_abs()));
    let product = u128::from(figure).saturating_mul(part.min(whole));
    u64::try_from(product.checked_next_multiple_of(whole).and_then(|p| p.checked_div(whole)).unwrap_or(0))
        .unwrap_or(figure)
}
