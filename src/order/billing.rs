//! How a line is billed again and again.

use std::num::NonZeroU32;

use chrono::{Days, Months, NaiveDate};

use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form, tagged};

/// How long one payment lasts: so many days, or so many months of the calendar. In JSON `{"months": 1}` or
/// `{"days": 14}`.
///
/// ```
/// use vouchsafe::Billing;
///
/// let monthly: Billing = serde_json::from_str(r#"{"every": {"months": 1}}"#)?;
/// assert_eq!(monthly, Billing::every_months(1)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BillingPeriod {
    /// So many days.
    Days(NonZeroU32),
    /// So many months. One that begins on the 31st ends with the last day of a shorter month, and goes back to the 31st.
    Months(NonZeroU32),
}

impl BillingPeriod {
    /// A hundred years.
    const MAX_DAYS: u32 = 36_525;
    const MAX_MONTHS: u32 = 1_200;

    /// The first day after so many periods from a day; none beyond the calendar.
    pub(crate) fn after(self, start: NaiveDate, periods: u32) -> Option<NaiveDate> {
        match self {
            Self::Days(days) => start.checked_add_days(Days::new(u64::from(days.get()).checked_mul(periods.into())?)),
            Self::Months(months) => start.checked_add_months(Months::new(months.get().checked_mul(periods)?)),
        }
    }

    fn checked(self) -> Result<Self, Error> {
        let (path, count, max) = match self {
            Self::Days(days) => ("days", days, Self::MAX_DAYS),
            Self::Months(months) => ("months", months, Self::MAX_MONTHS),
        };
        if count.get() > max {
            return Err(Error::invalid(path, count, Why::OutOfRange { min: "1".to_owned(), max: max.to_string() }));
        }
        Ok(self)
    }
}

/// How a line is billed: every so often, for good or so many times. Its price is that of one payment, and the first
/// payment is the order itself.
///
/// In JSON `{"every": {"months": 1}}`, or with `"payments": 12` for a payment plan.
///
/// ```
/// use vouchsafe::{Billing, Line, LineId, Product, Quantity, UnitPrice};
///
/// let paper = Product::new("PAPER".parse()?).with_subscription(true);
/// let line = Line::new(LineId(1), paper, Quantity::ONE, UnitPrice::parse("30.00")?)
///     .with_billing(Billing::every_months(1)?.with_payments(12)?);
/// assert_eq!(line.billing().and_then(|billing| billing.payments()), Some(12));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Billing {
    every: BillingPeriod,
    payments: Option<NonZeroU32>,
}

impl Billing {
    /// A payment every so many months.
    ///
    /// # Errors
    /// At the path `months`: [`Why::Zero`], or [`Why::OutOfRange`] past a hundred years.
    pub fn every_months(months: u32) -> Result<Self, Error> {
        let months = NonZeroU32::new(months).ok_or_else(|| Error::invalid("months", months, Why::Zero))?;
        Ok(Self { every: BillingPeriod::Months(months).checked()?, payments: None })
    }

    /// A payment every so many days.
    ///
    /// # Errors
    /// At the path `days`: [`Why::Zero`], or [`Why::OutOfRange`] past a hundred years.
    pub fn every_days(days: u32) -> Result<Self, Error> {
        let days = NonZeroU32::new(days).ok_or_else(|| Error::invalid("days", days, Why::Zero))?;
        Ok(Self { every: BillingPeriod::Days(days).checked()?, payments: None })
    }

    /// So many payments in all, the first among them: a payment plan.
    ///
    /// # Errors
    /// At the path `payments`: [`Why::Zero`].
    pub fn with_payments(mut self, payments: u32) -> Result<Self, Error> {
        let payments = NonZeroU32::new(payments).ok_or_else(|| Error::invalid("payments", payments, Why::Zero))?;
        self.payments = Some(payments);
        Ok(self)
    }

    /// How long one payment lasts.
    #[must_use]
    pub fn every(&self) -> BillingPeriod {
        self.every
    }

    /// How many payments there are in all; none where it goes on.
    #[must_use]
    pub fn payments(&self) -> Option<u32> {
        self.payments.map(NonZeroU32::get)
    }
}

impl Form for BillingPeriod {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let choices = "`days`, `months`";
        let (name, inner) = match check.choice(value, choices)? {
            (name, Some(inner)) => (name, inner),
            (_, None) => {
                check.wrong_kind(value, "an object such as {\"months\": 1}");
                return None;
            }
        };
        let make = match name {
            "days" => Self::Days,
            "months" => Self::Months,
            other => {
                check.report(other, Why::UnknownChoice { choices });
                return None;
            }
        };
        check.in_field(name, 0, |check| {
            let count = NonZeroU32::new(u32::read(inner, check)?);
            if count.is_none() {
                check.report(inner, Why::Zero);
            }
            check.accept(inner, make(count?).checked())
        })
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Days(days) => tagged("days", days.get().into()),
            Self::Months(months) => tagged("months", months.get().into()),
        }
    }
}

impl Form for Billing {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let every = f.required("every");
            let payments: Option<u32> = f.not_zero("payments");
            Some(Self { every: every?, payments: payments.and_then(NonZeroU32::new) })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("every", &self.every).put_some("payments", self.payments().as_ref()).end()
    }
}

serde_by_form!(Billing, BillingPeriod);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn billing_is_read_and_written() {
        assert_identity::<Billing>(&[
            r#"{"every":{"months":1}}"#,
            r#"{"every":{"days":14},"payments":26}"#,
            r#"{"every":{"months":1200},"payments":1}"#,
        ]);
        assert_errors::<Billing>(&[
            ("{}", "`every` is missing"),
            (r#"{"every":"months"}"#, "`every` is `months`: expected an object such as {\"months\": 1}"),
            (r#"{"every":{"weeks":1}}"#, "`every` is `weeks`: not one of `days`, `months`"),
            (r#"{"every":{"months":0},"payments":0}"#, "`every.months` is `0`: zero; `payments` is `0`: zero"),
            (r#"{"every":{"days":36526}}"#, "`every.days` is `36526`: not between 1 and 36525"),
        ]);
    }

    /// A month that begins on the 31st is a month of every length, and no day drifts.
    #[test]
    fn months_keep_their_day() {
        let start = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        let monthly = Billing::every_months(1).unwrap().every();
        let days: Vec<String> = (1..=3).map(|n| monthly.after(start, n).unwrap().to_string()).collect();
        assert_eq!(days, ["2026-02-28", "2026-03-31", "2026-04-30"]);
        assert_eq!(monthly.after(NaiveDate::MAX, 1), None);
    }
}
