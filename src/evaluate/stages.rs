//! Step 8: coupons in stages, inside a stage by rank. Lines first, then the order on what remains, then shipping.

use crate::coupon::{Benefit, Exclusive};
use crate::shop::{Prepared, STAGES, stage};

use super::pass::{Candidate, Pass, State, Tally};
use super::{
    amount, benefit, bundle, buy_get, conditions, depths, discounts, first_further, host, nth, percent, set_price,
    shipping, steps, tiers,
};

/// Prices the selected codes from the snapshot on.
pub(super) fn price(pass: &mut Pass<'_>) {
    restart(pass);
    depths::start(pass);
    make_room(pass);
    let ranked = std::mem::take(&mut pass.s.ranked);
    for stage_now in STAGES {
        for index in &ranked {
            let Some(prepared) = pass.prepared(*index).filter(|p| p.inner().facts.acts_in(stage_now)) else { continue };
            if pass.candidate(*index).is_none_or(|c| c.state != State::Selected || c.money_off) {
                continue;
            }
            let coupon = prepared.coupon();
            for (b, benefit) in coupon.benefits().iter().enumerate() {
                if stage(benefit, coupon.level()) == Some(stage_now) && turn(pass, *index, prepared) {
                    apply(pass, *index, prepared, b, benefit);
                }
            }
        }
    }
    for index in &ranked {
        // A coupon of no value shows a line of 0.00 all the same (S91).
        let Some(prepared) = pass.prepared(*index) else { continue };
        let selected = pass.candidate(*index).is_some_and(|c| c.state == State::Selected && c.tally.granted == 0);
        if selected && turn(pass, *index, prepared) && prepared.inner().zero_by_definition {
            benefit::show_zero(pass, *index);
        }
    }
    pass.s.ranked = ranked;
}

/// Makes room for what the codes take from lines, so that the list of it grows once and not again and again. Many codes
/// find nothing left on many lines, so there is a bound to what is made in advance.
fn make_room(pass: &mut Pass<'_>) {
    const FOR_EACH_SLOT: usize = 16;
    let slots = pass.order.slots().len();
    let most = slots.saturating_mul(FOR_EACH_SLOT);
    let mut room = 0_usize;
    let charges = slots.saturating_sub(pass.order.lines().len());
    for (presented, candidate) in pass.request.codes.iter().zip(&pass.s.candidates) {
        let Some(prepared) = presented.coupon.filter(|_| candidate.state == State::Selected) else { continue };
        let on_one = candidate.touch.len().saturating_add(charges);
        room = room.saturating_add(on_one.saturating_mul(prepared.inner().facts.takers));
        if room >= most {
            break;
        }
    }
    pass.s.adjustments.reserve(room.min(most));
}

/// Goes back to the snapshot: what is left of each line, less nothing but the shop's discounts that stay.
fn restart(pass: &mut Pass<'_>) {
    let fresh = std::mem::take(&mut pass.fresh);
    if !fresh {
        for cell in &mut pass.s.cells {
            if cell.overridden {
                cell.base = cell.own;
            }
            (cell.dropped, cell.overridden, cell.owner) = (false, false, None);
        }
    }
    pass.any_owned = false;
    let mut any_changed = false;
    pass.s.units.clear();
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        let Some(candidate) = pass.candidate(index) else { continue };
        candidate.tally = Tally::default();
        if candidate.state != State::Selected {
            continue;
        }
        let drops = candidate.drops.is_some() && !candidate.money_off;
        let overrides = candidate.overrides && !candidate.money_off && !candidate.waiting;
        // What only waits for shipping was not applied, and keeps no line for itself.
        let (touch, line) = (candidate.touch.clone(), candidate.line.filter(|_| !candidate.waiting));
        if let Some(cell) = line.and_then(|line| pass.cell(line)) {
            cell.owner = Some(index);
            pass.any_owned = true;
        }
        any_changed |= drops || overrides;
        if overrides {
            benefit::override_prices(pass, index, touch);
        } else if drops {
            benefit::drop_discounts(pass, index, touch);
        }
    }
    keep_lines(pass);
    // The first round finds the cells as the snapshot left them.
    if !fresh || any_changed {
        discounts::again(pass);
    }
}

/// Keeps the lines of codes that are exclusive of them, by rank; lines that have a code of their own are theirs.
fn keep_lines(pass: &mut Pass<'_>) {
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        let coupon = pass.prepared(index).map(Prepared::coupon);
        if coupon.is_none_or(|c| c.combination().exclusive() != Exclusive::Line) {
            continue;
        }
        let acts = |c: &Candidate| c.state == State::Selected && !c.money_off && !c.waiting;
        let Some(touch) = pass.candidate(index).filter(|c| acts(c)).map(|c| c.touch.clone()) else { continue };
        benefit::each_touched(pass, index, touch, |pass, slot| {
            if let Some(cell) = pass.s.cells.get_mut(slot) {
                cell.owner = cell.owner.or(Some(index));
                pass.any_owned = true;
            }
        });
    }
}

/// Says whether a code may act: at its first turn, conditions on what remains are judged.
fn turn(pass: &mut Pass<'_>, index: u32, prepared: &Prepared) -> bool {
    let Some(candidate) = pass.candidate(index) else { return false };
    if candidate.state != State::Selected {
        return false;
    }
    if candidate.tally.judged {
        return true;
    }
    candidate.tally.judged = true;
    !candidate.deferred || conditions::judge(pass, index, prepared, true)
}

fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, b: usize, benefit: &Benefit) {
    match benefit {
        Benefit::Percent(percent) => percent::apply(pass, index, prepared, b, percent),
        Benefit::Amount(off) => amount::apply(pass, index, prepared, b, off),
        Benefit::SetPrice(price) => set_price::apply(pass, index, prepared, b, price),
        Benefit::Operator(operator) => amount::by_hand(pass, index, prepared, b, operator),
        Benefit::Host(amounts) => host::apply(pass, index, prepared, b, amounts),
        Benefit::Steps(of) => steps::apply(pass, index, prepared, b, of),
        Benefit::FirstFurther(off) => first_further::apply(pass, index, prepared, b, off),
        Benefit::Tiers(tiers) => tiers::apply(pass, index, prepared, b, tiers),
        Benefit::Shipping(off) => shipping::apply(pass, index, b, off),
        Benefit::Bundle(bundle) => bundle::apply(pass, index, prepared, b, bundle),
        Benefit::BuyGet(get) => buy_get::apply(pass, index, prepared, b, get),
        Benefit::Nth(nth) => nth::apply(pass, index, prepared, b, nth),
        Benefit::Gift(_) | Benefit::Trial(_) | Benefit::None => {}
    }
}
