//! What a coupon may stand beside.

use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices, serde_by_form};

/// What a coupon may stand beside.
///
/// How many codes one order may carry at all is the merchant's policy; this says what the coupon itself puts up with.
///
/// ```
/// use vouchsafe::Combination;
///
/// let combination: Combination = serde_json::from_str(r#"{"with_discounts": false}"#)?;
/// assert!(!combination.with_discounts() && !combination.exclusive());
/// assert!(Combination::default().with_discounts()); // S139
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Combination {
    pub(crate) with_discounts: bool,
    pub(crate) exclusive: bool,
    pub(crate) several_codes: bool,
    pub(crate) overrides: Overrides,
}

choices! {
    /// Whether a coupon acts on the list price in place of the customer's own price and the shop's discounts.
    ///
    /// While it is applied, the lines in question stand at the list price without the shop's discounts, for it and for
    /// every code beside it. Where the order would not be cheaper with it than without it, it is refused as no benefit, so
    /// it never takes a better price away.
    ///
    /// ```
    /// use vouchsafe::{Combination, Overrides};
    ///
    /// let combination: Combination = serde_json::from_str(r#"{"overrides": "touched"}"#)?;
    /// assert_eq!(combination.overrides(), Overrides::Touched);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum Overrides {
        /// It acts on what the customer would pay.
        Nothing = "nothing",
        /// The lines that it touches stand at the list price.
        Touched = "touched",
        /// All lines stand at the list price.
        Everything = "everything",
    }
}

impl Default for Combination {
    fn default() -> Self {
        Self { with_discounts: true, exclusive: false, several_codes: false, overrides: Overrides::Nothing }
    }
}

impl Combination {
    /// Whether it acts on lines that carry a discount of the shop (S112); default yes (S139).
    #[must_use]
    pub fn with_discounts(&self) -> bool {
        self.with_discounts
    }

    /// Whether it shuts every other coupon out; default no.
    #[must_use]
    pub fn exclusive(&self) -> bool {
        self.exclusive
    }

    /// Whether several codes of this one definition may be used on one order; default no.
    #[must_use]
    pub fn several_codes(&self) -> bool {
        self.several_codes
    }

    /// Whether it acts on the list price in place of the customer's own price and the shop's discounts; default no.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        self.overrides
    }

    /// The same, acting on the list price of these lines.
    #[must_use]
    pub fn overriding(self, overrides: Overrides) -> Self {
        Self { overrides, ..self }
    }

    /// The same with or without the shop's discounts.
    #[must_use]
    pub fn discounts(self, allowed: bool) -> Self {
        Self { with_discounts: allowed, ..self }
    }

    /// The same, shutting every other coupon out.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { exclusive: true, ..self }
    }

    /// The same, letting several codes of this definition onto one order.
    #[must_use]
    pub fn repeated(self) -> Self {
        Self { several_codes: true, ..self }
    }
}

impl Form for Combination {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            Some(Self {
                with_discounts: f.optional("with_discounts").unwrap_or(true),
                exclusive: f.or_default("exclusive"),
                several_codes: f.or_default("several_codes"),
                overrides: f.or_default("overrides"),
            })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_unless("with_discounts", &self.with_discounts, &true)
            .put_unless_default("exclusive", &self.exclusive)
            .put_unless_default("several_codes", &self.several_codes)
            .put_unless_default("overrides", &self.overrides)
            .end()
    }
}

serde_by_form!(Combination);

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves S112, S139.
    #[test]
    fn defaults_are_left_out_and_read_back() {
        assert_eq!(serde_json::to_string(&Combination::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Combination>("{}").unwrap(), Combination::default());
        let json = r#"{"with_discounts":false,"exclusive":true,"several_codes":true,"overrides":"touched"}"#;
        let all = Combination::default().discounts(false).alone().repeated().overriding(Overrides::Touched);
        assert_eq!(serde_json::to_string(&all).unwrap(), json);
        assert_eq!(serde_json::from_str::<Combination>(json).unwrap(), all);
        let error = serde_json::from_str::<Combination>(r#"{"exclusive":"yes"}"#).unwrap_err();
        assert_eq!(error.to_string(), "`exclusive` is `yes`: expected true or false");
    }
}
