//! What can be chosen otherwise: how to pay and ship, which codes and lines are left out.

use super::find::{LINES, Seeker};
use super::trial::Trial;
use crate::coupon::Condition;
use crate::error::Error;
use crate::key::{PaymentOptionId, ShippingMethodId};
use crate::order::{ChargeKind, LineId};
use crate::outcome::AnswerState;
use crate::refusal::Refusal;

impl Seeker<'_, '_> {
    /// A payment option that the shop offers and the code is for, whether one was chosen before or not.
    pub(super) fn pay(&mut self, trial: &Trial) -> Result<Option<Trial>, Error> {
        let standing = self.bench.shop.standing(&trial.customer, trial.at);
        let offered = self.bench.shop.payment_options(&standing);
        let mut options: Vec<_> = offered.iter().flatten().copied().collect();
        let terms = self.terms();
        if let (Some(terms), None) = (&terms, &offered) {
            for condition in terms.coupon().conditions() {
                collect_payments(condition, &mut options);
            }
        }
        for option in options {
            let next = trial.paid_by(option);
            if self.is_mended(&next, |reason| *reason == Refusal::PaymentOption)? {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    /// A shipping method that the shop offers and the code is for, where the order is shipped.
    pub(super) fn ship(&mut self, trial: &Trial, allowed: &[ShippingMethodId]) -> Result<Option<Trial>, Error> {
        let chosen = |kind: &ChargeKind| matches!(kind, ChargeKind::Shipping { .. });
        if !trial.order.charges().iter().any(|charge| chosen(charge.kind())) {
            return Ok(None);
        }
        let standing = self.bench.shop.standing(&trial.customer, trial.at);
        let offered = self.bench.shop.shipping_methods(&standing);
        let methods: Vec<_> = match offered {
            Some(offered) => offered,
            None => allowed.iter().collect(),
        };
        for method in methods {
            let Some(next) = trial.shipped_by(method) else { continue };
            if self.is_mended(&next, |reason| matches!(reason, Refusal::ShippingMethod { .. }))? {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    /// Takes the one other code out without which there is least to pay; where one is not enough, all but those that may stay.
    pub(super) fn without_another(&mut self, trial: &Trial) -> Result<Option<Trial>, Error> {
        let applied = |i: &usize| self.applied.get(*i) == Some(&true);
        let others = (0..self.applied.len()).filter(|i| Some(*i) != self.own() && !trial.removed.contains(i));
        let others: Vec<usize> = others.filter(applied).collect();
        let mut best: Option<(i64, Trial)> = None;
        for other in &others {
            let next = trial.without_code(*other);
            self.price(&next)?;
            let payable = self.bench.payable().minor();
            let better = best.as_ref().is_none_or(|(least, _)| payable < *least);
            if self.state() == AnswerState::Applied && better {
                best = Some((payable, next));
            }
        }
        if best.is_some() || others.len() < 2 {
            return Ok(best.map(|(_, trial)| trial));
        }
        let mut without = others.iter().fold(trial.clone(), |trial, other| trial.without_code(*other));
        self.price(&without)?;
        if self.state() != AnswerState::Applied {
            return Ok(None);
        }
        for other in others {
            let next = without.with_code_again(other);
            self.price(&next)?;
            if self.state() == AnswerState::Applied {
                without = next;
            }
        }
        Ok(Some(without))
    }

    /// Takes the lines out that carry discounts, from this one on.
    pub(super) fn without_discounted(&mut self, trial: &Trial, line: LineId) -> Result<Option<Trial>, Error> {
        let mut lines = vec![line];
        while lines.len() <= LINES {
            let Some(next) = trial.without_lines(&lines).filter(|_| self.has_lines(&lines)) else { return Ok(None) };
            self.price(&next)?;
            let more = self.reasons().into_iter().find_map(|reason| match reason {
                Refusal::NotWithDiscounts { line } => Some(line),
                _ => None,
            });
            let Some(more) = more else { return Ok(Some(next)) };
            lines.push(more);
        }
        Ok(None)
    }
}

fn collect_payments<'c>(condition: &'c Condition, options: &mut Vec<&'c PaymentOptionId>) {
    match condition {
        Condition::PaymentOptions(listed) => options.extend(listed.allowed().unwrap_or_default()),
        Condition::All(group) | Condition::Any(group) => {
            group.members().iter().for_each(|member| collect_payments(member, options));
        }
        _ => {}
    }
}
