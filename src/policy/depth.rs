//! How deep all coupons of an order may cut together.

use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form};
use crate::money::Percent;

/// How much all coupons of an order may take off together, as percentages of what stood before them: after the shop's
/// discounts and automatic offers, which it does not concern.
///
/// - Per line it acts like a floor: no coupon takes a line below what is left of it, and a coupon for the order takes from
///   other lines what this one refuses. It concerns lines and not shipping.
/// - Per order it acts like a budget of all codes together, of lines and shipping charges: by rank within the stages, each
///   takes what is left of it, and the coupon that would pass it takes just that. One that finds nothing left is refused, the
///   budget being exhausted, and is not counted.
///
/// What is withheld of a coupon is told by [`Answer::wanted`](crate::Answer::wanted) beside
/// [`Answer::discount`](crate::Answer::discount) for the order, and as forfeited for a line. Both limits are rounded as
/// discounts are.
///
/// In JSON `{"per_line": "50", "per_order": "30"}`, either may be absent.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let depth = Depth::default().with_per_order(Percent::parse("30")?);
/// let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).depth(depth).build()?);
/// let a = shop.prepare(Coupon::builder("a").code("A").percent_off("20").build()?)?;
/// let b = shop.prepare(Coupon::builder("b").code("B").percent_off("20").build()?)?;
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("a", &a), Presented::new("b", &b)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// // 20% of 100.00 is 20.00, 20% of 80.00 would be 16.00, and 30.00 is all.
/// assert_eq!(outcome.totals().payable().to_string(), "70.00 USD");
/// let second = &outcome.answers()[1];
/// assert_eq!((second.wanted().to_string(), second.discount().to_string()), ("16.00 USD".into(), "10.00 USD".into()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Depth {
    per_line: Option<Percent>,
    per_order: Option<Percent>,
}

impl Depth {
    /// The same with a limit on each line.
    #[must_use]
    pub fn with_per_line(self, most: Percent) -> Self {
        Self { per_line: Some(most), ..self }
    }

    /// The same with a limit on the order.
    #[must_use]
    pub fn with_per_order(self, most: Percent) -> Self {
        Self { per_order: Some(most), ..self }
    }

    /// The most of each line.
    #[must_use]
    pub fn per_line(&self) -> Option<Percent> {
        self.per_line
    }

    /// The most of the order.
    #[must_use]
    pub fn per_order(&self) -> Option<Percent> {
        self.per_order
    }

    /// A limit of zero would read as "never" to one merchant and as "unlimited" to the next, so it does not exist.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (path, most) in [("depth.per_line", self.per_line), ("depth.per_order", self.per_order)] {
            if let Some(most) = most.filter(|most| most.is_zero()) {
                return Err(Error::invalid(path, most, Why::Zero));
            }
        }
        Ok(())
    }
}

impl Form for Depth {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let mut percent = |name| {
                f.optional_with(name, |value, check| {
                    let percent = Percent::read(value, check)?;
                    if percent.is_zero() {
                        check.report(value, Why::Zero);
                        return None;
                    }
                    Some(percent)
                })
            };
            Some(Self { per_line: percent("per_line"), per_order: percent("per_order") })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_some("per_line", self.per_line.as_ref())
            .put_some("per_order", self.per_order.as_ref())
            .end()
    }
}

serde_by_form!(Depth);
