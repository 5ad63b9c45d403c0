//! What a coupon may stand beside.

/// What a coupon may stand beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Combination {
    pub(crate) with_discounts: bool,
    pub(crate) exclusive: bool,
    pub(crate) several_codes: bool,
}

impl Default for Combination {
    fn default() -> Self {
        Self { with_discounts: true, exclusive: false, several_codes: false }
    }
}

impl Combination {
    /// Whether it acts on lines that carry a discount of the shop (S112, S139).
    #[must_use]
    pub fn with_discounts(&self) -> bool {
        self.with_discounts
    }

    /// Whether it shuts every other coupon out.
    #[must_use]
    pub fn exclusive(&self) -> bool {
        self.exclusive
    }

    /// Whether several codes of this one definition may be used on one order.
    #[must_use]
    pub fn several_codes(&self) -> bool {
        self.several_codes
    }
}
