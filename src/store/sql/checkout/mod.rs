//! The verbs of the checkout.
//!
//! Whoever is told no is told so after one look, without a lock. Whoever is not begins a transaction, locks what it is
//! about in the one order that everybody locks in (the reference, codes, counters, definitions, customers, accounts of
//! points), looks again, and writes.

pub(super) mod ask;
mod at_once;
mod commit_all;
pub(super) mod facts;
mod group;
mod load;
mod release;
pub(super) mod settle;
mod void;

use chrono::{DateTime, Utc};

use crate::outcome::Redemption;
use crate::request::Reference;
use crate::store::{Commit, CouponStore, LoadRequest, Loaded, OnVoid, Release, Reserve, StoreError, Void};

use super::{Dialect, SqlStore, Statement};
use ask::Scope;

/// Locks rows. In SQLite there is one writer, and this makes the transaction the one.
pub(super) const LOCK: Statement = Statement {
    sqlite: include_str!("../../sqlite/checkout/lock.sql"),
    postgres: include_str!("../../postgres/checkout/lock.sql"),
};
/// Moves counters.
const TAKE: Statement = Statement {
    sqlite: include_str!("../../sqlite/checkout/take.sql"),
    postgres: include_str!("../../postgres/checkout/take.sql"),
};
/// Holds points for a reference, or of none.
const HOLD_POINTS: Statement = Statement {
    sqlite: include_str!("../../sqlite/checkout/hold_points.sql"),
    postgres: include_str!("../../postgres/checkout/hold_points.sql"),
};

impl<D: Dialect> CouponStore for SqlStore<'_, D> {
    async fn load(&mut self, request: &LoadRequest) -> Result<Loaded, StoreError> {
        let scope = Scope { namespace: &self.namespace, grace: self.grace, at: request.at(), at_once: self.at_once };
        load::load::<D>(self.connection, scope, request).await
    }

    async fn reserve(
        &mut self,
        redemption: &Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Reserve, StoreError> {
        let scope = Scope { namespace: &self.namespace, grace: self.grace, at, at_once: self.at_once };
        let answer = settle::reserve::<D>(self.connection, scope, redemption, until).await;
        self.ended(answer).await
    }

    async fn commit(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit, StoreError> {
        let scope = Scope { namespace: &self.namespace, grace: self.grace, at, at_once: self.at_once };
        if self.at_once && group::commit_group::<D>(self.connection, scope, &[redemption]).await? {
            return Ok(Commit::Recorded);
        }
        let answer = settle::commit::<D>(self.connection, scope, redemption).await;
        self.ended(answer).await
    }

    async fn release(&mut self, reference: &Reference, at: DateTime<Utc>) -> Result<Release, StoreError> {
        let scope = Scope { namespace: &self.namespace, grace: self.grace, at, at_once: self.at_once };
        let answer = release::release::<D>(self.connection, scope, reference).await;
        self.ended(answer).await
    }

    async fn void(&mut self, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Result<Void, StoreError> {
        let scope = Scope { namespace: &self.namespace, grace: self.grace, at, at_once: self.at_once };
        let answer = void::void::<D>(self.connection, scope, reference, policy).await;
        self.ended(answer).await
    }
}
