//! How many pieces the order has.

use std::num::NonZeroU64;

use super::LineRange;
use super::selection::into_condition;
use super::spend::read_of;
use crate::coupon::Scope;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};

/// The order has at least so many pieces (S17).
///
/// Counts pieces, not lines; a measured line (1.25 kg) is one piece. In JSON `{"minimum_quantity": {"pieces": 3}}`, with
/// `"range": "order"` to count every line, and `"of"` to count only pieces of a scope: any three shoes, while the
/// coupon itself acts on socks.
///
/// ```
/// use std::num::NonZeroU64;
/// use vouchsafe::{Condition, MinimumQuantity, LineRange};
///
/// let two = NonZeroU64::MIN.saturating_add(1);
/// let condition = Condition::from(MinimumQuantity::new(two).range_of(LineRange::Order));
/// assert_eq!(serde_json::to_string(&condition)?, r#"{"minimum_quantity":{"pieces":2,"range":"order"}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimumQuantity {
    pub(crate) pieces: u64,
    pub(crate) range: LineRange,
    pub(crate) of: Option<Scope>,
}

impl MinimumQuantity {
    /// At least so many pieces on the qualifying lines.
    #[must_use]
    pub fn new(pieces: NonZeroU64) -> Self {
        Self { pieces: pieces.get(), range: LineRange::Qualifying, of: None }
    }

    /// The same, counting these lines.
    #[must_use]
    pub fn range_of(self, range: LineRange) -> Self {
        Self { range, ..self }
    }

    /// The same, counting only pieces of this scope.
    #[must_use]
    pub fn only_of(self, scope: Scope) -> Self {
        Self { of: Some(scope), ..self }
    }

    /// The least number of pieces.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.pieces
    }

    /// Which lines are counted.
    #[must_use]
    pub fn range(&self) -> LineRange {
        self.range
    }

    /// Counts only pieces of this scope, within the range.
    #[must_use]
    pub fn of(&self) -> Option<&Scope> {
        self.of.as_ref()
    }
}

impl Form for MinimumQuantity {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let pieces = f.required_not_zero("pieces");
            let range = f.or_default("range");
            let of = read_of(f);
            pieces.map(|pieces| Self { pieces, range, of })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("pieces", &self.pieces)
            .put_unless_default("range", &self.range)
            .put_some("of", self.of.as_ref())
            .end()
    }
}

into_condition!(MinimumQuantity);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_number_of_pieces_is_needed() {
        assert_identity::<MinimumQuantity>(&[
            r#"{"pieces":1}"#,
            r#"{"pieces":3,"range":"order","of":{"categories":["shoes"]}}"#,
        ]);
        assert_errors::<MinimumQuantity>(&[
            ("{}", "`pieces` is missing"),
            (r#"{"pieces":0}"#, "`pieces` is `0`: zero"),
            (r#"{"pieces":"3"}"#, "`pieces` is `3`: expected a whole number"),
            (r#"{"pieces":3,"range":"all"}"#, "`range` is `all`: not one of `qualifying`, `order`"),
            (r#"{"pieces":3,"of":{"subsystem":{}}}"#, "`of.subsystem.subsystem` is missing"),
        ]);
    }
}
