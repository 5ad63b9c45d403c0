//! What makes an order usable. The builder stops at the first mistake and the check of a draft goes on to the last one,
//! so the rules stand here, each by itself and without a path.

use crate::error::Why;
use crate::key::TaxClass;
use crate::money::{Currency, Money, Quantity, Rounding, TaxRate, UnitPrice};

use super::{Line, Order};

/// One tax class of an order with its rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClassRate {
    pub(crate) class: Option<TaxClass>,
    pub(crate) rate: Option<TaxRate>,
}

impl ClassRate {
    /// Its name in JSON.
    pub(super) fn name(&self) -> &str {
        self.class.as_ref().map_or(Order::DEFAULT_TAX_CLASS, TaxClass::as_str)
    }
}

/// A class, or none where it has the name that stands for none.
pub(super) fn named(class: TaxClass) -> Option<TaxClass> {
    (class.as_str() != Order::DEFAULT_TAX_CLASS).then_some(class)
}

/// The tax classes of an order, each once: in the order in which its lines name them, then those that no line has.
///
/// The order in which rates were given decides nothing. In JSON they are the fields of an object, which a database may
/// well give back in an order of its own, and the same order must be answered with the same bytes.
#[derive(Debug, Default)]
pub(super) struct Classes {
    found: Vec<ClassRate>,
    /// The class of the line before: neighbours mostly share theirs.
    last: usize,
}

impl Classes {
    /// Gives the classes their rates, each of them once; to be called when every line was seen.
    pub(super) fn rate(&mut self, rates: Vec<ClassRate>) {
        let mut unused = Vec::new();
        for rated in rates {
            match self.found.iter_mut().find(|found| found.class == rated.class) {
                Some(found) => found.rate = rated.rate,
                None => unused.push(rated),
            }
        }
        unused.sort_by(|a, b| a.class.cmp(&b.class));
        self.found.append(&mut unused);
    }

    /// The place of a class; `None` where there are too many.
    #[inline]
    pub(super) fn index(&mut self, class: Option<&TaxClass>) -> Option<u32> {
        if self.found.get(self.last).is_none_or(|c| c.class.as_ref() != class) {
            self.last = match self.found.iter().position(|c| c.class.as_ref() == class) {
                Some(found) => found,
                None if self.found.len() >= Order::MAX_TAX_CLASSES => return None,
                None => {
                    self.found.push(ClassRate { class: class.cloned(), rate: None });
                    self.found.len().saturating_sub(1)
                }
            };
        }
        u32::try_from(self.last).ok()
    }

    /// Classes that lines have and that no rate was given for.
    pub(super) fn without_rate(&self) -> impl Iterator<Item = &ClassRate> {
        self.found.iter().filter(|c| c.rate.is_none())
    }

    pub(super) fn into_vec(self) -> Vec<ClassRate> {
        self.found
    }
}

/// The amount of a line at this price, in minor units.
pub(super) fn extended(price: UnitPrice, quantity: Quantity, currency: Currency) -> Result<i64, Why> {
    match price.extended_minor(quantity, currency, Rounding::HalfUp) {
        Some(amount) => Ok(amount),
        None => Err(Why::Overflow),
    }
}

/// The floor of one unit, rounded up to the minor unit. The one unit of a measured line is the whole of it.
pub(super) fn unit_floor(floor: UnitPrice, quantity: Quantity, currency: Currency) -> Result<i64, Why> {
    if !quantity.is_measured() {
        return floor.to_minor_ceil(currency).ok_or(Why::Overflow);
    }
    let whole = floor.to_decimal().checked_mul(quantity.to_decimal());
    let minor = whole.and_then(|whole| whole.checked_mul(currency.minor_per_major().into()));
    minor.and_then(|minor| i64::try_from(minor.ceil()).ok()).ok_or(Why::Overflow)
}

/// An amount from zero upward, in the currency of the order.
pub(super) fn amount_in(currency: Currency, amount: Money) -> Result<i64, Why> {
    if amount.currency() != currency {
        Err(Why::CurrencyMismatch { expected: currency })
    } else if amount.is_negative() {
        Err(Why::Negative)
    } else {
        Ok(amount.minor())
    }
}

/// Adds a discount to those before it on the same line or charge, which may not exceed its amount together.
pub(super) fn add_discount(sum: i64, discount: Money, list: Money) -> Result<i64, Why> {
    let amount = amount_in(list.currency(), discount)?;
    let sum = sum.checked_add(amount).ok_or(Why::Overflow)?;
    if sum > list.minor() {
        return Err(Why::OutOfRange { min: "0".to_owned(), max: left(list, sum.saturating_sub(amount)) });
    }
    Ok(sum)
}

/// What earlier discounts leave of an amount.
fn left(list: Money, taken: i64) -> String {
    Money::new(list.minor().saturating_sub(taken), list.currency()).amount_text()
}

/// The sum of list amounts, from which no later sum can overflow.
pub(super) fn add_to_total(total: i64, list: i64) -> Result<i64, Why> {
    match total.checked_add(list) {
        Some(total) => Ok(total),
        None => Err(Why::Overflow),
    }
}

/// The list amount and the floor of a line, with the field that is wrong.
pub(super) fn line_amounts(line: &Line, currency: Currency) -> Result<(i64, i64), (&'static str, UnitPrice, Why)> {
    let at = |field, price| move |why| (field, price, why);
    let list = extended(line.unit_price, line.quantity, currency).map_err(at("unit_price", line.unit_price))?;
    if let Some(price) = line.customer_price {
        extended(price, line.quantity, currency).map_err(at("customer_price", price))?;
    }
    let floor = match line.floor_price {
        Some(price) => unit_floor(price, line.quantity, currency).map_err(at("floor_price", price))?,
        None => 0,
    };
    Ok((list, floor))
}
