//! Benefits: what a coupon is worth.

mod amount_off;
mod host;
mod operator;
mod percent_off;
mod set_price;
mod shipping;
mod target;
mod trial;

pub use amount_off::{AmountOff, Per, Split, TaxView};
pub use host::HostAmounts;
pub use operator::OperatorAmount;
pub use percent_off::{PercentBase, PercentOff};
pub use set_price::SetPrice;
pub use shipping::{ShippingOff, ShippingValue};
pub use target::{Pick, Target};
pub use trial::Trial;

/// One benefit; a coupon has one or more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Benefit {
    /// A percentage off.
    Percent(PercentOff),
    /// An amount off.
    Amount(AmountOff),
    /// A price instead of the usual one.
    SetPrice(SetPrice),
    /// Shipping free or cheaper.
    Shipping(ShippingOff),
    /// An amount that an operator gives with the code (S141).
    Operator(OperatorAmount),
    /// Amounts per line that the host computed.
    Host(HostAmounts),
    /// Free days before a subscription is charged (S67).
    Trial(Trial),
    /// No money: the coupon has another effect.
    None,
}

impl Benefit {
    /// Whether the definition itself says that it is worth nothing: accepted at 0.00 and counted (S91).
    pub(crate) fn is_zero_by_definition(&self) -> bool {
        match self {
            Self::Percent(percent) => percent.off.is_zero(),
            Self::Amount(amount) => amount.off.is_zero(),
            Self::Shipping(shipping) => match &shipping.value {
                ShippingValue::Percent(percent) => percent.is_zero(),
                ShippingValue::Amount(amounts) => amounts.is_zero(),
                ShippingValue::Free | ShippingValue::ToPrice(_) => false,
            },
            Self::None => true,
            Self::SetPrice(_) | Self::Operator(_) | Self::Host(_) | Self::Trial(_) => false,
        }
    }

    /// Which pieces it acts on, for kinds that act on pieces.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match self {
            Self::Percent(percent) => Some(&percent.target),
            Self::Amount(amount) => Some(&amount.target),
            Self::SetPrice(price) => Some(&price.target),
            Self::Operator(operator) => Some(&operator.target),
            Self::Host(host) => Some(&host.target),
            Self::Shipping(_) | Self::Trial(_) | Self::None => None,
        }
    }
}
