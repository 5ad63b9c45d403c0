//! An order of which less is sold than was ordered.

use crate::error::Error;
use crate::money::{Money, Quantity, Rounding, divide};

use super::{LineId, Order, rules};

impl Order {
    /// The same order with fewer units on some lines; what the shop took off such a line shrinks in proportion, each
    /// discount rounded by itself. `granted` is by line id, in their order.
    ///
    /// # Errors
    /// A quantity of zero, or an amount beyond exact arithmetic; less of an order that could be built has neither.
    pub(crate) fn granting(&self, granted: &[(LineId, u32)], rounding: Rounding) -> Result<Self, Error> {
        let mut order = self.clone();
        let currency = self.currency;
        for (line, slot) in order.lines.iter_mut().zip(&mut order.slots) {
            let Ok(found) = granted.binary_search_by_key(&line.id, |(id, _)| *id) else { continue };
            let Some((_, units)) = granted.get(found) else { continue };
            let requested = line.quantity.pieces_count();
            line.quantity = Quantity::pieces(u64::from(*units))?;
            let path = || format!("lines[{}].unit_price", line.id);
            let (list, _) = rules::line_amounts(line, currency).map_err(|_| Error::overflow(path()))?;
            (slot.list, slot.units, slot.shop_discount) = (list, *units, 0);
            for discount in &mut line.discounts {
                let part = i128::from(discount.amount.minor()).saturating_mul(i128::from(*units));
                let share = i64::try_from(divide(part, i128::from(requested), rounding)).unwrap_or(i64::MAX);
                // Several that are rounded up could come to more than the line.
                let share = share.min(list.saturating_sub(slot.shop_discount));
                discount.amount = Money::new(share, currency);
                slot.shop_discount = slot.shop_discount.saturating_add(share);
            }
        }
        order.any_shop_discount = order.slots.iter().any(|slot| slot.shop_discount != 0);
        Ok(order)
    }
}
