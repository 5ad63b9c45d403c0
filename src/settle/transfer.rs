//! A line that moves to another order, and takes its share of the coupons along.

use serde::{Deserialize, Serialize};

use super::error::SettleError;
use super::figures::{DiscountOrigin, LineFigures};
use super::settlement::{Movement, SettledLine, Settlement, cash_left, payable};
use super::wire::TransferForm;
use crate::error::{Error, Why};
use crate::key::{MovementId, TaxClass};
use crate::money::{Currency, Money, Rounding, TaxRate};
use crate::order::LineId;
use crate::policy::PriceMode;
use crate::request::Reference;

/// Which units of which line move to which order, and at which price they stand there.
///
/// ```
/// use vouchsafe::{Currency, LineId, Money, Reference, TransferRequest};
///
/// let to = Reference::Order("o-2".parse()?);
/// let request = TransferRequest::new("t-1".parse()?, LineId(1), 1, to, Currency::USD)
///     .at_price(Money::parse("80.00", Currency::USD)?);
/// assert_eq!(request.id().as_str(), "t-1");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    id: MovementId,
    line: LineId,
    units: u32,
    to: Reference,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    price: Option<Money>,
}

impl TransferRequest {
    /// So many units of a line, to an order in this currency.
    #[must_use]
    pub fn new(id: MovementId, line: LineId, units: u32, to: Reference, currency: Currency) -> Self {
        Self { id, line, units, to, currency, price: None }
    }

    /// The price of these units together in the other order, before discounts; without it they keep the price they have.
    #[must_use]
    pub fn at_price(mut self, price: Money) -> Self {
        self.price = Some(price);
        self
    }

    /// The id of the transfer.
    #[must_use]
    pub fn id(&self) -> &MovementId {
        &self.id
    }
}

/// What moves to another order with a line: its share of every discount, its tax, and what was paid for it. Made by
/// [`Settlement::transfer`], taken out of the one order by [`Settlement::send`] and put into the other by
/// [`Settlement::receive`].
///
/// No coupon is checked again, and none is used a second time (S108): the amount moves as it is. At another price each
/// discount takes what it took as far as there is room, the shop's first and then coupons in their order; the rest is
/// forfeited, so that always moved + forfeited = before. The tax moves as it was recorded; at another price it is that of
/// the new amount, at the same rate.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let usd = |text| Money::parse(text, Currency::USD);
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let ten = shop.prepare(Coupon::builder("ten").code("TEN").amount_off(usd("10.00")?).build()?)?;
/// let place = |order: &str, price: &str, codes: &[Presented<'_>]| -> Result<Settlement, Box<dyn std::error::Error>> {
///     let line =
///         Line::new(LineId(1), Product::new("DINNER".parse()?), Quantity::pieces(1)?, UnitPrice::parse(price)?);
///     let (order, reference) = (Order::builder(Currency::USD).line(line).build()?, Reference::Order(order.parse()?));
///     let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
///     let request = Request::new(&order, &customer, reference, at).with_codes(codes);
///     Ok(Settlement::new(&shop.evaluate(&request)?)?)
/// };
/// let mut spring = place("spring", "60.00", &[Presented::new("ten", &ten)])?;
/// let mut autumn = place("autumn", "25.00", &[])?;
///
/// // The dinner moves to the autumn, where it costs 70.00: 10.00 more than was paid for.
/// let request = TransferRequest::new("t-1".parse()?, LineId(1), 1, autumn.reference().clone(), Currency::USD)
///     .at_price(usd("70.00")?);
/// let transfer = spring.transfer(&request)?;
/// assert_eq!((transfer.coupon_discount(), transfer.forfeited()), (usd("10.00")?, usd("0.00")?));
/// assert_eq!((transfer.payable(), transfer.difference()), (usd("50.00")?, usd("10.00")?));
/// spring.send(&transfer)?;
/// autumn.receive(&transfer, LineId(2))?;
/// assert_eq!((spring.payable(), autumn.payable()), (usd("0.00")?, usd("85.00")?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TransferForm", into = "TransferForm")]
pub struct Transfer {
    pub(super) id: MovementId,
    pub(super) from: Reference,
    pub(super) to: Reference,
    pub(super) currency: Currency,
    pub(super) mode: PriceMode,
    pub(super) rounding: Rounding,
    /// How many movements came before it in the order that is left.
    pub(super) position: u32,
    pub(super) line: LineId,
    pub(super) charge: bool,
    pub(super) units: u32,
    pub(super) tax_class: Option<TaxClass>,
    pub(super) rate: Option<TaxRate>,
    /// Both with the same discounts in the same order.
    pub(super) before: LineFigures,
    pub(super) after: LineFigures,
    pub(super) cash_before: i64,
    pub(super) cash_after: i64,
}

/// What becomes of one discount of a line that moves: always `before = moved + forfeited`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MovedDiscount {
    /// Where it comes from.
    pub origin: DiscountOrigin,
    /// What it took off before.
    pub before: Money,
    /// What it takes off in the other order.
    pub moved: Money,
    /// What finds no room there and is lost.
    pub forfeited: Money,
}

impl Transfer {
    /// The id of the transfer.
    #[must_use]
    pub fn id(&self) -> &MovementId {
        &self.id
    }

    /// The order that the line leaves.
    #[must_use]
    pub fn from(&self) -> &Reference {
        &self.from
    }

    /// The order that it moves to.
    #[must_use]
    pub fn to(&self) -> &Reference {
        &self.to
    }

    /// The currency of both orders.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The line in the order that it leaves.
    #[must_use]
    pub fn line(&self) -> LineId {
        self.line
    }

    /// How many units of it move.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.units
    }

    /// The tax class.
    #[must_use]
    pub fn tax_class(&self) -> Option<&TaxClass> {
        self.tax_class.as_ref()
    }

    /// The tax rate.
    #[must_use]
    pub fn tax_rate(&self) -> Option<TaxRate> {
        self.rate
    }

    /// What these units stood at in the order that they leave.
    #[must_use]
    pub fn before(&self) -> &LineFigures {
        &self.before
    }

    /// What they stand at in the other order.
    #[must_use]
    pub fn after(&self) -> &LineFigures {
        &self.after
    }

    /// Every discount with what moves of it.
    #[must_use]
    pub fn discounts(&self) -> Vec<MovedDiscount> {
        let moved = self.before.discounts.iter().zip(&self.after.discounts).map(|(before, after)| MovedDiscount {
            origin: before.origin.clone(),
            before: before.amount(),
            moved: after.amount(),
            forfeited: self.money(before.amount.saturating_sub(after.amount)),
        });
        moved.collect()
    }

    /// The coupon amount that moves (S108).
    #[must_use]
    pub fn coupon_discount(&self) -> Money {
        self.after.coupon_discount()
    }

    /// The amount of the shop's discounts that moves.
    #[must_use]
    pub fn shop_discount(&self) -> Money {
        self.after.shop_discount()
    }

    /// What of all discounts finds no room at the new price, and is lost.
    #[must_use]
    pub fn forfeited(&self) -> Money {
        let all = |figures: &LineFigures| figures.priced.saturating_sub(figures.discounted_minor());
        self.money(all(&self.before).saturating_sub(all(&self.after)))
    }

    /// What was paid for these units, and moves with them; the cash rounding goes along with the last of the money.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.money(self.before.payable_minor().saturating_add(self.cash_before))
    }

    /// What is to be paid on top of that, since the units cost more in the other order; below zero it is to be paid back.
    #[must_use]
    pub fn difference(&self) -> Money {
        let there = self.after.payable_minor().saturating_add(self.cash_after);
        self.money(there.saturating_sub(self.payable().minor()))
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// Whether it is what this request asks for.
    fn answers(&self, request: &TransferRequest) -> bool {
        let price = request.price.unwrap_or_else(|| self.before.priced());
        (self.line, self.units, &self.to) == (request.line, request.units, &request.to)
            && (self.currency, self.after.priced()) == (request.currency, price)
    }

    /// What stands in the other order, of what left this one.
    pub(super) fn arriving(&self, price: i64) -> Result<(LineFigures, i64), Error> {
        let after = if price == self.before.priced {
            self.before.clone()
        } else {
            self.before.at_price(price, self.rate, self.rounding)?
        };
        let cash = cash_left(self.cash_before, after.payable_minor());
        Ok((after, cash))
    }
}

impl Settlement {
    /// What moves when units of a line move to another order: the lowest units that are left, each with its share of
    /// every discount (S108). Nothing is changed. A transfer that was sent already is given as it was.
    ///
    /// # Errors
    /// [`SettleError::OtherCurrency`]: coupon amounts are never converted; [`SettleError::WrongOrder`] where it would
    /// move to where it is; [`SettleError::UnknownLine`], [`SettleError::Zero`], [`SettleError::TooManyUnits`];
    /// [`SettleError::IdTaken`] where the id was given to something else; [`SettleError::Unusable`] for a price below
    /// zero, and for a tax that does not fit.
    pub fn transfer(&self, request: &TransferRequest) -> Result<Transfer, SettleError> {
        match self.movement(&request.id) {
            None => {}
            Some(Movement::Sent(transfer)) if transfer.answers(request) => return Ok(transfer.clone()),
            Some(_) => return Err(SettleError::IdTaken { id: request.id.clone() }),
        }
        let prices = request.price.map(Money::currency);
        if let Some(found) = [Some(request.currency), prices].into_iter().flatten().find(|c| *c != self.currency) {
            return Err(SettleError::OtherCurrency { expected: self.currency, found });
        }
        if request.to == self.reference {
            return Err(SettleError::WrongOrder { found: request.to.clone() });
        }
        if let Some(price) = request.price.filter(|price| price.is_negative()) {
            return Err(Error::invalid("price", price, Why::Negative).into());
        }
        self.plan_transfer(request)
    }

    fn plan_transfer(&self, request: &TransferRequest) -> Result<Transfer, SettleError> {
        let line = self.line(request.line).ok_or(SettleError::UnknownLine { line: request.line })?;
        let moved = line.returned(request.units)?;
        let left = payable(&self.lines).saturating_sub(moved.figures.payable_minor());
        // The cash rounding goes along with the last of the money.
        let cash_before = self.cash.saturating_sub(cash_left(self.cash, left));
        let mut transfer = Transfer {
            id: request.id.clone(),
            from: self.reference.clone(),
            to: request.to.clone(),
            currency: self.currency,
            mode: self.mode,
            rounding: self.rounding,
            position: self.position(),
            line: moved.line,
            charge: moved.charge,
            units: moved.units,
            tax_class: moved.tax_class,
            rate: moved.rate,
            after: moved.figures.clone(),
            before: moved.figures,
            cash_before,
            cash_after: cash_before,
        };
        let price = request.price.map_or(transfer.before.priced, Money::minor);
        (transfer.after, transfer.cash_after) = transfer.arriving(price)?;
        Ok(transfer)
    }

    /// Takes what moves out of this order, and says whether that is new: what left already changes nothing.
    ///
    /// # Errors
    /// [`SettleError::WrongOrder`] where it leaves another order; [`SettleError::IdTaken`]; [`SettleError::Stale`] where
    /// something else happened since it was planned; [`SettleError::Unusable`] where its figures are not what the order
    /// makes them. Nothing is changed then.
    pub fn send(&mut self, transfer: &Transfer) -> Result<bool, SettleError> {
        if transfer.from != self.reference {
            return Err(SettleError::WrongOrder { found: transfer.from.clone() });
        }
        match self.movement(&transfer.id) {
            Some(Movement::Sent(known)) if known == transfer => return Ok(false),
            Some(_) => return Err(SettleError::IdTaken { id: transfer.id.clone() }),
            None => {}
        }
        if transfer.position != self.position() {
            return Err(SettleError::Stale);
        }
        let request = TransferRequest {
            id: transfer.id.clone(),
            line: transfer.line,
            units: transfer.units,
            to: transfer.to.clone(),
            currency: transfer.currency,
            price: Some(transfer.after.priced()),
        };
        if self.transfer(&request)? != *transfer {
            let why = Why::Disagrees { with: "the order it is for" };
            return Err(Error::invalid("transfer", &transfer.id, why).into());
        }
        let at = self.find(transfer.line).and_then(|at| self.lines.get_mut(at));
        let line = at.ok_or(SettleError::UnknownLine { line: transfer.line })?;
        line.units = line.units.saturating_sub(transfer.units);
        line.figures = line.figures.minus(&transfer.before);
        self.cash = self.cash.saturating_sub(transfer.cash_before);
        self.movements.push(Movement::Sent(transfer.clone()));
        Ok(true)
    }

    /// Puts what moved from another order into this one as a line of its own, and says whether that is new. Nothing is
    /// checked again, nothing is counted as used (S108).
    ///
    /// # Errors
    /// [`SettleError::WrongOrder`] where it moves to another order; [`SettleError::OtherCurrency`],
    /// [`SettleError::OtherPriceMode`]; [`SettleError::LineTaken`] where the line is there already;
    /// [`SettleError::IdTaken`] where the id was given to something else; [`Error::Overflow`] where the order becomes too
    /// large. Nothing is changed then.
    pub fn receive(&mut self, transfer: &Transfer, line: LineId) -> Result<bool, SettleError> {
        if transfer.to != self.reference {
            return Err(SettleError::WrongOrder { found: transfer.to.clone() });
        }
        match self.movement(&transfer.id) {
            Some(Movement::Received(received)) if received.transfer == *transfer && received.line == line => {
                return Ok(false);
            }
            Some(_) => return Err(SettleError::IdTaken { id: transfer.id.clone() }),
            None => {}
        }
        if transfer.currency != self.currency {
            return Err(SettleError::OtherCurrency { expected: self.currency, found: transfer.currency });
        }
        if transfer.mode != self.mode {
            return Err(SettleError::OtherPriceMode);
        }
        let Err(at) = self.lines.binary_search_by_key(&line, |line| line.line) else {
            return Err(SettleError::LineTaken { line });
        };
        let total = payable(&self.lines).checked_add(transfer.after.payable_minor());
        total.and_then(|total| total.checked_add(self.cash)).ok_or_else(|| Error::overflow("payable"))?;
        let settled = SettledLine {
            line,
            charge: transfer.charge,
            units: transfer.units,
            tax_class: transfer.tax_class.clone(),
            rate: transfer.rate,
            figures: transfer.after.clone(),
        };
        self.lines.insert(at, settled);
        self.cash = self.cash.saturating_add(transfer.cash_after);
        self.movements.push(Movement::Received(Received { line, transfer: transfer.clone() }));
        Ok(true)
    }
}

/// What moved into an order from another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    pub(super) line: LineId,
    pub(super) transfer: Transfer,
}

impl Received {
    /// The line it became.
    #[must_use]
    pub fn line(&self) -> LineId {
        self.line
    }

    /// What moved.
    #[must_use]
    pub fn transfer(&self) -> &Transfer {
        &self.transfer
    }
}
