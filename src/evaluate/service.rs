//! Coupons for a time of service: of a payment that lasts longer than they do, they act on the share they cover.

use chrono::NaiveDate;

use crate::coupon::Payments;
use crate::money::{Rounding, divide};
use crate::order::{Billing, BillingPeriod};
use crate::shop::Prepared;

use super::pass::Pass;

/// How much of a payment a time of service covers, as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Covered {
    part: u32,
    whole: u32,
}

impl Covered {
    const ALL: Self = Self { part: 1, whole: 1 };

    /// Its share of an amount, by largest remainder: with the share that is not covered it is the amount.
    fn of(self, minor: i64) -> i64 {
        let product = i128::from(minor).saturating_mul(self.part.into());
        i64::try_from(divide(product, i128::from(self.whole.max(1)), Rounding::HalfUp)).unwrap_or(minor)
    }

    pub(crate) fn is_none(self) -> bool {
        self.part == 0
    }
}

/// How much of the payment with this number, counted from 1, a coupon covers. Months of months and days of days are
/// counted as such; days of months, and months of days, by the calendar from the day of the order on.
pub(crate) fn covered(payments: Option<Payments>, billing: Option<&Billing>, number: u32, start: NaiveDate) -> Covered {
    let (payments, none) = (payments.unwrap_or(Payments::First), Covered { part: 0, whole: 1 });
    let service = match payments {
        Payments::Months(months) => BillingPeriod::Months(months),
        Payments::Days(days) => BillingPeriod::Days(days),
        Payments::First | Payments::All | Payments::FirstN(_) => {
            return if payments.covers(number) { Covered::ALL } else { none };
        }
    };
    let Some(every) = billing.map(Billing::every) else { return none };
    let before = number.saturating_sub(1);
    let covered = |service: u32, every: u32| {
        let left = service.saturating_sub(every.saturating_mul(before));
        Covered { part: left.min(every), whole: every }
    };
    match (service, every) {
        (BillingPeriod::Months(service), BillingPeriod::Months(every))
        | (BillingPeriod::Days(service), BillingPeriod::Days(every)) => covered(service.get(), every.get()),
        _ => {
            let ends = [service.after(start, 1), every.after(start, before), every.after(start, number)];
            let [Some(ends), Some(from), Some(until)] = ends else { return none };
            let days = |from: NaiveDate, until: NaiveDate| {
                u32::try_from(until.signed_duration_since(from).num_days()).unwrap_or(0)
            };
            Covered { part: days(from, ends.min(until)), whole: days(from, until) }
        }
    }
}

/// Whether a slot is a line that a coupon for a time of service covers at all.
pub(super) fn covers(pass: &Pass<'_>, prepared: &Prepared, slot: usize) -> bool {
    !prepared.inner().facts.service || !of_slot(pass, prepared, slot).is_none()
}

fn of_slot(pass: &Pass<'_>, prepared: &Prepared, slot: usize) -> Covered {
    let billing = pass.order.lines().get(slot).and_then(|line| line.billing());
    let start = pass.policy.zone().local_date(pass.at);
    covered(prepared.coupon().payments(), billing, pass.payment, start)
}

/// Lowers what a benefit sees of each line to the share that its coupon covers.
pub(super) fn narrow(pass: &mut Pass<'_>, prepared: &Prepared) {
    each(pass, prepared, |gain, covered| {
        (gain.left, gain.original) = (covered.of(gain.left), covered.of(gain.original));
        gain.room = gain.room.min(gain.left);
    });
}

/// Lowers what a benefit would take from each whole line to that share.
pub(super) fn narrow_wants(pass: &mut Pass<'_>, prepared: &Prepared) {
    each(pass, prepared, |gain, covered| {
        gain.want = covered.of(gain.want);
        gain.take = gain.want.min(gain.room);
    });
}

fn each(pass: &mut Pass<'_>, prepared: &Prepared, act: impl Fn(&mut super::pass::Gain, Covered)) {
    if !prepared.inner().facts.service {
        return;
    }
    let mut gains = std::mem::take(&mut pass.s.gains);
    for gain in &mut gains {
        let slot = usize::try_from(gain.slot).unwrap_or(usize::MAX);
        act(gain, of_slot(pass, prepared, slot));
    }
    pass.s.gains = gains;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    /// Worked by hand. Proves the shares of S66 by service time.
    #[test]
    fn a_time_of_service_covers_a_share_of_each_payment() {
        let n = |n: u32| NonZeroU32::new(n).unwrap();
        let (months, days) = (|c| Some(Payments::Months(n(c))), |c| Some(Payments::Days(n(c))));
        let (yearly, monthly) = (Billing::every_months(12).unwrap(), Billing::every_months(1).unwrap());
        let fortnight = Billing::every_days(14).unwrap();
        let start = NaiveDate::from_ymd_opt(2026, 1, 15).unwrap();
        for (payments, billing, number, part, whole) in [
            (months(3), yearly, 1, 3, 12),
            (months(3), yearly, 2, 0, 12),
            (months(15), yearly, 2, 3, 12),
            (months(3), monthly, 3, 1, 1),
            (months(3), monthly, 4, 0, 1),
            (days(21), fortnight, 1, 14, 14),
            (days(21), fortnight, 2, 7, 14),
            // 15 January to 15 April is 31 + 28 + 31 days; of 41 days ten are left for the second month.
            (days(41), monthly, 1, 31, 31),
            (days(41), monthly, 2, 10, 28),
            (days(41), monthly, 3, 0, 31),
            (months(1), fortnight, 3, 3, 14),
        ] {
            assert_eq!(
                covered(payments, Some(&billing), number, start),
                Covered { part, whole },
                "{payments:?} {number}"
            );
        }
        assert!(covered(months(3), None, 1, start).is_none(), "what is not billed again has no time of service");
        assert_eq!(covered(None, None, 1, start), Covered::ALL);
        assert!(covered(None, Some(&monthly), 2, start).is_none());
    }

    #[test]
    fn shares_make_the_whole() {
        for (minor, part, whole) in [(12_000, 3, 12), (1, 3, 12), (1, 1, 2), (999, 5, 12), (100, 10, 31)] {
            let covered = Covered { part, whole }.of(minor);
            let rest = Covered { part: whole - part, whole }.of(minor);
            assert!((covered + rest - minor).abs() <= i64::from(2 * i64::from(part) * minor % i64::from(whole) == 0));
        }
        assert_eq!(Covered { part: 3, whole: 12 }.of(12_000), 3_000);
    }
}
