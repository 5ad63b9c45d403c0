//! What a line costs, in parts that can be taken apart and put together again without losing a cent.
//!
//! Between the price and what is paid a line stands at one level after the other: at its price, below each discount, at
//! the taxable amount, at what is left after all discounts, at what is paid with tax. Every *level* is spread evenly over
//! the units; a discount and the tax are the differences between two levels. So no part of a unit is ever negative, the
//! parts of a unit always agree with each other, and those of all units together are those of the line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::coupon::Code;
use crate::error::Error;
use crate::funding::Funding;
use crate::key::{AccountId, CouponId, DiscountId, PartyId};
use crate::money::{Currency, Money, Rounding, TaxRate, split_units};
use crate::order::LineId;
use crate::outcome::{LineOutcome, Outcome, Source};
use crate::policy::PriceMode;

/// Where a discount comes from.
///
/// In JSON `{"shop": {"discount": "season"}}`, `{"coupon": {"coupon": "spring", "code": "TEN"}}` or `"points"`.
///
/// ```
/// use vouchsafe::DiscountOrigin;
///
/// let origin: DiscountOrigin = serde_json::from_str(r#"{"coupon": {"coupon": "spring", "code": "TEN"}}"#)?;
/// assert_eq!(origin.coupon().map(|coupon| coupon.as_str()), Some("spring"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum DiscountOrigin {
    /// A discount that the shop gave.
    Shop {
        /// Its id.
        discount: DiscountId,
    },
    /// A code that was applied.
    Coupon {
        /// The definition.
        coupon: CouponId,
        /// The code.
        code: Code,
    },
    /// Loyalty points that were redeemed as a discount (S29).
    Points,
}

impl DiscountOrigin {
    /// The definition of the coupon; none for a discount of the shop and for points.
    #[must_use]
    pub fn coupon(&self) -> Option<&CouponId> {
        match self {
            Self::Coupon { coupon, .. } => Some(coupon),
            Self::Shop { .. } | Self::Points => None,
        }
    }
}

/// One discount on one line or charge, or on some of its units.
///
/// Reached through [`LineFigures::discounts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountPart {
    pub(super) origin: DiscountOrigin,
    pub(super) account: Option<AccountId>,
    pub(super) party: Option<PartyId>,
    pub(super) currency: Currency,
    pub(super) amount: i64,
    pub(super) third: i64,
}

impl DiscountPart {
    /// Where it comes from.
    #[must_use]
    pub fn origin(&self) -> &DiscountOrigin {
        &self.origin
    }

    /// The account it is booked to (S114); none where none was named.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// The third party that reimburses a part of it, where it is known by name.
    #[must_use]
    pub fn party(&self) -> Option<&PartyId> {
        self.party.as_ref()
    }

    /// How much it takes off.
    #[must_use]
    pub fn amount(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// The part of it that a third party reimburses.
    #[must_use]
    pub fn third_party(&self) -> Money {
        Money::new(self.third, self.currency)
    }

    /// The part of it that the seller bears.
    #[must_use]
    pub fn seller(&self) -> Money {
        Money::new(self.seller_minor(), self.currency)
    }

    pub(super) fn seller_minor(&self) -> i64 {
        self.amount.saturating_sub(self.third)
    }

    /// Whether the other is the same discount, whatever the amount.
    fn same_discount(&self, other: &Self) -> bool {
        self.origin == other.origin && self.account == other.account && self.party == other.party
    }

    fn nothing(&self) -> Self {
        Self { amount: 0, third: 0, ..self.clone() }
    }
}

/// What a line or charge stands at, or what some of its units do: price, discounts, tax, and what is paid.
///
/// Always `discounted = priced - discounts` and `taxable = discounted + third_party`. For prices without tax
/// `net = taxable` and `payable = discounted + tax`; for prices with tax `net + tax = taxable` and `payable = discounted`.
/// Nothing is ever below zero.
///
/// Over units each of these amounts is spread evenly, the first units carrying the odd minor units. The tax, and what the
/// seller and a third party bear of each discount, are what lies between them, so each is within one minor unit of its
/// even part. 100.00 over three units:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let order = Order::builder(Currency::USD)
///     .line(
///         Line::new(LineId(1), Product::new("CUP".parse()?), Quantity::pieces(3)?, UnitPrice::parse("40.00")?)
///             .with_discount(ShopDiscount::new("sale".parse()?, Money::parse("20.00", Currency::USD)?)),
///     )
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let outcome = shop.evaluate(&Request::new(&order, &customer, Reference::Order("o-1".parse()?), at))?;
/// let settlement = Settlement::new(&outcome)?;
/// let first = settlement.refund(&RefundRequest::new("r-1".parse()?).units(LineId(1), 1))?;
/// let figures = first.lines()[0].figures();
/// assert_eq!(figures.priced().to_string(), "40.00 USD");
/// assert_eq!(figures.shop_discount().to_string(), "6.66 USD");
/// assert_eq!(figures.payable().to_string(), "33.34 USD"); // 33.34, 33.33, 33.33
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFigures {
    pub(super) currency: Currency,
    pub(super) mode: PriceMode,
    pub(super) taxed: bool,
    pub(super) priced: i64,
    pub(super) tax: i64,
    /// Each discount once; the shop's first, then coupons in the order in which they were applied.
    pub(super) discounts: Vec<DiscountPart>,
}

impl LineFigures {
    /// The figures of priced lines and charges, with their discounts one by one.
    pub(super) fn of(outcome: &Outcome) -> BTreeMap<LineId, Self> {
        let lines = outcome.lines().iter().chain(outcome.charges());
        let mut all: BTreeMap<LineId, Self> = lines.map(|line| (line.id(), Self::bare(line, outcome))).collect();
        for adjustment in outcome.adjustments() {
            let (origin, account, party) = match adjustment.source {
                Source::Discount { id, account } => (DiscountOrigin::Shop { discount: id.clone() }, account, None),
                Source::Code(answer) => {
                    // An applied code has both.
                    let (Some(coupon), Some(code)) = (answer.coupon(), answer.code()) else { continue };
                    let origin = DiscountOrigin::Coupon { coupon: coupon.clone(), code: code.clone() };
                    let terms = answer.terms();
                    (origin, terms.and_then(|terms| terms.account()), terms.and_then(|terms| party_of(terms.funding())))
                }
                Source::Points { account } => (DiscountOrigin::Points, account, None),
            };
            let (amount, third) = (adjustment.amount.minor(), adjustment.third_party.minor());
            let (account, party, currency) = (account.cloned(), party.cloned(), outcome.currency());
            if let Some(figures) = all.get_mut(&adjustment.line) {
                add_part(&mut figures.discounts, &DiscountPart { origin, account, party, currency, amount, third }, 1);
            }
        }
        all
    }

    fn bare(line: &LineOutcome, outcome: &Outcome) -> Self {
        Self {
            currency: outcome.currency(),
            mode: outcome.price_mode(),
            taxed: line.tax().is_some(),
            priced: line.priced().minor(),
            tax: line.tax().map_or(0, Money::minor),
            discounts: Vec::new(),
        }
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// At the customer's price, before discounts.
    #[must_use]
    pub fn priced(&self) -> Money {
        self.money(self.priced)
    }

    /// Every discount, each once: the shop's, then coupons in the order in which they were applied, then points.
    #[must_use]
    pub fn discounts(&self) -> &[DiscountPart] {
        &self.discounts
    }

    /// Discounts that the shop gave before coupons.
    #[must_use]
    pub fn shop_discount(&self) -> Money {
        self.money(self.discount_of(|origin| matches!(origin, DiscountOrigin::Shop { .. })))
    }

    /// Discounts by coupons. They are not refunded (S110).
    #[must_use]
    pub fn coupon_discount(&self) -> Money {
        self.money(self.discount_of(|origin| matches!(origin, DiscountOrigin::Coupon { .. })))
    }

    /// What loyalty points took off, where they were redeemed as a discount. It is not refunded; points are
    /// [given back](crate::PointsReturn).
    #[must_use]
    pub fn points_discount(&self) -> Money {
        self.money(self.discount_of(|origin| matches!(origin, DiscountOrigin::Points)))
    }

    pub(super) fn discount_of(&self, of: impl Fn(&DiscountOrigin) -> bool) -> i64 {
        sum(self.discounts.iter().filter(|part| of(&part.origin)).map(|part| part.amount))
    }

    /// What is left after all discounts, as priced.
    #[must_use]
    pub fn discounted(&self) -> Money {
        self.money(self.discounted_minor())
    }

    /// The part of the discounts that third parties reimburse.
    #[must_use]
    pub fn third_party(&self) -> Money {
        self.money(self.third_minor())
    }

    /// The taxable amount, as priced.
    #[must_use]
    pub fn taxable(&self) -> Money {
        self.money(self.taxable_minor())
    }

    /// The taxable amount without tax: the tax base.
    #[must_use]
    pub fn net(&self) -> Money {
        self.money(self.net_minor())
    }

    /// The tax; none where no rate was given.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        self.taxed.then(|| self.money(self.tax))
    }

    /// What the shopper pays for it, tax included.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.money(self.payable_minor())
    }

    pub(super) fn discounted_minor(&self) -> i64 {
        self.priced.saturating_sub(sum(self.discounts.iter().map(|part| part.amount)))
    }

    pub(super) fn third_minor(&self) -> i64 {
        sum(self.discounts.iter().map(|part| part.third))
    }

    pub(super) fn taxable_minor(&self) -> i64 {
        self.discounted_minor().saturating_add(self.third_minor())
    }

    pub(super) fn net_minor(&self) -> i64 {
        match self.mode {
            PriceMode::TaxExclusive => self.taxable_minor(),
            PriceMode::TaxInclusive => self.taxable_minor().saturating_sub(self.tax),
        }
    }

    pub(super) fn payable_minor(&self) -> i64 {
        match self.mode {
            PriceMode::TaxExclusive => self.discounted_minor().saturating_add(self.tax),
            PriceMode::TaxInclusive => self.discounted_minor(),
        }
    }

    /// What the first units are of so many. Of what is left the first units are the next ones: a line without its first
    /// units is spread over the others just as before.
    pub(super) fn first(&self, units: u32, of: u32) -> Self {
        self.spread(|level| split_units(level, of).first(units))
    }

    /// What is left once a part of what is paid is gone; every level goes down in the same proportion.
    pub(super) fn without_amount(&self, amount: i64) -> Self {
        let payable = self.payable_minor();
        let rest = payable.saturating_sub(amount);
        self.spread(|level| proportion(level, rest, payable))
    }

    /// What two figures of the same discounts differ by.
    pub(super) fn minus(&self, other: &Self) -> Self {
        let mut left = self.clone();
        left.priced = left.priced.saturating_sub(other.priced);
        left.tax = left.tax.saturating_sub(other.tax);
        for (part, taken) in left.discounts.iter_mut().zip(&other.discounts) {
            part.amount = part.amount.saturating_sub(taken.amount);
            part.third = part.third.saturating_sub(taken.third);
        }
        left
    }

    /// The same line with every level mapped. The map keeps order and nothing at nothing, so that no part becomes
    /// negative.
    fn spread(&self, map: impl Fn(i64) -> i64) -> Self {
        self.toward(self, |level, _| map(level))
    }

    /// A line between this one and another: so much of the way from each level to that of the other. The whole way is
    /// the other line, none of it is this one.
    pub(super) fn between(&self, other: &Self, part: i64, whole: i64) -> Self {
        let (from, to) = self.aligned(other);
        from.toward(&to, |a, b| {
            if part == whole {
                return b;
            }
            // Rounded down in one step, so that of two levels the higher one stays the higher one.
            let (a, b, part, whole) = (i128::from(a), i128::from(b), i128::from(part), i128::from(whole));
            let way = a.saturating_mul(whole.saturating_sub(part)).saturating_add(b.saturating_mul(part));
            way.checked_div_euclid(whole).and_then(|level| i64::try_from(level).ok()).unwrap_or_default()
        })
    }

    /// Both with the same discounts in the same order; what one of them lacks is there with nothing. Either both are taxed
    /// or neither is: an order has a rate for each of its classes, or for none.
    pub(super) fn aligned(&self, other: &Self) -> (Self, Self) {
        let (mut from, mut to) = (self.clone(), other.clone());
        to.discounts.clear();
        for part in &from.discounts {
            let same = other.discounts.iter().find(|theirs| theirs.same_discount(part));
            to.discounts.push(same.cloned().unwrap_or_else(|| part.nothing()));
        }
        for part in &other.discounts {
            if !from.discounts.iter().any(|ours| ours.same_discount(part)) {
                from.discounts.push(part.nothing());
                to.discounts.push(part.clone());
            }
        }
        (from, to)
    }

    /// Walks down the levels of two lines with the same discounts and makes a line of what the map makes of each pair.
    fn toward(&self, other: &Self, map: impl Fn(i64, i64) -> i64) -> Self {
        let mut made = self.clone();
        let mut at = (self.priced, other.priced);
        made.priced = map(at.0, at.1);
        let mut level = made.priced;
        let mut down = |at: &mut (i64, i64), by: (i64, i64)| {
            *at = (at.0.saturating_sub(by.0), at.1.saturating_sub(by.1));
            let below = map(at.0, at.1);
            let step = level.saturating_sub(below);
            level = below;
            step
        };
        let pairs = || self.discounts.iter().zip(&other.discounts);
        for (part, (a, b)) in made.discounts.iter_mut().zip(pairs()) {
            part.amount = down(&mut at, (a.seller_minor(), b.seller_minor()));
        }
        let taxable = at;
        for (part, (a, b)) in made.discounts.iter_mut().zip(pairs()) {
            part.third = down(&mut at, (a.third, b.third));
            part.amount = part.amount.saturating_add(part.third);
        }
        made.tax = match self.mode {
            PriceMode::TaxExclusive => {
                let paid = map(at.0.saturating_add(self.tax), at.1.saturating_add(other.tax));
                paid.saturating_sub(map(at.0, at.1))
            }
            PriceMode::TaxInclusive => {
                let net = map(taxable.0.saturating_sub(self.tax), taxable.1.saturating_sub(other.tax));
                map(taxable.0, taxable.1).saturating_sub(net)
            }
        };
        made
    }

    /// The same discounts on another price: each takes what it took, as far as there is room, in their order.
    pub(super) fn at_price(&self, price: i64, rate: Option<TaxRate>, rounding: Rounding) -> Result<Self, Error> {
        let mut moved = Self { priced: price, ..self.clone() };
        let mut room = price;
        for part in &mut moved.discounts {
            let taken = part.amount.min(room);
            part.third = if taken == part.amount { part.third } else { proportion(part.third, taken, part.amount) };
            part.amount = taken;
            room = room.saturating_sub(taken);
        }
        moved.tax = tax_of(moved.taxable_minor(), rate.filter(|_| moved.taxed), moved.mode, rounding)?;
        Ok(moved)
    }

    /// With so much less of some discounts; tax is added on what the seller no longer takes off. Third parties give less
    /// in the same proportion.
    pub(super) fn with_less_discount(
        &self,
        less: impl Fn(&DiscountPart) -> Option<i64>,
        rate: Option<TaxRate>,
        rounding: Rounding,
    ) -> Result<Self, Error> {
        let mut kept = self.clone();
        let mut back = 0_i64;
        for part in &mut kept.discounts {
            let Some(less) = less(part) else { continue };
            let before = part.seller_minor();
            let left = part.amount.saturating_sub(less).max(0);
            part.third = proportion(part.third, left, part.amount);
            part.amount = left;
            back = back.saturating_add(before.saturating_sub(part.seller_minor()));
        }
        let tax = tax_of(back, rate.filter(|_| kept.taxed), kept.mode, rounding)?;
        kept.tax = kept.tax.checked_add(tax).ok_or_else(|| Error::overflow("tax"))?;
        Ok(kept)
    }

    /// Whether the amounts are the same, whatever discounts are named with nothing.
    pub(super) fn same_amounts(&self, other: &Self) -> bool {
        let (ours, theirs) = self.aligned(other);
        self.taxed == other.taxed && ours == theirs
    }

    /// Whether the figures are such as a line can have.
    pub(super) fn is_sound(&self) -> bool {
        let total = |amount: fn(&DiscountPart) -> i64| {
            self.discounts.iter().fold(0_i128, |sum, part| sum.saturating_add(amount(part).into()))
        };
        let discounts = total(|part| part.amount);
        let taxable = i128::from(self.priced).saturating_sub(discounts).saturating_add(total(|part| part.third));
        let payable = i128::from(self.priced).saturating_sub(discounts).saturating_add(self.tax.into());
        let tax_fits = match self.mode {
            PriceMode::TaxExclusive => payable <= i128::from(i64::MAX),
            PriceMode::TaxInclusive => i128::from(self.tax) <= taxable,
        };
        self.priced >= 0
            && self.tax >= 0
            && (self.taxed || self.tax == 0)
            && discounts <= i128::from(self.priced)
            && tax_fits
            && self.discounts.iter().all(|part| part.amount >= part.third && part.third >= 0)
            && (self.discounts.iter().enumerate())
                .all(|(i, part)| !self.discounts.iter().take(i).any(|earlier| earlier.same_discount(part)))
    }
}

/// Adds a discount to others, several of one origin being one; with the sign -1 it is taken away.
pub(super) fn add_part(sums: &mut Vec<DiscountPart>, part: &DiscountPart, sign: i64) {
    let signed = |minor: i64| minor.saturating_mul(sign);
    match sums.iter_mut().find(|sum| sum.same_discount(part)) {
        Some(sum) => {
            sum.amount = sum.amount.saturating_add(signed(part.amount));
            sum.third = sum.third.saturating_add(signed(part.third));
        }
        None => sums.push(DiscountPart { amount: signed(part.amount), third: signed(part.third), ..part.clone() }),
    }
}

/// The third party of a funding.
fn party_of(funding: &Funding) -> Option<&PartyId> {
    match funding {
        Funding::Seller => None,
        Funding::ThirdParty { party } | Funding::Split { party, .. } => Some(party),
    }
}

/// Parts of one line: their sum is at most its price.
fn sum(amounts: impl Iterator<Item = i64>) -> i64 {
    amounts.fold(0, i64::saturating_add)
}

/// `amount x part / whole`, rounded down; nothing of nothing.
fn proportion(amount: i64, part: i64, whole: i64) -> i64 {
    let product = i128::from(amount).saturating_mul(part.into());
    product.checked_div(whole.into()).and_then(|share| i64::try_from(share).ok()).unwrap_or_default()
}

/// The tax on a taxable amount as priced.
fn tax_of(taxable: i64, rate: Option<TaxRate>, mode: PriceMode, rounding: Rounding) -> Result<i64, Error> {
    match (rate, mode) {
        (None, _) => Ok(0),
        (Some(rate), PriceMode::TaxExclusive) => {
            rate.exclusive_tax(taxable, rounding).ok_or_else(|| Error::overflow("tax"))
        }
        (Some(rate), PriceMode::TaxInclusive) => Ok(taxable.saturating_sub(rate.inclusive_net(taxable, rounding))),
    }
}
