//! What a customer is to the shop at an instant.

use chrono::{DateTime, Utc};

use crate::customer::HeldTypes;
use crate::key::CustomerTypeId;

use super::types::{PointsMultiplier, Types};

/// What a customer is to a shop at an instant: the types that hold, and the highest rank among them. Worked out by
/// [`Shop::standing`](crate::Shop::standing).
///
/// The primary type comes first, then live memberships in the customer's order, each type once. Types that the shop does
/// not define are left out, where it defines any; a customer without a primary type that the shop knows has the shop's
/// default type (S36).
///
/// ```
/// use vouchsafe::{Currency, Customer, CustomerType, Policy, Shop, parse_instant};
///
/// let shop = Shop::builder(Policy::builder(Currency::USD).build()?)
///     .default_type("RETAIL".parse()?)
///     .customer_type(CustomerType::new("CLUB".parse()?).with_rank(5))
///     .build()?;
/// let at = parse_instant("2026-03-01T12:00:00Z")?;
/// let member = shop.standing(&Customer::anonymous().with_memberships(["CLUB".parse()?]), at);
/// let types: Vec<&str> = member.types().iter().map(|t| t.as_str()).collect();
/// assert_eq!((types, member.rank()), (vec!["RETAIL", "CLUB"], 5));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    types: Vec<CustomerTypeId>,
    has_primary: bool,
    rank: u32,
    points: PointsMultiplier,
}

impl Standing {
    /// The primary type that holds.
    #[must_use]
    pub fn primary(&self) -> Option<&CustomerTypeId> {
        self.types.first().filter(|_| self.has_primary)
    }

    /// The types that hold: the primary one, then memberships in their order.
    #[must_use]
    pub fn types(&self) -> &[CustomerTypeId] {
        &self.types
    }

    /// The highest rank of them; 0 where there is none.
    #[must_use]
    pub fn rank(&self) -> u32 {
        self.rank
    }

    /// The highest multiplier of points among them (S28).
    #[must_use]
    pub fn points_multiplier(&self) -> PointsMultiplier {
        self.points
    }

    /// Whether one of the types is this one.
    #[must_use]
    pub fn has(&self, customer_type: &CustomerTypeId) -> bool {
        self.types.contains(customer_type)
    }

    /// Works it out anew, into the place of an earlier one. `primary` is the type that stands in for the held one.
    pub(crate) fn set(&mut self, types: &Types, held: &HeldTypes, primary: Option<&CustomerTypeId>, at: DateTime<Utc>) {
        self.types.clear();
        (self.rank, self.points) = (0, PointsMultiplier::ONE);
        let primary = primary.filter(|t| types.knows(t)).or(types.default_type());
        self.has_primary = primary.is_some();
        let mut points = None;
        let members = held.memberships_at(at).filter(|t| types.knows(t));
        for customer_type in primary.into_iter().chain(members) {
            if self.types.contains(customer_type) {
                continue;
            }
            self.types.push(customer_type.clone());
            if let Some(defined) = types.get(customer_type) {
                self.rank = self.rank.max(defined.rank());
                points = points.max(Some(defined.points_multiplier()));
            }
        }
        self.points = points.unwrap_or(PointsMultiplier::ONE);
    }

    #[cfg(test)]
    pub(super) fn of(types: Vec<CustomerTypeId>, rank: u32) -> Self {
        Self { has_primary: !types.is_empty(), types, rank, points: PointsMultiplier::ONE }
    }
}
