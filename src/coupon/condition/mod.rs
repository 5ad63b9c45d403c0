//! Conditions: who may use a coupon, and on what order.

mod bought;
mod channels;
mod customer_types;
mod customers;
mod last_order;
mod lifetime_spend;
mod members;
mod minimum_quantity;
mod minimum_spend;
mod nth_order;
mod orders_in_period;
mod payment_options;
mod regions;
mod selection;

pub use bought::Bought;
pub use channels::Channels;
pub use customer_types::CustomerTypes;
pub use customers::Customers;
pub use last_order::LastOrder;
pub use lifetime_spend::LifetimeSpend;
pub use members::Members;
pub use minimum_quantity::MinimumQuantity;
pub use minimum_spend::{Basis, MinimumSpend, Range};
pub use nth_order::NthOrder;
pub use orders_in_period::OrdersInPeriod;
pub use payment_options::PaymentOptions;
pub use regions::Regions;

use crate::error::Error;

use super::tree::{Group, Negated, Tree};

/// One condition; a coupon needs all of its conditions to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// Every member holds.
    All(Group<Condition>),
    /// At least one member holds.
    Any(Group<Condition>),
    /// The inner condition does not hold.
    Not(Negated<Condition>),
    /// The order is worth enough.
    MinimumSpend(MinimumSpend),
    /// The order has pieces enough.
    MinimumQuantity(MinimumQuantity),
    /// The customer has no earlier order (S16).
    FirstOrder,
    /// This is the customer's n-th order.
    NthOrder(NthOrder),
    /// The customer ordered often enough lately.
    OrdersInPeriod(OrdersInPeriod),
    /// The customer spent enough so far.
    LifetimeSpend(LifetimeSpend),
    /// The customer's last order is recent enough, or long enough ago.
    LastOrder(LastOrder),
    /// The customer bought one of these before.
    Bought(Bought),
    /// The customer is a member.
    Members(Members),
    /// The customer's type.
    CustomerTypes(CustomerTypes),
    /// The channel or order form.
    Channels(Channels),
    /// The region.
    Regions(Regions),
    /// The payment option.
    PaymentOptions(PaymentOptions),
    /// The customer is one of these.
    Customers(Customers),
}

impl Condition {
    /// Holds where every one of the conditions holds.
    ///
    /// # Errors
    /// No conditions, or a tree past its bounds.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        Group::new(conditions.into_iter().collect()).map(Self::All)
    }

    /// Holds where at least one of the conditions holds.
    ///
    /// # Errors
    /// No conditions, or a tree past its bounds.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        Group::new(conditions.into_iter().collect()).map(Self::Any)
    }

    /// Holds where this condition does not.
    ///
    /// # Errors
    /// A tree past its bounds.
    pub fn negated(self) -> Result<Self, Error> {
        Negated::new(self).map(Self::Not)
    }

    /// Whether judging it needs a price or a line of the order. A coupon that changes the customer's type before
    /// pricing cannot wait for either.
    pub(crate) fn reads_lines(&self) -> bool {
        match self {
            Self::All(group) | Self::Any(group) => group.members.iter().any(Self::reads_lines),
            Self::Not(negated) => negated.inner.reads_lines(),
            Self::MinimumSpend(_) | Self::MinimumQuantity(_) => true,
            Self::FirstOrder
            | Self::NthOrder(_)
            | Self::OrdersInPeriod(_)
            | Self::LifetimeSpend(_)
            | Self::LastOrder(_)
            | Self::Bought(_)
            | Self::Members(_)
            | Self::CustomerTypes(_)
            | Self::Channels(_)
            | Self::Regions(_)
            | Self::PaymentOptions(_)
            | Self::Customers(_) => false,
        }
    }
}

impl Tree for Condition {
    fn depth(&self) -> usize {
        match self {
            Self::All(group) | Self::Any(group) => group.depth(),
            Self::Not(negated) => negated.depth(),
            _ => 1,
        }
    }

    fn nodes(&self) -> usize {
        match self {
            Self::All(group) | Self::Any(group) => group.nodes(),
            Self::Not(negated) => negated.nodes(),
            Self::MinimumQuantity(minimum) => minimum.of.as_ref().map_or(0, Tree::nodes).saturating_add(1),
            _ => 1,
        }
    }
}
