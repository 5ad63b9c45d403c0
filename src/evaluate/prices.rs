//! Step 3: the base price of each line. Customer price before customer-type price before list price.

use crate::error::Error;
use crate::money::Rounding;
use crate::outcome::{PriceSource, TraceStep};

use super::pass::{Cell, Pass};

pub(super) fn of_the_customer(pass: &mut Pass<'_>) -> Result<(), Error> {
    let slots = pass.order.slots();
    pass.s.cells.clear();
    pass.s.cells.extend(slots.iter().map(|slot| Cell {
        base: slot.list,
        after: slot.list,
        left: slot.list,
        ..Cell::default()
    }));
    if !pass.order.any_customer_price() && pass.shop.prices().is_empty() {
        return Ok(());
    }
    let mut total = 0_i64;
    for (i, line) in pass.order.lines().iter().enumerate() {
        let of_type = pass.shop.prices().get(pass.customer_type, line.product().id(), pass.currency);
        let (price, source) = match (line.customer_price, of_type) {
            (Some(price), _) => (price, PriceSource::Customer),
            (None, Some(price)) => (price, PriceSource::CustomerType),
            (None, None) => (line.unit_price, PriceSource::List),
        };
        let path = || format!("lines[{}].unit_price", line.id);
        let extend = |price: crate::money::UnitPrice| {
            price.extended_minor(line.quantity, pass.currency, Rounding::HalfUp).ok_or_else(|| Error::overflow(path()))
        };
        let base = if source == PriceSource::List { slots.get(i).map_or(0, |s| s.list) } else { extend(price)? };
        total = total.checked_add(base).ok_or_else(|| Error::overflow("order total"))?;
        let Some(cell) = pass.s.cells.get_mut(i) else { continue };
        *cell = Cell { base, after: base, left: base, source, ..*cell };
        if pass.tracing {
            // Only prices that this customer was entitled to are named.
            let slot = u32::try_from(i).ok();
            let list = slots.get(i).map_or(0, |s| s.list);
            if let (PriceSource::Customer, Some(lost)) = (source, of_type) {
                let lost_amount = extend(lost)?;
                pass.note(slot, TraceStep::Price { won: source, lost: PriceSource::CustomerType }, lost_amount, base);
            }
            if source != PriceSource::List {
                pass.note(slot, TraceStep::Price { won: source, lost: PriceSource::List }, list, base);
            }
        }
    }
    // Charges are in the sum of the order as well.
    slots
        .iter()
        .skip(pass.order.lines().len())
        .try_fold(total, |sum, slot| sum.checked_add(slot.list))
        .ok_or_else(|| Error::overflow("order total"))?;
    Ok(())
}
