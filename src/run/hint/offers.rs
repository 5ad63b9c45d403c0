//! Which automatic offers a hint may be about.

use super::trial::Bench;
use crate::coupon::Benefit;
use crate::refusal::Refusal;
use crate::shop::Prepared;

/// How many automatic offers are looked at, the first by rank.
const OFFERS: usize = 16;

/// The first offers, of those that could match the order that was priced last, of which something may be told: by their
/// places in the ranks, with their terms, and whether they are made already.
pub(super) fn worth_trying(bench: &Bench<'_>) -> Vec<(u32, Prepared, bool)> {
    let offers = bench.shop.offers_prepared();
    let terms = |rank| offers.get(rank).map(|offer| offer.prepared.clone());
    let found = bench.offers_found().into_iter();
    let found = found.filter_map(|(rank, reasons)| Some((rank, terms(rank)?, reasons)));
    let tried = found.filter_map(|(rank, terms, reasons)| {
        let further = |benefit: &Benefit| matches!(benefit, Benefit::Tiers(_) | Benefit::Steps(_));
        let made = reasons.is_empty();
        let worth = if made {
            terms.coupon().benefits().iter().any(further)
        } else {
            reasons.contains(&Refusal::NoneOf) || reasons.iter().all(is_told)
        };
        worth.then_some((rank, terms, made))
    });
    tried.take(OFFERS).collect()
}

/// Whether a shopper who did not ask for an offer is told what stands against it: what could be added, and how to pay and
/// ship. Of whom it is for, and when, nothing is told.
pub(super) fn is_told(reason: &Refusal) -> bool {
    matches!(
        reason,
        Refusal::MinimumSpend { .. }
            | Refusal::MinimumQuantity { .. }
            | Refusal::DistinctProducts { .. }
            | Refusal::PaymentOption
            | Refusal::ShippingMethod { .. }
            | Refusal::NoBenefit
    )
}
