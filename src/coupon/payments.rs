//! Which payments of a subscription a coupon lowers.

use std::num::NonZeroU32;

/// Which payments of a subscription or payment plan a coupon lowers (S65, S66).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payments {
    /// The first payment only.
    First,
    /// Every payment.
    All,
    /// The first so many payments.
    FirstN(NonZeroU32),
}
