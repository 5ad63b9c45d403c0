//! Tax per class.

use crate::key::TaxClass;
use crate::money::{Currency, Money, TaxRate};

/// The sums of one tax class: what an invoice states per rate.
///
/// `net` and `tax` are rounded once, on the sum of the class, and shared to its lines; or they are sums of amounts rounded
/// per line, where policy says so (V26). For prices without tax `net` is `taxable`; for prices with tax
/// `net + tax = taxable`. Classes stand in the order in which the host gave their rates; one that no line is sold in is
/// left out.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).default_rate(TaxRate::parse("8")?).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let [class] = outcome.taxes() else { panic!("there is one class") };
/// assert_eq!(class.net().to_string(), "54.00 USD");
/// assert_eq!(class.tax().map(|tax| tax.to_string()).as_deref(), Some("4.32 USD"));
/// # Ok(())
/// # }
/// ```
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
