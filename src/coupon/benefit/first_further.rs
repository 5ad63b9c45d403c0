//! One amount off the first piece, another off each further one.

use super::target::Target;
use crate::coupon::Amounts;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices};

choices! {
    /// Of what a piece is the first.
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
    /// let json = |per: &str| format!(
    ///     r#"{{"first_further": {{"first": {{"USD": "5.00"}}, "further": {{"USD": "2.00"}}, "per": "{per}"}}}}"#
    /// );
    /// // Two shirts at 30.00 and a cap at 20.00.
    /// let lines = [("SHIRT", 2, "30.00"), ("CAP", 1, "20.00")];
    /// // A first piece in each line: 5.00 and 2.00 off the shirts, 5.00 off the cap.
    /// assert_eq!(pay(serde_json::from_str(&json("line"))?, &lines)?, "68.00 USD");
    /// // One in the order, the cheapest by default: 5.00 off the cap, 2.00 off each shirt.
    /// assert_eq!(pay(serde_json::from_str(&json("order"))?, &lines)?, "71.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum FirstOf {
        /// Each line has a first piece.
        Line = "line",
        /// The order has one, in the order of the pick.
        Order = "order",
    }
}

/// One amount off the first piece, another off each further one; either may be the larger.
///
/// Of a line the first piece is the one with most left; of an order the first of the [pick](crate::Pick). What a piece
/// cannot take is lost, not moved, as with amounts per piece.
///
/// In JSON `{"first_further": {"first": {"USD": "5.00"}, "further": {"USD": "2.00"}, "per": "order"}}`.
///
/// ```
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let usd = |text: &str| Amounts::new([Money::parse(text, Currency::USD)?]);
/// let off = FirstFurther::new(usd("5.00")?, usd("2.00")?);
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let coupon = shop.prepare(Coupon::builder("more").code("MORE").benefit(off).build()?)?;
/// let shirt = Product::new("SHIRT".parse()?);
/// let line = Line::new(LineId(1), shirt, Quantity::pieces(3)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let codes = [Presented::new("more", &coupon)];
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// let customer = Customer::anonymous();
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), "81.00 USD"); // 5.00, 2.00 and 2.00 off
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstFurther {
    first: Amounts,
    further: Amounts,
    per: FirstOf,
    cap: Option<Amounts>,
    pub(super) target: Target,
}

impl FirstFurther {
    /// These amounts, each line having a first piece.
    #[must_use]
    pub fn new(first: Amounts, further: Amounts) -> Self {
        Self { first, further, per: FirstOf::default(), cap: None, target: Target::default() }
    }

    /// The same, the first piece being that of this.
    #[must_use]
    pub fn first_of(self, per: FirstOf) -> Self {
        Self { per, ..self }
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

    /// What comes off the first piece.
    #[must_use]
    pub fn first(&self) -> &Amounts {
        &self.first
    }

    /// What comes off each further piece.
    #[must_use]
    pub fn further(&self) -> &Amounts {
        &self.further
    }

    /// Of what a piece is the first.
    #[must_use]
    pub fn per(&self) -> FirstOf {
        self.per
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

impl Form for FirstFurther {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (first, further) = (f.required("first"), f.required("further"));
            let (per, cap, target) = (f.or_default("per"), f.optional("cap"), Target::read_among(f));
            Some(Self { first: first?, further: further?, per, cap, target })
        })
    }

    fn write(&self) -> DraftValue {
        let writer = Writer::default().put("first", &self.first).put("further", &self.further);
        let writer = writer.put_unless_default("per", &self.per).put_some("cap", self.cap.as_ref());
        self.target.write_among(writer).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<FirstFurther>(&[
            r#"{"first":{"USD":"5.00"},"further":{"USD":"2.00"}}"#,
            r#"{"first":{"USD":"0.00"},"further":{"USD":"2.00"},"per":"order","cap":{"USD":"9.00"},"pick":"dearest"}"#,
        ]);
    }

    #[test]
    fn both_amounts_are_needed() {
        assert_errors::<FirstFurther>(&[
            ("{}", "`first` is missing; `further` is missing"),
            (
                r#"{"first":{"USD":"-1"},"further":{"USD":"1"},"per":"unit"}"#,
                "`first.USD` is `-1`: negative; `per` is `unit`: not one of `line`, `order`",
            ),
        ]);
    }
}
