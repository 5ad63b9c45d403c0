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
        let place = self.movements.iter().position(|movement| movement.id() == id);
        let Some((before, after)) = place.map(|place| self.undone(outcome, place)).transpose()? else {
            return Ok(PointsReturn::default());
        };
        Ok(after.points.minus(before.points))
    }

    /// How all returns so far move the points of the order.
    ///
    /// # Errors
    /// As [`points_return`](Self::points_return).
    pub fn points_returned(&self, outcome: &Outcome) -> Result<PointsReturn, SettleError> {
        Ok(self.undone(outcome, self.movements.len())?.1.points)
    }

    /// The part of a refund that goes back as points and not in money, where points were a tender: what the points that it
    /// [gives back](Self::points_return) had paid.
    ///
    /// # Errors
    /// As [`points_return`](Self::points_return).
    pub fn tender_return(&self, outcome: &Outcome, id: &MovementId) -> Result<Money, SettleError> {
        let place = self.movements.iter().position(|movement| movement.id() == id);
        let undone = place.map(|place| self.undone(outcome, place)).transpose()?;
        Ok(self.money(undone.map_or(0, |(before, after)| after.tender.saturating_sub(before.tender))))
    }

    fn of(&self, outcome: &Outcome) -> Result<(), SettleError> {
        if outcome.reference() == &self.reference {
            return Ok(());
        }
        Err(SettleError::WrongOrder { found: outcome.reference().clone() })
    }

    /// What returns undo before the movement at this place, and with it. Never less than fewer movements did.
    fn undone(&self, outcome: &Outcome, place: usize) -> Result<(Undone, Undone), SettleError> {
        self.of(outcome)?;
        let Some(points) = outcome.points() else { return Ok((Undone::default(), Undone::default())) };
        let mut walk = Walk::new(self, points, outcome.points_multiplier());
        let (mut before, mut after) = (Undone::default(), walk.undone(0, Undone::default())?);
        for movement in self.movements.iter().take(place.saturating_add(1)) {
            before = after;
            let Movement::Refund(refund) = movement else { continue };
            for line in &refund.lines {
                walk.change(line.line, |kept| kept.take(&line.figures));
            }
            for line in &refund.kept {
                walk.change(line.line, |kept| {
                    kept.take(&line.before);
                    kept.add(&line.after);
                });
            }
            after = walk.undone(refund.payable().minor(), after)?;
        }
        Ok((before, after))
    }
}

/// What returns undo in all.
#[derive(Debug, Clone, Copy, Default)]
struct Undone {
    points: PointsReturn,
    /// The part of what is paid back that goes back as points.
    tender: i64,
}

/// A walk along the movements of an order: what is kept of the lines that points are about.
struct Walk<'a> {
    points: &'a PointsOutcome,
    multiplier: PointsMultiplier,
    mode: PriceMode,
    lines: BTreeMap<LineId, Kept>,
    /// What points took off what is kept.
    by_points: i64,
    /// What is kept that earns.
    earning: Earning,
    /// What was paid for all of them, with tax.
    paid: i64,
}

impl<'a> Walk<'a> {
    fn new(settlement: &Settlement, points: &'a PointsOutcome, multiplier: PointsMultiplier) -> Self {
        let (mode, earning) = (settlement.mode, Earning::default());
        let mut walk = Self { points, multiplier, mode, lines: BTreeMap::new(), by_points: 0, earning, paid: 0 };
        for line in settlement.placed.iter().filter(|line| points.lines.binary_search(&line.line).is_ok()) {
            walk.lines.insert(line.line, Kept::default());
            walk.change(line.line, |kept| kept.add(&line.figures));
        }
        walk.paid = walk.earning.payable;
        walk
    }

    /// Changes what is kept of a line, and the sums with it; nothing where points are not about the line.
    fn change(&mut self, line: LineId, change: impl FnOnce(&mut Kept)) {
        let Some(kept) = self.lines.get_mut(&line) else { return };
        let mut sums = |kept: &Kept, sign: i64| {
            let mut one = Earning::default();
            one.add(kept.left, kept.third, kept.tax, kept.payable(self.mode), self.mode);
            self.earning.net = self.earning.net.saturating_add(one.net.saturating_mul(sign));
            self.earning.payable = self.earning.payable.saturating_add(one.payable.saturating_mul(sign));
            self.by_points = self.by_points.saturating_add(kept.by_points.saturating_mul(sign));
        };
        sums(kept, -1);
        change(kept);
        sums(kept, 1);
    }

    /// What is undone once so much more was paid back.
    fn undone(&self, paid_back: i64, before: Undone) -> Result<Undone, Error> {
        let (points, tendered) = (self.points, self.points.tendered_minor());
        let minor = |figure: u64| i64::try_from(figure).unwrap_or(i64::MAX);
        let standing = minor(proportion(tendered.unsigned_abs(), self.earning.payable, self.paid));
        let due = tendered.saturating_sub(standing);
        // Never more of a refund goes back as points than is paid back: a threshold may have taken a part of it for lines
        // that points did not pay. The rest goes back with the next refund.
        let most = before.tender.saturating_add(paid_back.max(0));
        let tender = due.min(most).max(before.tender);
        let (part, whole) = match tendered {
            0 => (self.by_points, points.money),
            _ if tender < due => (tendered.saturating_sub(tender), tendered),
            _ => (self.earning.payable, self.paid),
        };
        let used = proportion(points.redeemed, part, whole);
        let earned = match points.program() {
            Some(program) => self.earning.points(program, self.multiplier, points.currency, standing)?,
            None => 0,
        };
        let undone = PointsReturn::new(points.redeemed.saturating_sub(used), points.earned.saturating_sub(earned));
        Ok(Undone { points: undone.max(before.points), tender })
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
