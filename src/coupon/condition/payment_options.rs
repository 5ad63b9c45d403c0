//! How the order is paid: the payment option.

use super::selection::selection;
use crate::key::PaymentOptionId;

selection! {
    /// The order's payment option is one of these, or none of those (S22).
    ///
    /// The ids are the host's, and opaque: no card or bank data passes through here (S13). In JSON
    /// `{"payment_options": {"only": ["invoice"]}}`.
    ///
    /// ```
    /// use vouchsafe::{Condition, PaymentOptionId, PaymentOptions};
    ///
    /// let invoice = Condition::from(PaymentOptions::only([PaymentOptionId::new("invoice")?]));
    /// assert_eq!(serde_json::to_string(&invoice)?, r#"{"payment_options":{"only":["invoice"]}}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    PaymentOptions, PaymentOptionId
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn lists_are_read_and_written() {
        assert_identity::<PaymentOptions>(&[r#"{"only":["invoice"]}"#, r#"{"except":["card"]}"#]);
        assert_errors::<PaymentOptions>(&[("[]", "`` is `[]`: expected an object")]);
    }
}
