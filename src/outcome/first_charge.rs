//! When what is on trial is paid for the first time.

use chrono::{DateTime, NaiveDate, Utc};

use super::Outcome;
use crate::calendar::Zone;
use crate::money::{Currency, Money};
use crate::order::LineId;

/// The first charge of a line that is on trial: its whole amount, so many days after the order (S67). Until then nothing
/// of it is due.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let trial = Coupon::builder("trial").code("TRY14").benefit(Benefit::Trial(Trial::new(14)?)).build()?;
/// let trial = shop.prepare(trial)?;
/// let paper = Product::new("PAPER".parse()?).with_subscription(true);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), paper, Quantity::ONE, UnitPrice::parse("30.00")?))
///     .line(Line::new(LineId(2), Product::new("MUG".parse()?), Quantity::ONE, UnitPrice::parse("12.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("try14", &trial)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
///
/// let [first] = outcome.first_charges() else { panic!("one line is on trial") };
/// assert_eq!((first.line(), first.amount().to_string().as_str()), (LineId(1), "30.00 USD"));
/// assert_eq!(first.at(), parse_instant("2026-04-12T12:00:00Z")?);
/// assert_eq!(outcome.amount_due_now().to_string(), "12.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstCharge {
    pub(crate) line: LineId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
}

impl FirstCharge {
    /// The line.
    #[must_use]
    pub fn line(&self) -> LineId {
        self.line
    }

    /// When it is due: the days of the trial after the order was priced, to the second.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The local day on which it is due.
    #[must_use]
    pub fn date(&self, zone: &Zone) -> NaiveDate {
        zone.local_date(self.at)
    }

    /// What is due, with tax.
    #[must_use]
    pub fn amount(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

impl Outcome {
    /// The lines that are on trial, by id, with when what is due of them (S67). Their amounts are in the totals.
    #[must_use]
    pub fn first_charges(&self) -> &[FirstCharge] {
        &self.first_charges
    }

    /// What is due with the order: the [amount due](Outcome::amount_due) without the lines that are on trial. Cash rounding
    /// is in it; where points pay for more than is due now, it is nothing.
    #[must_use]
    pub fn amount_due_now(&self) -> Money {
        let later = self.first_charges.iter().fold(0_i64, |sum, charge| sum.saturating_add(charge.amount));
        self.money(self.amount_due().minor().saturating_sub(later).max(0))
    }
}
