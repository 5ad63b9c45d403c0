//! Step 4: lines that this customer must not see. They stay in the answer and out of every total.

use crate::outcome::TraceStep;
use crate::refusal::LineRefusal;

use super::pass::Pass;

pub(super) fn to_products(pass: &mut Pass<'_>) {
    if pass.shop.access().is_empty() {
        return;
    }
    for (i, line) in pass.order.lines().iter().enumerate() {
        if pass.shop.access().sees(pass.customer_type, line.product().id()) {
            continue;
        }
        let Some(cell) = pass.s.cells.get_mut(i) else { continue };
        let before = cell.base;
        *cell = super::pass::Cell { refusal: Some(LineRefusal::NotVisible), ..Default::default() };
        pass.note(u32::try_from(i).ok(), TraceStep::LineRefused, before, 0);
    }
}
