//! What an order earns besides its price (S99): codes of other coupons, to be issued once it is recorded.
//!
//! Looks at what is sold and at nothing that was paid; judged on the availability of a definition, never on when or on
//! what its codes can be used (S100).

use chrono::{DateTime, Utc};

use crate::coupon::{EarnRule, EarnTrigger, Per, PurchaseTrigger};
use crate::customer::{Customer, IdentityKey};
use crate::error::Error;
use crate::outcome::{CountedLine, Earner, Grant};
use crate::shop::{Earnable, Earnings, Matcher};

use super::pass::Pass;

/// Grants of purchases, events and anniversaries. A preview earns nothing.
pub(super) fn grants(pass: &mut Pass<'_>) -> Result<(), Error> {
    let request = pass.request;
    let Some(earnings) = request.earnings.filter(|_| request.as_type.is_none()) else { return Ok(()) };
    let mut grants = Vec::new();
    let known = known(earnings, request.customer);
    for earnable in earnings.at(pass.at) {
        for (place, rule, scope) in earnable.rules() {
            let earner = earner(earnable, rule, known);
            match rule.trigger() {
                EarnTrigger::Purchase(purchase) => {
                    of_purchase(pass, (place, rule, purchase, scope), &earner, &mut grants)?;
                }
                EarnTrigger::Event(event) => {
                    if request.events.contains(event) {
                        grants.push(earner.event(&request.reference, event, rule.codes())?);
                    }
                }
                EarnTrigger::Anniversary(_) => {
                    let found = of_anniversary(earnings, rule, &earner, request.customer, pass.at)?;
                    grants.extend(found);
                }
            }
        }
    }
    pass.grants = grants;
    Ok(())
}

/// The first of the customer's keys that count.
fn known<'a>(earnings: &Earnings, customer: &'a Customer) -> Option<&'a IdentityKey> {
    let kinds = earnings.policy().identity_kinds();
    customer.keys().iter().find(|key| kinds.contains(&key.kind()))
}

fn earner<'a>(earnable: &'a Earnable, rule: &EarnRule, customer: Option<&'a IdentityKey>) -> Earner<'a> {
    let coupon = &earnable.coupon;
    let (revision, kind) = (coupon.revision(), coupon.kind());
    Earner { coupon: coupon.id(), revision, kind, on_return: rule.on_return(), customer }
}

/// The lines that a purchase counts: together, or each by itself.
fn of_purchase(
    pass: &Pass<'_>,
    (place, rule, purchase, scope): (usize, &EarnRule, &PurchaseTrigger, &Matcher),
    earner: &Earner<'_>,
    grants: &mut Vec<Grant>,
) -> Result<(), Error> {
    let terms = (purchase.pieces(), purchase.per(), rule.codes());
    let occasion = (&pass.request.reference, place);
    let (mut together, mut first) = (Vec::new(), None);
    for ((line, slot), cell) in pass.order.lines().iter().zip(pass.order.slots()).zip(&pass.s.cells) {
        if cell.refusal.is_some() || !scope.covers(line.product(), pass.unit_amount(slot, cell)) {
            continue;
        }
        let counted = CountedLine { line: slot.id, units: slot.units };
        if purchase.per() == Per::Line {
            grants.extend(earner.purchase(occasion, line.product().id(), vec![counted], terms)?);
        } else {
            first.get_or_insert(line.product().id());
            together.push(counted);
        }
    }
    if let Some(product) = first {
        grants.extend(earner.purchase(occasion, product, together, terms)?);
    }
    Ok(())
}

fn of_anniversary(
    earnings: &Earnings,
    rule: &EarnRule,
    earner: &Earner<'_>,
    customer: &Customer,
    at: DateTime<Utc>,
) -> Result<Option<Grant>, Error> {
    let EarnTrigger::Anniversary(day) = rule.trigger() else { return Ok(None) };
    let Some(date) = customer.date(day.of()) else { return Ok(None) };
    let span = (day.days_before(), day.days_after());
    match date.window_at(earnings.policy().zone(), span, day.leap_day(), at) {
        Some(found) => earner.anniversary(day.of(), found, rule.codes()),
        None => Ok(None),
    }
}

impl Earnings {
    /// The anniversaries of a customer whose window an instant lies in (S33), for a job that runs every night: each is
    /// found on every night of its window, always for the same [occasion](Grant::occasion), so that its codes are issued
    /// once. Orders of the customer find the same, where the earnings are
    /// [handed in](crate::Request::with_earnings).
    ///
    /// Nothing for a customer without a key that counts, who could not be told from another one.
    ///
    /// # Errors
    /// None for names of the usual length: [`Error`] where an occasion cannot be written.
    pub fn anniversaries(&self, customer: &Customer, at: DateTime<Utc>) -> Result<Vec<Grant>, Error> {
        let known = known(self, customer);
        let mut grants = Vec::new();
        for earnable in self.at(at) {
            for (_, rule, _) in earnable.rules() {
                grants.extend(of_anniversary(self, rule, &earner(earnable, rule, known), customer, at)?);
            }
        }
        Ok(grants)
    }
}
