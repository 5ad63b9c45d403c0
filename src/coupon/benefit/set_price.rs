//! A price instead of the usual one.

use super::target::Target;
use crate::coupon::PriceTable;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// A price instead of the usual one ("discount to"), where that is lower; it never makes anything dearer.
///
/// At the coupon's level "line" it is the price of one piece, and as fine as unit prices are. At level "order" it is
/// the price of all qualifying lines together: three shirts for 50.00. In JSON
/// `{"set_price": {"price": {"USD": "9.99"}}}`.
///
/// ```
/// use vouchsafe::{Benefit, Currency, PriceTable, SetPrice, UnitPrice};
///
/// let price = PriceTable::new([(Currency::USD, UnitPrice::parse("9.99")?)])?;
/// let benefit = Benefit::from(SetPrice::new(price));
/// assert_eq!(serde_json::to_string(&benefit)?, r#"{"set_price":{"price":{"USD":"9.99"}}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPrice {
    pub(crate) price: PriceTable,
    pub(crate) target: Target,
}

impl SetPrice {
    /// This price.
    #[must_use]
    pub fn new(price: PriceTable) -> Self {
        Self { price, target: Target::default() }
    }

    /// The same, on these pieces.
    #[must_use]
    pub fn on(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// The price of one piece, or of all qualifying lines together where the coupon's level is the order.
    #[must_use]
    pub fn price(&self) -> &PriceTable {
        &self.price
    }

    /// Which pieces it acts on.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }
}

impl Form for SetPrice {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let price = f.required("price");
            let target = Target::read_among(f);
            price.map(|price| Self { price, target })
        })
    }

    fn write(&self) -> DraftValue {
        self.target.write_among(Writer::default().put("price", &self.price)).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_price_is_needed() {
        assert_identity::<SetPrice>(&[
            r#"{"price":{"USD":"0.0035"}}"#,
            r#"{"price":{"JPY":"980","other":"9.5"},"max_units":1}"#,
        ]);
        assert_errors::<SetPrice>(&[
            ("{}", "`price` is missing"),
            (r#"{"price":{"USD":"-1"}}"#, "`price.USD` is `-1`: negative"),
            (r#"{"price":{"USD":9.99}}"#, "`price.USD` is `9.99`: a JSON number, amounts and percentages are strings"),
            (r#"{"price":{"USD":"100000000"}}"#, "`price.USD` is `100000000`: not between 0 and 99999999.999999999"),
        ]);
    }
}
