//! What tiers and steps are counted in, and what they give.

use crate::coupon::Amounts;
use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, choices};
use crate::money::Percent;

choices! {
    /// What a tier or a step is counted in.
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
    /// let ten = StepValue::Percent(Percent::parse("10")?);
    /// let spend = Threshold::Spend(Amounts::new([Money::parse("50.00", Currency::USD)?])?);
    /// assert_eq!(Tiers::new([(spend, ten)])?.by(), Measure::Spend);
    ///
    /// // In JSON a tier shows by its steps what it is counted in; a field `by` may say it beside them.
    /// let by_pieces = r#"{"tiers": {"steps": [{"from": 3, "percent": "10"}]}}"#;
    /// assert_eq!(pay(serde_json::from_str(by_pieces)?, &[("SOAP", 3, "5.00")])?, "13.50 USD");
    /// assert_eq!(pay(serde_json::from_str(by_pieces)?, &[("CHAIR", 2, "90.00")])?, "180.00 USD"); // only two pieces
    /// # Ok(())
    /// # }
    /// ```
    pub enum Measure {
        /// What is spent: amounts after the discounts of the shop and before any coupon.
        Spend = "spend",
        /// How many pieces are bought; a measured line is one.
        Quantity = "quantity",
    }
}

choices! {
    /// Which lines are counted together for a tier or a step.
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
    /// let tiers = |within| -> Result<Tiers, Error> {
    ///     let hundred = Threshold::Spend(Amounts::new([Money::parse("100.00", Currency::USD)?])?);
    ///     Ok(Tiers::new([(hundred, StepValue::Percent(Percent::parse("10")?))])?.counted_within(within))
    /// };
    /// let lines = [("CHAIR", 1, "60.00"), ("LAMP", 1, "50.00")];
    /// assert_eq!(pay(tiers(Within::Qualifying)?.into(), &lines)?, "99.00 USD");
    /// assert_eq!(pay(tiers(Within::Line)?.into(), &lines)?, "110.00 USD"); // neither line reaches 100.00
    ///
    /// // The whole order is counted, and only lamps are cheaper.
    /// let lamps = Target::default().within(Scope::Products(vec!["LAMP".parse()?]));
    /// assert_eq!(pay(tiers(Within::Qualifying)?.on(lamps.clone()).into(), &lines)?, "110.00 USD");
    /// assert_eq!(pay(tiers(Within::Order)?.on(lamps).into(), &lines)?, "105.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum Within {
        /// The lines that the benefit acts on, together.
        Qualifying = "qualifying",
        /// Every line of the order together, whether or not the benefit acts on it.
        Order = "order",
        /// Each line by itself.
        Line = "line",
    }
}

/// How much it takes: an amount per currency, or a number of pieces.
///
/// In JSON `{"USD": "100.00"}`, or `10`.
///
/// ```
/// use vouchsafe::{Benefit, Measure, Percent, StepValue, Threshold, Tiers};
///
/// let ten = Threshold::Pieces(10);
/// let tiers = Tiers::new([(ten, StepValue::Percent(Percent::parse("5")?))])?;
/// assert_eq!(tiers.by(), Measure::Quantity);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Threshold {
    /// So much is spent.
    Spend(Amounts),
    /// So many pieces are bought.
    Pieces(u64),
}

impl Threshold {
    /// What it is counted in.
    #[must_use]
    pub fn measure(&self) -> Measure {
        match self {
            Self::Spend(_) => Measure::Spend,
            Self::Pieces(_) => Measure::Quantity,
        }
    }

    /// The amounts, where it is counted in money.
    pub(crate) fn amounts(&self) -> Option<&Amounts> {
        match self {
            Self::Spend(amounts) => Some(amounts),
            Self::Pieces(_) => None,
        }
    }

    /// Whether this comes after another one, in every currency that both name.
    pub(super) fn is_above(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Pieces(more), Self::Pieces(fewer)) => more > fewer,
            (Self::Spend(more), Self::Spend(less)) => {
                let named = more.named().chain(less.named()).map(|money| money.currency());
                let above = |currency| match (more.in_currency(currency), less.in_currency(currency)) {
                    (Some(more), Some(less)) => more.minor() > less.minor(),
                    _ => true,
                };
                let others = match (more.other(), less.other()) {
                    (Some(more), Some(less)) => more > less,
                    _ => true,
                };
                others && named.into_iter().all(above)
            }
            _ => false,
        }
    }

    /// Reads one that is counted in this.
    pub(super) fn read_in(measure: Measure, value: &DraftValue, check: &mut Check) -> Option<Self> {
        match measure {
            Measure::Spend => Amounts::read(value, check).map(Self::Spend),
            Measure::Quantity => read_pieces(value, check).map(Self::Pieces),
        }
    }

    /// Reads one, and tells by its form what it is counted in; nothing is no step.
    pub(super) fn read_not_zero(value: &DraftValue, check: &mut Check) -> Option<Self> {
        match value.as_number() {
            Some(_) => read_pieces(value, check).map(Self::Pieces),
            None => Amounts::read_not_zero(value, check).map(Self::Spend),
        }
    }
}

fn read_pieces(value: &DraftValue, check: &mut Check) -> Option<u64> {
    let pieces = u64::read(value, check)?;
    if pieces == 0 {
        check.report(value, Why::Zero);
        return None;
    }
    Some(pieces)
}

impl Form for Threshold {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        match value.as_number() {
            Some(_) => Self::read_in(Measure::Quantity, value, check),
            None => Self::read_in(Measure::Spend, value, check),
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Spend(amounts) => amounts.write(),
            Self::Pieces(pieces) => pieces.write(),
        }
    }
}

/// What a tier or a step gives: a percentage or an amount.
///
/// Stands among the fields of its step: `"percent": "10"`, or `"amount": {"USD": "5.00"}`.
///
/// ```
/// use vouchsafe::{Percent, StepValue};
///
/// let ten = StepValue::Percent(Percent::parse("10")?);
/// assert!(matches!(ten, StepValue::Percent(percent) if percent.thousandths() == 10_000));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepValue {
    /// A percentage.
    Percent(Percent),
    /// An amount.
    Amount(Amounts),
}

impl StepValue {
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Percent(percent) => percent.is_zero(),
            Self::Amount(amounts) => amounts.is_zero(),
        }
    }

    /// The amounts, where it is an amount.
    pub(crate) fn amounts(&self) -> Option<&Amounts> {
        match self {
            Self::Percent(_) => None,
            Self::Amount(amounts) => Some(amounts),
        }
    }

    /// Reads the one of the two fields that is there.
    pub(super) fn read_among(f: &mut Fields<'_, '_>) -> Option<Self> {
        match (f.has("percent"), f.has("amount")) {
            (true, true) => {
                f.report("amount", Why::Contradicts { with: "percent" });
                None
            }
            (true, false) => f.optional("percent").map(Self::Percent),
            (false, true) => f.optional("amount").map(Self::Amount),
            (false, false) => {
                f.report("percent", Why::MissingOneOf { others: "`amount`" });
                None
            }
        }
    }

    pub(super) fn write_among(&self, writer: Writer) -> Writer {
        match self {
            Self::Percent(percent) => writer.put("percent", percent),
            Self::Amount(amounts) => writer.put("amount", amounts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::read;

    #[test]
    fn a_threshold_says_by_its_form_what_it_is_counted_in() {
        assert_eq!(read::<Threshold>("10"), Threshold::Pieces(10));
        assert_eq!(read::<Threshold>(r#"{"USD":"10.00"}"#).measure(), Measure::Spend);
    }

    #[test]
    fn thresholds_are_compared_in_each_currency_that_both_name() {
        for (more, less, above) in [
            ("11", "10", true),
            ("10", "10", false),
            (r#"{"USD":"10.00"}"#, "9", false),
            (r#"{"USD":"10.01"}"#, r#"{"USD":"10.00"}"#, true),
            (r#"{"USD":"10.00"}"#, r#"{"USD":"10.00"}"#, false),
            (r#"{"USD":"20.00","EUR":"9.00"}"#, r#"{"USD":"10.00","EUR":"10.00"}"#, false),
            (r#"{"USD":"20.00"}"#, r#"{"EUR":"30.00"}"#, true),
            (r#"{"other":"20"}"#, r#"{"EUR":"30.00"}"#, false),
            (r#"{"other":"20"}"#, r#"{"other":"20"}"#, false),
        ] {
            assert_eq!(read::<Threshold>(more).is_above(&read(less)), above, "{more} above {less}");
        }
    }
}
