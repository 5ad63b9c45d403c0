//! What the order is worth.

use super::selection::into_condition;
use crate::coupon::{Amounts, TaxView};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices};

choices! {
    /// Which amount of a line a threshold looks at.
    pub enum Basis {
        /// After the discounts of the shop and before any coupon: what the shopper saw when adding up.
        Discounted = "discounted",
        /// At the price before any discount.
        List = "list",
        /// What is left at the coupon's turn, after earlier coupons; the coupon itself never counts.
        Remaining = "remaining",
    }
}

choices! {
    /// Which lines a threshold looks at.
    pub enum Range {
        /// The lines that the coupon acts on.
        Qualifying = "qualifying",
        /// Every line of the order.
        Order = "order",
    }
}

/// The order is worth at least so much (S17).
///
/// "From 50.00" leaves four things open, and shops fill them in differently, so each has a field: the [`Basis`] (before
/// or after discounts), the [`Range`] (the coupon's own lines or the whole order), with or without tax, and whether
/// exactly 50.00 is enough (it is, unless `inclusive` is false).
///
/// In JSON `{"minimum_spend": {"amounts": {"USD": "50.00"}, "basis": "list"}}`. An order in a currency that is not named
/// does not meet the condition.
///
/// ```
/// use vouchsafe::{Amounts, Basis, Condition, Currency, MinimumSpend, Money};
///
/// let fifty = MinimumSpend::new(Amounts::new([Money::parse("50", Currency::USD)?])?).basis_of(Basis::List);
/// assert!(fifty.inclusive());
/// let json = serde_json::to_string(&Condition::from(fifty))?;
/// assert_eq!(json, r#"{"minimum_spend":{"amounts":{"USD":"50.00"},"basis":"list"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimumSpend {
    pub(crate) amounts: Amounts,
    pub(crate) basis: Basis,
    pub(crate) tax: TaxView,
    pub(crate) range: Range,
    pub(crate) inclusive: bool,
}

impl MinimumSpend {
    /// At least so much, with every choice at its default.
    #[must_use]
    pub fn new(amounts: Amounts) -> Self {
        Self { amounts, basis: Basis::default(), tax: TaxView::default(), range: Range::default(), inclusive: true }
    }

    /// The same, looking at this amount of a line.
    #[must_use]
    pub fn basis_of(self, basis: Basis) -> Self {
        Self { basis, ..self }
    }

    /// The same, with or without tax.
    #[must_use]
    pub fn tax_view(self, tax: TaxView) -> Self {
        Self { tax, ..self }
    }

    /// The same, looking at these lines.
    #[must_use]
    pub fn range_of(self, range: Range) -> Self {
        Self { range, ..self }
    }

    /// The same, with the threshold itself not being enough.
    #[must_use]
    pub fn exclusive(self) -> Self {
        Self { inclusive: false, ..self }
    }

    /// The threshold per currency.
    #[must_use]
    pub fn amounts(&self) -> &Amounts {
        &self.amounts
    }

    /// Which amount of a line it looks at.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// With or without tax.
    #[must_use]
    pub fn tax(&self) -> TaxView {
        self.tax
    }

    /// Which lines it looks at.
    #[must_use]
    pub fn range(&self) -> Range {
        self.range
    }

    /// Whether reaching the threshold exactly is enough.
    #[must_use]
    pub fn inclusive(&self) -> bool {
        self.inclusive
    }
}

impl Form for MinimumSpend {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let amounts = f.required("amounts");
            let (basis, tax, range) = (f.or_default("basis"), f.or_default("tax"), f.or_default("range"));
            let inclusive = f.optional("inclusive").unwrap_or(true);
            amounts.map(|amounts| Self { amounts, basis, tax, range, inclusive })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("amounts", &self.amounts)
            .put_unless_default("basis", &self.basis)
            .put_unless_default("tax", &self.tax)
            .put_unless_default("range", &self.range)
            .put_unless("inclusive", &self.inclusive, &true)
            .end()
    }
}

into_condition!(MinimumSpend);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<MinimumSpend>(&[
            r#"{"amounts":{"USD":"50.00"}}"#,
            r#"{"amounts":{"JPY":"5000"},"basis":"remaining","tax":"net","range":"order","inclusive":false}"#,
        ]);
    }

    #[test]
    fn every_mistake_is_reported() {
        assert_errors::<MinimumSpend>(&[
            ("{}", "`amounts` is missing"),
            (r#"{"amounts":"50"}"#, "`amounts` is `50`: expected an object that names an amount per currency"),
            (
                r#"{"amounts":{"USD":50},"basis":"net","inclusive":1}"#,
                "`amounts.USD` is `50`: a JSON number, amounts and percentages are strings; \
                 `basis` is `net`: not one of `discounted`, `list`, `remaining`; \
                 `inclusive` is `1`: expected true or false",
            ),
        ]);
    }
}
