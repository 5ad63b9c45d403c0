//! Something extra.

use std::num::NonZeroU64;

use crate::coupon::Amounts;
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};
use crate::key::ProductId;
use crate::money::Quantity;

/// Pieces of a product that come with the order for nothing (S14).
///
/// The outcome names them, and the host adds them to what it ships. A gift is no line of the order: it has no price, no
/// tax and no discount, it qualifies for nothing, and it is gone as soon as the coupon no longer applies. It is an effect
/// of its own: a coupon that gives one is worth something.
///
/// The value is what one piece stands at in the merchant's books; no figure of the order looks at it.
///
/// In JSON `{"gift": {"product": "MUG", "pieces": 2, "value": {"USD": "4.90"}}}`; one piece, unless it says otherwise.
///
/// ```
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let mug = Gift::new("MUG".parse()?);
/// let coupon = shop.prepare(Coupon::builder("mug").code("MUG").benefit(mug).build()?)?;
/// let shirt = Product::new("SHIRT".parse()?);
/// let line = Line::new(LineId(1), shirt, Quantity::ONE, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let codes = [Presented::new("mug", &coupon)];
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// let customer = Customer::anonymous();
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let [gift] = outcome.gifts() else { panic!("there is one gift") };
/// assert_eq!((gift.product().as_str(), gift.pieces()), ("MUG", 1));
/// assert_eq!(outcome.totals().payable().to_string(), "30.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    product: ProductId,
    pieces: u64,
    value: Option<Amounts>,
}

impl Gift {
    /// One piece of a product.
    #[must_use]
    pub fn new(product: ProductId) -> Self {
        Self { product, pieces: 1, value: None }
    }

    /// The same, so many pieces of it.
    ///
    /// # Errors
    /// At the path `pieces`: [`Why::OutOfRange`] above 1,000,000,000.
    pub fn with_pieces(self, pieces: NonZeroU64) -> Result<Self, Error> {
        let pieces = pieces.get();
        if pieces > u64::from(Quantity::MAX) {
            return Err(Error::invalid("pieces", pieces, too_many()));
        }
        Ok(Self { pieces, ..self })
    }

    /// The same, with what one piece stands at in the books.
    #[must_use]
    pub fn worth(self, value: Amounts) -> Self {
        Self { value: Some(value), ..self }
    }

    /// What is given.
    #[must_use]
    pub fn product(&self) -> &ProductId {
        &self.product
    }

    /// How many pieces of it.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.pieces
    }

    /// What one piece stands at in the books. An order in a currency that it does not name has the gift without a value.
    #[must_use]
    pub fn value(&self) -> Option<&Amounts> {
        self.value.as_ref()
    }
}

fn too_many() -> Why {
    Why::OutOfRange { min: "1".to_owned(), max: Quantity::MAX.to_string() }
}

impl Form for Gift {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let product = f.required("product");
            let pieces: u64 = f.not_zero("pieces").unwrap_or(1);
            if pieces > u64::from(Quantity::MAX) {
                f.report("pieces", too_many());
            }
            let value = f.optional("value");
            product.map(|product| Self { product, pieces, value })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("product", &self.product)
            .put_unless("pieces", &self.pieces, &1)
            .put_some("value", self.value.as_ref())
            .end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_gift_is_read_and_written() {
        assert_identity::<Gift>(&[
            r#"{"product":"MUG"}"#,
            r#"{"product":"MUG","pieces":1000000000,"value":{"USD":"4.90"}}"#,
        ]);
    }

    #[test]
    fn every_mistake_is_reported() {
        assert_errors::<Gift>(&[
            (r#"{"pieces":0}"#, "`pieces` is `0`: zero; `product` is missing"),
            (
                r#"{"product":"","pieces":1000000001,"value":{"USD":"-1"}}"#,
                "`product` is ``: empty; `pieces` is `1000000001`: not between 1 and 1000000000; \
                 `value.USD` is `-1`: negative",
            ),
        ]);
        let many = Gift::new("MUG".parse().unwrap()).with_pieces(NonZeroU64::MAX).unwrap_err();
        assert!(many.to_string().starts_with("`pieces` is `18446744073709551615`"), "{many}");
    }
}
