//! How the order is shipped: the shipping method.

use super::selection::selection;
use crate::key::ShippingMethodId;

selection! {
    /// Every shipping charge of the order is by one of these methods, or by none of those (S22).
    ///
    /// Read off the shipping charges of the order, each of which names its method; a charge without one is by none. An
    /// order that has no shipping yet is shipped by no method: it meets a list that shuts out, and no list that allows.
    /// Where a benefit is for some methods only, and the rest of the coupon for all, name them in the
    /// [benefit](crate::ShippingOff::only_methods) instead. In JSON `{"shipping_methods": {"only": ["ground"]}}`.
    ///
    /// ```
    /// use vouchsafe::{Condition, ShippingMethodId, ShippingMethods};
    ///
    /// let pick_up = Condition::from(ShippingMethods::only([ShippingMethodId::new("pick-up")?]));
    /// assert_eq!(serde_json::to_string(&pick_up)?, r#"{"shipping_methods":{"only":["pick-up"]}}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ShippingMethods, ShippingMethodId
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn lists_are_read_and_written() {
        assert_identity::<ShippingMethods>(&[r#"{"only":["ground"]}"#, r#"{"only":[],"except":["express"]}"#]);
        assert_errors::<ShippingMethods>(&[(r#"{"except":"express"}"#, "`except` is `express`: expected a list")]);
    }
}
