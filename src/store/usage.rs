//! The usage log: what was committed, one record for each order and claim.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::outcome::Redemption;

use super::OnVoid;

/// One entry of the usage log: a redemption as it was committed (S86, S128). Orders without any coupon have one too.
///
/// A store of the host's own makes its entries with [`UsageRecord::new`]; reports fold them ([`Report`](crate::Report)).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let (order, ann) = (Order::builder(Currency::USD).build()?, Customer::anonymous());
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// let outcome = shop.evaluate(&Request::new(&order, &ann, Reference::Order("o-1".parse()?), at))?;
///
/// let record = UsageRecord::new(outcome.redemption()?, at);
/// assert!(!record.is_voided());
/// assert!(record.voided(at, OnVoid::KEEP).is_voided());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsageRecord {
    /// What was recorded: reference, customer, coupons and codes, amounts.
    pub redemption: Arc<Redemption>,
    /// When it was committed.
    pub recorded_at: DateTime<Utc>,
    /// When it was voided.
    pub voided_at: Option<DateTime<Utc>>,
    /// Whether the void gave its uses back.
    pub uses_given_back: bool,
    /// Whether the void gave back what it took from allowances.
    pub allowances_given_back: bool,
    /// Where it stands among all records of its store: what is written later has a higher place. There may be gaps. A
    /// [page](crate::Page) goes on behind it; zero where no store gave one.
    pub place: u64,
}

impl UsageRecord {
    /// A redemption that was committed at this instant.
    #[must_use]
    pub fn new(redemption: impl Into<Arc<Redemption>>, recorded_at: DateTime<Utc>) -> Self {
        Self {
            redemption: redemption.into(),
            recorded_at,
            voided_at: None,
            uses_given_back: false,
            allowances_given_back: false,
            place: 0,
        }
    }

    /// The same at a place of the log. For stores.
    #[must_use]
    pub fn at_place(self, place: u64) -> Self {
        Self { place, ..self }
    }

    /// The same, voided at this instant, with what the void gave back.
    #[must_use]
    pub fn voided(self, at: DateTime<Utc>, policy: OnVoid) -> Self {
        Self {
            voided_at: Some(at),
            uses_given_back: policy.gives_uses_back(),
            allowances_given_back: policy.gives_allowances_back(),
            ..self
        }
    }

    /// Whether the order or claim was voided.
    #[must_use]
    pub fn is_voided(&self) -> bool {
        self.voided_at.is_some()
    }
}
