//! What the order is worth at least.

use super::spend::spend;

spend! {
    /// The order is worth at least so much (S17).
    ///
    /// "From 50.00" leaves five things open, and shops fill them in differently, so each has a field: the
    /// [`Basis`](crate::Basis) (before or after discounts), the [`LineRange`](crate::LineRange) (the coupon's own lines or the
    /// whole order), with or without tax, whether exactly 50.00 is enough (it is, unless `inclusive` is false), and of
    /// what: with `of` only lines of a scope are added up, so that a coupon for the whole order can ask for 50.00 of
    /// shoes.
    ///
    /// In JSON `{"minimum_spend": {"amounts": {"USD": "50.00"}, "basis": "list"}}`. An order in a currency that is not
    /// named does not meet the condition.
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
    ///
    /// # So much of one category
    ///
    /// A coupon of 10% off everything, for whoever buys shoes for 50.00.
    ///
    /// ```
    /// use vouchsafe::*;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let fifty = Amounts::new([Money::parse("50", Currency::USD)?])?;
    /// let shoes = MinimumSpend::new(fifty).only_of(Scope::Categories(vec!["shoes".parse()?]));
    /// let json = serde_json::to_string(&Condition::from(shoes))?;
    /// assert_eq!(json, r#"{"minimum_spend":{"amounts":{"USD":"50.00"},"of":{"categories":["shoes"]}}}"#);
    /// # Ok(())
    /// # }
    /// ```
    MinimumSpend,
    "At least so much, with every choice at its default.",
    "The same, with the threshold itself not being enough.",
    "Whether reaching the threshold exactly is enough."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<MinimumSpend>(&[
            r#"{"amounts":{"USD":"50.00"}}"#,
            r#"{"amounts":{"JPY":"5000"},"basis":"remaining","tax":"net","range":"order","inclusive":false}"#,
            r#"{"amounts":{"USD":"50.00"},"range":"order","of":{"not":{"categories":["gifts"]}}}"#,
        ]);
    }

    #[test]
    fn every_mistake_is_reported() {
        assert_errors::<MinimumSpend>(&[
            ("{}", "`amounts` is missing"),
            (r#"{"amounts":"50"}"#, "`amounts` is `50`: expected an object that names an amount per currency"),
            (
                r#"{"amounts":{"USD":50},"basis":"net","inclusive":1,"of":{"products":1}}"#,
                "`amounts.USD` is `50`: a JSON number, amounts and percentages are strings; \
                 `basis` is `net`: not one of `discounted`, `list`, `remaining`; \
                 `inclusive` is `1`: expected true or false; \
                 `of.products` is `1`: expected a list",
            ),
        ]);
    }
}
