//! What customers can do about themselves: say who they are, come back in time, order something else first.

use chrono::{DateTime, TimeDelta, Timelike, Utc};

use super::HintedCustomer;
use super::find::{LINES, Seeker, Subject};
use super::trial::Trial;
use crate::coupon::Condition;
use crate::customer::IdentityKey;
use crate::error::Error;
use crate::money::Money;
use crate::refusal::Refusal;

impl Seeker<'_, '_> {
    /// Whether nobody knows who the customer is, as far as limits per customer go.
    fn is_unknown(&self, trial: &Trial) -> bool {
        self.bench.shop.policy().counted_keys(&trial.customer).is_empty()
    }

    pub(super) fn identify(&mut self, trial: &Trial) -> Result<Option<Trial>, Error> {
        let kind = self.bench.shop.policy().identity_kinds().first().copied();
        let Some(next) = kind.and_then(|kind| trial.identified(kind)) else { return Ok(None) };
        let mended = self.is_mended(&next, |reason| *reason == Refusal::CustomerRequired)?;
        Ok(Some(next).filter(|_| mended))
    }

    /// The first of those for whom it is, where it is not known who the customer is.
    pub(super) fn identify_as(&mut self, trial: &Trial, reason: &Refusal) -> Result<Option<Trial>, Error> {
        let (true, Some(terms)) = (self.is_unknown(trial), self.terms()) else { return Ok(None) };
        let somebody = || IdentityKey::id("hint:somebody").ok();
        let mut ways: Vec<Trial> = Vec::new();
        match reason {
            Refusal::WrongCustomer => {
                let issued = match &self.subject {
                    Subject::Code(code) => code.issued,
                    Subject::Offer(..) => None,
                };
                let holder = issued.and_then(|issued| issued.holder());
                ways.extend(holder.map(|key| trial.identified_as(key, HintedCustomer::Holder)));
            }
            _ => walk(terms.coupon().conditions(), &mut |condition| match (condition, reason) {
                (Condition::Customers(listed), Refusal::NotThisCustomer) => {
                    let domain = listed.email_domains().first();
                    let of_domain = domain.and_then(|d| IdentityKey::email(&format!("somebody@{d}")).ok());
                    let key = listed.allowed().first().cloned().or(of_domain);
                    ways.extend(key.map(|key| trial.identified_as(&key, HintedCustomer::Listed)));
                }
                (Condition::Members(members), Refusal::MembersOnly) => match members.groups() {
                    None => ways.extend(somebody().and_then(|key| trial.member(None, &key))),
                    Some(groups) => {
                        ways.extend(groups.iter().filter_map(|group| trial.member(Some(group), &somebody()?)));
                    }
                },
                (Condition::CustomerTypes(types), Refusal::CustomerType { .. }) => {
                    let allowed = types.allowed().unwrap_or_default().iter();
                    ways.extend(allowed.filter_map(|of| Some(trial.of_type(of, &somebody()?))));
                }
                _ => {}
            }),
        }
        self.first_of(ways, |other| other.code() == reason.code())
    }

    /// Orders first what is missing of so many orders.
    pub(super) fn order_first(&mut self, trial: &Trial, orders: u64, reason: &Refusal) -> Result<Option<Trial>, Error> {
        if self.is_unknown(trial) {
            return Ok(None);
        }
        self.first_of(trial.after_orders(orders).into_iter().collect(), |other| other.code() == reason.code())
    }

    pub(super) fn spend_first(&mut self, trial: &Trial, required: Money, found: Money) -> Option<Trial> {
        if self.is_unknown(trial) {
            return None;
        }
        trial.after_spending(required.checked_sub(found).ok()?)
    }

    /// Waits until the last order is long enough ago, or orders something first where it must be recent.
    pub(super) fn last_order(&mut self, trial: &Trial) -> Result<Option<Trial>, Error> {
        let Some(terms) = self.terms().filter(|_| !self.is_unknown(trial)) else { return Ok(None) };
        let times = trial.customer.history().order_times();
        let last = times.iter().rev().find(|time| **time <= trial.at).copied();
        let mut ways: Vec<Trial> = Vec::new();
        walk(terms.coupon().conditions(), &mut |condition| {
            let Condition::LastOrder(last_order) = condition else { return };
            let over = last_order.over_days().zip(last).and_then(|(days, last)| after(last, days));
            ways.extend(over.filter(|at| *at > trial.at).map(|at| trial.later(at)));
        });
        ways.extend(trial.after_orders(1));
        self.first_of(ways, |other| matches!(other, Refusal::LastOrder { .. }))
    }

    /// The first of several ways after which there is no such reason.
    fn first_of(&mut self, ways: Vec<Trial>, same: impl Fn(&Refusal) -> bool + Copy) -> Result<Option<Trial>, Error> {
        for way in ways.into_iter().take(LINES) {
            if self.is_mended(&way, same)? {
                return Ok(Some(way));
            }
        }
        Ok(None)
    }
}

/// Every condition that would help if it held: nothing behind a negation.
fn walk<'c>(conditions: &'c [Condition], look: &mut impl FnMut(&'c Condition)) {
    for condition in conditions {
        match condition {
            Condition::All(group) | Condition::Any(group) => walk(group.members(), look),
            condition => look(condition),
        }
    }
}

/// The first full second that is more than so many days after an instant.
fn after(instant: DateTime<Utc>, days: u32) -> Option<DateTime<Utc>> {
    let whole = instant.with_nanosecond(0)?;
    whole.checked_add_signed(TimeDelta::try_days(days.into())?)?.checked_add_signed(TimeDelta::seconds(1))
}
