//! Step 3: the base price of each line, out of those that the customer is entitled to: a price on the line, lists of the
//! customer, lists of the types held, the list price.

use crate::error::Error;
use crate::money::Rounding;
use crate::outcome::{PricedBy, TraceStep};
use crate::shop::{Ask, Candidate, Holder};

use super::pass::{Cell, Pass, Scratch};

pub(super) fn of_the_customer(pass: &mut Pass<'_>) -> Result<(), Error> {
    let slots = pass.order.slots();
    pass.s.cells.clear();
    pass.s.cells.extend(slots.iter().map(|slot| Cell {
        base: slot.list,
        after: slot.list,
        left: slot.list,
        ..Cell::default()
    }));
    let (shop, order) = (pass.shop, pass.order);
    let Scratch { entitled, standing, .. } = &mut *pass.s;
    shop.entitle(standing, pass.request.customer.keys(), pass.at, entitled);
    if !order.any_customer_price() && shop.prices().is_empty() {
        return Ok(());
    }
    quantities(pass);
    let mut total = 0_i64;
    for (i, line) in order.lines().iter().enumerate() {
        let ask = Ask {
            product: line.product(),
            list_price: line.unit_price,
            customer_price: line.customer_price,
            millionths: pass.s.quantities.get(i).copied().unwrap_or(u128::MAX),
            currency: pass.currency,
        };
        let price = shop.price_of(&pass.s.standing, &pass.s.entitled, &ask);
        let list = slots.get(i).map_or(0, |s| s.list);
        let extend = |price: &Candidate<'_>| match price.holder {
            Holder::List => Some(list),
            _ => price.price.extended_minor(line.quantity, pass.currency, Rounding::HalfUp),
        };
        let base = extend(&price).ok_or_else(|| Error::overflow(format!("lines[{}].unit_price", line.id)))?;
        total = total.checked_add(base).ok_or_else(|| Error::overflow("order total"))?;
        let Some(cell) = pass.s.cells.get_mut(i) else { continue };
        let price_list = price.list.map(|(position, _)| position);
        *cell = Cell { base, after: base, left: base, source: price.source(), price_list, ..*cell };
        if pass.tracing {
            let losers =
                shop.prices().losers(shop.catalogue(), pass.s.standing.types(), &pass.s.entitled, &ask).into_iter();
            // One that does not even fit is no reason to refuse the order.
            let losers: Vec<_> = losers.filter_map(|(lost, why)| Some((extend(&lost)?, lost, why))).collect();
            for (amount, lost, why) in losers {
                let step = TraceStep::Price { won: priced_by(pass, &price), lost: priced_by(pass, &lost), why };
                pass.note(u32::try_from(i).ok(), step, amount, base);
            }
        }
    }
    // Charges are in the sum of the order as well.
    slots
        .iter()
        .skip(order.lines().len())
        .try_fold(total, |sum, slot| sum.checked_add(slot.list))
        .ok_or_else(|| Error::overflow("order total"))?;
    Ok(())
}

/// How much of each line's product is sold with the whole order, where a price may hang on it: splitting a line changes
/// nothing.
fn quantities(pass: &mut Pass<'_>) {
    let plan = &pass.plan;
    let Scratch { quantities, by_product, .. } = &mut *pass.s;
    quantities.clear();
    if !pass.shop.prices().any_breaks() {
        return;
    }
    let lines = pass.order.lines();
    let line = |i: &u32| usize::try_from(*i).ok().and_then(|i| lines.get(i));
    let product = |i: &u32| line(i).map(|line| line.product().id());
    by_product.clear();
    by_product.extend((0_u32..).zip(lines).map(|(i, _)| i));
    by_product.sort_unstable_by(|a, b| product(a).cmp(&product(b)));
    quantities.resize(lines.len(), 0);
    for of_product in by_product.chunk_by(|a, b| product(a) == product(b)) {
        let sum = of_product.iter().filter(|i| !plan.refuses(**i)).filter_map(line).fold(0_u128, |sum, line| {
            // A million lines of 10^15 at most.
            sum.saturating_add(u128::from(line.quantity.millionths()))
        });
        for i in of_product {
            if let Some(quantity) = usize::try_from(*i).ok().and_then(|i| quantities.get_mut(i)) {
                *quantity = sum;
            }
        }
    }
}

/// Where a price comes from, for the trace.
fn priced_by(pass: &Pass<'_>, price: &Candidate<'_>) -> PricedBy {
    let customer_type = price.customer_type(pass.s.standing.types()).cloned();
    PricedBy { source: price.source(), customer_type, list: price.list.map(|(_, list)| list.clone()) }
}
