//! Step 4: lines that this customer must not see, must not see the price of, or must not buy. They stay in the answer and
//! out of every total.
//!
//! What stands after it (codes, near misses, totals, tax) looks at no refused line, so that nothing public tells an unseen
//! product from one that does not exist (S5, S11).

use crate::outcome::TraceStep;
use crate::refusal::LineRefusal;
use crate::shop::Permitted;

use super::pass::{Cell, Pass};

pub(super) fn to_products(pass: &mut Pass<'_>) {
    if pass.shop.access().is_empty() {
        return;
    }
    for (i, line) in pass.order.lines().iter().enumerate() {
        let permitted = pass.shop.permitted(line.product(), &pass.s.standing);
        if let Some(refusal) = missing_permission(permitted) {
            refuse(pass, i, refusal);
        }
    }
}

/// The first permission that is missing.
pub(crate) fn missing_permission(permitted: Permitted) -> Option<LineRefusal> {
    match permitted {
        Permitted { see: false, .. } => Some(LineRefusal::NotVisible),
        Permitted { see_price: false, .. } => Some(LineRefusal::PriceNotVisible),
        Permitted { buy: false, .. } => Some(LineRefusal::NotPurchasable),
        Permitted { buy: true, .. } => None,
    }
}

/// Refuses a line: nothing is left of its price.
fn refuse(pass: &mut Pass<'_>, slot: usize, refusal: LineRefusal) {
    let Some(cell) = pass.s.cells.get_mut(slot) else { return };
    let before = cell.base;
    *cell = Cell { refusal: Some(refusal), ..Cell::default() };
    pass.note(u32::try_from(slot).ok(), TraceStep::LineRefused, before, 0);
}
