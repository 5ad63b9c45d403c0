//! Lines as they were sold: base prices, and what goes with a quantity.

use crate::error::Error;
use crate::key::PriceListId;
use crate::money::{Currency, ExactPrice, Money, Quantity, Rounding};
use crate::order::{Line, LineId, Order};
use crate::policy::Policy;
use crate::shop::PriceSource;

/// The price of one unit of a line, as it was resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BasePrice {
    pub(crate) price: ExactPrice,
    pub(crate) source: PriceSource,
    pub(crate) list: Option<PriceListId>,
    /// The line as it was sold: known apart once the quantity is another one.
    pub(crate) sold: Option<Sold>,
}

/// A line as it was sold. Every later quantity is worked out from it, so that changes to and fro lose no cent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sold {
    /// What it cost on the snapshot, in minor units.
    pub(crate) minor: i64,
    pub(crate) quantity: Quantity,
    /// What the shop took off it, discount by discount.
    pub(crate) discounts: Vec<Money>,
}

/// What the host computed for lines goes with their quantities: in proportion to what was sold, each amount rounded by
/// itself. Lines that are gone have none.
pub(crate) fn host_amounts(
    order: &Order,
    then: (&Order, &[BasePrice]),
    amounts: &[(LineId, Money)],
    policy: &Policy,
) -> Vec<(LineId, Money)> {
    let quantity = |order: &Order, line: LineId| {
        let line = order.slot_of(line)?;
        Some(order.lines().get(line).map_or(1, |line| line.quantity().millionths()))
    };
    let sold = |line: LineId| {
        let base = then.0.slot_of(line).and_then(|slot| then.1.get(slot));
        let sold = base.and_then(|base| base.sold.as_ref());
        sold.map(|sold| sold.quantity.millionths()).or_else(|| quantity(then.0, line))
    };
    let rounding = policy.rounding().discount;
    let scaled = |(line, amount): &(LineId, Money)| {
        let (before, after) = (sold(*line)?, quantity(order, *line)?);
        Some((*line, amount.in_proportion(after, before, rounding)))
    };
    amounts.iter().filter_map(scaled).collect()
}

impl BasePrice {
    /// The line in another quantity, worked out from what was sold.
    ///
    /// # Errors
    /// An amount beyond exact arithmetic.
    pub(crate) fn in_quantity(
        &self,
        line: &Line,
        quantity: Quantity,
        currency: Currency,
        rounding: Rounding,
    ) -> Result<Line, Error> {
        let Some(sold) = &self.sold else { return line.in_quantity(quantity, currency, rounding) };
        line.as_sold(sold.quantity, &sold.discounts).in_quantity(quantity, currency, rounding)
    }
}

/// A line as it was sold.
pub(crate) fn sold(order: &Order, line: &Line, price: &BasePrice) -> Result<Sold, Error> {
    if let Some(known) = &price.sold {
        return Ok(known.clone());
    }
    let base = extended(order, line, price)?;
    let slot = order.slot_of(line.id).and_then(|slot| order.slots().get(slot));
    let minor = base.saturating_sub(slot.map_or(0, |slot| slot.shop_discount)).max(0);
    let discounts = line.discounts().iter().map(|discount| discount.amount()).collect();
    Ok(Sold { minor, quantity: line.quantity(), discounts })
}

/// What a line costs at its base price.
pub(crate) fn extended(order: &Order, line: &Line, price: &BasePrice) -> Result<i64, Error> {
    price
        .price
        .extended_minor(line.quantity, order.currency(), Rounding::HalfUp)
        .ok_or_else(|| Error::overflow(format!("lines[{}].unit_price", line.id)))
}
