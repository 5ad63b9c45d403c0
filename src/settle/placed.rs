//! An order that was placed, with everything that it takes to price it again.

use std::collections::BTreeMap;

use crate::error::{Error, Why};
use crate::evaluate::{BasePrice, Payment, Settled, Stored, reprice};
use crate::key::{AllowanceId, MovementId};
use crate::money::{ExactPrice, Quantity};
use crate::order::{Line, LineId, Order};
use crate::outcome::{CountedLine, NotPlaceable, Outcome, Redemption, SEMANTICS_VERSION};
use crate::policy::Policy;
use crate::request::{Reference, Request};
use crate::shop::Shop;

/// An order that was placed: what was ordered, the answer it got, and the terms it was priced under. Everything that
/// comes later (payments, returns, changes, books) is worked out from it and from nothing else (S89, S107).
///
/// Kept in it: the version of the rules, the policy, the order with the base price of each line as it was resolved, the
/// amounts that an operator or the host entered, what was left of budgets, and the [`Outcome`], whose answers hold the
/// terms of each coupon. A definition that is edited or deleted the next day changes nothing here (trap: a placed order
/// recalculated with today's coupon).
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
/// assert_eq!(placed.outcome().totals().payable().to_string(), "81.00 USD");
///
/// // What two of the three shirts cost under the same terms, whatever became of the coupon since:
/// let two = placed.reprice(&[(LineId(1), 2)], ThresholdCheck::AsPlaced)?;
/// assert_eq!(two.totals().payable().to_string(), "54.00 USD");
///
/// // It is kept as JSON, and read back whole.
/// let kept = serde_json::to_string(&placed)?;
/// assert_eq!(serde_json::from_str::<PlacedOrder>(&kept)?, placed);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedOrder {
    /// The version of the rules that priced it.
    pub(super) semantics: u32,
    pub(super) policy: Policy,
    /// As it was sold.
    pub(super) order: Order,
    /// By line.
    pub(super) prices: Vec<BasePrice>,
    /// By answer.
    pub(super) codes: Vec<Settled>,
    /// The lines that each allowance counts.
    pub(super) allowances: Vec<(AllowanceId, Vec<LineId>)>,
    /// The pieces that sets of automatic offers used, by line.
    pub(super) claimed: Vec<CountedLine>,
    /// The changes that were made to it.
    pub(super) amendments: Vec<MovementId>,
    pub(super) outcome: Outcome,
}

/// Why an order was not placed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The input cannot be used.
    #[error(transparent)]
    Unusable(#[from] Error),
    /// It was priced, and cannot be placed.
    #[error(transparent)]
    NotPlaceable(#[from] NotPlaceable),
}

/// Whether a coupon still has to reach its thresholds when less of an order is left.
///
/// A threshold is a condition on what is spent, or on how many pieces are bought. What a coupon asked about the customer,
/// the date or the past is never asked again.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// // 10.00 off from 100.00 on; two chairs at 60.00 were bought, and one comes back.
/// let usd = |text| Money::parse(text, Currency::USD);
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let from_100 = MinimumSpend::new(Amounts::new([usd("100.00")?])?);
/// let coupon = Coupon::builder("ten").code("TEN").amount_off(usd("10.00")?).condition(from_100).build()?;
/// let coupon = shop.prepare(coupon)?;
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), Product::new("CHAIR".parse()?), Quantity::pieces(2)?, UnitPrice::parse("60.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("ten", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let placed = shop.place(&request)?;
///
/// let left = |thresholds| placed.reprice(&[(LineId(1), 1)], thresholds);
/// assert_eq!(left(ThresholdCheck::AsPlaced)?.totals().payable(), usd("50.00")?);
/// assert_eq!(left(ThresholdCheck::Anew)?.totals().payable(), usd("60.00")?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ThresholdCheck {
    /// What was reached when the order was placed stands.
    #[default]
    AsPlaced,
    /// What is left has to reach them again; a coupon that no longer does takes nothing off.
    Anew,
}

impl Shop {
    /// Prices an order that is being placed, and keeps the terms that it was priced under. The figures are those of
    /// [`evaluate`](Shop::evaluate); the redemption to record is [`PlacedOrder::redemption`].
    ///
    /// # Errors
    /// [`PlaceError::Unusable`] as [`evaluate`](Shop::evaluate); [`PlaceError::NotPlaceable`] where a line or the order as a
    /// whole is refused, the customer has to be known, or it is only a preview.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
    ///     .customer_type("PROFORM".parse()?)
    ///     .visible_only_to("PRO-JACKET".parse()?, ["PROFORM".parse()?])
    ///     .build()?;
    /// let jacket = Product::new("PRO-JACKET".parse()?);
    /// let order = Order::builder(Currency::USD)
    ///     .line(Line::new(LineId(1), jacket, Quantity::ONE, UnitPrice::parse("30.00")?))
    ///     .build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at);
    /// let refused = NotPlaceable::LineRefused { line: LineId(1) };
    /// assert_eq!(shop.place(&request).unwrap_err(), PlaceError::NotPlaceable(refused));
    /// # Ok(())
    /// # }
    /// ```
    pub fn place(&self, request: &Request<'_>) -> Result<PlacedOrder, PlaceError> {
        let (outcome, placing) = self.evaluate_placing(request)?;
        outcome.redemption()?;
        Ok(PlacedOrder {
            semantics: SEMANTICS_VERSION,
            policy: self.policy().clone(),
            order: placing.sold.unwrap_or_else(|| request.order.clone()),
            prices: placing.prices,
            codes: placing.codes,
            allowances: placing.allowances,
            claimed: placing.claimed,
            amendments: Vec::new(),
            outcome,
        })
    }
}

impl PlacedOrder {
    /// The version of the rules that priced it. Where it is not [`SEMANTICS_VERSION`], the recorded figures stand.
    #[must_use]
    pub fn semantics_version(&self) -> u32 {
        self.semantics
    }

    /// The order or claim.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        self.outcome.reference()
    }

    /// What was sold: where less was sold than was ordered, that.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The answer it got: the figures that count.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The merchant's choices as they were.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The price of one unit of a line before any discount, as it was resolved: the customer's, the type's, or the list
    /// price. None for a charge, and for a line that is not there.
    #[must_use]
    pub fn base_price(&self, line: LineId) -> Option<ExactPrice> {
        let at = self.order.slot_of(line)?;
        self.prices.get(at).map(|base| base.price)
    }

    /// The changes that were made to it since, in their order.
    #[must_use]
    pub fn amendments(&self) -> &[MovementId] {
        &self.amendments
    }

    /// What to record.
    ///
    /// # Errors
    /// None where it was made by [`Shop::place`]; the type is that of [`Outcome::redemption`].
    pub fn redemption(&self) -> Result<Redemption, NotPlaceable> {
        self.outcome.redemption()
    }

    /// What the order costs with fewer units on some lines, under the terms it was placed under: the same prices, codes and
    /// policy. A line that is not named keeps all its units; one that keeps none is not in the answer. What the shop took
    /// off a line, by automatic offers as well, and what the host computed for it, goes with its units; a gift of an offer
    /// stays given. Only codes are judged again.
    ///
    /// The outcome is a figure to compare with: nothing of it is to be recorded.
    ///
    /// # Errors
    /// A line that is not there or is named twice, and more units than were sold.
    pub fn reprice(&self, quantities: &[(LineId, u32)], thresholds: ThresholdCheck) -> Result<Outcome, Error> {
        let (order, prices) = self.keeping(quantities)?;
        self.price(&order, &prices, thresholds)
    }

    /// [`reprice`](Self::reprice) with thresholds judged, where points take off no more than this: the rest of them was
    /// given back.
    pub(super) fn reprice_after_returns(
        &self,
        quantities: &[(LineId, u32)],
        points: Option<i64>,
    ) -> Result<Outcome, Error> {
        let (order, prices) = self.keeping(quantities)?;
        self.price_within(&order, &prices, ThresholdCheck::Anew, points)
    }

    /// Prices lines under the stored terms.
    pub(super) fn price(
        &self,
        order: &Order,
        prices: &[BasePrice],
        thresholds: ThresholdCheck,
    ) -> Result<Outcome, Error> {
        self.price_within(order, prices, thresholds, None)
    }

    fn price_within(
        &self,
        order: &Order,
        prices: &[BasePrice],
        thresholds: ThresholdCheck,
        points_left: Option<i64>,
    ) -> Result<Outcome, Error> {
        let shop = Shop::new(self.policy.clone());
        let judging = thresholds == ThresholdCheck::Anew;
        reprice(&shop, Stored { points_left, ..self.stored(judging, None) }, order, prices)
    }

    /// Prices lines as one of the payments of a subscription.
    pub(super) fn price_payment(
        &self,
        order: &Order,
        prices: &[BasePrice],
        payment: Payment<'_>,
    ) -> Result<Outcome, Error> {
        reprice(&Shop::new(self.policy.clone()), self.stored(false, Some(payment)), order, prices)
    }

    fn stored<'a>(&'a self, judging: bool, payment: Option<Payment<'a>>) -> Stored<'a> {
        let (codes, allowances, outcome) = (&self.codes, &self.allowances, &self.outcome);
        let points_left = None;
        let (order, prices, claimed) = (&self.order, &self.prices, &self.claimed);
        Stored { order, prices, codes, allowances, claimed, outcome, judging, payment, points_left }
    }

    /// The order with so many units kept, and the prices of its lines.
    fn keeping(&self, quantities: &[(LineId, u32)]) -> Result<(Order, Vec<BasePrice>), Error> {
        let mut named: BTreeMap<LineId, u32> = BTreeMap::new();
        for (i, (id, units)) in quantities.iter().enumerate() {
            let path = |field: &str| format!("quantities[{i}].{field}");
            let line = self.order.slot_of(*id).and_then(|slot| self.order.lines().get(slot));
            let Some(line) = line else {
                return Err(Error::invalid(path("line"), id, Why::UnknownReference { what: "line" }));
            };
            if named.insert(*id, *units).is_some() {
                return Err(Error::invalid(path("line"), id, Why::Duplicate));
            }
            let sold = line.quantity().pieces_count();
            if *units > sold {
                let why = Why::OutOfRange { min: "0".to_owned(), max: sold.to_string() };
                return Err(Error::invalid(path("units"), units, why));
            }
        }
        let kept = |line: &Line| named.get(&line.id()).copied().unwrap_or_else(|| line.quantity().pieces_count());
        let (mut lines, mut prices) = (Vec::new(), Vec::new());
        for (line, price) in self.order.lines().iter().zip(&self.prices) {
            let units = kept(line);
            if units == 0 {
                continue;
            }
            prices.push(price.clone());
            lines.push(if units == line.quantity().pieces_count() {
                line.clone()
            } else {
                let quantity = Quantity::pieces(units.into())?;
                price.in_quantity(line, quantity, self.order.currency(), self.policy.rounding().discount)?
            });
        }
        Ok((self.order.with_lines(lines)?, prices))
    }
}
