//! Shipping and fees.

use crate::key::{ShippingMethodId, TaxClass};
use crate::money::Money;

use super::{LineId, ShopDiscount, rules};

/// What a charge is for.
///
/// ```
/// use vouchsafe::{Charge, ChargeKind, Currency, LineId, Money};
///
/// let fee = Charge::fee(LineId(9), Money::parse("3.00", Currency::EUR)?);
/// assert_eq!(fee.kind(), &ChargeKind::Fee);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChargeKind {
    /// Shipping, by a method where the host names one. Shipping coupons act on it; others leave it alone unless they
    /// say that they include it.
    Shipping {
        /// The shipping method.
        method: Option<ShippingMethodId>,
    },
    /// A fee that no coupon touches.
    Fee,
}

/// Shipping or a fee: a line of its own, with a tax base of its own.
///
/// ```
/// use vouchsafe::{Charge, Currency, LineId, Money};
///
/// let express = Charge::shipping(LineId(2), Money::parse("14.90", Currency::EUR)?)
///     .with_method("express".parse()?)
///     .with_tax_class("standard".parse()?);
/// assert_eq!(express.description(), "Shipping");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub(crate) id: LineId,
    pub(crate) kind: ChargeKind,
    pub(crate) description: Option<String>,
    pub(crate) amount: Money,
    pub(crate) tax_class: Option<TaxClass>,
    pub(crate) discounts: Vec<ShopDiscount>,
}

impl Charge {
    /// A shipping charge.
    #[must_use]
    pub fn shipping(id: LineId, amount: Money) -> Self {
        Self::new(id, ChargeKind::Shipping { method: None }, amount)
    }

    /// A fee, for instance for gift wrapping or payment.
    #[must_use]
    pub fn fee(id: LineId, amount: Money) -> Self {
        Self::new(id, ChargeKind::Fee, amount)
    }

    fn new(id: LineId, kind: ChargeKind, amount: Money) -> Self {
        Self { id, kind, description: None, amount, tax_class: None, discounts: Vec::new() }
    }

    /// The shipping method; of no meaning for a fee.
    #[must_use]
    pub fn with_method(mut self, method: ShippingMethodId) -> Self {
        if let ChargeKind::Shipping { method: slot } = &mut self.kind {
            *slot = Some(method);
        }
        self
    }

    /// Text for the receipt.
    #[must_use]
    pub fn with_description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// The tax class. Without one, the charge is of the class
    /// [`Order::DEFAULT_TAX_CLASS`](crate::Order::DEFAULT_TAX_CLASS).
    #[must_use]
    pub fn with_tax_class(mut self, class: TaxClass) -> Self {
        self.tax_class = rules::named(class);
        self
    }

    /// A discount that the shop gave on this charge; may be called several times.
    #[must_use]
    pub fn with_discount(mut self, discount: ShopDiscount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// The charge's number; shares its number space with the lines.
    #[must_use]
    pub fn id(&self) -> LineId {
        self.id
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> &ChargeKind {
        &self.kind
    }

    /// Text for the receipt; `Shipping` or `Fee` where none was given.
    #[must_use]
    pub fn description(&self) -> &str {
        match (&self.description, &self.kind) {
            (Some(text), _) => text,
            (None, ChargeKind::Shipping { .. }) => "Shipping",
            (None, ChargeKind::Fee) => "Fee",
        }
    }

    /// The amount before discounts.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// The tax class.
    #[must_use]
    pub fn tax_class(&self) -> Option<&TaxClass> {
        self.tax_class.as_ref()
    }

    /// Discounts that the shop gave.
    #[must_use]
    pub fn discounts(&self) -> &[ShopDiscount] {
        &self.discounts
    }
}
