//! One payment of a subscription.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::order::LineId;
use crate::outcome::{Answer, LineOutcome};

/// What one line costs in one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodLine {
    pub(super) line: LineId,
    pub(super) priced: Money,
    pub(super) discount: Money,
    pub(super) third_party: Money,
    pub(super) taxable: Money,
    pub(super) net: Money,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) tax: Option<Money>,
    pub(super) payable: Money,
}

impl PeriodLine {
    pub(super) fn of(line: &LineOutcome) -> Self {
        let discount = line.priced().minor().saturating_sub(line.discounted().minor());
        Self {
            line: line.id(),
            priced: line.priced(),
            discount: Money::new(discount, line.priced().currency()),
            third_party: line.third_party(),
            taxable: line.taxable(),
            net: line.net(),
            tax: line.tax(),
            payable: line.payable(),
        }
    }

    /// The line.
    #[must_use]
    pub fn line(&self) -> LineId {
        self.line
    }

    /// At its base price.
    #[must_use]
    pub fn priced(&self) -> Money {
        self.priced
    }

    /// What was taken off; with the first payment the discounts of the shop too.
    #[must_use]
    pub fn discount(&self) -> Money {
        self.discount
    }

    /// The part of the discount that a third party reimburses.
    #[must_use]
    pub fn third_party(&self) -> Money {
        self.third_party
    }

    /// The taxable amount, as priced.
    #[must_use]
    pub fn taxable(&self) -> Money {
        self.taxable
    }

    /// Without tax.
    #[must_use]
    pub fn net(&self) -> Money {
        self.net
    }

    /// Its tax; none without rates.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        self.tax
    }

    /// What is to be paid for it.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.payable
    }
}

/// One payment of a [`Subscription`](crate::Subscription): what each line costs, what was taken off, and the days that it
/// is for. Nothing of it is to be recorded with the counters: the codes were used once, with the order.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// // 50.00 off a monthly bill of 30.00: what is left over is taken off the next one, and then it is used up.
/// let usd = |text| Money::parse(text, Currency::USD);
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let fifty = Coupon::builder("fifty").code("FIFTY").amount_off(usd("50.00")?).payments(Payments::First);
/// let fifty = shop.prepare(fifty.remainder(Remainder::Carry).build()?)?;
/// let paper = Product::new("PAPER".parse()?).with_subscription(true);
/// let paper = Line::new(LineId(1), paper, Quantity::ONE, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(paper.with_billing(Billing::every_months(1)?)).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-01-15T12:00:00Z")?);
/// let codes = [Presented::new("fifty", &fifty)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let paper = shop.place(&request)?.subscription(LineId(1))?.ok_or("line 1 is billed again")?;
///
/// let payments = [1, 2, 3].map(|number| paper.payment(number));
/// let mut payable = Vec::new();
/// for payment in payments {
///     let payment = payment?.ok_or("it goes on")?;
///     payable.push((payment.payable(), payment.carried()));
/// }
/// let expected = [("0.00", "20.00"), ("10.00", "0.00"), ("30.00", "0.00")];
/// for (found, (pay, carried)) in payable.iter().zip(expected) {
///     assert_eq!(*found, (usd(pay)?, usd(carried)?));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodOutcome {
    number: u32,
    from: NaiveDate,
    thru: NaiveDate,
    lines: Vec<PeriodLine>,
    forfeited: Money,
    carried: Money,
    codes: Vec<Answer>,
}

impl PeriodOutcome {
    pub(super) fn new(
        number: u32,
        (from, thru): (NaiveDate, NaiveDate),
        lines: Vec<PeriodLine>,
        (forfeited, carried): (Money, Money),
        codes: Vec<Answer>,
    ) -> Self {
        Self { number, from, thru, lines, forfeited, carried, codes }
    }

    /// Its number, counted from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The first local day that it is for, on which it is due.
    #[must_use]
    pub fn from(&self) -> NaiveDate {
        self.from
    }

    /// The last local day that it is for, which counts whole.
    #[must_use]
    pub fn thru(&self) -> NaiveDate {
        self.thru
    }

    /// The lines, by id.
    #[must_use]
    pub fn lines(&self) -> &[PeriodLine] {
        &self.lines
    }

    /// The codes that lowered a later payment, each with what it took off; those of the first one are in the order's
    /// [`Outcome`](crate::Outcome).
    #[must_use]
    pub fn codes(&self) -> &[Answer] {
        &self.codes
    }

    /// The part of amounts that found nothing to be taken off and is lost.
    #[must_use]
    pub fn forfeited(&self) -> Money {
        self.forfeited
    }

    /// The part of amounts that goes to later payments.
    #[must_use]
    pub fn carried(&self) -> Money {
        self.carried
    }

    /// At base prices.
    #[must_use]
    pub fn priced(&self) -> Money {
        self.sum(|line| line.priced)
    }

    /// What was taken off.
    #[must_use]
    pub fn discount(&self) -> Money {
        self.sum(|line| line.discount)
    }

    /// The part of the discount that third parties reimburse.
    #[must_use]
    pub fn third_party(&self) -> Money {
        self.sum(|line| line.third_party)
    }

    /// The taxable amount, as priced.
    #[must_use]
    pub fn taxable(&self) -> Money {
        self.sum(|line| line.taxable)
    }

    /// Without tax.
    #[must_use]
    pub fn net(&self) -> Money {
        self.sum(|line| line.net)
    }

    /// The tax; none without rates.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        let taxed = self.lines.iter().any(|line| line.tax.is_some());
        taxed.then(|| self.sum(|line| line.tax.unwrap_or(Money::zero(line.priced.currency()))))
    }

    /// What is to be paid. Cash rounding is of the order alone.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.sum(|line| line.payable)
    }

    fn sum(&self, figure: impl Fn(&PeriodLine) -> Money) -> Money {
        // Parts of an order's total, which fits.
        let minor = self.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(figure(line).minor()));
        Money::new(minor, self.forfeited.currency())
    }
}
