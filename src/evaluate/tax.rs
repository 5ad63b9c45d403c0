//! Step 9: taxable amounts and tax. Rounded once per class, on the sum of its taxable amounts, and shared to its lines by
//! largest remainder; or per line, where policy says so.

use crate::error::Error;
use crate::money::share;
use crate::money::{Rounding, TaxRate};
use crate::order::Slot;
use crate::policy::{PriceMode, TaxRounding};

use super::pass::{Cell, ClassSum, Pass};

/// The taxable amount of a line as priced: what is left, with what third parties pay.
pub(super) fn taxable(cell: &Cell) -> i64 {
    // What third parties pay is a part of what was taken off.
    cell.left.wrapping_add(cell.third)
}

/// What is left to pay of all lines and charges, tax included: what two ways to price an order are compared by. Nothing is
/// kept of it.
pub(super) fn to_pay(pass: &mut Pass<'_>) -> i64 {
    let left = pass.s.cells.iter().fold(0_i64, |sum, cell| sum.saturating_add(cell.left));
    if pass.price_mode == PriceMode::TaxInclusive || !pass.taxed {
        return left;
    }
    let rounding = pass.policy.rounding();
    let tax = |rate: TaxRate, amount: i64| rate.exclusive_tax(amount, rounding.tax).unwrap_or(i64::MAX);
    let rate = |class: usize| pass.order.classes().get(class).and_then(|class| class.rate);
    let taxes = if rounding.tax_level == TaxRounding::PerLine {
        let cells = pass.order.slots().iter().zip(&pass.s.cells).filter(|(_, cell)| cell.refusal.is_none());
        let of_cell = |(slot, cell): (&Slot, &Cell)| {
            let rate = usize::try_from(slot.class).ok().and_then(rate);
            rate.map_or(0, |rate| tax(rate, taxable(cell)))
        };
        cells.map(of_cell).fold(0, i64::saturating_add)
    } else {
        sums(pass);
        let sums = pass.s.class_totals.iter().enumerate();
        let of_class = |(class, sum): (usize, &ClassSum)| rate(class).map_or(0, |rate| tax(rate, sum.taxable));
        sums.map(of_class).fold(0, i64::saturating_add)
    };
    left.saturating_add(taxes)
}

/// What is taxable, by class.
fn sums(pass: &mut Pass<'_>) {
    let classes = pass.order.classes();
    pass.s.class_totals.clear();
    pass.s.class_totals.resize(classes.len(), ClassSum::default());
    for (slot, cell) in pass.order.slots().iter().zip(&pass.s.cells) {
        let sum = usize::try_from(slot.class).ok().and_then(|c| pass.s.class_totals.get_mut(c));
        if let (Some(sum), None) = (sum, cell.refusal) {
            // Parts of the order's total, which was found to fit before and after prices changed.
            sum.used = true;
            sum.taxable = sum.taxable.wrapping_add(taxable(cell));
            sum.third = sum.third.wrapping_add(cell.third);
        }
    }
}

pub(super) fn of_lines(pass: &mut Pass<'_>) -> Result<(), Error> {
    let classes = pass.order.classes();
    sums(pass);
    let per_line = pass.policy.rounding().tax_level == TaxRounding::PerLine;
    for class in 0..classes.len() {
        let Some(rate) = classes.get(class).and_then(|c| c.rate) else {
            if let Some(sum) = pass.s.class_totals.get_mut(class) {
                sum.net = sum.taxable;
            }
            continue;
        };
        if per_line { each(pass, class, rate)? } else { once(pass, class, rate)? }
    }
    Ok(())
}

/// Net and tax of a taxable amount.
fn split(amount: i64, rate: TaxRate, mode: PriceMode, rounding: Rounding) -> Result<(i64, i64), Error> {
    match mode {
        PriceMode::TaxExclusive => {
            let tax = rate.exclusive_tax(amount, rounding).ok_or_else(|| Error::overflow("tax"))?;
            Ok((amount, tax))
        }
        PriceMode::TaxInclusive => {
            let net = rate.inclusive_net(amount, rounding);
            Ok((net, amount.saturating_sub(net)))
        }
    }
}

fn in_class(pass: &Pass<'_>, class: usize, i: usize) -> bool {
    pass.order.slots().get(i).is_some_and(|slot| usize::try_from(slot.class) == Ok(class))
}

fn once(pass: &mut Pass<'_>, class: usize, rate: TaxRate) -> Result<(), Error> {
    let Some(sum) = pass.s.class_totals.get(class).copied() else { return Ok(()) };
    let (net, tax) = split(sum.taxable, rate, pass.price_mode, pass.policy.rounding().tax)?;
    if let Some(sum) = pass.s.class_totals.get_mut(class) {
        (sum.net, sum.tax) = (net, tax);
    }
    if tax == 0 {
        return Ok(());
    }
    let single = pass.order.classes().len() == 1;
    let mut weights = std::mem::take(&mut pass.s.weights);
    weights.clear();
    if single {
        weights.extend(pass.s.cells.iter().map(taxable));
    } else {
        weights.reserve(pass.s.cells.len());
        let of_class = pass.s.cells.iter().enumerate().filter(|(i, _)| in_class(pass, class, *i));
        weights.extend(of_class.map(|(_, cell)| taxable(cell)));
    }
    let s = &mut *pass.s;
    let shared = share(tax, &weights, None, &mut s.shares, &mut s.allocate);
    s.weights = weights;
    if shared != Some(0) {
        return Err(Error::overflow("tax"));
    }
    if single {
        for (cell, tax) in s.cells.iter_mut().zip(&s.shares) {
            cell.tax = *tax;
        }
        return Ok(());
    }
    let slots = pass.order.slots().iter();
    let cells = s.cells.iter_mut().zip(slots).filter(|(_, slot)| usize::try_from(slot.class) == Ok(class));
    for ((cell, _), tax) in cells.zip(&s.shares) {
        cell.tax = *tax;
    }
    Ok(())
}

fn each(pass: &mut Pass<'_>, class: usize, rate: TaxRate) -> Result<(), Error> {
    let (mode, rounding) = (pass.price_mode, pass.policy.rounding().tax);
    let mut total = ClassSum::default();
    for i in 0..pass.s.cells.len() {
        if !in_class(pass, class, i) {
            continue;
        }
        let Some(cell) = pass.s.cells.get_mut(i) else { continue };
        let (net, tax) = split(taxable(cell), rate, mode, rounding)?;
        cell.tax = tax;
        total.net = add(total.net, net)?;
        total.tax = add(total.tax, tax)?;
    }
    if let Some(sum) = pass.s.class_totals.get_mut(class) {
        (sum.net, sum.tax) = (total.net, total.tax);
    }
    Ok(())
}

fn add(a: i64, b: i64) -> Result<i64, Error> {
    a.checked_add(b).ok_or_else(|| Error::overflow("tax base"))
}
