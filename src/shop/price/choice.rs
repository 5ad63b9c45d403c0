//! Which of several prices of a product holds.

use std::cmp::{Ordering, Reverse};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::form::choices;
use crate::key::{CustomerTypeId, PriceListId};
use crate::money::ExactPrice;
use crate::shop::goods::Nearness;

/// Whose price a line was priced at.
///
/// ```
/// use vouchsafe::PriceSource;
///
/// assert_eq!(serde_json::to_string(&PriceSource::CustomerType)?, "\"customer_type\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PriceSource {
    /// The list price.
    #[default]
    List,
    /// The price of one of the customer's types.
    CustomerType,
    /// The price agreed with this customer.
    Customer,
}

choices! {
    /// Which of several prices of a product holds. Only prices that the customer is entitled to are looked at: of the
    /// customer, of the types held at the instant, and the list price.
    ///
    /// Where a strategy finds two alike, the order of `MostSpecific` decides, so the answer never depends on the order in
    /// which lists were given.
    ///
    /// ```
    /// use vouchsafe::PriceStrategy;
    ///
    /// assert_eq!(PriceStrategy::default(), PriceStrategy::MostSpecific);
    /// assert_eq!(PriceStrategy::Lowest.as_str(), "lowest");
    /// ```
    pub enum PriceStrategy {
        /// The most specific: the price on the line, then lists of the customer, then of the primary type, then of
        /// memberships in their order, then the list price. Within one of them: the product before its parent, before its
        /// categories from near to far, before everything; then the larger quantity; then the higher priority; then the
        /// lower price; then the id of the list.
        MostSpecific = "most_specific",
        /// The lowest.
        Lowest = "lowest",
        /// That of the highest priority. The price on a line has priority 0, and the list price stands below all.
        Priority = "priority",
    }
}

/// Why a price did not hold: the first point at which another one goes before it.
///
/// ```
/// use vouchsafe::PriceLoss;
///
/// assert_eq!(serde_json::to_string(&PriceLoss::LowerPriority)?, "\"lower_priority\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PriceLoss {
    /// Another one is more specific: in whose it is, or in the goods it is for.
    #[default]
    LessSpecific,
    /// Another one is for a larger quantity that was reached.
    SmallerQuantity,
    /// Another one has a higher priority.
    LowerPriority,
    /// Another one is lower.
    Higher,
    /// Another one is alike in everything, and the id of its list comes first.
    LaterList,
}

/// In a few words, for logs and admin pages.
impl fmt::Display for PriceLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LessSpecific => "the other one is more specific",
            Self::SmallerQuantity => "the other one is for a larger quantity",
            Self::LowerPriority => "the other one has a higher priority",
            Self::Higher => "the other one is lower",
            Self::LaterList => "the other list comes first by its name",
        })
    }
}

/// Whose price it is, the most specific first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    /// On the line, by the host.
    Line,
    /// By a list for the customer.
    Customer,
    /// Of one of the types held, counted from 0, the primary one first.
    Type(u32),
    /// Everybody's.
    List,
}

/// A price that a customer is entitled to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate<'s> {
    pub(crate) holder: Holder,
    pub(super) nearness: Nearness,
    pub(super) from: u64,
    pub(super) priority: i32,
    pub(crate) price: ExactPrice,
    /// The list and its position among those of the shop; none for the short form of prices, the line and the list price.
    pub(crate) list: Option<(u32, &'s PriceListId)>,
}

impl Candidate<'_> {
    /// The type that it is a price of, among those that the customer was entitled by.
    pub(crate) fn customer_type<'t>(&self, types: &'t [CustomerTypeId]) -> Option<&'t CustomerTypeId> {
        match self.holder {
            Holder::Type(i) => usize::try_from(i).ok().and_then(|i| types.get(i)),
            Holder::Line | Holder::Customer | Holder::List => None,
        }
    }

    pub(crate) fn source(&self) -> PriceSource {
        match self.holder {
            Holder::Line | Holder::Customer => PriceSource::Customer,
            Holder::Type(_) => PriceSource::CustomerType,
            Holder::List => PriceSource::List,
        }
    }

    /// Which goes first, and what loses it for the other one.
    pub(super) fn compare(&self, other: &Self, strategy: PriceStrategy) -> (Ordering, PriceLoss) {
        let price = || (self.price.cmp(&other.price), PriceLoss::Higher);
        // The list price stands below every priority there is.
        let rank = |c: &Self| Reverse((c.holder != Holder::List).then_some(c.priority));
        let first = match strategy {
            PriceStrategy::MostSpecific => (Ordering::Equal, PriceLoss::LessSpecific),
            PriceStrategy::Lowest => price(),
            PriceStrategy::Priority => (rank(self).cmp(&rank(other)), PriceLoss::LowerPriority),
        };
        let id = |c: &Self| c.list.map(|(_, id)| id);
        let steps = [
            first,
            (self.holder.cmp(&other.holder), PriceLoss::LessSpecific),
            (self.nearness.cmp(&other.nearness), PriceLoss::LessSpecific),
            (other.from.cmp(&self.from), PriceLoss::SmallerQuantity),
            (other.priority.cmp(&self.priority), PriceLoss::LowerPriority),
            price(),
        ];
        let decided = steps.into_iter().find(|(order, _)| order.is_ne());
        decided.unwrap_or_else(|| (id(self).cmp(&id(other)), PriceLoss::LaterList))
    }
}
