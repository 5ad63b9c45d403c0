//! An amount off.

use super::target::Target;
use crate::coupon::Amounts;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices};

choices! {
    /// How often an amount is taken.
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
    /// let off = |per| -> Result<Benefit, Error> {
    ///     Ok(AmountOff::new(Amounts::new([Money::parse("10.00", Currency::USD)?])?).taken_per(per).into())
    /// };
    /// let lines = [("SHIRT", 2, "30.00"), ("CAP", 1, "40.00")]; // 100.00
    /// assert_eq!(pay(off(Per::Order)?, &lines)?, "90.00 USD");
    /// assert_eq!(pay(off(Per::Line)?, &lines)?, "80.00 USD");
    /// assert_eq!(pay(off(Per::Unit)?, &lines)?, "70.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum Per {
        /// Once, shared over the qualifying lines (S62): 100 off lines of 200 and 200 is 100.
        Order = "order",
        /// Once on each qualifying line: 100 off lines of 200 and 200 is 200.
        Line = "line",
        /// Once on each qualifying piece.
        Unit = "unit",
    }
}

choices! {
    /// Whether an amount is meant with or without tax.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// // Prices without tax, 20% on top: 100.00 is 120.00 to pay.
    /// let pay = |tax| -> Result<String, Box<dyn std::error::Error>> {
    ///     let off = AmountOff::new(Amounts::new([Money::parse("12.00", Currency::USD)?])?).tax_view(tax);
    ///     let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    ///     let coupon = shop.prepare(Coupon::builder("off").code("OFF").benefit(off).build()?)?;
    ///     let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?);
    ///     let order = Order::builder(Currency::USD).line(line).default_rate(TaxRate::parse("20")?).build()?;
    ///     let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    ///     let codes = [Presented::new("OFF", &coupon)];
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?.totals().payable().to_string())
    /// };
    /// // 88.00 and 17.60 tax.
    /// assert_eq!(pay(TaxView::Net)?, "105.60 USD");
    /// assert_eq!(pay(TaxView::AsPriced)?, "105.60 USD");
    /// // The shopper pays 12.00 less: 10.00 of it without tax.
    /// assert_eq!(pay(TaxView::Gross)?, "108.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum TaxView {
        /// As the order's prices are.
        AsPriced = "as_priced",
        /// Without tax.
        Net = "net",
        /// With tax.
        Gross = "gross",
    }
}

choices! {
    /// How an amount per order is shared over the lines.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let even = AmountOff::new(Amounts::new([Money::parse("10.00", Currency::USD)?])?).split_evenly();
    /// assert_eq!(even.split(), Split::Even);
    /// let coupon = shop.prepare(Coupon::builder("even").code("EVEN").benefit(even).build()?)?;
    /// let line = |id, price| -> Result<Line, Error> {
    ///     Ok(Line::new(LineId(id), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse(price)?))
    /// };
    /// let order = Order::builder(Currency::USD).line(line(1, "80.00")?).line(line(2, "20.00")?).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("EVEN", &coupon)];
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// let outcome = shop.evaluate(&request)?;
    /// let off: Vec<String> = outcome.lines().iter().map(|line| line.coupon_discount().to_string()).collect();
    /// assert_eq!(off, ["5.00 USD", "5.00 USD"]); // proportional: 8.00 and 2.00
    /// # Ok(())
    /// # }
    /// ```
    pub enum Split {
        /// By what each line has left.
        Proportional = "proportional",
        /// The same for each line, as far as it has room.
        Even = "even",
    }
}

/// An amount off (S62), named per currency; an order in a currency that is not named gets a refusal, never a
/// conversion.
///
/// It never takes more than there is: 100.00 on one piece at 50.00 is 50.00 off, and the other 50.00 are forfeited
/// (S63, V1). In JSON `{"amount": {"off": {"USD": "10.00"}}}`.
///
/// ```
/// use vouchsafe::{AmountOff, Amounts, Benefit, Currency, Money, Per};
///
/// let ten = Amounts::new([Money::parse("10", Currency::USD)?])?;
/// let benefit = Benefit::from(AmountOff::new(ten).taken_per(Per::Unit));
/// assert_eq!(serde_json::to_string(&benefit)?, r#"{"amount":{"off":{"USD":"10.00"},"per":"unit"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountOff {
    pub(crate) off: Amounts,
    pub(crate) per: Per,
    pub(crate) tax: TaxView,
    pub(crate) split: Split,
    pub(crate) include_shipping: bool,
    pub(crate) cap: Option<Amounts>,
    pub(crate) target: Target,
}

impl AmountOff {
    /// So much off, once per order, with every other choice at its default.
    #[must_use]
    pub fn new(off: Amounts) -> Self {
        Self {
            off,
            per: Per::default(),
            tax: TaxView::default(),
            split: Split::default(),
            include_shipping: false,
            cap: None,
            target: Target::default(),
        }
    }

    /// The same, taken this often. Only an amount per order is shared, so any other ends an even split.
    #[must_use]
    pub fn taken_per(self, per: Per) -> Self {
        let split = if per == Per::Order { self.split } else { Split::default() };
        Self { per, split, ..self }
    }

    /// The same, once per order and shared evenly.
    #[must_use]
    pub fn split_evenly(self) -> Self {
        Self { per: Per::Order, split: Split::Even, ..self }
    }

    /// The same, meant with or without tax.
    #[must_use]
    pub fn tax_view(self, tax: TaxView) -> Self {
        Self { tax, ..self }
    }

    /// The same, lowering shipping lines as well.
    #[must_use]
    pub fn with_shipping(self) -> Self {
        Self { include_shipping: true, ..self }
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

    /// The amount per currency.
    #[must_use]
    pub fn off(&self) -> &Amounts {
        &self.off
    }

    /// How often it is taken.
    #[must_use]
    pub fn per(&self) -> Per {
        self.per
    }

    /// With or without tax; other than as priced only once per order, shared in proportion. Where a third party pays
    /// for the coupon, the taxable amount stays and the amount is as priced.
    #[must_use]
    pub fn tax(&self) -> TaxView {
        self.tax
    }

    /// How it is shared over the lines; even only where it is taken per order.
    #[must_use]
    pub fn split(&self) -> Split {
        self.split
    }

    /// Whether shipping lines are lowered as well.
    #[must_use]
    pub fn include_shipping(&self) -> bool {
        self.include_shipping
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

impl Form for AmountOff {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (off, per, tax) = (f.required("off"), f.or_default("per"), f.or_default("tax"));
            let (split, include_shipping) = (f.or_default("split"), f.or_default("include_shipping"));
            match (per, split) {
                (Per::Line, Split::Even) => f.forbid("split", "per line"),
                (Per::Unit, Split::Even) => f.forbid("split", "per unit"),
                _ => {}
            }
            // The other side of tax is exact on a sum, and is shared by what each line has room for.
            match (tax, per, split) {
                (TaxView::AsPriced, ..) | (_, Per::Order, Split::Proportional) => {}
                (_, Per::Order, Split::Even) => f.forbid("tax", "an even split"),
                (_, Per::Line, _) => f.forbid("tax", "per line"),
                (_, Per::Unit, _) => f.forbid("tax", "per unit"),
            }
            let (cap, target) = (f.optional("cap"), Target::read_among(f));
            off.map(|off| Self { off, per, tax, split, include_shipping, cap, target })
        })
    }

    fn write(&self) -> DraftValue {
        let writer = Writer::default()
            .put("off", &self.off)
            .put_unless_default("per", &self.per)
            .put_unless_default("tax", &self.tax)
            .put_unless_default("split", &self.split)
            .put_unless_default("include_shipping", &self.include_shipping)
            .put_some("cap", self.cap.as_ref());
        self.target.write_among(writer).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<AmountOff>(&[
            r#"{"off":{"USD":"10.00"}}"#,
            r#"{"off":{"JPY":"1000"},"per":"line"}"#,
            r#"{"off":{"JPY":"1000"},"tax":"gross"}"#,
            r#"{"off":{"other":"10"},"tax":"net","include_shipping":true,"pick":"dearest"}"#,
            r#"{"off":{"other":"10"},"split":"even"}"#,
            r#"{"off":{"USD":"2.00"},"per":"unit","cap":{"USD":"7.00"}}"#,
        ]);
    }

    /// Proves the amounts of V17, at the path where an admin page needs them.
    #[test]
    fn every_mistake_is_reported() {
        assert_errors::<AmountOff>(&[
            (r#"{"off":{"USD":"100000000.00"}}"#, "`off.USD` is `100000000.00`: not between 0 and 99999999.99"),
            (
                r#"{"off":{"USD":"0.005"},"per":"piece"}"#,
                "`off.USD` is `0.005`: more than 2 decimals; `per` is `piece`: not one of `order`, `line`, `unit`",
            ),
            (r#"{"off":{"USD":"1"},"per":"unit","tax":"net"}"#, "`tax` is `net`: not allowed together with per unit"),
            (
                r#"{"off":{"USD":"1"},"tax":"gross","split":"even"}"#,
                "`tax` is `gross`: not allowed together with an even split",
            ),
            (
                r#"{"off":{"USD":"1"},"per":"line","split":"even"}"#,
                "`split` is `even`: not allowed together with per line",
            ),
            (
                r#"{"off":{"USD":"1"},"split":"even","per":"unit"}"#,
                "`split` is `even`: not allowed together with per unit",
            ),
            ("{}", "`off` is missing"),
        ]);
    }

    #[test]
    fn only_an_amount_per_order_is_shared_evenly() {
        let amount = read::<AmountOff>(r#"{"off":{"USD":"1"},"per":"line"}"#).split_evenly();
        assert_eq!((amount.per(), amount.split()), (Per::Order, Split::Even));
        assert_eq!(amount.clone().taken_per(Per::Order).split(), Split::Even);
        assert_eq!(amount.taken_per(Per::Unit).split(), Split::Proportional);
    }
}
