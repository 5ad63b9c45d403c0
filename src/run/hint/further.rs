//! What is a step further for a code or an offer that is made already: the next tier.

use super::Hint;
use super::find::{Seeker, Subject};
use super::trial::{Bench, Trial};
use crate::coupon::{Amounts, Benefit, Coupon, StepValue, Target, Threshold, Tiers, Within};
use crate::error::Error;
use crate::money::{Currency, Money, Percent};
use crate::refusal::Refusal;
use crate::request::Presented;
use crate::shop::Prepared;

/// Beyond every threshold there is.
const FAR: i64 = i64::MAX / 4;

impl Seeker<'_, '_> {
    /// What leads to the next tier of the first of its benefits that has one, with what more is gained then.
    pub(super) fn further(mut self, start: &Trial) -> Result<Option<Hint>, Error> {
        let Some(terms) = self.terms() else { return Ok(None) };
        let stepped = |benefit: &&Benefit| matches!(benefit, Benefit::Tiers(_) | Benefit::Steps(_));
        let mut saved = None;
        for benefit in terms.coupon().benefits().iter().filter(stepped) {
            saved = match saved {
                None => self.saved(start)?,
                saved => saved,
            };
            let Some(saved) = saved else { return Ok(None) };
            let Some(next) = self.find_next(start, &terms, benefit)? else { continue };
            if self.saved(&next)?.is_none() {
                continue;
            }
            if let Some(hint) = self.worth(next, Some(saved))? {
                return Ok(Some(hint));
            }
        }
        Ok(None)
    }

    /// The order with what leads to the next tier of a benefit.
    fn find_next(&mut self, start: &Trial, terms: &Prepared, benefit: &Benefit) -> Result<Option<Trial>, Error> {
        let currency = start.order.currency();
        let (first, within, target) = match benefit {
            Benefit::Tiers(tiers) => (tiers.steps().first().map(|tier| tier.from()), tiers.within(), tiers.target()),
            Benefit::Steps(steps) => (Some(steps.every()), steps.within(), steps.target()),
            _ => return Ok(None),
        };
        let Some(far) = first.map(|first| threshold(first, FAR, currency)) else { return Ok(None) };
        let mut probe = |from: Threshold, mend: bool| self.probe(start, terms, (from, within, target), mend);
        let Some((counted, _)) = probe(far, false)? else { return Ok(None) };
        let next = match benefit {
            Benefit::Tiers(tiers) => {
                let figures = tiers.steps().iter().filter_map(|tier| figure(tier.from(), currency));
                figures.filter(|figure| *figure > counted).min()
            }
            Benefit::Steps(steps) => {
                let every = figure(steps.every(), currency);
                let count = every.and_then(|every| counted.checked_div(every)).and_then(|count| count.checked_add(1));
                let most = steps.max_steps().and_then(|most| i64::try_from(most).ok()).unwrap_or(i64::MAX);
                count.filter(|count| *count <= most).zip(every).and_then(|(count, every)| count.checked_mul(every))
            }
            _ => None,
        };
        let Some(next) = first.zip(next).map(|(first, next)| threshold(first, next, currency)) else { return Ok(None) };
        Ok(probe(next, true)?.and_then(|(_, trial)| trial))
    }

    /// Asks the same definition with nothing but one tier from this threshold on: how much is counted of it, where it is not
    /// reached, and what would mend that.
    fn probe(
        &mut self,
        start: &Trial,
        terms: &Prepared,
        (from, within, target): (Threshold, Within, &Target),
        mend: bool,
    ) -> Result<Option<(i64, Option<Trial>)>, Error> {
        let value = StepValue::Percent(Percent::HUNDRED);
        let tiers = Tiers::new([(from.clone(), value)])?.counted_within(within).on(target.clone());
        let coupon = Coupon { benefits: vec![tiers.into()], ..terms.coupon().clone() };
        let prepared = Prepared::new(coupon, self.bench.shop.policy().zone())?;
        let (about, applied) = (self.about, self.applied);
        let mut bench = Bench::new(self.bench.shop, &self.bench.request);
        let subject = match &self.subject {
            Subject::Code(code) => Subject::Code(Presented { coupon: Some(&prepared), ..*code }),
            Subject::Offer(rank, _) => Subject::Offer(*rank, prepared.clone()),
        };
        let mut seeker = Seeker::new(&mut bench, about, subject, applied);
        seeker.price(start)?;
        let short = seeker.reasons().into_iter().find_map(|reason| Some((short_of(&reason, &from)?, reason)));
        let Some((counted, reason)) = short else { return Ok(None) };
        Ok(Some((counted, if mend { seeker.mend_one(start, &reason)? } else { None })))
    }
}

/// A threshold counted like another one, at another figure.
fn threshold(like: &Threshold, figure: i64, currency: Currency) -> Threshold {
    match like {
        Threshold::Spend(_) => Threshold::Spend(Amounts { by_currency: vec![(currency, figure)], other: None }),
        Threshold::Pieces(_) => Threshold::Pieces(u64::try_from(figure).unwrap_or(u64::MAX)),
    }
}

fn figure(threshold: &Threshold, currency: Currency) -> Option<i64> {
    match threshold {
        Threshold::Spend(amounts) => amounts.in_currency(currency).map(Money::minor),
        Threshold::Pieces(pieces) => i64::try_from(*pieces).ok(),
    }
}

/// What was counted, where a reason says that it is short of this threshold.
fn short_of(reason: &Refusal, from: &Threshold) -> Option<i64> {
    match (reason, from) {
        (Refusal::MinimumSpend { required, found }, Threshold::Spend(amounts)) => {
            (amounts.in_currency(required.currency()) == Some(*required)).then(|| found.minor())
        }
        (Refusal::MinimumQuantity { required, found }, Threshold::Pieces(pieces)) if required == pieces => {
            i64::try_from(*found).ok()
        }
        _ => None,
    }
}
