//! Step 4, second part: how much of each product may be sold (S44, S47).
//!
//! First what was ordered is held against the quantity rules of the product: a minimum, steps, and a maximum that is
//! refused. Then everything that is capped, line by line in the order of ids, so that earlier lines get first what there
//! is. Last, what is left is held against the allowances that refuse, all lines of one together, so that splitting a line
//! changes nothing. Lines that the customer may not buy anyhow are not looked at and use nothing up.

use std::collections::HashMap;

use crate::key::{KeyMap, ProductId};
use crate::order::LineId;
use crate::outcome::{AllowanceOutcome, AllowanceToCome, TraceStep};
use crate::policy::NoIdentity;
use crate::refusal::LineRefusal;
use crate::shop::{Excess, Ledger, Limit, Quantities, Standby, round_down};

use super::pass::{Cell, Pass};

/// What may be sold of an order.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// By slot.
    refused: Vec<(u32, LineRefusal)>,
    /// Lines of which less is sold than was ordered.
    capped: Vec<Capped>,
    /// Some of a product is sold, and less than was ordered.
    sold_short: bool,
    pub(super) allowances: Vec<AllowanceOutcome>,
    pub(super) to_come: Vec<AllowanceToCome>,
    /// An allowance counts what each customer buys, and nobody knows who this is.
    pub(super) needs_identity: bool,
}

#[derive(Debug, Clone, Copy)]
struct Capped {
    line: LineId,
    slot: u32,
    requested: u32,
    granted: u32,
    /// What all of it would have cost.
    before: i64,
}

impl Plan {
    pub(super) fn is_sold_short(&self) -> bool {
        self.sold_short
    }

    /// Whether nothing of a line is sold.
    pub(super) fn refuses(&self, slot: u32) -> bool {
        self.refused.binary_search_by_key(&slot, |(slot, _)| *slot).is_ok()
    }

    /// The units to be sold of lines that were capped, by id.
    pub(super) fn granted(&self) -> Vec<(LineId, u32)> {
        self.capped.iter().map(|line| (line.line, line.granted)).collect()
    }

    /// The units that were ordered of lines that were capped, by id.
    pub(super) fn requested(&self) -> impl Iterator<Item = (LineId, u32)> {
        self.capped.iter().map(|line| (line.line, line.requested))
    }
}

/// One line that may be sold, as far as access goes.
#[derive(Debug)]
struct Piece {
    slot: u32,
    /// Place of its product.
    product: usize,
    units: u64,
    granted: u64,
    /// Why less of it is sold than was ordered, where that is about this very line.
    cut: Option<LineRefusal>,
    refusal: Option<LineRefusal>,
}

/// A product over all of its lines.
#[derive(Debug)]
struct Goods {
    quantities: Quantities,
    requested: u64,
    granted: u64,
    /// The most of it that may be sold.
    most: u64,
    /// What is sold of what was granted: whole steps, and at least the minimum.
    whole: u64,
    /// Why less of it is sold than was ordered.
    cut: Option<LineRefusal>,
    /// Places of the allowances that count it.
    limits: Vec<usize>,
}

/// An allowance over all lines that it counts.
#[derive(Debug)]
struct Count<'a> {
    limit: Limit<'a>,
    /// What is left while lines take from it.
    room: u64,
    /// What the lines take that are not refused.
    granted: u64,
}

/// Works out what may be sold, and refuses the lines that may not. Where less of a product is sold than was ordered, the
/// order has to be priced again with what is granted.
pub(super) fn of_lines(pass: &mut Pass<'_>) {
    if pass.shop.bounds().is_empty() {
        return;
    }
    let plan = plan(pass);
    let again = plan.is_sold_short();
    pass.plan = plan;
    if !again {
        apply(pass);
    }
}

/// Goes by the plan: from here on the pass is about what is granted.
pub(super) fn apply(pass: &mut Pass<'_>) {
    let plan = std::mem::take(&mut pass.plan);
    for (slot, refusal) in &plan.refused {
        let Some(cell) = pass.cell(*slot) else { continue };
        let before = cell.base;
        *cell = Cell { refusal: Some(*refusal), ..Cell::default() };
        pass.note(Some(*slot), TraceStep::LineRefused, before, 0);
    }
    for line in &plan.capped {
        let after = pass.cell(line.slot).map_or(0, |cell| cell.base);
        let step = TraceStep::Capped { requested: line.requested, granted: line.granted };
        pass.note(Some(line.slot), step, line.before, after);
    }
    pass.plan = plan;
}

fn plan(pass: &Pass<'_>) -> Plan {
    let mut plan = Plan::default();
    let ledger = Ledger::new(pass.request.customer.allowance_grants(), pass.request.allowances, pass.at);
    let (mut pieces, mut goods, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    collect(pass, &ledger, &mut plan, (&mut pieces, &mut goods, &mut counts));
    judge_order(&mut pieces, &mut goods);
    judge_identity(pass, &mut pieces, &goods, &counts);
    cap(&mut pieces, &mut goods, &mut counts);
    judge_allowances(&mut pieces, &goods, &mut counts);
    for piece in &pieces {
        if let Some(refusal) = piece.refusal {
            plan.refused.push((piece.slot, refusal));
        } else if piece.granted < piece.units {
            let Some(slot) = pass.slot(piece.slot) else { continue };
            let cell = usize::try_from(piece.slot).ok().and_then(|i| pass.s.cells.get(i));
            plan.capped.push(Capped {
                line: slot.id,
                slot: piece.slot,
                requested: slot.units,
                granted: figure(piece.granted),
                before: cell.map_or(0, |cell| cell.base),
            });
        }
    }
    plan.refused.sort_unstable_by_key(|(slot, _)| *slot);
    plan.sold_short = goods.iter().any(|product| product.granted > 0 && product.granted < product.requested);
    let unknown = counted_keys(pass) == 0;
    for Count { limit, granted, .. } in counts {
        plan.needs_identity |= unknown && limit.per_customer() && granted > 0;
        plan.allowances.push(AllowanceOutcome {
            allowance: limit.allowance.id().clone(),
            per: limit.allowance.per(),
            since: limit.since,
            from: limit.window.from(),
            until: limit.window.until(),
            rolling_days: limit.rolling_days(),
            limit: limit.limit,
            taken: limit.taken,
            granted,
        });
    }
    plan.allowances.sort_by(|a, b| a.allowance.cmp(&b.allowance));
    plan.to_come.sort_by(|a, b| a.allowance.cmp(&b.allowance));
    plan
}

/// The lines with their products and the allowances that count them.
fn collect<'a>(
    pass: &Pass<'a>,
    ledger: &Ledger,
    plan: &mut Plan,
    (pieces, goods, counts): (&mut Vec<Piece>, &mut Vec<Goods>, &mut Vec<Count<'a>>),
) {
    let (bounds, catalogue, zone) = (pass.shop.bounds(), pass.shop.catalogue(), pass.policy.zone());
    let standing = &pass.s.standing;
    let mut by_product: KeyMap<&ProductId, usize> = KeyMap::default();
    // Where an allowance stands among the counts; none where it counts nothing now.
    let mut by_place: HashMap<usize, Option<usize>> = HashMap::new();
    let mut places = Vec::new();
    for ((slot, line), cell) in (0_u32..).zip(pass.order.lines()).zip(&pass.s.cells) {
        if cell.refusal.is_some() {
            continue;
        }
        let units = u64::from(line.quantity().pieces_count());
        let product = *by_product.entry(line.product().id()).or_insert_with(|| {
            bounds.about(catalogue, line.product(), &mut places);
            let mut limits = Vec::new();
            for place in &places {
                let found =
                    by_place.entry(*place).or_insert_with(|| match bounds.stand(*place, zone, standing, ledger)? {
                        Standby::Counts(limit) => {
                            counts.push(Count { limit, room: limit.left(), granted: 0 });
                            counts.len().checked_sub(1)
                        }
                        Standby::Idle(window) => {
                            let allowance = bounds.allowances().get(*place)?.id().clone();
                            plan.to_come.extend(window.until().map(|begins| AllowanceToCome { allowance, begins }));
                            None
                        }
                    });
                limits.extend(*found);
            }
            let quantities = bounds.quantities(catalogue, standing, line.product());
            goods.push(Goods { quantities, requested: 0, granted: 0, most: u64::MAX, whole: 0, cut: None, limits });
            goods.len().saturating_sub(1)
        });
        if let Some(goods) = goods.get_mut(product) {
            goods.requested = goods.requested.saturating_add(units);
        }
        pieces.push(Piece { slot, product, units, granted: 0, cut: None, refusal: None });
    }
}

/// What was ordered against the quantity rules: a minimum, steps, a maximum.
fn judge_order(pieces: &mut [Piece], goods: &mut [Goods]) {
    for product in goods.iter_mut() {
        let (quantities, found) = (product.quantities, figure(product.requested));
        let refusal = match (quantities.min, quantities.increment, quantities.max) {
            (Some(required), _, _) if found < required => Some(LineRefusal::BelowMinimum { required, found }),
            (_, Some(increment), _) if found.checked_rem(increment).is_some_and(|rest| rest > 0) => {
                Some(LineRefusal::NotAMultiple { increment, found })
            }
            (_, _, Some(allowed)) if found > allowed => {
                product.cut = Some(LineRefusal::AboveMaximum { allowed, found });
                product.most = round_down(u64::from(allowed), quantities.increment);
                // A maximum below the minimum, of two rules that are equally near, leaves nothing to sell.
                let none = product.most < u64::from(quantities.min.unwrap_or(1));
                product.cut.filter(|_| none || quantities.excess == Excess::Refuse)
            }
            _ => None,
        };
        if refusal.is_some() {
            (product.cut, product.most) = (refusal, 0);
        }
    }
    refuse_what_is_not_sold(pieces, goods);
}

fn refuse_what_is_not_sold(pieces: &mut [Piece], goods: &[Goods]) {
    for piece in pieces {
        let product = goods.get(piece.product).filter(|product| product.most == 0);
        piece.refusal = piece.refusal.or(product.and_then(|product| product.cut));
    }
}

fn counted_keys(pass: &Pass<'_>) -> usize {
    let kinds = pass.policy.identity_kinds();
    pass.request.customer.keys().iter().filter(|key| kinds.contains(&key.kind())).count()
}

/// What is counted for each customer is not sold to nobody.
fn judge_identity(pass: &Pass<'_>, pieces: &mut [Piece], goods: &[Goods], counts: &[Count<'_>]) {
    if pass.policy.no_identity() != NoIdentity::Refuse || counted_keys(pass) > 0 {
        return;
    }
    for piece in pieces.iter_mut().filter(|piece| piece.refusal.is_none()) {
        let limits = goods.get(piece.product).map(|product| product.limits.as_slice()).unwrap_or_default();
        if limits.iter().filter_map(|place| counts.get(*place)).any(|count| count.limit.per_customer()) {
            piece.refusal = Some(LineRefusal::CustomerRequired);
        }
    }
}

/// Grants each line what its product and the allowances that cap leave, earlier lines first.
fn cap(pieces: &mut [Piece], goods: &mut [Goods], counts: &mut [Count<'_>]) {
    for piece in pieces.iter_mut().filter(|piece| piece.refusal.is_none()) {
        let Some(product) = goods.get_mut(piece.product) else { continue };
        let mut granted = piece.units.min(product.most.saturating_sub(product.granted));
        for place in &product.limits {
            let Some(count) = counts.get(*place).filter(|count| count.limit.allowance.excess() == Excess::Cap) else {
                continue;
            };
            if count.room < granted {
                granted = count.room;
                let (remaining, requested) = (figure(count.room), figure(piece.units));
                piece.cut = Some(LineRefusal::AllocationExceeded { remaining, requested });
                product.cut = piece.cut;
            }
        }
        if granted < piece.units {
            let in_steps = round_down(product.granted.saturating_add(granted), product.quantities.increment);
            granted = in_steps.saturating_sub(product.granted);
        }
        take(piece, product, counts, granted);
    }
    // Where later lines were cut, what earlier ones got may be no multiple, or too little to be sold at all.
    for product in goods.iter_mut() {
        product.whole = round_down(product.granted, product.quantities.increment);
        if product.cut.is_some() && product.whole < u64::from(product.quantities.min.unwrap_or(0)) {
            product.whole = 0;
        }
    }
    for piece in pieces.iter_mut().rev().filter(|piece| piece.refusal.is_none()) {
        let Some(product) = goods.get_mut(piece.product) else { continue };
        let back = product.granted.saturating_sub(product.whole).min(piece.granted);
        piece.granted = piece.granted.saturating_sub(back);
        product.granted = product.granted.saturating_sub(back);
    }
    for piece in pieces.iter_mut().filter(|piece| piece.refusal.is_none() && piece.granted == 0) {
        piece.refusal = piece.cut.or(goods.get(piece.product).and_then(|product| product.cut));
    }
}

fn take(piece: &mut Piece, product: &mut Goods, counts: &mut [Count<'_>], granted: u64) {
    piece.granted = granted;
    product.granted = product.granted.saturating_add(granted);
    for place in &product.limits {
        if let Some(count) = counts.get_mut(*place) {
            count.room = count.room.saturating_sub(granted);
        }
    }
}

/// What is to be sold against the allowances that refuse, and the sum that each of all allowances grants in the end.
fn judge_allowances(pieces: &mut [Piece], goods: &[Goods], counts: &mut [Count<'_>]) {
    add_up(pieces, goods, counts);
    for piece in pieces.iter_mut().filter(|piece| piece.refusal.is_none()) {
        let Some(product) = goods.get(piece.product) else { continue };
        let exceeded = product.limits.iter().filter_map(|place| counts.get(*place));
        let exceeded = exceeded.filter(|count| count.granted > count.limit.left());
        piece.refusal = exceeded.min_by_key(|count| count.limit.left()).map(|count| LineRefusal::AllocationExceeded {
            remaining: figure(count.limit.left()),
            requested: figure(count.granted),
        });
    }
    add_up(pieces, goods, counts);
}

fn add_up(pieces: &[Piece], goods: &[Goods], counts: &mut [Count<'_>]) {
    counts.iter_mut().for_each(|count| count.granted = 0);
    for piece in pieces.iter().filter(|piece| piece.refusal.is_none()) {
        for place in goods.get(piece.product).map(|product| product.limits.as_slice()).unwrap_or_default() {
            if let Some(count) = counts.get_mut(*place) {
                count.granted = count.granted.saturating_add(piece.granted);
            }
        }
    }
}

/// A number of units as a refusal names it.
fn figure(units: u64) -> u32 {
    u32::try_from(units).unwrap_or(u32::MAX)
}
