//! The parts of a set of pieces.

use std::num::NonZeroU32;

use crate::coupon::Scope;
use crate::error::Why;
use crate::form::{Check, DraftValue, Form, Writer, choices};

choices! {
    /// Within what sets of pieces are formed.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// # let pay = |benefit: Benefit, lines: &[(&str, u64, &str)]| -> Result<String, Box<dyn std::error::Error>> {
    /// #     let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// #     let coupon = shop.prepare(Coupon::builder("demo").code("DEMO").benefit(benefit).build()?)?;
    /// #     let mut order = Order::builder(Currency::USD);
    /// #     for (id, (product, pieces, price)) in (1..).zip(lines) {
    /// #         let product = Product::new(product.parse()?);
    /// #         order = order.line(Line::new(LineId(id), product, Quantity::pieces(*pieces)?, UnitPrice::parse(price)?));
    /// #     }
    /// #     let (order, customer) = (order.build()?, Customer::anonymous());
    /// #     let (codes, at) = ([Presented::new("DEMO", &coupon)], parse_instant("2026-03-29T12:00:00Z")?);
    /// #     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// #     Ok(shop.evaluate(&request)?.totals().payable().to_string())
    /// # };
    /// // `pay`: what an order of these lines (product, pieces, price) comes to with the benefit.
    /// use std::num::NonZeroU32;
    /// let third = |among| NthOff::new(NonZeroU32::MIN.saturating_add(2), Reward::Free).formed_among(among).into();
    /// let lines = [("SOAP", 2, "10.00"), ("SOAP", 1, "9.00"), ("BRUSH", 1, "12.00")]; // 41.00
    /// // 12, 10 and 10 are three; the soap at 9.00 is left over.
    /// assert_eq!(pay(third(Among::Order), &lines)?, "31.00 USD");
    /// // Three soaps, on two lines.
    /// assert_eq!(pay(third(Among::Product), &lines)?, "32.00 USD");
    /// // No line has three pieces.
    /// assert_eq!(pay(third(Among::Line), &lines)?, "41.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum Among {
        /// All lines together: two pieces of one line and one of another are three.
        Order = "order",
        /// Each line by itself.
        Line = "line",
        /// Each product by itself, over all its lines.
        Product = "product",
    }
}

/// So many pieces of some goods, as a part of a set: what is to be bought, what is given, a part of a bundle.
///
/// In JSON `{"pieces": 2, "of": {"categories": ["shoes"]}}`; without `of`, all goods of the coupon's scope.
///
/// ```
/// use std::num::NonZeroU32;
/// use vouchsafe::{Scope, SetPart};
///
/// let one = SetPart::new(NonZeroU32::MIN).of(Scope::OnSale);
/// assert_eq!(serde_json::to_string(&one)?, r#"{"pieces":1,"of":"on_sale"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPart {
    pub(crate) pieces: u32,
    pub(crate) of: Option<Scope>,
}

impl SetPart {
    /// So many pieces of anything in the coupon's scope.
    #[must_use]
    pub fn new(pieces: NonZeroU32) -> Self {
        Self { pieces: pieces.get(), of: None }
    }

    /// The same, within this scope as well as the coupon's.
    #[must_use]
    pub fn of(self, scope: Scope) -> Self {
        Self { of: Some(scope), ..self }
    }

    /// How many pieces.
    #[must_use]
    pub fn pieces(&self) -> u32 {
        self.pieces
    }

    /// Which goods, within the coupon's scope; `None`: all of it.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.of.as_ref()
    }
}

impl SetPart {
    /// Reads a list of parts: one at least, and not more than a set may have.
    pub(super) fn read_some(value: &DraftValue, most: usize, check: &mut Check) -> Option<Vec<Self>> {
        let parts: Vec<Self> = Form::read(value, check)?;
        let why = match parts.len() {
            0 => Why::Empty,
            count if count > most => Why::TooMany { max: most },
            _ => return Some(parts),
        };
        check.report(value, why);
        None
    }
}

impl Form for SetPart {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let pieces = f.required_not_zero("pieces");
            let of = f.optional("of");
            Some(Self { pieces: pieces?, of })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("pieces", &self.pieces).put_some("of", self.of.as_ref()).end()
    }
}

crate::form::serde_by_form!(SetPart);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_part_says_how_many_pieces_of_what() {
        assert_identity::<SetPart>(&[r#"{"pieces":1}"#, r#"{"pieces":4294967295,"of":{"products":["A"]}}"#]);
        assert_errors::<SetPart>(&[
            ("{}", "`pieces` is missing"),
            (
                r#"{"pieces":0,"of":"nothing"}"#,
                "`pieces` is `0`: zero; `of` is `nothing`: not one of `open`, `subsystem`, `product_type`, `parent_product`, `product`, `products`, `categories`, `tags`, `attribute`, `on_sale`, `price_range`, `all`, `any`, `not`",
            ),
        ]);
    }
}
