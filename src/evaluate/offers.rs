//! Step 5, after the discounts of the order: the automatic offers of the shop. They are judged, selected and priced as codes
//! are, in a pass of their own over the same lines; what they took then stands on the lines as discounts of the shop, so
//! that no later step knows the one from the other.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::Error;
use crate::key::CouponId;
use crate::money::Money;
use crate::order::{LineId, Order, ShopDiscount};
use crate::outcome::{CountedLine, TraceEntry, TraceStep};
use crate::refusal::Refusal;
use crate::request::{Presented, Request};
use crate::shop::Prepared;

use super::allowances::Plan;
use super::pass::{Candidate, Offered, Pass, Scratch};
use super::{discounts, finish, judge, select};

/// Finds the offers that could match, and takes off what they come to.
pub(super) fn of_the_shop(pass: &mut Pass<'_>) -> Result<(), Error> {
    let Some(index) = pass.shop.offers_prepared().index() else { return Ok(()) };
    let Scratch { found, standing, on_trial, .. } = &mut *pass.s;
    index.find(pass.order, standing, pass.at, found);
    if let Some((out, None)) = on_trial {
        found.ranks.retain(|rank| rank != out);
    }
    if found.ranks.is_empty() {
        return Ok(());
    }
    let mut inner = pass.s.offering.take().unwrap_or_default();
    inner.enter(pass.s);
    let result = priced(pass, &mut inner);
    inner.leave(pass.s);
    if result.is_ok() {
        collect(pass, &mut inner);
    }
    pass.s.offering = Some(inner);
    result
}

impl Scratch {
    /// Leaves an automatic offer out of the evaluations to come, or has it made on other terms, by its place in the ranks.
    pub(crate) fn try_offer(&mut self, on_trial: Option<(u32, Option<Prepared>)>) {
        self.on_trial = on_trial;
    }

    /// The automatic offers that the last evaluation looked at, by their places in the ranks, each with why it was not made.
    pub(crate) fn offers_found(&self) -> Vec<(u32, Vec<Refusal>)> {
        let mut found: Vec<_> = self.found.ranks.iter().map(|rank| (*rank, Vec::new())).collect();
        for (of, reason) in self.offering.iter().flat_map(|inner| &inner.reasons) {
            let of = usize::try_from(*of).ok().and_then(|of| found.get_mut(of));
            if let Some((_, reasons)) = of {
                reasons.push(reason.clone());
            }
        }
        found
    }

    /// Why one of those was not made.
    pub(crate) fn offer_reasons(&self, rank: u32) -> impl Iterator<Item = &Refusal> {
        let at = self.found.ranks.iter().position(|found| *found == rank).and_then(|at| u32::try_from(at).ok());
        let inner = self.offering.as_deref().filter(|_| at.is_some());
        let reasons = inner.into_iter().flat_map(|inner| &inner.reasons);
        reasons.filter(move |(of, _)| Some(*of) == at).map(|(_, reason)| reason)
    }

    /// Lends the lines and the customer to a pass of its own.
    fn enter(&mut self, outer: &mut Self) {
        std::mem::swap(&mut self.cells, &mut outer.cells);
        std::mem::swap(&mut self.standing, &mut outer.standing);
        for list in [&mut self.touch, &mut self.ranked] {
            list.clear();
        }
        self.candidates.clear();
        self.reasons.clear();
        self.adjustments.clear();
        self.trace.clear();
        self.changes.clear();
        self.units.clear();
        self.offered.clear();
    }

    fn leave(&mut self, outer: &mut Self) {
        std::mem::swap(&mut self.cells, &mut outer.cells);
        std::mem::swap(&mut self.standing, &mut outer.standing);
    }
}

/// Judges, selects and prices the offers that were found, in the place of codes.
fn priced(pass: &mut Pass<'_>, inner: &mut Scratch) -> Result<(), Error> {
    let offers = pass.shop.offers_prepared();
    let mut codes: Vec<Presented<'_>> = std::mem::take(&mut pass.s.offer_codes);
    let on_trial = pass.s.on_trial.clone();
    let terms = |rank: u32| match &on_trial {
        Some((other, Some(terms))) if *other == rank => Some(terms),
        _ => offers.get(rank).map(|offer| &offer.prepared),
    };
    codes.extend(pass.s.found.ranks.iter().filter_map(|rank| terms(*rank)).map(|terms| Presented::new("", terms)));
    inner.candidates.extend(codes.iter().map(|_| Candidate::new(None)));
    let request = Request { codes: &codes, ..pass.request.clone() };
    let mut offering = Pass {
        shop: pass.shop,
        policy: pass.policy,
        request: &request,
        order: pass.order,
        at: pass.at,
        currency: pass.currency,
        price_mode: pass.price_mode,
        type_before: pass.type_before,
        customer_type: pass.customer_type,
        held: Cow::Borrowed(&*pass.held),
        tracing: pass.tracing,
        taxed: pass.taxed,
        depth: None,
        open: None,
        any_owned: false,
        fresh: true,
        everything: None,
        plan: Plan::default(),
        payment: 1,
        offering: true,
        // Of nothing as well: the host gave it there.
        any_given: (0..pass.order.slots().len()).any(|slot| !pass.order.discounts_of(slot).is_empty()),
        stored: None,
        grants: Vec::new(),
        points: None,
        points_then: 0,
        s: inner,
    };
    let result = judge::codes(&mut offering).and_then(|()| select::and_price(&mut offering));
    let mut gifts = std::mem::take(&mut pass.s.offer_gifts);
    gifts.clear();
    if result.is_ok() {
        finish::gifts_of(&offering, &mut gifts);
    }
    codes.clear();
    // The list keeps its memory for the next evaluation, and nothing that it borrowed.
    pass.s.offer_codes = codes.into_iter().map_while(|_| None).collect();
    pass.s.offer_gifts = gifts;
    result
}

/// Turns what was taken into discounts of the shop, one for each offer and line.
fn collect(pass: &mut Pass<'_>, inner: &mut Scratch) {
    let slots = pass.order.slots();
    let Scratch { cells, offered, found, .. } = &mut *pass.s;
    for (cell, slot) in cells.iter_mut().zip(0_u32..) {
        cell.claimed = inner.units.claimed(slot);
        // What was taken for the sake of the offers is taken again as theirs, and no line is kept for any of them.
        (cell.left, cell.third, cell.owner) = (cell.after, 0, None);
    }
    let taken = inner.adjustments.iter().filter(|raw| raw.coupon && raw.amount > 0);
    let offer = |source: u32| usize::try_from(source).ok().and_then(|at| found.ranks.get(at)).copied();
    offered.extend(
        taken.filter_map(|raw| Some(Offered { slot: raw.slot, offer: offer(raw.source)?, amount: raw.amount })),
    );
    // Of several benefits of one offer on one line there is one discount.
    offered.sort_unstable_by_key(|taken| (taken.slot, taken.offer));
    offered.dedup_by(|next, kept| {
        let same = (next.slot, next.offer) == (kept.slot, kept.offer);
        if same {
            kept.amount = kept.amount.saturating_add(next.amount);
        }
        same
    });
    fit(pass.order, offered);
    for taken in offered.iter_mut() {
        let at = usize::try_from(taken.slot).unwrap_or(usize::MAX);
        let (Some(cell), Some(slot)) = (cells.get_mut(at), slots.get(at)) else { continue };
        // A discount lies on the list price, so of a line that is dearer no more than that is given.
        let room = slot.list.saturating_sub(slot.shop_discount).saturating_sub(cell.offered).max(0);
        taken.amount = taken.amount.min(room);
        cell.offered = cell.offered.saturating_add(taken.amount);
        cell.after = cell.after.saturating_sub(taken.amount);
        cell.left = cell.after;
    }
    offered.retain(|taken| taken.amount > 0);
    discounts::again(pass);
    trace(pass, inner);
}

/// Leaves of each line and charge the first offers by rank, as many as it can hold beside the discounts of the order; what
/// the others took there is given back.
fn fit(order: &Order, offered: &mut Vec<Offered>) {
    let (mut last, mut open) = (None, 0_usize);
    offered.retain(|taken| {
        if last != Some(taken.slot) {
            let given = usize::try_from(taken.slot).map_or(0, |slot| order.discounts_of(slot).len());
            (last, open) = (Some(taken.slot), Order::MAX_DISCOUNTS.saturating_sub(given));
        }
        let fits = open > 0;
        open = open.saturating_sub(1);
        fits
    });
}

/// Tells the steps of the offers as such, each with what it took in the end: what a line could not carry was given back.
fn trace(pass: &mut Pass<'_>, inner: &mut Scratch) {
    if !pass.tracing {
        return;
    }
    let offers = pass.shop.offers_prepared();
    let id_of = |taken: &Offered| Some((offers.get(taken.offer)?.prepared.coupon().id(), taken.offer));
    let ranks: HashMap<&CouponId, u32> = pass.s.offered.iter().filter_map(id_of).collect();
    let on_line = |taken: &Offered| Some(((pass.slot(taken.slot)?.id, taken.offer), taken.amount));
    let mut taken: HashMap<(LineId, u32), i64> = pass.s.offered.iter().filter_map(on_line).collect();
    let mut given_back: HashMap<LineId, i64> = HashMap::new();
    for TraceEntry { line, step, before, after } in inner.trace.drain(..) {
        let (TraceStep::Coupon { coupon, benefit }, Some(on)) = (&step, line) else {
            pass.s.trace.push(TraceEntry { line, step, before, after });
            continue;
        };
        let off = before.minor().saturating_sub(after.minor());
        let open = ranks.get(coupon).and_then(|rank| taken.get_mut(&(on, *rank)));
        let kept = open.as_deref().map_or(0, |open| off.min(*open));
        if let Some(open) = open {
            *open = open.saturating_sub(kept);
        }
        let back = given_back.entry(on).or_default();
        let before = before.minor().saturating_add(*back);
        *back = back.saturating_add(off.saturating_sub(kept));
        if kept == 0 && off > 0 {
            continue;
        }
        let step = TraceStep::Offer { id: coupon.key().clone().into(), benefit: *benefit };
        let money = |minor| Money::new(minor, pass.currency);
        let (before, after) = (money(before), money(before.saturating_sub(kept)));
        pass.s.trace.push(TraceEntry { line, step, before, after });
    }
}

/// Whether lines may carry discounts under the ids of offers already.
pub(super) fn may_be_given(pass: &Pass<'_>) -> bool {
    pass.offering && pass.any_given
}

/// Whether the host already gave a line the discount of an offer.
pub(super) fn is_given(pass: &Pass<'_>, index: u32, slot: usize) -> bool {
    if !may_be_given(pass) {
        return false;
    }
    let id = pass.prepared(index).map(|prepared| prepared.coupon().id().key());
    pass.order.discounts_of(slot).iter().any(|discount| Some(discount.id().key()) == id)
}

/// The pieces that sets of offers used, where any did.
pub(super) fn claimed(pass: &Pass<'_>) -> Vec<CountedLine> {
    let lines = pass.order.lines().iter().zip(&pass.s.cells).filter(|(_, cell)| cell.claimed > 0);
    lines.map(|(line, cell)| CountedLine { line: line.id(), units: cell.claimed }).collect()
}

/// The order as it is sold: with what the offers took among the discounts of its lines.
pub(super) fn discounted(pass: &Pass<'_>) -> Order {
    let discount = |taken: &Offered| {
        let offer = pass.shop.offers_prepared().get(taken.offer)?;
        let terms = offer.prepared.coupon();
        let mut discount = ShopDiscount::new(offer.discount.clone(), Money::new(taken.amount, pass.currency));
        if let Some(account) = terms.account() {
            discount = discount.with_account(account.clone());
        }
        Some((usize::try_from(taken.slot).ok()?, discount.with_funding(terms.funding().clone())))
    };
    pass.order.with_discounts(pass.s.offered.iter().filter_map(discount))
}
