//! So much off for every so much that is bought.

use std::num::NonZeroU64;

use super::measure::{StepValue, Threshold, Within};
use super::target::Target;
use crate::coupon::Amounts;
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// So much off for every so much that is bought: 5.00 off for every 50.00, 1% for every 3 pieces (S17).
///
/// Each complete step counts once: of 149.99 by 50.00 there are two. They are counted after the discounts of the shop and
/// before any coupon. Counted on each line by itself ([`Within::Line`]) what they come to is taken on each line; else once
/// on the sum of the lines that the benefit acts on, and shared. Percentages add up, to 100% at most.
///
/// In JSON `{"steps": {"every": {"USD": "50.00"}, "amount": {"USD": "5.00"}, "max_steps": 4}}`; a number of pieces is
/// `"every": 3`.
///
/// ```
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let usd = |text: &str| Amounts::new([Money::parse(text, Currency::USD)?]);
/// let five = Steps::new(Threshold::Spend(usd("50.00")?), StepValue::Amount(usd("5.00")?))?;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let coupon = shop.prepare(Coupon::builder("five").code("FIVE").benefit(five).build()?)?;
/// let chair = Product::new("CHAIR".parse()?);
/// let line = Line::new(LineId(1), chair, Quantity::ONE, UnitPrice::parse("149.99")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let codes = [Presented::new("five", &coupon)];
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// let customer = Customer::anonymous();
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), "139.99 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    every: Threshold,
    value: StepValue,
    max_steps: Option<u64>,
    within: Within,
    cap: Option<Amounts>,
    pub(super) target: Target,
}

impl Steps {
    /// This for every so much, any number of times.
    ///
    /// # Errors
    /// At the path `every`: [`Why::Zero`], in any currency.
    pub fn new(every: Threshold, value: StepValue) -> Result<Self, Error> {
        let zero = match &every {
            Threshold::Pieces(pieces) => *pieces == 0,
            Threshold::Spend(amounts) => {
                amounts.named().any(|money| money.is_zero()) || amounts.other().is_some_and(|figure| figure.is_zero())
            }
        };
        if zero {
            return Err(Error::invalid("every", "0", Why::Zero));
        }
        let (within, target) = (Within::default(), Target::default());
        Ok(Self { every, value, max_steps: None, within, cap: None, target })
    }

    /// The same, counting at most so many steps; of each line, where lines are counted by themselves.
    #[must_use]
    pub fn at_most(self, steps: NonZeroU64) -> Self {
        Self { max_steps: Some(steps.get()), ..self }
    }

    /// The same, counted over these lines.
    #[must_use]
    pub fn counted_within(self, within: Within) -> Self {
        Self { within, ..self }
    }

    /// The same, giving at most so much in all.
    #[must_use]
    pub fn capped_at(self, cap: Amounts) -> Self {
        Self { cap: Some(cap), ..self }
    }

    /// The same, on these pieces. What is counted are whole lines, whatever number of pieces it acts on.
    #[must_use]
    pub fn on(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// How much makes a step.
    #[must_use]
    pub fn every(&self) -> &Threshold {
        &self.every
    }

    /// What each step gives.
    #[must_use]
    pub fn value(&self) -> &StepValue {
        &self.value
    }

    /// The most steps that count; `None`: all.
    #[must_use]
    pub fn max_steps(&self) -> Option<u64> {
        self.max_steps
    }

    /// Over which lines they are counted.
    #[must_use]
    pub fn within(&self) -> Within {
        self.within
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

impl Form for Steps {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let every = f.required_with("every", Threshold::read_not_zero);
            let value = StepValue::read_among(f);
            let (max_steps, within) = (f.not_zero("max_steps"), f.or_default("in"));
            let (cap, target) = (f.optional("cap"), Target::read_among(f));
            Some(Self { every: every?, value: value?, max_steps, within, cap, target })
        })
    }

    fn write(&self) -> DraftValue {
        let writer = self.value.write_among(Writer::default().put("every", &self.every));
        let writer = writer.put_some("max_steps", self.max_steps.as_ref()).put_unless_default("in", &self.within);
        self.target.write_among(writer.put_some("cap", self.cap.as_ref())).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<Steps>(&[
            r#"{"every":{"USD":"50.00"},"amount":{"USD":"5.00"},"max_steps":4}"#,
            r#"{"every":3,"percent":"1","in":"line","cap":{"USD":"9.00"},"scope":"on_sale"}"#,
        ]);
    }

    #[test]
    fn every_mistake_is_reported() {
        assert_errors::<Steps>(&[
            ("{}", "`every` is missing; `percent` is missing, and no `amount` in its place"),
            (
                r#"{"every":0,"percent":"1","max_steps":0,"in":"cart"}"#,
                "`every` is `0`: zero; `max_steps` is `0`: zero; \
                 `in` is `cart`: not one of `qualifying`, `order`, `line`",
            ),
            (r#"{"every":{"USD":"0.00"},"percent":"1"}"#, "`every.USD` is `0.00`: zero"),
        ]);
        let one = || StepValue::Percent(crate::Percent::HUNDRED);
        for zero in [Threshold::Pieces(0), read(r#"{"USD":"0.00"}"#), read(r#"{"USD":"1.00","other":"0"}"#)] {
            assert_eq!(Steps::new(zero, one()).unwrap_err().to_string(), "`every` is `0`: zero");
        }
    }
}
