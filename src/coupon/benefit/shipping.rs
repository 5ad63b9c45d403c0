//! Shipping free or cheaper.

use crate::coupon::amounts::Amounts;
use crate::coupon::pending::Percent;
use crate::key::ShippingMethodId;

/// What becomes of the shipping charge.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShippingValue {
    /// Nothing is charged.
    Free,
    /// A percentage off.
    Percent(Percent),
    /// An amount off.
    Amount(Amounts),
    /// This price instead, where it is lower.
    ToPrice(Amounts),
}

/// Shipping free or cheaper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingOff {
    pub(crate) value: ShippingValue,
    pub(crate) methods: Option<Vec<ShippingMethodId>>,
    pub(crate) cap: Option<Amounts>,
}

impl ShippingOff {
    /// What becomes of the charge.
    #[must_use]
    pub fn value(&self) -> &ShippingValue {
        &self.value
    }

    /// The shipping methods it is for; `None`: all, an empty list: none.
    #[must_use]
    pub fn methods(&self) -> Option<&[ShippingMethodId]> {
        self.methods.as_deref()
    }

    /// The most it gives in all.
    #[must_use]
    pub fn cap(&self) -> Option<&Amounts> {
        self.cap.as_ref()
    }
}
