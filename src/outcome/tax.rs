//! Tax per class.

use crate::key::TaxClass;
use crate::money::{Currency, Money, TaxRate};

/// The sums of one tax class: what an invoice states per rate.
///
/// `net` and `tax` are rounded once, on the sum of the class, and shared to its lines; or they are sums of amounts rounded
/// per line, where policy says so (V26). For prices without tax `net` is `taxable`; for prices with tax
/// `net + tax = taxable`. Classes stand in the order in which the host gave their rates; one that no line is sold in is
/// left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxTotal {
    pub(crate) class: Option<TaxClass>,
    pub(crate) rate: Option<TaxRate>,
    pub(crate) currency: Currency,
    pub(crate) taxable: i64,
    pub(crate) net: i64,
    pub(crate) tax: i64,
}

impl TaxTotal {
    /// The class; none for lines that name no class.
    #[must_use]
    pub fn class(&self) -> Option<&TaxClass> {
        self.class.as_ref()
    }

    /// The rate, where the caller gave one.
    #[must_use]
    pub fn rate(&self) -> Option<TaxRate> {
        self.rate
    }

    /// Taxable amount, as priced.
    #[must_use]
    pub fn taxable(&self) -> Money {
        Money::new(self.taxable, self.currency)
    }

    /// Taxable amount without tax.
    #[must_use]
    pub fn net(&self) -> Money {
        Money::new(self.net, self.currency)
    }

    /// The tax; none where no rate was given.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        self.rate.map(|_| Money::new(self.tax, self.currency))
    }
}
