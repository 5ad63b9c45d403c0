//! The later payments of a subscription, priced from the terms that were stored with its order.

use chrono::{Days, NaiveDate};

use super::period::{PeriodLine, PeriodOutcome};
use super::placed::{PlacedOrder, ThresholdCheck};
use crate::coupon::Remainder;
use crate::error::{Error, Why};
use crate::evaluate::{Payment, Settled, covered};
use crate::key::MovementId;
use crate::money::Money;
use crate::order::{Billing, Line, LineId};
use crate::outcome::{Answer, SEMANTICS_VERSION};

/// The lines of a placed order that are billed together, again and again: their base prices, tax, rounding, and the terms
/// of the coupons that reach later payments. Kept by the host, one for each subscription; the first payment is the order.
///
/// Nothing of today is asked: a coupon that was for the first payment stays that, and one for all payments stays so,
/// whatever its definition says later (S65, S66, S89). Counters are not touched: it was used once, with the order. What
/// the shop took off the line was taken off the order, once; what shall come back with every payment belongs into the
/// price.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let three = Coupon::builder("three").code("THREE").percent_off("20").payments(Payments::first_n(3)?).build()?;
/// let three = shop.prepare(three)?;
/// let paper = Product::new("PAPER".parse()?).with_subscription(true);
/// let paper = Line::new(LineId(1), paper, Quantity::ONE, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(paper.with_billing(Billing::every_months(1)?)).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-01-31T12:00:00Z")?);
/// let codes = [Presented::new("three", &three)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let placed = shop.place(&request)?;
///
/// let mut paper = placed.subscription(LineId(1))?.ok_or("line 1 is billed again")?;
/// let mut paid = Vec::new();
/// while let Some(payment) = paper.next_payment()?.filter(|payment| payment.number() <= 4) {
///     paid.push(format!("{} {}", payment.from(), payment.payable()));
/// }
/// assert_eq!(paid, ["2026-02-28 24.00 USD", "2026-03-31 24.00 USD", "2026-04-30 30.00 USD"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its lines alone, with the codes that reach later payments.
    pub(super) terms: PlacedOrder,
    pub(super) billing: Billing,
    pub(super) trial_days: u32,
    /// What was paid with the order.
    pub(super) first: Vec<PeriodLine>,
    /// What each code left over then, by answer; nothing where it is lost.
    pub(super) carried: Vec<i64>,
    pub(super) made: u32,
}

impl PlacedOrder {
    /// The subscription of a line: with all lines of the order that are billed as often, so often, and after the same trial.
    /// An amount per order is taken once off their common bill. None where the line is not billed again, or not there.
    ///
    /// # Errors
    /// Sums beyond exact arithmetic.
    pub fn subscription(&self, line: LineId) -> Result<Option<Subscription>, Error> {
        let found = self.order.slot_of(line).and_then(|slot| self.order.lines().get(slot));
        let Some(key) = found.and_then(|line| self.billed(line)) else { return Ok(None) };
        self.group(key).map(Some)
    }

    /// Every subscription of the order, by its first line.
    ///
    /// # Errors
    /// As [`subscription`](Self::subscription).
    pub fn subscriptions(&self) -> Result<Vec<Subscription>, Error> {
        let mut keys: Vec<(Billing, u32)> = Vec::new();
        for key in self.order.lines().iter().filter_map(|line| self.billed(line)) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.into_iter().map(|key| self.group(key)).collect()
    }

    /// How a line is billed, and after how many days for the first time.
    fn billed(&self, line: &Line) -> Option<(Billing, u32)> {
        let charge = self.outcome.first_charges().iter().find(|charge| charge.line() == line.id());
        let days = charge.map_or(0, |charge| charge.at().signed_duration_since(self.outcome.at()).num_days());
        Some((*line.billing()?, u32::try_from(days).unwrap_or(0)))
    }

    fn group(&self, key: (Billing, u32)) -> Result<Subscription, Error> {
        let (mut lines, mut prices, mut first) = (Vec::new(), Vec::new(), Vec::new());
        for ((line, price), paid) in self.order.lines().iter().zip(&self.prices).zip(self.outcome.lines()) {
            if self.billed(line) == Some(key) {
                // The shop took its discounts off this order, once.
                lines.push(Line { discounts: Vec::new(), ..line.clone() });
                let mut price = price.clone();
                if let Some(sold) = &mut price.sold {
                    sold.discounts.clear();
                }
                prices.push(price);
                first.push(PeriodLine::of(paid));
            }
        }
        let ids: Vec<LineId> = lines.iter().map(Line::id).collect();
        let order = self.order.with_lines(lines)?.without_charges()?;
        let mut terms = Self { amendments: Vec::<MovementId>::new(), allowances: Vec::new(), ..self.clone() };
        let (mut codes, mut answers, mut carried) = (Vec::new(), Vec::new(), Vec::new());
        for (settled, answer) in self.codes.iter().zip(self.outcome.answers()) {
            let left = self.left_over(answer, &ids);
            if answer.is_applied() && (left > 0 || self.reaches_later(answer, key.0)) {
                let host_amounts =
                    settled.host_amounts.iter().filter(|(line, _)| ids.contains(line)).copied().collect();
                codes.push(Settled { host_amounts, ..settled.clone() });
                answers.push(Answer { trial_days: None, ..answer.clone() });
                carried.push(left);
            }
        }
        (terms.codes, terms.outcome.answers) = (codes, answers);
        let recorded = &mut terms.outcome;
        recorded.type_changes.clear();
        recorded.types_revision = None;
        recorded.grants.clear();
        recorded.allowances.clear();
        recorded.allowances_to_come.clear();
        recorded.points = None;
        let outcome = terms.price(&order, &prices, ThresholdCheck::AsPlaced)?;
        let terms = Self { order, prices, outcome, ..terms };
        Ok(Subscription { terms, billing: key.0, trial_days: key.1, first, carried, made: 1 })
    }

    /// What a code left over for later payments of these lines: of several subscriptions that it covers the first has it.
    fn left_over(&self, answer: &Answer, lines: &[LineId]) -> i64 {
        let carries = answer.terms().is_some_and(|terms| terms.remainder() == Remainder::Carry);
        if !carries || answer.line().is_some_and(|line| !lines.contains(&line)) {
            return 0;
        }
        let took = self.outcome.adjustments().find(|taken| {
            let of_it = matches!(taken.source, crate::outcome::Source::Code(by) if std::ptr::eq(by, answer));
            let line = self.order.slot_of(taken.line).and_then(|slot| self.order.lines().get(slot));
            of_it && line.is_some_and(|line| line.billing().is_some())
        });
        match took {
            Some(took) if lines.contains(&took.line) => answer.forfeited().minor(),
            _ => 0,
        }
    }

    fn reaches_later(&self, answer: &Answer, billing: Billing) -> bool {
        let payments = answer.terms().and_then(|terms| terms.payments());
        let start = self.policy.zone().local_date(self.outcome.at());
        !covered(payments, Some(&billing), 2, start).is_none()
    }
}

impl Subscription {
    /// The most payments that are counted: a century of days.
    pub const MAX_PAYMENTS: u32 = 36_525;

    /// The lines that are billed together.
    pub fn lines(&self) -> impl Iterator<Item = LineId> {
        self.first.iter().map(PeriodLine::line)
    }

    /// How they are billed.
    #[must_use]
    pub fn billing(&self) -> Billing {
        self.billing
    }

    /// How many payments were made, the first with the order.
    #[must_use]
    pub fn payments_made(&self) -> u32 {
        self.made
    }

    /// The version of the rules that priced its order.
    #[must_use]
    pub fn semantics_version(&self) -> u32 {
        self.terms.semantics
    }

    /// The payment with this number, counted from 1: the first is what was paid with the order. None past the last one of
    /// a payment plan.
    ///
    /// # Errors
    /// A number of zero or past [`MAX_PAYMENTS`](Self::MAX_PAYMENTS); a day beyond the calendar; another version of the
    /// rules ([`Why::UnknownVersion`]); sums beyond exact arithmetic.
    pub fn payment(&self, number: u32) -> Result<Option<PeriodOutcome>, Error> {
        if number == 0 || number > Self::MAX_PAYMENTS {
            let why = Why::OutOfRange { min: "1".to_owned(), max: Self::MAX_PAYMENTS.to_string() };
            return Err(Error::invalid("payment", number, why));
        }
        if self.billing.payments().is_some_and(|last| number > last) {
            return Ok(None);
        }
        if number == 1 {
            let left: i64 = self.carried.iter().fold(0, |sum, left| sum.saturating_add(*left));
            let currency = self.terms.order.currency();
            let (from, thru) = self.window(1)?;
            let (lines, zero) = (self.first.clone(), Money::zero(currency));
            return Ok(Some(PeriodOutcome::new(
                1,
                (from, thru),
                lines,
                (zero, Money::new(left, currency)),
                Vec::new(),
            )));
        }
        if self.terms.semantics != SEMANTICS_VERSION {
            let why = Why::UnknownVersion { supported: SEMANTICS_VERSION };
            return Err(Error::invalid("version", self.terms.semantics, why));
        }
        let mut carried = self.carried.clone();
        // What is left over hangs on every payment before; where nothing is, none of them has to be worked out.
        let mut from = if self.any_carries() { 2 } else { number };
        loop {
            let (outcome, left) = self.priced(from, &carried)?;
            carried = left;
            if from == number {
                return Ok(Some(outcome));
            }
            from = from.saturating_add(1);
        }
    }

    /// The next payment, which counts as made from here on; none past the last one of a payment plan.
    ///
    /// # Errors
    /// As [`payment`](Self::payment); it is not made then.
    pub fn next_payment(&mut self) -> Result<Option<PeriodOutcome>, Error> {
        let number = self.made.saturating_add(1);
        let payment = self.payment(number)?;
        if payment.is_some() {
            self.made = number;
        }
        Ok(payment)
    }

    fn any_carries(&self) -> bool {
        let mut answers = self.terms.outcome.answers().iter();
        answers.any(|answer| answer.terms().is_some_and(|terms| terms.remainder() == Remainder::Carry))
    }

    /// The days that a payment is for, both whole.
    fn window(&self, number: u32) -> Result<(NaiveDate, NaiveDate), Error> {
        let beyond = || Error::invalid("payment", number, Why::BadTime);
        let start = self.terms.policy.zone().local_date(self.terms.outcome.at());
        let start = start.checked_add_days(Days::new(self.trial_days.into())).ok_or_else(beyond)?;
        let from = self.billing.every().after(start, number.saturating_sub(1)).ok_or_else(beyond)?;
        let next = self.billing.every().after(start, number).ok_or_else(beyond)?;
        Ok((from, next.pred_opt().ok_or_else(beyond)?))
    }

    /// One later payment, and what each code leaves over after it.
    fn priced(&self, number: u32, carried: &[i64]) -> Result<(PeriodOutcome, Vec<i64>), Error> {
        let window = self.window(number)?;
        let start = self.terms.policy.zone().local_date(self.terms.outcome.at());
        let mut now = self.terms.clone();
        now.codes.clear();
        now.outcome.answers.clear();
        let (mut acts, mut carrying, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (i, (settled, answer)) in self.terms.codes.iter().zip(self.terms.outcome.answers()).enumerate() {
            let left = carried.get(i).copied().unwrap_or(0);
            let payments = answer.terms().and_then(|terms| terms.payments());
            let reaches = !covered(payments, Some(&self.billing), number, start).is_none();
            if reaches || left > 0 {
                now.codes.push(settled.clone());
                now.outcome.answers.push(answer.clone());
                acts.push(reaches);
                carrying.push(left);
                places.push(i);
            }
        }
        let payment = Payment { number, acts: &acts, carried: &carrying };
        let outcome = now.price_payment(&now.order, &now.prices, payment)?;
        let mut left_over = vec![0_i64; carried.len()];
        let (mut lost, mut left) = (0_i64, 0_i64);
        for (answer, place) in outcome.answers().iter().zip(&places) {
            let forfeited = answer.forfeited().minor();
            let carries = answer.terms().is_some_and(|terms| terms.remainder() == Remainder::Carry);
            match left_over.get_mut(*place) {
                Some(over) if carries => {
                    *over = forfeited;
                    left = left.saturating_add(forfeited);
                }
                _ => lost = lost.saturating_add(forfeited),
            }
        }
        let lines = outcome.lines().iter().map(PeriodLine::of).collect();
        let money = |minor| Money::new(minor, outcome.currency());
        let codes = outcome.answers().to_vec();
        Ok((PeriodOutcome::new(number, window, lines, (money(lost), money(left)), codes), left_over))
    }
}
