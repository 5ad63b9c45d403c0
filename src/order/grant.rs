//! An order of which less is sold than was ordered.

use crate::error::Error;
use crate::money::{Currency, Money, Quantity, Rounding};

use super::{Line, LineId, Order, OrderBuilder, ShopDiscount, rules};

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
                let share = discount.amount.in_proportion((*units).into(), requested.into(), rounding).minor();
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

impl Order {
    /// The same order with these lines.
    ///
    /// # Errors
    /// As [`OrderBuilder::build`].
    pub(crate) fn with_lines(&self, lines: Vec<Line>) -> Result<Self, Error> {
        let builder = OrderBuilder {
            currency: self.currency,
            price_mode: self.price_mode,
            lines,
            charges: self.charges.clone(),
            rates: self.classes.iter().filter(|class| class.rate.is_some()).cloned().collect(),
            channel: self.channel.clone(),
            region: self.region.clone(),
            payment_option: self.payment_option.clone(),
        };
        builder.build()
    }
}

impl Order {
    /// The same order without shipping and fees.
    ///
    /// # Errors
    /// As [`OrderBuilder::build`].
    pub(crate) fn without_charges(&self) -> Result<Self, Error> {
        let bare = Self { charges: Vec::new(), ..self.clone() };
        bare.with_lines(self.lines.clone())
    }
}

impl Order {
    /// The same order with further discounts on the lines and charges of these slots, each of an id that its line does
    /// not have yet and of no more than is left of its list price.
    pub(crate) fn with_discounts(&self, discounts: impl Iterator<Item = (usize, ShopDiscount)>) -> Self {
        let mut order = self.clone();
        let lines = order.lines.len();
        for (at, discount) in discounts {
            let Some(slot) = order.slots.get_mut(at) else { continue };
            slot.shop_discount = slot.shop_discount.saturating_add(discount.amount.minor());
            order.any_shop_discount |= slot.shop_discount != 0;
            match at.checked_sub(lines) {
                None => order.lines.get_mut(at).into_iter().for_each(|line| line.discounts.push(discount.clone())),
                Some(at) => order.charges.get_mut(at).into_iter().for_each(|c| c.discounts.push(discount.clone())),
            }
        }
        order
    }
}

impl Order {
    /// The same order with this shipping and these fees.
    ///
    /// # Errors
    /// As [`OrderBuilder::build`].
    pub(crate) fn with_charges(&self, charges: Vec<super::Charge>) -> Result<Self, Error> {
        let other = Self { charges, ..self.clone() };
        other.with_lines(self.lines.clone())
    }
}

impl Line {
    /// The same line with another quantity, and what the shop took off it as it is.
    pub(crate) fn of_quantity(&self, quantity: Quantity) -> Self {
        Self { quantity, ..self.clone() }
    }

    /// The same line with another quantity. What the shop took off it goes with the quantity, each discount rounded by
    /// itself.
    ///
    /// # Errors
    /// An amount beyond exact arithmetic.
    pub(crate) fn in_quantity(
        &self,
        quantity: Quantity,
        currency: Currency,
        rounding: Rounding,
    ) -> Result<Self, Error> {
        let mut line = Self { quantity, ..self.clone() };
        let path = || Error::overflow(format!("lines[{}].unit_price", line.id));
        let (list, _) = rules::line_amounts(&line, currency).map_err(|_| path())?;
        let (part, whole) = (quantity.millionths(), self.quantity.millionths());
        let mut taken = 0_i64;
        for discount in &mut line.discounts {
            let share = discount.amount.in_proportion(part, whole, rounding).minor();
            let share = share.min(list.saturating_sub(taken));
            discount.amount = Money::new(share, currency);
            taken = taken.saturating_add(share);
        }
        Ok(line)
    }

    /// The same line in the quantity that was sold, with what the shop took off that.
    pub(crate) fn as_sold(&self, quantity: Quantity, discounts: &[Money]) -> Self {
        let mut line = Self { quantity, ..self.clone() };
        for (discount, amount) in line.discounts.iter_mut().zip(discounts) {
            discount.amount = *amount;
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::UnitPrice;
    use crate::order::{Product, ShopDiscount};

    fn line(id: u64, price: &str, pieces: u64, discounts: &[&str]) -> Line {
        let product = Product::new("P".parse().unwrap());
        let line = Line::new(LineId(id), product, Quantity::pieces(pieces).unwrap(), UnitPrice::parse(price).unwrap());
        discounts.iter().enumerate().fold(line, |line, (i, amount)| {
            let amount = Money::parse(amount, Currency::USD).unwrap();
            line.with_discount(ShopDiscount::new(format!("d{i}").parse().unwrap(), amount))
        })
    }

    fn order(lines: Vec<Line>) -> Order {
        Order::builder(Currency::USD).lines(lines).build().unwrap()
    }

    /// Less of an order is the order of less, whatever it is made from.
    #[test]
    fn it_is_the_order_of_what_is_granted() {
        let whole =
            order(vec![line(1, "0.0035", 1_000, &[]), line(2, "10.00", 3, &["9.00", "0.01"]), line(3, "5", 2, &[])]);
        let granted = whole.granting(&[(LineId(1), 999), (LineId(2), 2)], Rounding::HalfUp).unwrap();
        let less =
            order(vec![line(1, "0.0035", 999, &[]), line(2, "10.00", 2, &["6.00", "0.01"]), line(3, "5", 2, &[])]);
        assert_eq!(granted, less);
        assert_eq!(whole.granting(&[], Rounding::HalfUp).unwrap(), whole);
    }

    /// Two halves of a cent that are rounded up would come to more than the line: the last one gives way.
    #[test]
    fn discounts_never_come_to_more_than_the_line() {
        let whole = order(vec![line(1, "0.03", 2, &["0.03", "0.03"])]);
        for (rounding, expected) in [(Rounding::HalfUp, ["0.02", "0.01"]), (Rounding::Down, ["0.01", "0.01"])] {
            let granted = whole.granting(&[(LineId(1), 1)], rounding).unwrap();
            assert_eq!(granted, order(vec![line(1, "0.03", 1, &expected)]));
        }
        let nothing = order(vec![line(1, "0.03", 2, &["0.01"])]).granting(&[(LineId(1), 1)], Rounding::Down).unwrap();
        assert!(!nothing.any_shop_discount(), "half a cent is nothing");
    }
}
