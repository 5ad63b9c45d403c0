//! How much all codes of an order may take together: of each line, of the order, and as an amount.

use crate::coupon::Amounts;
use crate::money::Money;

use super::first_further::wanted;
use super::pass::{Cell, Gain, Pass};
use super::units::Take;

/// What a line stands at before any code.
fn before(cell: &Cell) -> i64 {
    if cell.dropped { cell.base } else { cell.after }
}

/// Sets what all codes together may take off the order in a round of pricing that starts.
pub(super) fn start(pass: &mut Pass<'_>) {
    let (depth, most) = (pass.policy.depth().per_order(), pass.policy.max_discount());
    pass.open = None;
    if pass.offering || (depth.is_none() && most.is_none()) {
        return;
    }
    let rounding = pass.policy.rounding().discount;
    let of_order = depth.map(|depth| {
        let lines = pass.order.lines().len();
        let all = pass.order.slots().iter().zip(&pass.s.cells).enumerate();
        let meant = all.filter(|(i, (slot, _))| *i < lines || slot.shipping);
        depth.of_minor(meant.fold(0_i64, |sum, (_, (_, cell))| sum.saturating_add(before(cell))), rounding)
    });
    let most = most.and_then(|most: &Amounts| most.in_currency(pass.currency)).map(Money::minor);
    pass.open = match (of_order, most) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    };
}

/// What the depth of all codes leaves to be taken of a line.
pub(super) fn room(pass: &Pass<'_>, slot: u32) -> i64 {
    let Some(depth) = pass.depth else { return i64::MAX };
    let line = usize::try_from(slot).ok().filter(|slot| *slot < pass.order.lines().len());
    let Some(cell) = line.and_then(|slot| pass.s.cells.get(slot)) else { return i64::MAX };
    let before = before(cell);
    let taken = before.saturating_sub(cell.left);
    depth.of_minor(before, pass.policy.rounding().discount).saturating_sub(taken).max(0)
}

/// Lowers what a benefit would take from lines past the depth of all codes; answers by how much. A line may stand there
/// several times, one after the other.
pub(super) fn lower(pass: &mut Pass<'_>) -> i64 {
    if pass.depth.is_none() {
        return 0;
    }
    let mut gains = std::mem::take(&mut pass.s.gains);
    let (mut lost, mut last, mut open) = (0_i64, None, i64::MAX);
    for gain in &mut gains {
        if last != Some(gain.slot) {
            (last, open) = (Some(gain.slot), room(pass, gain.slot));
        }
        lost = lost.saturating_add(gain.take.saturating_sub(open).max(0));
        gain.take = gain.take.min(open);
        open = open.saturating_sub(gain.take);
    }
    pass.s.gains = gains;
    lost
}

/// How units are taken from where the depth of all codes may have lowered what they give: in proportion where it did.
pub(super) fn way(pass: &Pass<'_>, gain: &Gain, how: Take) -> Take {
    let whole = pass.depth.is_none() || given(pass, gain, how) == gain.take;
    if whole { how } else { Take::Proportional }
}

/// What the units of a gain give: those that a set rewards, else the first ones of the line.
fn given(pass: &Pass<'_>, gain: &Gain, how: Take) -> i64 {
    if !pass.s.units.is_marked(gain.slot) {
        return wanted(pass, gain, how);
    }
    let found = pass.slot(gain.slot).zip(usize::try_from(gain.slot).ok().and_then(|i| pass.s.cells.get(i)));
    let Some((facts, cell)) = found else { return 0 };
    let runs = pass.s.units.of_slot(gain.slot, facts.units, cell.left, before(cell));
    pass.s.units.rewarded(gain.slot, runs).fold(0_i64, |sum, run| {
        sum.saturating_add(how.given(run, facts.unit_floor).saturating_mul(i64::from(run.count)))
    })
}
