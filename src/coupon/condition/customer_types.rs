//! Who the customer is to the merchant: the customer type.

use super::selection::selection;
use crate::key::CustomerTypeId;

selection! {
    /// The customer's type is one of these, or none of those (S40).
    ///
    /// A customer has one type at a time: retail, wholesale, pro-form. Judged on the type the customer has before the
    /// coupon's own assignment, if it has one. In JSON `{"customer_types": {"only": ["RETAIL"]}}` or
    /// `{"customer_types": {"except": ["WHOLESALE"]}}`; a type that stands in both lists is shut out.
    ///
    /// ```
    /// use vouchsafe::{Condition, CustomerTypeId, CustomerTypes};
    ///
    /// let retail = Condition::from(CustomerTypes::only([CustomerTypeId::new("RETAIL")?]));
    /// assert_eq!(serde_json::to_string(&retail)?, r#"{"customer_types":{"only":["RETAIL"]}}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    CustomerTypes, CustomerTypeId
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn an_absent_list_allows_everything_and_an_empty_one_nothing() {
        assert_eq!(read::<CustomerTypes>("{}").allowed(), None);
        assert_eq!(read::<CustomerTypes>(r#"{"only":[]}"#).allowed(), Some([].as_slice()));
        assert_eq!(read::<CustomerTypes>(r#"{"except":["A"]}"#).excluded().len(), 1);
    }

    #[test]
    fn lists_are_read_and_written() {
        assert_identity::<CustomerTypes>(&["{}", r#"{"only":[]}"#, r#"{"only":["A","B"],"except":["B"]}"#]);
        assert_errors::<CustomerTypes>(&[
            (r#"{"only":"A"}"#, "`only` is `A`: expected a list"),
            (r#"{"only":["A",1],"except":[""]}"#, "`only[1]` is `1`: expected a string; `except[0]` is ``: empty"),
        ]);
    }
}
