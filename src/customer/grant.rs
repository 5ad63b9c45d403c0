//! Quantities agreed with one customer.

use crate::calendar::Window;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, read_window, serde_by_form};
use crate::key::AllowanceId;

/// A quantity agreed with one customer, in place of what an allowance gives everybody (S44).
///
/// In JSON `{"allowance": "bottles", "quantity": 12}`, with `starts_at` and `ends_at` where it holds for a time.
///
/// ```
/// use vouchsafe::AllowanceGrant;
///
/// let twelve = AllowanceGrant::new("bottles".parse()?, 12);
/// assert_eq!(twelve.quantity(), 12);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AllowanceGrant {
    pub(crate) allowance: AllowanceId,
    pub(crate) quantity: u64,
    pub(crate) window: Window,
}

impl AllowanceGrant {
    /// So many units, which may be none at all.
    #[must_use]
    pub fn new(allowance: AllowanceId, quantity: u64) -> Self {
        Self { allowance, quantity, window: Window::ALWAYS }
    }

    /// When it holds.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// The allowance whose quantity it replaces.
    #[must_use]
    pub fn allowance(&self) -> &AllowanceId {
        &self.allowance
    }

    /// How many units the customer may buy within the allowance's window.
    #[must_use]
    pub fn quantity(&self) -> u64 {
        self.quantity
    }

    /// When it holds.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }
}

impl Form for AllowanceGrant {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (allowance, quantity) = (f.required("allowance"), f.required("quantity"));
            let window = read_window(f)?;
            Some(Self { allowance: allowance?, quantity: quantity?, window })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("allowance", &self.allowance)
            .put("quantity", &self.quantity)
            .put_window(&self.window)
            .end()
    }
}

serde_by_form!(AllowanceGrant);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_grant_is_read_and_written() {
        assert_identity::<AllowanceGrant>(&[r#"{"allowance":"bottles","quantity":0}"#]);
        assert_errors::<AllowanceGrant>(&[("{}", "`allowance` is missing; `quantity` is missing")]);
    }
}
