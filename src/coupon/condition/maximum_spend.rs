//! What the order is worth at most.

use super::spend::spend;

spend! {
    /// The order is worth at most so much.
    ///
    /// The other side of [`MinimumSpend`](crate::MinimumSpend), with the same five choices: an offer for small orders,
    /// or one that ends where a better one begins. Exactly so much is still allowed, unless `inclusive` is false.
    ///
    /// In JSON `{"maximum_spend": {"amounts": {"USD": "200.00"}, "range": "order"}}`. An order in a currency that is not
    /// named does not meet the condition.
    ///
    /// ```
    /// use vouchsafe::{Amounts, Condition, Currency, MaximumSpend, Money, LineRange};
    ///
    /// let two_hundred = Amounts::new([Money::parse("200", Currency::USD)?])?;
    /// let below = MaximumSpend::new(two_hundred).range_of(LineRange::Order).exclusive();
    /// assert_eq!(
    ///     serde_json::to_string(&Condition::from(below))?,
    ///     r#"{"maximum_spend":{"amounts":{"USD":"200.00"},"range":"order","inclusive":false}}"#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    MaximumSpend,
    "At most so much, with every choice at its default.",
    "The same, with the threshold itself being too much.",
    "Whether exactly the threshold is still allowed."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<MaximumSpend>(&[
            r#"{"amounts":{"USD":"200.00"}}"#,
            concat!(
                r#"{"amounts":{"JPY":"5000"},"basis":"list","tax":"gross","range":"order","inclusive":false,"#,
                r#""of":"on_sale"}"#
            ),
        ]);
        assert_errors::<MaximumSpend>(&[
            ("{}", "`amounts` is missing"),
            (
                r#"{"amounts":{"USD":"200.00"},"at_most":1}"#,
                "`at_most` is `1`: unknown field, known: `amounts`, `basis`, `tax`, `range`, `inclusive`, `of`",
            ),
        ]);
    }
}
