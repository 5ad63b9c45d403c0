//! Where the order goes: the region.

use super::selection::selection;
use crate::key::RegionId;

selection! {
    /// The order's region is one of these, or none of those (S22).
    ///
    /// A region is whatever the host calls one: a country, a state, a delivery zone. In JSON
    /// `{"regions": {"only": ["US-CA"]}}`.
    ///
    /// ```
    /// use vouchsafe::{Condition, RegionId, Regions};
    ///
    /// let mainland = Condition::from(Regions::except([RegionId::new("US-HI")?]));
    /// assert_eq!(serde_json::to_string(&mainland)?, r#"{"regions":{"except":["US-HI"]}}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Regions, RegionId
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn lists_are_read_and_written() {
        assert_identity::<Regions>(&[r#"{"only":["DE"]}"#, r#"{"except":["US-HI","US-AK"]}"#]);
        assert_errors::<Regions>(&[(r#"{"any":["DE"]}"#, "`any` is `[..]`: unknown field, known: `only`, `except`")]);
    }
}
