//! Figures per currency.

use rust_decimal::Decimal;

use super::pending::{Currency, Money, UnitPrice};

/// An amount named per currency, and perhaps one figure for every other currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    /// Minor units by currency, sorted by currency, no currency twice.
    pub(crate) by_currency: Vec<(Currency, i64)>,
    /// Major units for every currency that is not named, as such.
    pub(crate) other: Option<Decimal>,
}

impl Amounts {
    /// The amount in this currency: the one named for it, else the figure for every other currency as such.
    ///
    /// `None` where neither is named, or where the common figure has more decimals than the currency.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> Option<Money> {
        match self.by_currency.binary_search_by(|(c, _)| c.cmp(&currency)) {
            Ok(found) => self.by_currency.get(found).map(|(c, minor)| Money::new(*minor, *c)),
            Err(_) => self.other.and_then(|figure| Money::from_decimal(figure, currency).ok()),
        }
    }

    /// The amounts that are named, by currency.
    pub fn named(&self) -> impl Iterator<Item = Money> + '_ {
        self.by_currency.iter().map(|(currency, minor)| Money::new(*minor, *currency))
    }

    /// The figure in major units for every currency that is not named.
    #[must_use]
    pub fn other(&self) -> Option<Decimal> {
        self.other
    }

    /// Whether every figure is zero.
    pub(crate) fn is_zero(&self) -> bool {
        self.by_currency.iter().all(|(_, minor)| *minor == 0) && self.other.is_none_or(|figure| figure.is_zero())
    }
}

/// A price named per currency, as fine as unit prices are, and perhaps one for every other currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceTable {
    /// Sorted by currency, no currency twice.
    pub(crate) by_currency: Vec<(Currency, UnitPrice)>,
    /// For every currency that is not named.
    pub(crate) other: Option<UnitPrice>,
}

impl PriceTable {
    /// The price in this currency: the one named for it, else the one for every other currency as such.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> Option<UnitPrice> {
        match self.by_currency.binary_search_by(|(c, _)| c.cmp(&currency)) {
            Ok(found) => self.by_currency.get(found).map(|(_, price)| *price),
            Err(_) => self.other,
        }
    }
}
