//! More off, the more is bought.

use super::measure::{Measure, StepValue, Threshold, Within};
use super::target::Target;
use crate::coupon::Amounts;
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, read_members};

/// The most steps of one benefit.
const MAX_STEPS: usize = 100;

/// One step of [`Tiers`].
///
/// ```
/// use vouchsafe::{Percent, StepValue, Threshold, Tiers};
///
/// let percent = |text: &str| Percent::parse(text).map(StepValue::Percent);
/// let tiers = Tiers::new([(Threshold::Pieces(3), percent("5")?), (Threshold::Pieces(10), percent("12")?)])?;
/// // What a page says of it: "5% from 3 pieces, 12% from 10 pieces".
/// let row = |tier: &vouchsafe::Tier| match (tier.from(), tier.value()) {
///     (Threshold::Pieces(pieces), StepValue::Percent(off)) => format!("{off}% from {pieces} pieces"),
///     _ => String::new(),
/// };
/// assert_eq!(tiers.steps().iter().map(row).collect::<Vec<_>>(), ["5% from 3 pieces", "12% from 10 pieces"]);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    from: Threshold,
    value: StepValue,
}

impl Tier {
    /// From where on it holds, inclusive.
    #[must_use]
    pub fn from(&self) -> &Threshold {
        &self.from
    }

    /// What it gives.
    #[must_use]
    pub fn value(&self) -> &StepValue {
        &self.value
    }
}

/// More off, the more is bought: 5% from 50.00, 10% from 100.00 (S17).
///
/// The highest step that is reached applies to everything that the benefit acts on. A step is reached at its threshold,
/// judged after the discounts of the shop and before any coupon, whatever earlier coupons took. Counted on each line by
/// itself ([`Within::Line`]) it is taken on each line; else once on the sum of the lines that the benefit acts on, rounded
/// once and shared.
///
/// In JSON
/// `{"tiers": {"steps": [{"from": {"USD": "50.00"}, "percent": "5"}, {"from": {"USD": "100.00"}, "percent": "10"}]}}`.
/// Steps of pieces are `{"from": 3, "percent": "5"}`; a field `by` may say what is counted, and must not say otherwise.
///
/// ```
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let usd = |text: &str| Amounts::new([Money::parse(text, Currency::USD)?]);
/// let tiers = Tiers::new([
///     (Threshold::Spend(usd("50.00")?), StepValue::Percent(Percent::parse("5")?)),
///     (Threshold::Spend(usd("100.00")?), StepValue::Percent(Percent::parse("10")?)),
/// ])?;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let coupon = shop.prepare(Coupon::builder("more").code("MORE").benefit(tiers).build()?)?;
/// for (price, payable) in [("99.99", "94.99 USD"), ("100.00", "90.00 USD")] {
///     let chair = Product::new("CHAIR".parse()?);
///     let line = Line::new(LineId(1), chair, Quantity::ONE, UnitPrice::parse(price)?);
///     let order = Order::builder(Currency::USD).line(line).build()?;
///     let codes = [Presented::new("more", &coupon)];
///     let at = parse_instant("2026-03-29T12:00:00Z")?;
///     let customer = Customer::anonymous();
///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
///     assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), payable);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Each step to its own part
///
/// Where tiers are marginal, a percentage is for the part between its threshold and the next: of 150.00 the first 100.00
/// at 5% and the other 50.00 at 10%.
///
/// ```
/// use vouchsafe::{Benefit, Percent, StepValue, Threshold, Tiers};
///
/// let five = (Threshold::Pieces(1), StepValue::Percent(Percent::parse("5")?));
/// let ten = (Threshold::Pieces(10), StepValue::Percent(Percent::parse("10")?));
/// let json = serde_json::to_string(&Benefit::from(Tiers::new([five, ten])?.marginal()?))?;
/// let steps = r#"[{"from":1,"percent":"5"},{"from":10,"percent":"10"}]"#;
/// assert_eq!(json, format!(r#"{{"tiers":{{"by":"quantity","steps":{steps},"marginal":true}}}}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiers {
    by: Measure,
    within: Within,
    steps: Vec<Tier>,
    marginal: bool,
    cap: Option<Amounts>,
    pub(super) target: Target,
}

impl Tiers {
    /// These steps, over the lines that the benefit acts on.
    ///
    /// # Errors
    /// At the path `steps`: [`Why::Empty`], [`Why::TooMany`] above 100. At `steps[n].from`: [`Why::Zero`] pieces,
    /// [`Why::Contradicts`] where steps are counted in different things, [`Why::Impossible`] where a step does not come
    /// after the one before it.
    pub fn new(steps: impl IntoIterator<Item = (Threshold, StepValue)>) -> Result<Self, Error> {
        let steps: Vec<Tier> = steps.into_iter().map(|(from, value)| Tier { from, value }).collect();
        let by = steps.first().map(|step| step.from.measure()).unwrap_or_default();
        if let Some((place, why)) = wrong_step(&steps, by) {
            let path = place.map_or_else(|| "steps".to_owned(), |place| format!("steps[{place}].from"));
            return Err(Error::invalid(path, "[..]", why));
        }
        let (within, cap) = (Within::default(), None);
        Ok(Self { by, within, steps, marginal: false, cap, target: Target::default() })
    }

    /// The same, counted over these lines. What is counted over the whole order has no part of its own, so that ends
    /// [`marginal`](Self::marginal) steps.
    #[must_use]
    pub fn counted_within(self, within: Within) -> Self {
        Self { within, marginal: self.marginal && within != Within::Order, ..self }
    }

    /// The same, each step for the part between its threshold and the next.
    ///
    /// # Errors
    /// At the path `marginal`: [`Why::Contradicts`], where a step gives an amount, which has no part, and where steps are
    /// counted over the whole order, of which the benefit may act on something else than the part.
    pub fn marginal(self) -> Result<Self, Error> {
        match self.without_parts() {
            Some(with) => Err(Error::invalid("marginal", "true", Why::Contradicts { with })),
            None => Ok(Self { marginal: true, ..self }),
        }
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

    /// What keeps its steps from having parts of their own.
    fn without_parts(&self) -> Option<&'static str> {
        if self.steps.iter().any(|step| step.value.amounts().is_some()) {
            return Some("an amount");
        }
        (self.within == Within::Order).then_some("in order")
    }

    /// What steps are counted in.
    #[must_use]
    pub fn by(&self) -> Measure {
        self.by
    }

    /// Over which lines they are counted.
    #[must_use]
    pub fn within(&self) -> Within {
        self.within
    }

    /// The steps, each above the one before it.
    #[must_use]
    pub fn steps(&self) -> &[Tier] {
        &self.steps
    }

    /// Whether each step is for the part between its threshold and the next.
    #[must_use]
    pub fn is_marginal(&self) -> bool {
        self.marginal
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

    pub(super) fn is_zero(&self) -> bool {
        self.steps.iter().all(|step| step.value.is_zero())
    }
}

/// The first step that cannot be, with its place; no place where it is the list itself.
fn wrong_step(steps: &[Tier], by: Measure) -> Option<(Option<usize>, Why)> {
    match steps.len() {
        0 => return Some((None, Why::Empty)),
        count if count > MAX_STEPS => return Some((None, Why::TooMany { max: MAX_STEPS })),
        _ => {}
    }
    let mut below: Option<&Threshold> = None;
    for (place, step) in steps.iter().enumerate() {
        if matches!(step.from, Threshold::Pieces(0)) {
            return Some((Some(place), Why::Zero));
        }
        if step.from.measure() != by {
            return Some((Some(place), Why::Contradicts { with: "steps counted in something else" }));
        }
        if below.is_some_and(|below| !step.from.is_above(below)) {
            return Some((Some(place), Why::Impossible { because: "each step comes after the one before it" }));
        }
        below = Some(&step.from);
    }
    None
}

/// What the first step that can be told is counted in: a number is one of pieces, an object names amounts.
fn counted_in(steps: &DraftValue) -> Option<Measure> {
    steps.as_list()?.iter().find_map(|step| {
        let from = step.get("from")?;
        let pieces = from.as_number().map(|_| Measure::Quantity);
        pieces.or_else(|| from.as_map().map(|_| Measure::Spend))
    })
}

impl Form for Tiers {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (said, within): (Option<Measure>, Within) = (f.optional("by"), f.or_default("in"));
            let mut by = said.unwrap_or_default();
            let steps = f.required_with("steps", |value, check| {
                by = said.or_else(|| counted_in(value)).unwrap_or_default();
                let steps = read_members(value, check, |step, check| {
                    check.fields(step, |f| {
                        let from = f.required_with("from", |value, check| Threshold::read_in(by, value, check));
                        let value = StepValue::read_among(f);
                        Some(Tier { from: from?, value: value? })
                    })
                })?;
                let steps: Vec<Tier> = steps.into_iter().collect::<Option<_>>()?;
                match wrong_step(&steps, by) {
                    None => Some(steps),
                    Some((None, why)) => {
                        check.report(value, why);
                        None
                    }
                    Some((Some(place), why)) => {
                        check.in_member(place, |check| check.in_field("from", 0, |check| check.report("{..}", why)));
                        None
                    }
                }
            });
            let marginal = f.or_default("marginal");
            let (cap, target) = (f.optional("cap"), Target::read_among(f));
            let tiers = Self { by, within, steps: steps?, marginal, cap, target };
            if let Some(with) = tiers.without_parts().filter(|_| marginal) {
                f.report("marginal", Why::Contradicts { with });
            }
            Some(tiers)
        })
    }

    fn write(&self) -> DraftValue {
        let step = |step: &Tier| step.value.write_among(Writer::default().put("from", &step.from)).end();
        let writer = Writer::default()
            .put_unless_default("by", &self.by)
            .put_unless_default("in", &self.within)
            .put("steps", &DraftValue::list(self.steps.iter().map(step)))
            .put_unless_default("marginal", &self.marginal)
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
        assert_identity::<Tiers>(&[
            r#"{"steps":[{"from":{"USD":"50.00"},"percent":"5"},{"from":{"USD":"100.00"},"amount":{"USD":"12.00"}}]}"#,
            r#"{"by":"quantity","in":"line","steps":[{"from":3,"percent":"5"}],"marginal":true,"max_units":9}"#,
            r#"{"in":"order","steps":[{"from":{"other":"0"},"percent":"5"}],"cap":{"other":"20"}}"#,
        ]);
    }

    #[test]
    fn steps_say_by_their_form_what_they_are_counted_in() {
        let pieces: Tiers = read(r#"{"steps":[{"from":3,"percent":"5"},{"from":10,"percent":"12"}]}"#);
        assert_eq!(pieces.by(), Measure::Quantity);
        let spelt_out = r#"{"by":"quantity","steps":[{"from":3,"percent":"5"},{"from":10,"percent":"12"}]}"#;
        assert_eq!(pieces, read(spelt_out));
        assert_eq!(serde_json::to_string(&pieces.write()).unwrap(), spelt_out);
        assert_eq!(read::<Tiers>(r#"{"steps":[{"from":{"USD":"1"},"percent":"5"}]}"#).by(), Measure::Spend);
    }

    #[test]
    fn every_mistake_is_reported() {
        assert_errors::<Tiers>(&[
            ("{}", "`steps` is missing"),
            (r#"{"steps":[]}"#, "`steps` is `[]`: empty"),
            (
                r#"{"steps":[{"from":10,"percent":"5"},{}]}"#,
                "`steps[1].from` is missing; `steps[1].percent` is missing, and no `amount` in its place",
            ),
            (
                r#"{"by":"spend","steps":[{"from":10,"percent":"5"}]}"#,
                "`steps[0].from` is `10`: expected an object that names an amount per currency",
            ),
            (
                r#"{"by":"quantity","steps":[{"from":{"USD":"1"},"percent":"5"}]}"#,
                "`steps[0].from` is `{..}`: expected a whole number",
            ),
            (
                r#"{"steps":[{"from":1,"percent":"5"},{"from":{"USD":"9"},"percent":"6"}]}"#,
                "`steps[1].from` is `{..}`: expected a whole number",
            ),
            (
                r#"{"by":"quantity","steps":[{"from":0,"percent":"5","amount":{"USD":"1"}}]}"#,
                "`steps[0].from` is `0`: zero; `steps[0].amount` is `{..}`: not allowed together with percent",
            ),
            (
                r#"{"by":"quantity","steps":[{"from":2,"percent":"5"},{"from":2,"percent":"6"}]}"#,
                "`steps[1].from` is `{..}`: can never apply: each step comes after the one before it",
            ),
            (
                r#"{"steps":[{"from":{"USD":"1"},"amount":{"USD":"1"}}],"marginal":true}"#,
                "`marginal` is `true`: not allowed together with an amount",
            ),
            (
                r#"{"in":"order","steps":[{"from":{"USD":"1"},"percent":"1"}],"marginal":true}"#,
                "`marginal` is `true`: not allowed together with in order",
            ),
        ]);
    }

    #[test]
    fn what_cannot_be_read_cannot_be_made() {
        let percent = || StepValue::Percent(crate::Percent::ZERO);
        let error = |steps: Vec<(Threshold, StepValue)>| Tiers::new(steps).unwrap_err().to_string();
        assert_eq!(error(Vec::new()), "`steps` is `[..]`: empty");
        let spend = read::<Threshold>(r#"{"USD":"1"}"#);
        assert_eq!(
            error(vec![(Threshold::Pieces(1), percent()), (spend.clone(), percent())]),
            "`steps[1].from` is `[..]`: not allowed together with steps counted in something else"
        );
        let amount = StepValue::Amount(read(r#"{"USD":"1"}"#));
        assert!(Tiers::new([(spend, amount)]).unwrap().marginal().is_err());
    }
}
