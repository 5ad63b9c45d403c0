//! How many of a product one order may hold.

use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form};

use super::Excess;
use crate::shop::{Audience, Goods};

/// How many units of a product one order may hold (S47): at least, at most, and in which steps.
///
/// A rule for several products counts each of them by itself, summed over its lines, so that splitting a line changes
/// nothing. Of the rules that concern a customer the one for the nearest goods holds alone: one of the product itself
/// before one of its category, that before one of everything. Of several that are equally near, the strictest figures
/// hold together.
///
/// A minimum that is not reached, and a quantity that is no multiple of the increment, are always refused; what lies
/// above the maximum is refused or capped. A measured line is one unit.
///
/// ```
/// use vouchsafe::{Audience, Goods, QuantityRule};
///
/// // Wholesale buys boots by the half dozen, and at most two dozen at once.
/// let boots = Goods::product("BOOT".parse()?).with_descendants();
/// let rule = QuantityRule::new(boots)
///     .with_audience(Audience::of_types(["WHOLESALE".parse()?]))
///     .with_increment(6)?
///     .with_max(24)?;
/// assert_eq!((rule.min(), rule.max(), rule.increment()), (None, Some(24), Some(6)));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// ```
/// use vouchsafe::{Excess, QuantityRule};
///
/// let rule: QuantityRule = serde_json::from_str(
///     r#"{"goods": {"category": "boots"}, "to": {"types": ["RETAIL"]}, "max": 2, "excess": "cap"}"#,
/// )?;
/// assert_eq!(rule.excess(), Excess::Cap);
///
/// let odd = serde_json::from_str::<QuantityRule>(r#"{"goods": "everything", "min": 5, "max": 4}"#).unwrap_err();
/// assert_eq!(odd.to_string(), "`max` is `4`: can never apply: the minimum is above it");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityRule {
    goods: Goods,
    audience: Audience,
    min: Option<u32>,
    max: Option<u32>,
    increment: Option<u32>,
    excess: Excess,
}

impl QuantityRule {
    /// A rule for each product of these goods and for everyone, without a figure yet; a shop takes no rule that stays
    /// without.
    #[must_use]
    pub fn new(goods: Goods) -> Self {
        Self { goods, audience: Audience::everyone(), min: None, max: None, increment: None, excess: Excess::default() }
    }

    /// The customers it is for.
    #[must_use]
    pub fn with_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// The fewest units of a product that an order with it may hold.
    ///
    /// # Errors
    /// [`Why::Zero`] at `min`; [`Why::Impossible`] at the figure that leaves no quantity at all.
    pub fn with_min(mut self, units: u32) -> Result<Self, Error> {
        self.min = Some(units);
        self.checked()
    }

    /// The most units of a product that an order may hold.
    ///
    /// # Errors
    /// [`Why::Zero`] at `max`; [`Why::Impossible`] at the figure that leaves no quantity at all.
    ///
    /// ```
    /// use vouchsafe::{Goods, QuantityRule};
    ///
    /// let error = QuantityRule::new(Goods::Everything).with_increment(6)?.with_max(4).unwrap_err();
    /// assert_eq!(error.to_string(), "`max` is `4`: can never apply: no multiple of the increment lies up to it");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn with_max(mut self, units: u32) -> Result<Self, Error> {
        self.max = Some(units);
        self.checked()
    }

    /// The steps in which a product is sold: only multiples of it can be ordered.
    ///
    /// # Errors
    /// [`Why::Zero`] at `increment`; [`Why::Impossible`] at `max` where no multiple is left.
    pub fn with_increment(mut self, units: u32) -> Result<Self, Error> {
        self.increment = Some(units);
        self.checked()
    }

    /// What becomes of units above the maximum; refused by default.
    #[must_use]
    pub fn with_excess(mut self, excess: Excess) -> Self {
        self.excess = excess;
        self
    }

    /// The goods, each product of which is counted by itself.
    #[must_use]
    pub fn goods(&self) -> &Goods {
        &self.goods
    }

    /// The customers it is for.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// The fewest units.
    #[must_use]
    pub fn min(&self) -> Option<u32> {
        self.min
    }

    /// The most units.
    #[must_use]
    pub fn max(&self) -> Option<u32> {
        self.max
    }

    /// The steps.
    #[must_use]
    pub fn increment(&self) -> Option<u32> {
        self.increment
    }

    /// What becomes of units above the maximum.
    #[must_use]
    pub fn excess(&self) -> Excess {
        self.excess
    }

    /// What is wrong with the figures: the field, its value, and why.
    fn mistake(&self) -> Option<(&'static str, u32, Why)> {
        let figures = [("min", self.min), ("max", self.max), ("increment", self.increment)];
        let zero = figures.into_iter().find(|(_, figure)| *figure == Some(0));
        if let Some((field, _)) = zero {
            return Some((field, 0, Why::Zero));
        }
        let max = self.max?;
        let because = if self.min.is_some_and(|min| min > max) {
            "the minimum is above it"
        } else {
            let highest = round_down(u64::from(max), self.increment);
            if highest > 0 && highest >= u64::from(self.min.unwrap_or(0)) {
                return None;
            }
            "no multiple of the increment lies up to it"
        };
        Some(("max", max, Why::Impossible { because }))
    }

    fn checked(self) -> Result<Self, Error> {
        match self.mistake() {
            Some((field, value, why)) => Err(Error::invalid(field, value, why)),
            None => Ok(self),
        }
    }

    /// A rule without a figure says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.min.is_none() && self.max.is_none() && self.increment.is_none()
    }
}

/// The highest multiple of the increment up to so many units.
pub(crate) fn round_down(units: u64, increment: Option<u32>) -> u64 {
    let rest = increment.and_then(|step| units.checked_rem(u64::from(step))).unwrap_or(0);
    units.saturating_sub(rest)
}

/// What is wrong with a rule that says nothing.
pub(in crate::shop) const NO_FIGURE: Why =
    Why::Impossible { because: "it has no minimum, no maximum and no increment" };

impl Form for QuantityRule {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let goods = f.required("goods");
            let audience = f.optional_or_reported("to");
            let (min, max) = (f.optional_or_reported("min"), f.optional_or_reported("max"));
            let increment = f.optional_or_reported("increment");
            let excess = f.or_default("excess");
            let (min, max, increment) = (min?, max?, increment?);
            let figures = Self { min, max, increment, excess, ..Self::new(Goods::Everything) };
            if let Some((field, _, why)) = figures.mistake() {
                f.report(field, why);
                return None;
            }
            if figures.is_empty() {
                f.check().report("{..}", NO_FIGURE);
                return None;
            }
            Some(Self { goods: goods?, audience: audience?.unwrap_or_default(), ..figures })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("goods", &self.goods)
            .put_unless_default("to", &self.audience)
            .put_some("min", self.min.as_ref())
            .put_some("max", self.max.as_ref())
            .put_some("increment", self.increment.as_ref())
            .put_unless_default("excess", &self.excess)
            .end()
    }
}

serde_by_form!(QuantityRule);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<QuantityRule>(&[
            r#"{"goods":"everything","max":3}"#,
            r#"{"goods":{"product":"P"},"to":{"min_rank":1},"min":2,"max":12,"increment":2,"excess":"cap"}"#,
        ]);
    }

    #[test]
    fn figures_that_leave_no_quantity_are_mistakes() {
        for (figures, error) in [
            (r#""min":0,"max":0"#, "`min` is `0`: zero"),
            (r#""max":0"#, "`max` is `0`: zero"),
            (r#""increment":0"#, "`increment` is `0`: zero"),
            (r#""min":3,"max":2"#, "`max` is `2`: can never apply: the minimum is above it"),
            (r#""increment":4,"max":3"#, "`max` is `3`: can never apply: no multiple of the increment lies up to it"),
            (
                r#""increment":4,"max":7,"min":5"#,
                "`max` is `7`: can never apply: no multiple of the increment lies up to it",
            ),
            (r#""excess":"cap""#, "`` is `{..}`: can never apply: it has no minimum, no maximum and no increment"),
            (r#""max":-1,"min":"2""#, "`max` is `-1`: negative; `min` is `2`: expected a whole number"),
        ] {
            assert_errors::<QuantityRule>(&[(&format!(r#"{{"goods":"everything",{figures}}}"#), error)]);
        }
        assert_errors::<QuantityRule>(&[(
            "{}",
            "`` is `{..}`: can never apply: it has no minimum, no maximum and no increment; `goods` is missing",
        )]);
        let rule = || QuantityRule::new(Goods::Everything);
        assert!(rule().with_min(5).and_then(|r| r.with_max(5)).and_then(|r| r.with_increment(5)).is_ok());
        assert!(rule().with_min(5).and_then(|r| r.with_max(4)).is_err());
        assert!(rule().with_max(4).and_then(|r| r.with_min(5)).is_err());
        assert!(rule().with_max(4).and_then(|r| r.with_increment(5)).is_err());
    }

    #[test]
    fn rounding_down_goes_to_a_multiple() {
        for (units, increment, expected) in [(7, None, 7), (7, Some(3), 6), (6, Some(3), 6), (2, Some(3), 0)] {
            assert_eq!(round_down(units, increment), expected);
        }
    }
}
