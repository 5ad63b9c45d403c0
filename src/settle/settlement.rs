//! What became of a placed order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::SettleError;
use super::figures::LineFigures;
use super::grants::{GrantReturn, GrantedCode, grants_on_return};
use super::refund::{Asked, KeptLine, Refund, RefundLine, RefundRequest};
use super::threshold::ThresholdPolicy;
use super::transfer::{Received, Transfer};
use super::wire::SettlementForm;
use crate::error::{Error, Why};
use crate::key::{CouponId, MovementId, OccasionId, TaxClass};
use crate::money::{Currency, Money, Rounding, TaxRate};
use crate::order::LineId;
use crate::outcome::{Grant, LineOutcome, Outcome, TaxTotal};
use crate::policy::PriceMode;
use crate::request::Reference;

/// What became of a placed order: what each line and charge stands at, and every return, transfer and void so far.
///
/// The host stores it with the order. Everything is planned first and then done: [`Settlement::refund`] says what would be
/// paid back, [`Settlement::apply`] makes it so. A plan is bound to the settlement it was made from: when something else
/// happened in between it is [stale](SettleError::Stale), and is planned again. The same id again changes nothing.
///
/// What holds after any sequence of returns, transfers and voids:
/// - all refunds together are never more than was paid, and exactly that once nothing is left: shipping, tax and cash
///   rounding included;
/// - no unit is paid back twice, and none at more than what was paid for it;
/// - the lines that are kept keep their shares of every discount, unless a [`ThresholdPolicy`] says otherwise (trap 23);
/// - uses of coupons stay used (S106).
///
/// 10.00 over three pieces in two goes:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let ten = Money::parse("10.00", Currency::USD)?;
/// let coupon = shop.prepare(Coupon::builder("ten").code("TEN").amount_off(ten).build()?)?;
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), Product::new("CUP".parse()?), Quantity::pieces(3)?, UnitPrice::parse("10.00")?))
///     .charge(Charge::shipping(LineId(9), Money::parse("4.90", Currency::USD)?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("ten", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let mut settlement = Settlement::new(&shop.evaluate(&request)?)?;
///
/// let first = settlement.refund(&RefundRequest::new("r-1".parse()?).units(LineId(1), 1))?;
/// settlement.apply(&first)?;
/// let rest = settlement.void("v-1".parse()?)?;
/// settlement.apply(&rest)?;
/// assert_eq!((first.payable().to_string(), rest.payable().to_string()), ("6.67 USD".into(), "18.23 USD".into()));
/// assert!(settlement.payable().is_zero());
/// assert_eq!(settlement.refunded(), settlement.paid());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SettlementForm", into = "SettlementForm")]
pub struct Settlement {
    pub(super) reference: Reference,
    pub(super) currency: Currency,
    pub(super) mode: PriceMode,
    pub(super) rounding: Rounding,
    /// As the order was placed, by id.
    pub(super) placed: Vec<SettledLine>,
    pub(super) placed_cash: i64,
    /// As they stand now, by id.
    pub(super) lines: Vec<SettledLine>,
    pub(super) cash: i64,
    pub(super) movements: Vec<Movement>,
}

/// What a line or charge of an order stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledLine {
    pub(super) line: LineId,
    pub(super) charge: bool,
    pub(super) units: u32,
    pub(super) tax_class: Option<TaxClass>,
    pub(super) rate: Option<TaxRate>,
    pub(super) figures: LineFigures,
}

impl SettledLine {
    /// The number of the line or charge.
    #[must_use]
    pub fn line(&self) -> LineId {
        self.line
    }

    /// Whether it is a charge: shipping or a fee.
    #[must_use]
    pub fn is_charge(&self) -> bool {
        self.charge
    }

    /// The units that are left of it: pieces, or one for a measured line and for a charge.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.units
    }

    /// The tax class.
    #[must_use]
    pub fn tax_class(&self) -> Option<&TaxClass> {
        self.tax_class.as_ref()
    }

    /// The tax rate that was used.
    #[must_use]
    pub fn tax_rate(&self) -> Option<TaxRate> {
        self.rate
    }

    /// What these units stand at.
    #[must_use]
    pub fn figures(&self) -> &LineFigures {
        &self.figures
    }
}

/// Something that happened to a placed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Movement {
    /// A return or a void.
    Refund(Refund),
    /// Units of a line moved to another order.
    Sent(Transfer),
    /// A line moved here from another order.
    Received(Received),
}

impl Movement {
    /// The id that the host gave it.
    #[must_use]
    pub fn id(&self) -> &MovementId {
        match self {
            Self::Refund(refund) => &refund.id,
            Self::Sent(transfer) => &transfer.id,
            Self::Received(received) => &received.transfer.id,
        }
    }
}

impl Settlement {
    /// The settlement of an order as it was placed. One that is [changed](super::PlacedOrder::amend) later goes on with
    /// [`Settlement::amend`]: a settlement made anew would know of no return.
    ///
    /// # Errors
    /// [`SettleError::NotPlaced`]: of an order that cannot be placed nothing was paid.
    pub fn new(outcome: &Outcome) -> Result<Self, SettleError> {
        outcome.check_placeable()?;
        let figures = LineFigures::of(outcome);
        let line = |(line, figures): (LineId, LineFigures)| {
            let priced = outcome.line(line)?;
            let total = outcome.taxes().iter().find(|total| total.class() == outcome.tax_class(priced));
            let (tax_class, rate) = (outcome.tax_class(priced).cloned(), total.and_then(TaxTotal::rate));
            let charge = outcome.charges().binary_search_by_key(&line, LineOutcome::id).is_ok();
            Some(SettledLine { line, charge, units: priced.units(), tax_class, rate, figures })
        };
        let lines: Vec<SettledLine> = figures.into_iter().filter_map(line).collect();
        let cash = outcome.totals().cash_rounding().minor();
        Ok(Self {
            reference: outcome.reference().clone(),
            currency: outcome.currency(),
            mode: outcome.price_mode(),
            rounding: outcome.rounding().tax,
            placed: lines.clone(),
            placed_cash: cash,
            lines,
            cash,
            movements: Vec::new(),
        })
    }

    /// The order.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The currency of every amount in it.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether prices contain tax.
    #[must_use]
    pub fn price_mode(&self) -> PriceMode {
        self.mode
    }

    /// Lines and charges as they were when the order was placed, by id.
    #[must_use]
    pub fn placed(&self) -> &[SettledLine] {
        &self.placed
    }

    /// Lines and charges as they stand now, by id; those of which nothing is left among them.
    #[must_use]
    pub fn lines(&self) -> &[SettledLine] {
        &self.lines
    }

    /// One line or charge as it stands now.
    #[must_use]
    pub fn line(&self, id: LineId) -> Option<&SettledLine> {
        self.lines.get(self.find(id)?)
    }

    /// What happened to the order so far.
    #[must_use]
    pub fn movements(&self) -> &[Movement] {
        &self.movements
    }

    /// What was paid when the order was placed.
    #[must_use]
    pub fn paid(&self) -> Money {
        self.money(payable(&self.placed).saturating_add(self.placed_cash))
    }

    /// What the order stands at: what would be paid back if all of it were returned now.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.money(payable(&self.lines).saturating_add(self.cash))
    }

    /// What was paid back so far.
    #[must_use]
    pub fn refunded(&self) -> Money {
        let refunds = self.movements.iter().map(|movement| match movement {
            Movement::Refund(refund) => refund.payable().minor(),
            Movement::Sent(_) | Movement::Received(_) => 0,
        });
        self.money(refunds.fold(0, i64::saturating_add))
    }

    /// The cash rounding that is left in it.
    #[must_use]
    pub fn cash_rounding(&self) -> Money {
        self.money(self.cash)
    }

    pub(super) fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    pub(super) fn find(&self, id: LineId) -> Option<usize> {
        self.lines.binary_search_by_key(&id, |line| line.line).ok()
    }

    pub(super) fn movement(&self, id: &MovementId) -> Option<&Movement> {
        self.movements.iter().find(|movement| movement.id() == id)
    }

    pub(super) fn position(&self) -> u32 {
        u32::try_from(self.movements.len()).unwrap_or(u32::MAX)
    }

    /// What a return pays back, unit by unit: of each line the lowest units that are left, each at what was paid for it.
    /// Nothing is changed. A return that was applied already is given as it was.
    ///
    /// # Errors
    /// [`SettleError::UnknownLine`], [`SettleError::LineTwice`], [`SettleError::NothingAsked`], [`SettleError::Zero`],
    /// [`SettleError::TooManyUnits`] (more than were sold, or units that went back already),
    /// [`SettleError::NotACharge`], [`SettleError::AmountTooHigh`], [`SettleError::OtherCurrency`];
    /// [`SettleError::IdTaken`] where the id was given to something else;
    /// [`SettleError::TermsNeeded`] where thresholds are not to be kept: that takes [`Settlement::refund_with_terms`].
    pub fn refund(&self, request: &RefundRequest) -> Result<Refund, SettleError> {
        if let Some(known) = self.known_refund(request)? {
            return Ok(known.clone());
        }
        let back = self.returned(request)?;
        if request.thresholds != ThresholdPolicy::Keep {
            return Err(SettleError::TermsNeeded);
        }
        Ok(self.plan(&request.id, false, request.thresholds, back, Vec::new()))
    }

    pub(super) fn known_refund(&self, request: &RefundRequest) -> Result<Option<&Refund>, SettleError> {
        match self.movement(&request.id) {
            None => Ok(None),
            Some(Movement::Refund(refund)) if refund.answers(request) => Ok(Some(refund)),
            Some(_) => Err(SettleError::IdTaken { id: request.id.clone() }),
        }
    }

    /// What goes back, by id.
    pub(super) fn returned(&self, request: &RefundRequest) -> Result<Vec<RefundLine>, SettleError> {
        if request.lines.is_empty() {
            return Err(SettleError::NothingAsked);
        }
        let mut back = request.lines.iter().map(|asked| self.returned_line(asked)).collect::<Result<Vec<_>, _>>()?;
        back.sort_by_key(|line| line.line);
        let twice = back.iter().zip(back.iter().skip(1)).find(|(a, b)| a.line == b.line);
        match twice {
            Some((line, _)) => Err(SettleError::LineTwice { line: line.line }),
            None => Ok(back),
        }
    }

    /// The lines once this is gone.
    pub(super) fn left(&self, back: &[RefundLine]) -> Vec<SettledLine> {
        let mut lines = self.lines.clone();
        for line in &mut lines {
            let found = back.binary_search_by_key(&line.line, |back| back.line).ok();
            if let Some(back) = found.and_then(|found| back.get(found)) {
                line.take(back);
            }
        }
        lines
    }

    fn returned_line(&self, asked: &Asked) -> Result<RefundLine, SettleError> {
        let line = self.line(asked.line).ok_or(SettleError::UnknownLine { line: asked.line })?;
        match asked.amount {
            None => line.returned(asked.units.unwrap_or(line.units)),
            Some(amount) => line.returned_amount(amount),
        }
    }

    /// The whole refund, of what goes back and what kept lines cost then.
    pub(super) fn plan(
        &self,
        id: &MovementId,
        void: bool,
        thresholds: ThresholdPolicy,
        lines: Vec<RefundLine>,
        kept: Vec<KeptLine>,
    ) -> Refund {
        let back = lines.iter().map(|line| line.figures.payable_minor()).fold(0, i64::saturating_add);
        let more = kept.iter().map(|kept| kept.difference().minor()).fold(0, i64::saturating_add);
        let left = payable(&self.lines).saturating_sub(back).saturating_add(more);
        Refund {
            id: id.clone(),
            reference: self.reference.clone(),
            currency: self.currency,
            mode: self.mode,
            position: self.position(),
            void,
            thresholds,
            lines,
            kept,
            cash: self.cash.saturating_sub(cash_left(self.cash, left)),
        }
    }

    /// How many units of each line that was placed here came back so far, by line; lines of which none did are left out.
    /// Units that moved to another order did not come back.
    #[must_use]
    pub fn returned_units(&self) -> Vec<(LineId, u32)> {
        let refunds = self.movements.iter().filter_map(|movement| match movement {
            Movement::Refund(refund) => Some(refund),
            Movement::Sent(_) | Movement::Received(_) => None,
        });
        self.units_of(refunds)
    }

    /// What becomes of the codes that the order [earned](crate::Outcome::grants) once a refund is done, by the policy of
    /// each rule: the returns so far and this one together, whether it was applied yet or not. `codes` says how each
    /// issued code stands ([`grants_on_return`]).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let buy = PurchaseTrigger::new(Scope::Open).with_on_return(OnReturn::Revoke);
    /// let earnings = shop.earnings([Coupon::builder("next").percent_off("10").earn(EarnRule::new(buy)).build()?])?;
    /// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_earnings(&earnings);
    /// let outcome = shop.evaluate(&request)?;
    /// let settlement = Settlement::new(&outcome)?;
    /// let void = settlement.void("v-1".parse()?)?;
    /// let grant = &outcome.grants()[0];
    /// let (coupon, occasion) = (grant.coupon().clone(), grant.occasion().clone());
    /// let issued = [(coupon.clone(), occasion.clone(), GrantedCode::Unused)];
    /// let back = settlement.grants_after(&void, outcome.grants(), &issued);
    /// assert_eq!(back, [GrantReturn::Revoke { coupon, occasion }]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn grants_after(
        &self,
        refund: &Refund,
        grants: &[Grant],
        codes: &[(CouponId, OccasionId, GrantedCode)],
    ) -> Vec<GrantReturn> {
        let earlier = self.movements.iter().filter_map(|movement| match movement {
            Movement::Refund(known) if known.id != refund.id => Some(known),
            _ => None,
        });
        grants_on_return(grants, &self.units_of(earlier.chain([refund])), codes)
    }

    /// The units of lines that were placed here which go back by these refunds.
    fn units_of<'r>(&self, refunds: impl Iterator<Item = &'r Refund>) -> Vec<(LineId, u32)> {
        let mut units: BTreeMap<LineId, u32> = BTreeMap::new();
        for line in refunds.flat_map(|refund| &refund.lines).filter(|line| !line.charge && line.units > 0) {
            if self.placed.binary_search_by_key(&line.line, |placed| placed.line).is_ok() {
                let sum = units.entry(line.line).or_default();
                *sum = sum.saturating_add(line.units);
            }
        }
        units.into_iter().collect()
    }

    /// Makes a refund so, and says whether it is new: one that was applied already changes nothing.
    ///
    /// # Errors
    /// [`SettleError::WrongOrder`] for the refund of another order; [`SettleError::IdTaken`] where the id was given to
    /// something else; [`SettleError::Stale`] where something else happened since it was planned;
    /// [`SettleError::Unusable`] where its figures are not what the order makes them. Nothing is changed then.
    pub fn apply(&mut self, refund: &Refund) -> Result<bool, SettleError> {
        if refund.reference != self.reference {
            return Err(SettleError::WrongOrder { found: refund.reference.clone() });
        }
        match self.movement(&refund.id) {
            Some(Movement::Refund(known)) if known == refund => return Ok(false),
            Some(_) => return Err(SettleError::IdTaken { id: refund.id.clone() }),
            None => {}
        }
        if refund.position != self.position() {
            return Err(SettleError::Stale);
        }
        for (at, changed) in self.after(refund)? {
            if let Some(line) = self.lines.get_mut(at) {
                *line = changed;
            }
        }
        self.cash = self.cash.saturating_sub(refund.cash);
        self.movements.push(Movement::Refund(refund.clone()));
        Ok(true)
    }

    /// Makes a recorded movement so.
    pub(super) fn redo(&mut self, movement: &Movement) -> Result<bool, SettleError> {
        match movement {
            Movement::Refund(refund) => self.apply(refund),
            Movement::Sent(transfer) => self.send(transfer),
            Movement::Received(received) => self.receive(&received.transfer, received.line),
        }
    }

    /// The lines that a refund changes, by place and as they are after it; it must be one that could be planned here.
    fn after(&self, refund: &Refund) -> Result<BTreeMap<usize, SettledLine>, SettleError> {
        let mut changed: BTreeMap<usize, SettledLine> = BTreeMap::new();
        let touch =
            |changed: &mut BTreeMap<usize, SettledLine>, id: LineId| -> Result<(usize, SettledLine), SettleError> {
                let unknown = || SettleError::UnknownLine { line: id };
                let at = self.find(id).ok_or_else(unknown)?;
                let line = changed.remove(&at).or_else(|| self.lines.get(at).cloned());
                Ok((at, line.ok_or_else(unknown)?))
            };
        for back in &refund.lines {
            let (at, mut line) = touch(&mut changed, back.line)?;
            let planned = match back.units {
                0 => line.returned_amount(back.figures.payable())?,
                units => line.returned(units)?,
            };
            if planned != *back {
                return Err(disagrees(back.line));
            }
            line.take(back);
            changed.insert(at, line);
        }
        for kept in &refund.kept {
            let (at, mut line) = touch(&mut changed, kept.line)?;
            let fits = (kept.charge, &kept.tax_class, kept.rate) == (line.charge, &line.tax_class, line.rate);
            if !fits || !kept.before.same_amounts(&line.figures) {
                return Err(disagrees(kept.line));
            }
            line.figures = kept.after.clone();
            changed.insert(at, line);
        }
        let planned = self.plan(&refund.id, refund.void, refund.thresholds, refund.lines.clone(), refund.kept.clone());
        let left = |(at, line): (usize, &SettledLine)| changed.get(&at).unwrap_or(line).units;
        let everything = self.lines.iter().enumerate().all(|line| left(line) == 0);
        if planned != *refund || (refund.void && !everything) || refund.payable().is_negative() {
            return Err(Error::invalid("refund", &refund.id, DISAGREES).into());
        }
        Ok(changed)
    }
}

const DISAGREES: Why = Why::Disagrees { with: "the order it is for" };

fn disagrees(line: LineId) -> SettleError {
    Error::invalid("line", line, DISAGREES).into()
}

pub(super) fn payable(lines: &[SettledLine]) -> i64 {
    lines.iter().map(|line| line.figures.payable_minor()).fold(0, i64::saturating_add)
}

/// The cash rounding that stays with lines that cost so much. It goes with the last of the money, and before where less
/// was paid than the lines cost: no refund is more than what is left of what was paid.
pub(super) fn cash_left(cash: i64, payable: i64) -> i64 {
    if payable == 0 { 0 } else { cash.max(payable.saturating_neg()) }
}

impl SettledLine {
    /// So many units of it, the lowest that are left.
    pub(super) fn returned(&self, units: u32) -> Result<RefundLine, SettleError> {
        if units > self.units || self.units == 0 {
            return Err(SettleError::TooManyUnits { line: self.line, asked: units.max(1), left: self.units });
        }
        if units == 0 {
            return Err(SettleError::Zero { line: self.line });
        }
        Ok(self.back(units, self.figures.first(units, self.units)))
    }

    /// A part of a charge; all of it where nothing of the amount is left.
    fn returned_amount(&self, amount: Money) -> Result<RefundLine, SettleError> {
        let (line, left) = (self.line, self.figures.payable());
        if !self.charge {
            return Err(SettleError::NotACharge { line });
        }
        if amount.currency() != left.currency() {
            return Err(SettleError::OtherCurrency { expected: left.currency(), found: amount.currency() });
        }
        if amount.is_negative() {
            return Err(Error::invalid(format!("lines[{line}].amount"), amount, Why::Negative).into());
        }
        if amount.minor() == 0 {
            return Err(SettleError::Zero { line });
        }
        if amount.minor() > left.minor() {
            return Err(SettleError::AmountTooHigh { line, asked: amount, left });
        }
        if amount == left {
            return self.returned(1);
        }
        Ok(self.back(0, self.figures.minus(&self.figures.without_amount(amount.minor()))))
    }

    fn back(&self, units: u32, figures: LineFigures) -> RefundLine {
        let (tax_class, rate) = (self.tax_class.clone(), self.rate);
        RefundLine { line: self.line, charge: self.charge, units, tax_class, rate, figures }
    }

    /// What is left once this is gone.
    fn take(&mut self, back: &RefundLine) {
        self.units = self.units.saturating_sub(back.units);
        self.figures = self.figures.minus(&back.figures);
    }
}
