//! Step 5: discounts that the shop already gave. Discounts come before coupons (S139).

use crate::error::Error;
use crate::funding::Funding;
use crate::money::{Percent, Rounding};
use crate::order::ShopDiscount;
use crate::outcome::{RawAdjustment, TraceStep};

use super::pass::{Pass, Scratch};

/// The part of a discount that a third party reimburses: all, nothing, or its share, rounded; the seller has the rest.
pub(super) fn third_party_part(funding: &Funding, amount: i64, rounding: Rounding) -> i64 {
    match funding {
        Funding::Seller => 0,
        Funding::ThirdParty { .. } => amount,
        Funding::Split { share, .. } => Percent::of_minor(*share, amount, rounding),
    }
}

/// Takes the discounts off and leaves the snapshot that codes are judged on.
pub(super) fn of_the_shop(pass: &mut Pass<'_>) -> Result<(), Error> {
    if pass.order.any_shop_discount() {
        take_off(pass, true);
    }
    Ok(())
}

/// Writes the shop's discounts again where a round of pricing starts, without those that were dropped.
pub(super) fn again(pass: &mut Pass<'_>) {
    for cell in &mut pass.s.cells {
        cell.left = if cell.dropped { cell.base } else { cell.after };
        cell.third = 0;
    }
    pass.s.adjustments.clear();
    if pass.any_shop_discount() {
        take_off(pass, false);
    }
}

fn take_off(pass: &mut Pass<'_>, first: bool) {
    let rounding = pass.policy.rounding().discount;
    let (mut source, mut offers) = (0_u32, 0_usize);
    for (i, slot) in pass.order.slots().iter().enumerate() {
        let index = u32::try_from(i).unwrap_or(u32::MAX);
        let given = pass.order.discounts_of(i);
        // On the placed order a discount of nothing stands beside what an offer gave, as it does beside any other.
        let beside = pass.s.offered.get(offers).is_some_and(|offered| offered.slot == index);
        if slot.shop_discount == 0 && !beside {
            source = source.saturating_add(u32::try_from(given.len()).unwrap_or(0));
        } else {
            for discount in given {
                one(pass, (index, source), discount, first);
                source = source.saturating_add(1);
            }
        }
        while let Some(offered) = pass.s.offered.get(offers).copied().filter(|offered| offered.slot == index) {
            offers = offers.saturating_add(1);
            let this = source;
            source = source.saturating_add(1);
            let Some(offer) = pass.shop.offers_prepared().get(offered.offer) else { continue };
            let Some(cell) = pass.s.cells.get_mut(i).filter(|cell| !cell.dropped) else { continue };
            let third = third_party_part(offer.prepared.coupon().funding(), offered.amount, rounding);
            cell.third = cell.third.saturating_add(third);
            let amount = offered.amount;
            pass.s.adjustments.push(RawAdjustment { slot: index, source: this, coupon: false, amount, third });
        }
    }
}

/// Takes one discount of the order off its line or charge.
fn one(pass: &mut Pass<'_>, (slot, source): (u32, u32), discount: &ShopDiscount, first: bool) {
    let rounding = pass.policy.rounding().discount;
    let Scratch { cells, adjustments, .. } = &mut *pass.s;
    let Some(cell) = usize::try_from(slot).ok().and_then(|slot| cells.get_mut(slot)) else { return };
    if cell.refusal.is_some() || cell.dropped {
        return;
    }
    // At a lower price than the list price, a discount takes at most what is left of it.
    let before = if first { cell.after } else { 0 };
    let amount = if first {
        discount.amount().minor().min(cell.after)
    } else {
        let taken = adjustments.iter().rev().take_while(|a| a.slot == slot);
        let taken = taken.fold(0_i64, |sum, a| sum.saturating_add(a.amount));
        discount.amount().minor().min(cell.base.saturating_sub(taken))
    };
    let third = third_party_part(discount.funding(), amount, rounding);
    cell.third = cell.third.saturating_add(third);
    if first {
        cell.after = cell.after.saturating_sub(amount);
        cell.left = cell.after;
    }
    adjustments.push(RawAdjustment { slot, source, coupon: false, amount, third });
    if first && pass.tracing {
        let step = TraceStep::ShopDiscount { id: discount.id().clone() };
        pass.note(Some(slot), step, before, before.saturating_sub(amount));
    }
}
