//! Bundles: so many pieces of these goods together, at a price of their own.

use std::num::NonZeroU64;

use super::set_part::SetPart;
use super::target::{Pick, Target};
use crate::coupon::Amounts;
use crate::error::Why;
use crate::form::{Check, DraftValue, Fields, Form, Writer};
use crate::money::Percent;

/// The most parts of a bundle.
const MAX_PARTS: usize = 8;

/// What a bundle costs.
///
/// ```
/// use vouchsafe::{Bundle, BundleValue, Percent, SetPart};
/// use std::num::NonZeroU32;
///
/// let pair = Bundle::new(SetPart::new(NonZeroU32::MIN), BundleValue::Percent(Percent::parse("10")?));
/// assert!(matches!(pair.value(), BundleValue::Percent(percent) if percent.thousandths() == 10_000));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleValue {
    /// Each bundle costs this, where its pieces would cost more.
    Price(Amounts),
    /// A percentage off each bundle, rounded once for each.
    Percent(Percent),
    /// An amount off each bundle, at most what its pieces cost.
    Amount(Amounts),
}

impl BundleValue {
    /// The figures per currency that it names.
    #[must_use]
    pub fn amounts(&self) -> Option<&Amounts> {
        match self {
            Self::Percent(_) => None,
            Self::Price(amounts) | Self::Amount(amounts) => Some(amounts),
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Price(_) => false,
            Self::Percent(percent) => percent.is_zero(),
            Self::Amount(amounts) => amounts.is_zero(),
        }
    }
}

/// A bundle: pieces of each of its parts together, at a price or so much off. With one part it is mix and match ("any
/// three shirts for 50.00"), with several a menu ("a burger, a drink and a side for 9.90").
///
/// As many bundles are formed as the pieces of all parts allow; each part takes its pieces in the order of the pick, and
/// the first bundle has the first pieces of each. One that would save nothing is not formed. What all bundles save together
/// is shared over their pieces by what each has left. Every piece of a bundle is used up: no other set of pieces counts it
/// again. In JSON `{"bundle": {"parts": [{"pieces": 3}], "price": {"USD": "50.00"}}}`, or with `percent` or `amount`.
///
/// ```
/// use std::num::NonZeroU32;
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let three = SetPart::new(NonZeroU32::new(3).ok_or("zero")?);
/// let fifty = Amounts::new([Money::parse("50.00", Currency::USD)?])?;
/// let shirts = Bundle::new(three, BundleValue::Price(fifty));
/// let coupon = Coupon::builder("shirts").code("SHIRTS").benefit(shirts).build()?;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let prepared = shop.prepare(coupon)?;
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), Product::new("A".parse()?), Quantity::pieces(2)?, UnitPrice::parse("20.00")?))
///     .line(Line::new(LineId(2), Product::new("B".parse()?), Quantity::pieces(1)?, UnitPrice::parse("30.00")?))
///     .build()?;
/// let codes = [Presented::new("SHIRTS", &prepared)];
/// let customer = Customer::anonymous();
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), "50.00 USD");
/// # Ok(())
/// # }
/// ```
///
/// # The cheapest pieces may save nothing
///
/// By default bundles are formed of the cheapest pieces, as everywhere in this crate. At a price that may be a bundle that
/// saves nothing, while dearer pieces would save something. Choose [`Pick::Dearest`] for a price that the shopper is
/// promised ("any two for 20.00"); leave the default for a percentage or an amount off with [`at_most`](Bundle::at_most),
/// where it costs the merchant least.
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
/// let two = SetPart::new(NonZeroU32::MIN.saturating_add(1));
/// let twenty = Amounts::new([Money::parse("20.00", Currency::USD)?])?;
/// let bundle = Bundle::new(two, BundleValue::Price(twenty));
/// let lines = [("MUG", 2, "9.00"), ("BOWL", 1, "15.00")]; // 33.00
/// // The two mugs are the bundle: 18.00 is less than 20.00, so it is not formed.
/// assert_eq!(pay(bundle.clone().into(), &lines)?, "33.00 USD");
/// // A bowl and a mug: 24.00 becomes 20.00.
/// assert_eq!(pay(bundle.picking(Pick::Dearest).into(), &lines)?, "29.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    pub(crate) parts: Vec<SetPart>,
    pub(crate) value: BundleValue,
    pub(crate) max_sets: Option<u64>,
    pub(crate) pick: Pick,
    pub(crate) target: Target,
}

impl Bundle {
    /// Bundles of this part.
    #[must_use]
    pub fn new(part: SetPart, value: BundleValue) -> Self {
        Self { parts: vec![part], value, max_sets: None, pick: Pick::default(), target: Target::default() }
    }

    /// The same, with this part as well; a bundle has at most 8.
    ///
    /// # A ninth part is a definition error
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use vouchsafe::{Bundle, BundleValue, Coupon, Percent, SetPart};
    ///
    /// let one = SetPart::new(NonZeroU32::MIN);
    /// let two = Bundle::new(one.clone(), BundleValue::Percent(Percent::parse("10")?)).and(one.clone());
    /// let nine = (3..=9).fold(two, |bundle, _| bundle.and(one.clone()));
    /// let errors = Coupon::builder("nine").benefit(nine).build().unwrap_err();
    /// assert_eq!(errors.to_string(), "`benefits[0].bundle.parts` is `[..]`: more than 8 members");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn and(mut self, part: SetPart) -> Self {
        self.parts.push(part);
        self
    }

    /// The same, for at most so many bundles.
    #[must_use]
    pub fn at_most(self, sets: NonZeroU64) -> Self {
        Self { max_sets: Some(sets.get()), ..self }
    }

    /// The same, with these pieces first: the dearest save the shopper most.
    #[must_use]
    pub fn picking(self, pick: Pick) -> Self {
        Self { pick, ..self }
    }

    /// What a bundle is made of.
    #[must_use]
    pub fn parts(&self) -> &[SetPart] {
        &self.parts
    }

    /// What it costs.
    #[must_use]
    pub fn value(&self) -> &BundleValue {
        &self.value
    }

    /// The most bundles; `None`: as many as there are.
    #[must_use]
    pub fn max_sets(&self) -> Option<u64> {
        self.max_sets
    }

    /// Which pieces go first.
    #[must_use]
    pub fn pick(&self) -> Pick {
        self.pick
    }
}

/// The fields one of which says what a bundle costs.
const VALUES: [&str; 3] = ["price", "percent", "amount"];

impl Form for Bundle {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let parts = f.required_with("parts", |value, check| SetPart::read_some(value, MAX_PARTS, check));
            let value = read_value(f);
            let (max_sets, pick) = (f.not_zero("max_sets"), f.or_default("pick"));
            Some(Self { parts: parts?, value: value?, max_sets, pick, target: Target::default() })
        })
    }

    fn write(&self) -> DraftValue {
        let writer = Writer::default().put("parts", &self.parts);
        let writer = match &self.value {
            BundleValue::Price(amounts) => writer.put("price", amounts),
            BundleValue::Percent(percent) => writer.put("percent", percent),
            BundleValue::Amount(amounts) => writer.put("amount", amounts),
        };
        writer.put_some("max_sets", self.max_sets.as_ref()).put_unless_default("pick", &self.pick).end()
    }
}

fn read_value(f: &mut Fields<'_, '_>) -> Option<BundleValue> {
    let mut named = VALUES.into_iter().filter(|name| f.has(name)).collect::<Vec<_>>().into_iter();
    let first = named.next();
    for further in named {
        f.report(further, Why::Contradicts { with: first.unwrap_or_default() });
    }
    match first {
        Some("price") => f.optional("price").map(BundleValue::Price),
        Some("percent") => f.optional("percent").map(BundleValue::Percent),
        Some(_) => f.optional("amount").map(BundleValue::Amount),
        None => {
            f.report("price", Why::MissingOneOf { others: "`percent` or `amount`" });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<Bundle>(&[
            r#"{"parts":[{"pieces":3}],"price":{"USD":"50.00"}}"#,
            r#"{"parts":[{"pieces":1,"of":{"tags":["a"]}},{"pieces":2}],"percent":"10","max_sets":3,"pick":"dearest"}"#,
            r#"{"parts":[{"pieces":2}],"amount":{"USD":"5.00"}}"#,
        ]);
    }

    #[test]
    fn every_mistake_is_reported() {
        let many = format!(r#"{{"parts":[{}],"percent":"10"}}"#, [r#"{"pieces":1}"#; 9].join(","));
        assert_errors::<Bundle>(&[
            ("{}", "`parts` is missing; `price` is missing, and no `percent` or `amount` in its place"),
            (r#"{"parts":[],"percent":"101"}"#, "`parts` is `[]`: empty; `percent` is `101`: not between 0 and 100"),
            (&many, "`parts` is `[..]`: more than 8 members"),
            (
                r#"{"parts":[{"pieces":1}],"percent":"10","price":{"USD":"1"}}"#,
                "`percent` is `10`: not allowed together with price",
            ),
        ]);
    }
}
