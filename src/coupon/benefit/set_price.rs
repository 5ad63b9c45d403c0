//! A price instead of the usual one.

use super::target::Target;
use crate::coupon::{Amounts, PriceTable};
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
    pub(crate) cap: Option<Amounts>,
    pub(crate) target: Target,
}

impl SetPrice {
    /// This price.
    #[must_use]
    pub fn new(price: PriceTable) -> Self {
        Self { price, cap: None, target: Target::default() }
    }

    /// The same, giving at most so much in all.
    #[must_use]
    pub fn capped_at(self, cap: Amounts) -> Self {
        Self { cap: Some(cap), ..self }
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

    /// The most it gives in all. An order in a currency that it does not name is refused, never left uncapped.
    #[must_use]
    pub fn cap(&self) -> Option<&Amounts> {
        self.cap.as_ref()
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
            let (cap, target) = (f.optional("cap"), Target::read_among(f));
            price.map(|price| Self { price, cap, target })
        })
    }

    fn write(&self) -> DraftValue {
        let writer = Writer::default().put("price", &self.price).put_some("cap", self.cap.as_ref());
        self.target.write_among(writer).end()
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
            r#"{"price":{"USD":"1"},"cap":{"USD":"7.00"}}"#,
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
