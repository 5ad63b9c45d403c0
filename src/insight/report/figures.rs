//! The figures of a report.

use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::error::Error;
use crate::money::{Currency, Money, Percent, Rounding, divide};
use crate::outcome::Redeemed;

/// Orders, and what was paid for them.
///
/// ```
/// use vouchsafe::{Currency, Granularity, Report, Rounding, Zone};
///
/// let basket = Report::new(Zone::UTC, Granularity::Month).total().in_currency(Currency::USD).with_coupon();
/// assert_eq!((basket.orders(), basket.average(Rounding::HalfUp)), (0, None)); // no order has no average
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BasketFigures {
    orders: u64,
    sales: Money,
}

impl BasketFigures {
    fn empty(currency: Currency) -> Self {
        Self { orders: 0, sales: Money::zero(currency) }
    }

    fn plus(self, other: Self) -> Result<Self, Error> {
        let orders = self.orders.saturating_add(other.orders);
        Ok(Self { orders, sales: self.sales.checked_add(other.sales)? })
    }

    /// How many orders.
    #[must_use]
    pub fn orders(&self) -> u64 {
        self.orders
    }

    /// What was paid for them in all, tax and shipping included.
    #[must_use]
    pub fn sales(&self) -> Money {
        self.sales
    }

    /// What was paid for one of them on average: the basket value, rounded to the minor unit; none without any order.
    #[must_use]
    pub fn average(&self, rounding: Rounding) -> Option<Money> {
        if self.orders == 0 {
            return None;
        }
        let minor = divide(i128::from(self.sales.minor()), i128::from(self.orders), rounding);
        i64::try_from(minor).ok().map(|minor| Money::new(minor, self.sales.currency()))
    }
}

/// The figures of one currency.
///
/// Orders are counted with the coupon in question: those of a definition are the orders on which it was used, those of
/// the whole shop the orders with any coupon. An order with two coupons of a campaign is one order of that campaign.
///
/// ```
/// use vouchsafe::{Currency, Granularity, Money, Report, Zone};
///
/// let figures = Report::new(Zone::UTC, Granularity::Month).total().in_currency(Currency::EUR);
/// assert_eq!(figures.discount(), Money::zero(Currency::EUR));
/// assert_eq!(figures.with_coupon().orders(), figures.new_customers().orders() + figures.returning_customers().orders());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MoneyFigures {
    currency: Currency,
    with_coupon: BasketFigures,
    without_coupon: BasketFigures,
    new_customers: BasketFigures,
    returning_customers: BasketFigures,
    discount: Money,
    third_party: Money,
    forfeited: Money,
}

impl MoneyFigures {
    fn zero(currency: Currency) -> Self {
        let (basket, nothing) = (BasketFigures::empty(currency), Money::zero(currency));
        Self {
            currency,
            with_coupon: basket,
            without_coupon: basket,
            new_customers: basket,
            returning_customers: basket,
            discount: nothing,
            third_party: nothing,
            forfeited: nothing,
        }
    }

    fn plus(&self, other: &Self) -> Result<Self, Error> {
        Ok(Self {
            currency: self.currency,
            with_coupon: self.with_coupon.plus(other.with_coupon)?,
            without_coupon: self.without_coupon.plus(other.without_coupon)?,
            new_customers: self.new_customers.plus(other.new_customers)?,
            returning_customers: self.returning_customers.plus(other.returning_customers)?,
            discount: self.discount.checked_add(other.discount)?,
            third_party: self.third_party.checked_add(other.third_party)?,
            forfeited: self.forfeited.checked_add(other.forfeited)?,
        })
    }

    /// The currency of all of them.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Orders with a coupon: their number, and the sales with coupon (S58).
    #[must_use]
    pub fn with_coupon(&self) -> BasketFigures {
        self.with_coupon
    }

    /// Orders without any coupon, to compare baskets with (S148). Only the whole shop has such orders.
    #[must_use]
    pub fn without_coupon(&self) -> BasketFigures {
        self.without_coupon
    }

    /// Of the orders with a coupon, those of customers of whom the host had no earlier record (S95).
    #[must_use]
    pub fn new_customers(&self) -> BasketFigures {
        self.new_customers
    }

    /// Of the orders with a coupon, those of all other customers.
    #[must_use]
    pub fn returning_customers(&self) -> BasketFigures {
        self.returning_customers
    }

    /// The discount that was given.
    #[must_use]
    pub fn discount(&self) -> Money {
        self.discount
    }

    /// The part of the discount that third parties reimburse.
    #[must_use]
    pub fn third_party(&self) -> Money {
        self.third_party
    }

    /// What coupons were worth beyond what they could be taken off from (S63).
    #[must_use]
    pub fn forfeited(&self) -> Money {
        self.forfeited
    }
}

/// What was redeemed: uses, claims, and the figures of each currency.
///
/// ```
/// use vouchsafe::UsageFigures;
///
/// let nothing = UsageFigures::default();
/// assert_eq!((nothing.redeemed(), nothing.claims(), nothing.money().len()), (0, 0, 0));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UsageFigures {
    redeemed: u64,
    claims: u64,
    money: Vec<MoneyFigures>,
}

impl UsageFigures {
    /// How many uses; each code that an order carries is one.
    #[must_use]
    pub fn redeemed(&self) -> u64 {
        self.redeemed
    }

    /// How many claims: records that are no order, such as a pro-form code on an empty cart (S8).
    #[must_use]
    pub fn claims(&self) -> u64 {
        self.claims
    }

    /// The figures of each currency, by currency.
    #[must_use]
    pub fn money(&self) -> &[MoneyFigures] {
        &self.money
    }

    /// The figures of one currency; zero where nothing was sold in it.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> MoneyFigures {
        let found = self.money.iter().find(|figures| figures.currency == currency);
        found.copied().unwrap_or_else(|| MoneyFigures::zero(currency))
    }

    pub(super) fn add_coupon(&mut self, redeemed: &Redeemed, currency: Currency) -> Result<(), Error> {
        self.redeemed = self.redeemed.saturating_add(1);
        let figures = MoneyFigures {
            discount: redeemed.discount,
            third_party: redeemed.third_party,
            forfeited: redeemed.forfeited,
            ..MoneyFigures::zero(currency)
        };
        self.add_money(&figures)
    }

    pub(super) fn add_order(&mut self, payable: Money, with_coupon: bool, is_new: bool) -> Result<(), Error> {
        let (order, none) = (BasketFigures { orders: 1, sales: payable }, BasketFigures::empty(payable.currency()));
        let where_true = |holds: bool| if holds { order } else { none };
        let figures = MoneyFigures {
            with_coupon: where_true(with_coupon),
            without_coupon: where_true(!with_coupon),
            new_customers: where_true(with_coupon && is_new),
            returning_customers: where_true(with_coupon && !is_new),
            ..MoneyFigures::zero(payable.currency())
        };
        self.add_money(&figures)
    }

    pub(super) fn add_claim(&mut self) {
        self.claims = self.claims.saturating_add(1);
    }

    fn add_money(&mut self, figures: &MoneyFigures) -> Result<(), Error> {
        match self.money.binary_search_by_key(&figures.currency, |f| f.currency) {
            Err(place) => self.money.insert(place, *figures),
            Ok(place) => {
                if let Some(before) = self.money.get_mut(place) {
                    *before = before.plus(figures)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn plus(&self, other: &Self) -> Result<Self, Error> {
        let mut sum = self.clone();
        sum.redeemed = sum.redeemed.saturating_add(other.redeemed);
        sum.claims = sum.claims.saturating_add(other.claims);
        for figures in &other.money {
            sum.add_money(figures)?;
        }
        Ok(sum)
    }
}

/// Redeemed by issued (S31), exactly: shows as a percentage with up to three decimals, half-up.
///
/// More than 100% where a code is good for several uses.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let mut report = Report::new(Zone::UTC, Granularity::Month);
/// report.add_issued_count(&"patrol".parse()?, parse_instant("2026-03-01T12:00:00Z")?, 500);
/// let rate = report.coupon(&"patrol".parse()?).rate().ok_or("none issued")?;
/// assert_eq!((rate.redeemed(), rate.issued()), (0, 500));
/// assert_eq!(rate.to_string(), "0%");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RedemptionRate {
    redeemed: u64,
    issued: u64,
}

impl RedemptionRate {
    /// How many uses.
    #[must_use]
    pub fn redeemed(&self) -> u64 {
        self.redeemed
    }

    /// Of how many codes; never zero.
    #[must_use]
    pub fn issued(&self) -> u64 {
        self.issued
    }

    /// As a percentage with three decimals.
    #[must_use]
    pub fn percent(&self, rounding: Rounding) -> Decimal {
        let whole = i128::from(Percent::HUNDRED.thousandths());
        let thousandths = divide(i128::from(self.redeemed).saturating_mul(whole), i128::from(self.issued), rounding);
        // At most u64::MAX times 100,000, which a decimal holds.
        Decimal::try_from_i128_with_scale(thousandths, u32::from(Percent::DECIMALS)).unwrap_or(Decimal::MAX)
    }
}

impl fmt::Display for RedemptionRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.percent(Rounding::HalfUp).normalize())
    }
}

/// What became of a definition, of a campaign or of the whole shop, in all or in one period: made by
/// [`Report`](crate::Report).
///
/// | figure | is |
/// |---|---|
/// | issued | codes that were issued one by one; a shared code is none |
/// | redeemed | uses by orders and claims that stand |
/// | remaining | the limit less all uses that count on it: also those of voided orders that kept them (S106) |
/// | rate | redeemed by issued |
///
/// ```
/// use vouchsafe::{Coupon, Granularity, Report, Zone, parse_instant};
///
/// let coupon = Coupon::builder("patrol").percent_off("40").per_code_limit(1).total_limit(500).build()?;
/// let mut report = Report::new(Zone::UTC, Granularity::Month);
/// report.define(&coupon);
/// report.add_issued_count(coupon.id(), parse_instant("2026-03-01T12:00:00Z")?, 500);
/// report.add_earlier_uses(coupon.id(), 120); // of the old system
/// let figures = report.coupon(coupon.id());
/// assert_eq!((figures.issued(), figures.redeemed(), figures.remaining()), (500, 0, Some(380)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportFigures {
    pub(super) issued: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) available: Option<u64>,
    pub(super) used: u64,
    pub(super) new_customers: u64,
    pub(super) returning_customers: u64,
    pub(super) anonymous: u64,
    #[serde(flatten)]
    pub(super) standing: UsageFigures,
    pub(super) voided: UsageFigures,
}

impl ReportFigures {
    /// How many codes were issued.
    #[must_use]
    pub fn issued(&self) -> u64 {
        self.issued
    }

    /// How many uses there may be in all; none where there is no limit. Of several definitions the sum, where each has a
    /// limit.
    #[must_use]
    pub fn available(&self) -> Option<u64> {
        self.available
    }

    /// How many uses count on that limit.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.used
    }

    /// How many uses are left (S58); none where there is no limit, and in the row of one period.
    #[must_use]
    pub fn remaining(&self) -> Option<u64> {
        self.available.map(|available| available.saturating_sub(self.used))
    }

    /// How many uses there were by orders and claims that stand.
    #[must_use]
    pub fn redeemed(&self) -> u64 {
        self.standing.redeemed
    }

    /// Redeemed by issued (S31); none where no code was issued.
    #[must_use]
    pub fn rate(&self) -> Option<RedemptionRate> {
        (self.issued > 0).then_some(RedemptionRate { redeemed: self.standing.redeemed, issued: self.issued })
    }

    /// How many orders carried it, in all currencies.
    #[must_use]
    pub fn orders(&self) -> u64 {
        self.standing.money.iter().map(|figures| figures.with_coupon.orders).fold(0, u64::saturating_add)
    }

    /// How many known customers were gained: of whom the host had no earlier record when they redeemed (S58, S95). A
    /// customer counts once, by whatever identity key.
    #[must_use]
    pub fn new_customers(&self) -> u64 {
        self.new_customers
    }

    /// How many known customers redeemed who were none of the new ones (S148).
    #[must_use]
    pub fn returning_customers(&self) -> u64 {
        self.returning_customers
    }

    /// How many orders and claims redeemed for a customer without any key that counts.
    #[must_use]
    pub fn anonymous(&self) -> u64 {
        self.anonymous
    }

    /// Of what stands, the figures of one currency.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> MoneyFigures {
        self.standing.in_currency(currency)
    }

    /// What stands.
    #[must_use]
    pub fn standing(&self) -> &UsageFigures {
        &self.standing
    }

    /// What was voided; it is in none of the other figures, but that uses which the void kept count as used.
    #[must_use]
    pub fn voided(&self) -> &UsageFigures {
        &self.voided
    }
}
