//! What a store tells of an account of loyalty points.

use serde::{Deserialize, Serialize};

use crate::outcome::PointsMove;
use crate::settle::PointsReturn;

/// An account of loyalty points: one for each customer, under the first of the keys that count.
///
/// ```
/// use vouchsafe::PointsBalance;
///
/// let points = PointsBalance::new(730, 500);
/// assert_eq!(points.available(), 230);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsBalance {
    balance: u64,
    held: u64,
}

impl PointsBalance {
    /// So many points, of which live holds have so many. For stores.
    #[must_use]
    pub fn new(balance: u64, held: u64) -> Self {
        Self { balance, held }
    }

    /// The points in the account.
    #[must_use]
    pub fn balance(self) -> u64 {
        self.balance
    }

    /// How many of them live holds have, which may come free again.
    #[must_use]
    pub fn held(self) -> u64 {
        self.held
    }

    /// How many can be redeemed: what [`PointsUse`](crate::PointsUse) wants.
    #[must_use]
    pub fn available(self) -> u64 {
        self.balance.saturating_sub(self.held)
    }
}

/// How a return or a void moved the points of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PointsReturned {
    /// Points that were redeemed on the order and are in the account again.
    pub given_back: u64,
    /// Points that the order had earned and that were taken out again.
    pub taken_back: u64,
    /// Points that were to be taken out and were not there any more: a balance is never below zero. What becomes of them
    /// is for the host to decide.
    pub shortfall: u64,
}

impl PointsReturned {
    /// What was put in, what was taken out, and what was not there any more.
    #[must_use]
    pub fn new(given_back: u64, taken_back: u64, shortfall: u64) -> Self {
        Self { given_back, taken_back, shortfall }
    }
}

/// The answer to [`return_points`](crate::CouponAdmin::return_points).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReturnPoints {
    /// The account was moved.
    Returned(PointsReturned),
    /// It was moved by this very return before. Nothing was changed.
    AlreadyReturned(PointsReturned),
    /// The id stands for another return of this order. Nothing was changed.
    Different,
    /// Nothing is recorded under the reference that moved points.
    NotRecorded,
}

/// Puts points back into a balance and takes points out, in this order and never below zero.
///
/// ```
/// use vouchsafe::PointsReturned;
/// use vouchsafe::store::rules::give_and_take;
///
/// let mut balance = 30;
/// assert_eq!(give_and_take(&mut balance, 20, 70), PointsReturned::new(20, 50, 20));
/// assert_eq!(balance, 0);
/// ```
pub fn give_and_take(balance: &mut u64, given_back: u64, wanted: u64) -> PointsReturned {
    let sum = balance.saturating_add(given_back);
    let taken_back = wanted.min(sum);
    *balance = sum.saturating_sub(taken_back);
    PointsReturned { given_back, taken_back, shortfall: wanted.saturating_sub(taken_back) }
}

/// What returns, voids and changes have undone of the points that a record moved; kept with the record.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::store::rules::Undone;
/// use vouchsafe::*;
///
/// let program = PointsProgram::earning(PointsRates::everywhere("1".parse()?));
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).points(program).build()?;
/// # let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("40.00")?);
/// # let order = Order::builder(Currency::USD).line(line).build()?;
/// # let (ann, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-03-01T12:00:00Z")?);
/// # let outcome = shop.evaluate(&Request::new(&order, &ann, Reference::Order("o-1".parse()?), at))?;
/// let redemption = outcome.redemption()?; // of 40.00, which earned 40 points
/// let moved = redemption.points().ok_or("nothing earned")?;
/// let mut undone = Undone::default();
/// assert_eq!(undone.undo(moved, PointsReturn::new(0, 30)), (0, 30));
/// assert_eq!(undone.undo(moved, PointsReturn::new(0, 30)), (0, 10)); // no more than is left
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undone {
    /// Points that were redeemed and given back.
    pub given_back: u64,
    /// Points that were earned and were to be taken back, whether or not they were still there.
    pub taken_back: u64,
}

impl Undone {
    /// Undoes so much more of what a record moved, but no more than is left of it: what to put into the account, and what
    /// to take out of it.
    pub fn undo(&mut self, points: &PointsMove, asked: PointsReturn) -> (u64, u64) {
        let given = asked.given_back().min(points.redeemed.saturating_sub(self.given_back));
        let taken = asked.taken_back().min(points.earned.saturating_sub(self.taken_back));
        self.given_back = self.given_back.saturating_add(given);
        self.taken_back = self.taken_back.saturating_add(taken);
        (given, taken)
    }

    /// What a change of the record puts into the account and takes out of it: only the difference, and without what
    /// returns have moved already.
    pub fn change(&mut self, before: Option<&PointsMove>, after: Option<&PointsMove>) -> (u64, u64) {
        let figures = |points: Option<&PointsMove>| points.map_or((0, 0), |points| (points.redeemed, points.earned));
        let ((used, earned), (uses, earns)) = (figures(before), figures(after));
        let had = (used.saturating_sub(self.given_back), earned.saturating_sub(self.taken_back));
        (self.given_back, self.taken_back) = (self.given_back.min(uses), self.taken_back.min(earns));
        let has = (uses.saturating_sub(self.given_back), earns.saturating_sub(self.taken_back));
        let rise = had.0.saturating_sub(has.0).saturating_add(has.1.saturating_sub(had.1));
        let fall = has.0.saturating_sub(had.0).saturating_add(had.1.saturating_sub(has.1));
        (rise, fall)
    }
}
