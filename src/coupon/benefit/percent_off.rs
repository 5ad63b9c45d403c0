//! A percentage off.

use super::target::Target;
use crate::coupon::Amounts;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices};
use crate::money::Percent;

choices! {
    /// What a percentage is taken of.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// // Two codes of 10% on 100.00.
    /// let pay = |base| -> Result<String, Box<dyn std::error::Error>> {
    ///     let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).build()?);
    ///     let tenth = || -> Result<Benefit, Error> { Ok(PercentOff::new(Percent::parse("10")?).base_of(base).into()) };
    ///     let a = shop.prepare(Coupon::builder("a").code("A").benefit(tenth()?).build()?)?;
    ///     let b = shop.prepare(Coupon::builder("b").code("B").benefit(tenth()?).build()?)?;
    ///     let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?);
    ///     let order = Order::builder(Currency::USD).line(line).build()?;
    ///     let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    ///     let codes = [Presented::new("A", &a), Presented::new("B", &b)];
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?.totals().payable().to_string())
    /// };
    /// assert_eq!(pay(PercentBase::Remaining)?, "81.00 USD");
    /// assert_eq!(pay(PercentBase::Original)?, "80.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum PercentBase {
        /// What remains after earlier coupons: 100.00 less 10% and 10% is 81.00.
        Remaining = "remaining",
        /// The amount after the shop's discounts and before any coupon: 100.00 less 10% and 10% is 80.00.
        Original = "original",
    }
}

/// A percentage off (S60): 0 to 100, with at most three decimals (S142).
///
/// The coupon's [`Level`](crate::Level) says whether it is taken and rounded on each line, or once on the sum of the
/// qualifying lines. With a cap in money, it gives exactly the cap where it would give more. 100% is legal (S61).
///
/// In JSON `{"percent": {"off": "10", "cap": {"USD": "50.00"}}}`.
///
/// ```
/// use vouchsafe::{Amounts, Benefit, Currency, Money, Percent, PercentOff};
///
/// let cap = Amounts::new([Money::parse("50", Currency::USD)?])?;
/// let benefit = Benefit::from(PercentOff::new(Percent::parse("10")?).capped_at(cap));
/// assert_eq!(serde_json::to_string(&benefit)?, r#"{"percent":{"off":"10","cap":{"USD":"50.00"}}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PercentOff {
    pub(crate) off: Percent,
    pub(crate) base: PercentBase,
    pub(crate) cap: Option<Amounts>,
    pub(crate) include_shipping: bool,
    pub(crate) target: Target,
}

impl PercentOff {
    /// So many percent off, with every choice at its default.
    #[must_use]
    pub fn new(off: Percent) -> Self {
        Self { off, base: PercentBase::default(), cap: None, include_shipping: false, target: Target::default() }
    }

    /// The same, taken of this.
    #[must_use]
    pub fn base_of(self, base: PercentBase) -> Self {
        Self { base, ..self }
    }

    /// The same, giving at most so much in all.
    #[must_use]
    pub fn capped_at(self, cap: Amounts) -> Self {
        Self { cap: Some(cap), ..self }
    }

    /// The same, lowering shipping lines as well.
    #[must_use]
    pub fn with_shipping(self) -> Self {
        Self { include_shipping: true, ..self }
    }

    /// The same, on these pieces.
    #[must_use]
    pub fn on(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// The percentage.
    #[must_use]
    pub fn off(&self) -> Percent {
        self.off
    }

    /// What it is taken of.
    #[must_use]
    pub fn base(&self) -> PercentBase {
        self.base
    }

    /// The most it gives in all. An order in a currency that it does not name is refused, never left uncapped.
    #[must_use]
    pub fn cap(&self) -> Option<&Amounts> {
        self.cap.as_ref()
    }

    /// Whether shipping lines are lowered as well.
    #[must_use]
    pub fn include_shipping(&self) -> bool {
        self.include_shipping
    }

    /// Which pieces it acts on.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }
}

impl Form for PercentOff {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (off, base, cap) = (f.required("off"), f.or_default("base"), f.optional("cap"));
            let include_shipping = f.or_default("include_shipping");
            let target = Target::read_among(f);
            off.map(|off| Self { off, base, cap, include_shipping, target })
        })
    }

    fn write(&self) -> DraftValue {
        let writer = Writer::default()
            .put("off", &self.off)
            .put_unless_default("base", &self.base)
            .put_some("cap", self.cap.as_ref())
            .put_unless_default("include_shipping", &self.include_shipping);
        self.target.write_among(writer).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    /// Proves S142 and the percentages of V17.
    #[test]
    fn a_percentage_is_0_to_100_with_three_decimals() {
        assert_identity::<PercentOff>(&[r#"{"off":"0"}"#, r#"{"off":"100"}"#, r#"{"off":"33.333"}"#]);
        assert_errors::<PercentOff>(&[
            (r#"{"off":"100.000"}"#, ""),
            (r#"{"off":"100.001"}"#, "`off` is `100.001`: not between 0 and 100"),
            (r#"{"off":"10.0001"}"#, "`off` is `10.0001`: more than 3 decimals"),
            (r#"{"off":"-0.001"}"#, "`off` is `-0.001`: negative"),
            (r#"{"off":"10%"}"#, "`off` is `10%`: not a decimal number"),
            (r#"{"off":""}"#, "`off` is ``: empty"),
            (r#"{"off":10}"#, "`off` is `10`: a JSON number, amounts and percentages are strings"),
            (r#"{"off":10.5}"#, "`off` is `10.5`: a JSON number, amounts and percentages are strings"),
            (r#"{"off":["10"]}"#, "`off` is `[..]`: expected a string"),
            ("{}", "`off` is missing"),
        ]);
    }

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<PercentOff>(&[
            r#"{"off":"10","base":"original","cap":{"USD":"50.00"},"include_shipping":true,"max_units":2}"#,
        ]);
        assert_errors::<PercentOff>(&[(
            r#"{"of":"10","base":"list","cap":"5"}"#,
            "`of` is `10`: unknown field, did you mean `off`? known: `off`, `base`, `cap`, `include_shipping`, `scope`, `max_units`, `max_units_per_line`, `pick`, `groups_of`, `pieces_from`; `base` is `list`: not one of `remaining`, `original`; \
             `cap` is `5`: expected an object that names an amount per currency; `off` is missing",
        )]);
    }
}
