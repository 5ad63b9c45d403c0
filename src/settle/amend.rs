//! A placed order changed: lines added, lines removed, other quantities.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Why};
use crate::evaluate::{BasePrice, sold};
use crate::key::{AllowanceId, MovementId};
use crate::money::{Money, Quantity};
use crate::order::{Line, LineId};
use crate::outcome::{AnswerState, CounterChange, Digest, NotPlaceable, Redemption, SEMANTICS_VERSION};
use crate::shop::PriceSource;

use super::error::SettleError;
use super::placed::{PlacedOrder, ThresholdCheck};
use super::settlement::Settlement;

/// What is to change about a placed order. The same [id](MovementId) again changes nothing.
///
/// ```
/// use vouchsafe::{Amendment, Line, LineId, Product, Quantity, UnitPrice};
///
/// let sock = Line::new(LineId(7), Product::new("SOCK".parse()?), Quantity::pieces(2)?, UnitPrice::parse("9.00")?);
/// let change = Amendment::new("a-1".parse()?).adding(sock).removing(LineId(2)).in_quantity(LineId(1), Quantity::ONE);
/// assert_eq!(change.id().as_str(), "a-1");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    id: MovementId,
    add: Vec<Line>,
    remove: Vec<LineId>,
    quantities: Vec<(LineId, Quantity)>,
}

impl Amendment {
    /// A change of nothing so far.
    #[must_use]
    pub fn new(id: MovementId) -> Self {
        Self { id, add: Vec::new(), remove: Vec::new(), quantities: Vec::new() }
    }

    /// Adds a line, under an id that the order does not have. It is sold at the customer's price that it names, else at its
    /// list price: price lists are not asked again.
    #[must_use]
    pub fn adding(mut self, line: Line) -> Self {
        self.add.push(line);
        self
    }

    /// Removes a line.
    #[must_use]
    pub fn removing(mut self, line: LineId) -> Self {
        self.remove.push(line);
        self
    }

    /// Gives a line another quantity, at the price per unit that it was sold at. What the shop took off the line goes with
    /// its quantity.
    #[must_use]
    pub fn in_quantity(mut self, line: LineId, quantity: Quantity) -> Self {
        self.quantities.push((line, quantity));
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &MovementId {
        &self.id
    }
}

/// Why a placed order cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmendError {
    /// The change cannot be used.
    #[error(transparent)]
    Unusable(#[from] Error),
    /// The order was priced by another version of the rules, so its figures stand as they are.
    #[error("priced by version {recorded} of the rules, whose figures stand")]
    OtherVersion {
        /// The version that priced it.
        recorded: u32,
    },
    /// More is wanted of an allowance than it had left when the order was placed (S44).
    #[error("`{allowance}` had {left} left, and {wanted} are wanted")]
    Allowance {
        /// The allowance.
        allowance: AllowanceId,
        /// How many units it had left for this order.
        left: u64,
        /// How many units the changed order would take.
        wanted: u64,
    },
    /// The changed order cannot be recorded.
    #[error(transparent)]
    NotPlaceable(#[from] NotPlaceable),
}

/// A placed order after a change: the order as it is now, and the difference to what was recorded.
///
/// The redemption keeps its reference: it is the same use of the same codes, so counters of uses do not move, and those
/// of money and units only by the difference. A store takes it with [`CouponAdmin::amend`](crate::CouponAdmin::amend).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    id: MovementId,
    placed: PlacedOrder,
    redemption: Redemption,
    based_on: Digest,
    changes: Vec<CounterChange>,
    /// What the order cost before.
    before: Money,
    difference: Money,
}

impl Amended {
    /// The change.
    #[must_use]
    pub fn id(&self) -> &MovementId {
        &self.id
    }

    /// The order as it is now, to be kept in the place of the one before.
    #[must_use]
    pub fn placed(&self) -> &PlacedOrder {
        &self.placed
    }

    /// The whole redemption as it is now, under the reference of the order.
    #[must_use]
    pub fn redemption(&self) -> &Redemption {
        &self.redemption
    }

    /// The digest of the redemption that it takes the place of.
    #[must_use]
    pub fn based_on(&self) -> Digest {
        self.based_on
    }

    /// The counters that move, by key, each by the difference alone.
    #[must_use]
    pub fn changes(&self) -> &[CounterChange] {
        &self.changes
    }

    /// What the order costs more now; below zero where it costs less.
    #[must_use]
    pub fn difference(&self) -> Money {
        self.difference
    }

    /// What the customer has to pay besides; zero where the order costs no more than before.
    #[must_use]
    pub fn to_pay(&self) -> Money {
        Money::new(self.difference.minor().max(0), self.difference.currency())
    }

    /// What the customer gets back; zero where the order costs no less than before.
    #[must_use]
    pub fn to_refund(&self) -> Money {
        Money::new(self.difference.minor().saturating_neg().max(0), self.difference.currency())
    }
}

impl PlacedOrder {
    /// Changes the order under the terms that it was placed under: the base prices, codes and policy of then, whatever the
    /// definitions say today (trap: a placed order recalculated with today's coupon). Codes that were applied stand, also
    /// where the order no longer reaches their thresholds; none is added.
    ///
    /// A code cannot take more than was left of its budget then. A coupon that does not combine with discounts leaves a line
    /// alone that carries one: an added line, and a line of then of which there are enough pieces only now; one that took the
    /// place of discounts when the order was placed takes theirs too. What is bought of allowances goes with the quantities; added lines count towards
    /// none. A customer type that a removed line assigned, and codes that it earned, are for the host to take back.
    ///
    /// What a [`Settlement`](crate::Settlement) gave back is not known here: amend before anything is returned or moved,
    /// and ask [`Settlement::amend`], which refuses it afterwards. Then less is a return, and more another order.
    ///
    /// # Errors
    /// - [`AmendError::Unusable`]: nothing to change, a line that is not there or named twice, an id that is taken, pieces
    ///   that become a measure, a tax class without a rate, sums beyond exact arithmetic.
    /// - [`AmendError::OtherVersion`], [`AmendError::Allowance`].
    ///
    /// # Example: one of three comes off, and a pair of socks is added
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let spring = shop.prepare(Coupon::builder("spring").code("SPRING").percent_off("10").build()?)?;
    /// let shirt = Product::new("SHIRT".parse()?);
    /// let order = Order::builder(Currency::USD)
    ///     .line(Line::new(LineId(1), shirt, Quantity::pieces(3)?, UnitPrice::parse("30.00")?))
    ///     .build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("spring", &spring)];
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// let placed = shop.place(&request)?;
    ///
    /// let sock = Line::new(LineId(2), Product::new("SOCK".parse()?), Quantity::ONE, UnitPrice::parse("10.00")?);
    /// let change = Amendment::new("a-1".parse()?).in_quantity(LineId(1), Quantity::pieces(2)?).adding(sock);
    /// let amended = placed.amend(&change)?;
    /// // 81.00 was paid; two shirts and the socks are 70.00, less 10%.
    /// assert_eq!(amended.placed().outcome().totals().payable().to_string(), "63.00 USD");
    /// assert_eq!(amended.to_refund().to_string(), "18.00 USD");
    /// assert_eq!(amended.redemption().reference(), placed.reference());
    /// # Ok(())
    /// # }
    /// ```
    pub fn amend(&self, change: &Amendment) -> Result<Amended, AmendError> {
        if self.semantics != SEMANTICS_VERSION {
            return Err(AmendError::OtherVersion { recorded: self.semantics });
        }
        let before = self.outcome.redemption()?;
        if self.amendments.contains(&change.id) {
            return self.amended(change, self.clone(), before.clone(), &before);
        }
        let (order, prices) = self.changed(change)?;
        let outcome = self.price(&order, &prices, ThresholdCheck::AsPlaced)?;
        let over = outcome.allowances.iter().find(|a| a.granted > a.limit.saturating_sub(a.taken));
        if let Some(over) = over {
            let left = over.limit.saturating_sub(over.taken);
            return Err(AmendError::Allowance { allowance: over.allowance.clone(), left, wanted: over.granted });
        }
        let redemption = outcome.redemption()?;
        let mut placed = Self { order, prices, outcome, ..self.clone() };
        placed.amendments.push(change.id.clone());
        for (settled, answer) in placed.codes.iter_mut().zip(self.outcome.answers()) {
            let line = answer.line().filter(|_| answer.state() != AnswerState::Refused);
            settled.gone |= line.is_some_and(|line| placed.order.slot_of(line).is_none());
            settled.host_amounts.retain(|(line, _)| placed.order.slot_of(*line).is_some());
        }
        for (_, lines) in &mut placed.allowances {
            lines.retain(|line| placed.order.slot_of(*line).is_some());
        }
        for claimed in &mut placed.claimed {
            let line = placed.order.slot_of(claimed.line).and_then(|slot| placed.order.lines().get(slot));
            claimed.units = claimed.units.min(line.map_or(0, |line| line.quantity().pieces_count()));
        }
        placed.claimed.retain(|claimed| claimed.units > 0);
        self.amended(change, placed, redemption, &before)
    }

    fn amended(
        &self,
        change: &Amendment,
        placed: Self,
        redemption: Redemption,
        before: &Redemption,
    ) -> Result<Amended, AmendError> {
        let difference = redemption.amount_due().checked_sub(before.amount_due())?;
        let changes = CounterChange::between(before, &redemption);
        let (id, based_on, before) = (change.id.clone(), before.digest(), before.payable());
        Ok(Amended { id, placed, redemption, based_on, changes, before, difference })
    }

    /// The order as it is to be, with the prices of its lines.
    fn changed(&self, change: &Amendment) -> Result<(crate::order::Order, Vec<BasePrice>), Error> {
        if change.add.is_empty() && change.remove.is_empty() && change.quantities.is_empty() {
            return Err(Error::invalid("amendment", "{}", Why::Empty));
        }
        let named = change.remove.iter().zip(0..).map(|(line, i)| (*line, format!("remove[{i}]")));
        let quantities = change.quantities.iter().zip(0..);
        let named = named.chain(quantities.map(|((line, _), i)| (*line, format!("quantities[{i}].line"))));
        let mut seen: BTreeSet<LineId> = BTreeSet::new();
        for (line, path) in named {
            if self.order.slot_of(line).is_none_or(|slot| slot >= self.order.lines().len()) {
                return Err(Error::invalid(path, line, Why::UnknownReference { what: "line" }));
            }
            if !seen.insert(line) {
                return Err(Error::invalid(path, line, Why::Duplicate));
            }
        }
        let (currency, rounding) = (self.order.currency(), self.policy.rounding().discount);
        let quantities = change.quantities.iter().enumerate().map(|(i, (id, quantity))| (*id, (i, quantity)));
        let quantities: BTreeMap<LineId, (usize, &Quantity)> = quantities.collect();
        let mut lines: Vec<(Line, BasePrice)> = Vec::new();
        for (line, price) in self.order.lines().iter().zip(&self.prices) {
            let asked = quantities.get(&line.id());
            // Named, and not for another quantity: it is removed.
            if asked.is_none() && seen.contains(&line.id()) {
                continue;
            }
            let mut price = price.clone();
            let line = match asked {
                None => line.clone(),
                Some((i, quantity)) if quantity.is_measured() != line.quantity().is_measured() => {
                    let why = Why::Contradicts { with: "the unit that the line was sold in" };
                    return Err(Error::invalid(format!("quantities[{i}].quantity"), quantity, why));
                }
                Some((_, quantity)) => {
                    // A range of prices goes on covering what it covered when the line was sold.
                    price.sold = Some(sold(&self.order, line, &price)?);
                    price.in_quantity(line, **quantity, currency, rounding)?
                }
            };
            lines.push((line, price));
        }
        for (i, line) in change.add.iter().enumerate() {
            // A line that was removed keeps its id: records refer to it.
            if self.order.slot_of(line.id()).is_some() {
                return Err(Error::invalid(format!("add[{i}].id"), line.id(), Why::Duplicate));
            }
            let (price, source) = match line.customer_price() {
                Some(price) => (price, PriceSource::Customer),
                None => (line.unit_price(), PriceSource::List),
            };
            lines.push((line.clone(), BasePrice { price: price.into(), source, list: None, sold: None }));
        }
        lines.sort_by_key(|(line, _)| line.id());
        let (lines, prices) = lines.into_iter().unzip();
        Ok((self.order.with_lines(lines)?, prices))
    }
}

impl Settlement {
    /// Settles the order as it is after a change, and says whether that is new: the same change again changes nothing.
    /// Asked first, before the [difference](Amended::difference) is paid and the change recorded, it keeps what came back
    /// from being paid back a second time.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let cup = Product::new("CUP".parse()?);
    /// let order = Order::builder(Currency::USD)
    ///     .line(Line::new(LineId(1), cup, Quantity::pieces(3)?, UnitPrice::parse("9.00")?))
    ///     .build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let placed = shop.place(&Request::new(&order, &customer, Reference::Order("o-1".parse()?), at))?;
    /// let mut settlement = Settlement::new(placed.outcome())?;
    ///
    /// let two = placed.amend(&Amendment::new("a-1".parse()?).in_quantity(LineId(1), Quantity::pieces(2)?))?;
    /// assert!(settlement.amend(&two)?);
    /// assert_eq!(settlement.paid().to_string(), "18.00 USD");
    ///
    /// // One comes back. From now on the order is not changed any more.
    /// let back = settlement.refund(&RefundRequest::new("r-1".parse()?).units(LineId(1), 1))?;
    /// settlement.apply(&back)?;
    /// let four = two.placed().amend(&Amendment::new("a-2".parse()?).in_quantity(LineId(1), Quantity::pieces(4)?))?;
    /// assert_eq!(settlement.amend(&four), Err(SettleError::AlreadyMoved));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SettleError::WrongOrder`] for a change of another order; [`SettleError::AlreadyMoved`] where something came back or
    /// moved to or from another order; [`SettleError::Stale`] where the change is not based on what was settled. Nothing is
    /// changed then.
    pub fn amend(&mut self, amended: &Amended) -> Result<bool, SettleError> {
        let reference = amended.placed.reference();
        if *reference != self.reference {
            return Err(SettleError::WrongOrder { found: reference.clone() });
        }
        let changed = Self::new(amended.placed.outcome())?;
        if (&changed.placed, changed.placed_cash) == (&self.placed, self.placed_cash) {
            return Ok(false);
        }
        if !self.movements.is_empty() {
            return Err(SettleError::AlreadyMoved);
        }
        if self.paid() != amended.before {
            return Err(SettleError::Stale);
        }
        *self = changed;
        Ok(true)
    }
}
