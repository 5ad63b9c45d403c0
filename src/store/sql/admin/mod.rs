//! What an admin page, a job and the way after the order ask of the store: definitions and codes here, what was recorded
//! in the files beside this room.
//!
//! Whoever changes a definition locks its row first: an edit against every checkout of it, an issue of codes against edits
//! and other issues only. So the limit on codes and the occasions of a definition are asked and taken in one step, and an
//! edit that adds a limit finds every use that was recorded before it. A checkout takes the definition last, so that of an
//! edit that adds a limit and a checkout that has its counters already one may be told of a conflict; asked again it passes.

mod batches;
mod codes;
mod definitions;
pub(super) mod imports;
mod look_up;
mod recount;
pub(super) mod rows;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Transaction;

use crate::coupon::{Code, Coupon, Status};
use crate::customer::{Customer, HeldTypes, IdentityKey};
use crate::error::Error;
use crate::issue::{ImportedCode, IssueRequest};
use crate::key::{ActorId, BatchId, CouponId, CustomerTypeId, MovementId};
use crate::outcome::CounterKey;
use crate::request::{IssuedCode, Reference, Revocation};
use crate::settle::{Amended, PointsReturn};
use crate::shop::Shop;
use crate::store::{
    AdminError, AdminFailure, Amend, BatchRecord, CodeRecord, CounterState, CouponAdmin, DefinitionChange, Edit,
    Forgotten, Issue, Page, PointsBalance, Purge, Purged, ReturnPoints, StoreError, TypeRecord, UsageRecord,
};

use super::{Dialect, Row, SqlStore, amend, forget, log, points, purge, types};

/// How many rows go into one statement, and come out of one page.
const CHUNK: usize = 1_000;

/// Ends a transaction: what was refused or failed leaves nothing, and the host's transaction usable.
async fn end<D: Dialect, T>(
    transaction: Transaction<'_, D>,
    answer: Result<T, AdminFailure>,
) -> Result<T, AdminFailure> {
    if answer.is_ok() {
        transaction.commit().await.map_err(D::failure)?;
    } else {
        // Where even this fails the connection is lost, and the transaction with it.
        drop(transaction.rollback().await);
    }
    answer
}

/// A document as it is stored, or a list for a statement.
fn write<T: Serialize + ?Sized>(document: &T) -> Result<String, StoreError> {
    serde_json::to_string(document).map_err(StoreError::backend)
}

fn read_coupon(coupon: &str, document: &str) -> Result<Arc<Coupon>, StoreError> {
    let read = serde_json::from_str(document).map(Arc::new);
    read.map_err(|error| StoreError::corrupt(format!("definition `{coupon}`"), error))
}

/// The first column of every row.
fn texts(rows: &[Row]) -> Result<impl Iterator<Item = String> + use<>, StoreError> {
    let texts: Result<Vec<String>, StoreError> = rows.iter().map(|row| row.text(0).map(str::to_owned)).collect();
    texts.map(Vec::into_iter)
}

fn counted(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn unusable(coupon: &CouponId, error: Error) -> AdminFailure {
    AdminError::Unusable { coupon: coupon.clone(), error }.into()
}

impl<D: Dialect> CouponAdmin for SqlStore<'_, D> {
    async fn define(&mut self, coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure> {
        let answer = definitions::define::<D>(self.connection, &self.namespace, coupon, edit).await;
        self.ended(answer).await
    }

    async fn revise(&mut self, coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure> {
        let answer = definitions::revise::<D>(self.connection, &self.namespace, coupon, edit).await;
        self.ended(answer).await
    }

    async fn set_status(&mut self, coupon: &CouponId, status: Status, edit: &Edit) -> Result<u32, AdminFailure> {
        let answer = definitions::set_status::<D>(self.connection, &self.namespace, coupon, status, edit).await;
        self.ended(answer).await
    }

    async fn kill(&mut self, coupon: &CouponId, edit: &Edit) -> Result<u32, AdminFailure> {
        let answer = definitions::kill::<D>(self.connection, &self.namespace, coupon, edit).await;
        self.ended(answer).await
    }

    async fn definition(&mut self, coupon: &CouponId) -> Result<Option<Arc<Coupon>>, StoreError> {
        definitions::definition::<D>(self.connection, &self.namespace, coupon).await
    }

    async fn definition_at(&mut self, coupon: &CouponId, revision: u32) -> Result<Option<Arc<Coupon>>, StoreError> {
        definitions::definition_at::<D>(self.connection, &self.namespace, coupon, revision).await
    }

    async fn definitions(&mut self, after: Option<&CouponId>, limit: u32) -> Result<Vec<Arc<Coupon>>, StoreError> {
        definitions::definitions::<D>(self.connection, &self.namespace, after, limit).await
    }

    async fn definition_log(&mut self, coupon: &CouponId) -> Result<Vec<DefinitionChange>, StoreError> {
        definitions::definition_log::<D>(self.connection, &self.namespace, coupon).await
    }

    async fn issue(&mut self, coupon: &CouponId, codes: &[IssuedCode]) -> Result<(), AdminFailure> {
        let answer = codes::issue::<D>(self.connection, &self.namespace, coupon, codes).await;
        self.ended(answer).await
    }

    async fn issue_once(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
        candidates: &[Code],
    ) -> Result<Issue, AdminFailure> {
        let answer =
            codes::issue_once::<D>(self.connection, &self.namespace, shop, coupon, (request, candidates)).await;
        self.ended(answer).await
    }

    async fn add_batch(
        &mut self,
        batch: &BatchId,
        coupon: &CouponId,
        codes: &[Code],
        at: DateTime<Utc>,
    ) -> Result<(), AdminFailure> {
        let answer = batches::add_batch::<D>(self.connection, &self.namespace, (batch, coupon), codes, at).await;
        self.ended(answer).await
    }

    async fn export(
        &mut self,
        shop: &Shop,
        batch: &BatchId,
        at: DateTime<Utc>,
        by: Option<&ActorId>,
    ) -> Result<Vec<IssuedCode>, AdminFailure> {
        let answer = batches::export::<D>(self.connection, &self.namespace, shop, batch, (at, by)).await;
        self.ended(answer).await
    }

    async fn batch(&mut self, batch: &BatchId) -> Result<Option<BatchRecord>, StoreError> {
        batches::batch::<D>(self.connection, &self.namespace, batch).await
    }

    async fn revoke(&mut self, code: &Code, revocation: &Revocation) -> Result<(), AdminFailure> {
        let answer = batches::revoke::<D>(self.connection, &self.namespace, code, revocation).await;
        self.ended(answer).await
    }

    async fn revoke_batch(&mut self, batch: &BatchId, revocation: &Revocation) -> Result<u64, AdminFailure> {
        let answer = batches::revoke_batch::<D>(self.connection, &self.namespace, batch, revocation).await;
        self.ended(answer).await
    }

    async fn import(
        &mut self,
        coupon: &CouponId,
        codes: &[ImportedCode],
        at: DateTime<Utc>,
    ) -> Result<(), AdminFailure> {
        let answer =
            imports::import::<D>(self.connection, &self.namespace, coupon, codes, self.grace.lapsed_through(at)).await;
        self.ended(answer).await
    }

    async fn issued(&mut self, code: &Code) -> Result<Option<(CouponId, IssuedCode)>, StoreError> {
        look_up::issued::<D>(self.connection, &self.namespace, code).await
    }

    async fn look_up(&mut self, shop: &Shop, entered: &str) -> Result<Option<CodeRecord>, AdminFailure> {
        look_up::look_up::<D>(self.connection, &self.namespace, shop, entered).await
    }

    async fn codes_of(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        after: Option<&Code>,
        limit: u32,
    ) -> Result<Vec<CodeRecord>, AdminFailure> {
        look_up::codes_of::<D>(self.connection, &self.namespace, shop, coupon, (after, limit)).await
    }

    async fn issued_count(&mut self, coupon: &CouponId) -> Result<u64, StoreError> {
        look_up::issued_count::<D>(self.connection, &self.namespace, coupon).await
    }

    async fn counter(&mut self, key: &CounterKey, at: DateTime<Utc>) -> Result<CounterState, StoreError> {
        log::counter::<D>(self.connection, &self.namespace, key, self.grace.lapsed_through(at)).await
    }

    async fn counters(&mut self, at: DateTime<Utc>) -> Result<Vec<(CounterKey, CounterState)>, StoreError> {
        log::counters::<D>(self.connection, &self.namespace, self.grace.lapsed_through(at)).await
    }

    async fn record(&mut self, reference: &Reference) -> Result<Option<UsageRecord>, StoreError> {
        log::record::<D>(self.connection, &self.namespace, reference).await
    }

    async fn records(&mut self, page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        log::records::<D>(self.connection, &self.namespace, page).await
    }

    async fn usage_log(&mut self, coupon: &CouponId, page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        log::usage_log::<D>(self.connection, &self.namespace, coupon, page).await
    }

    async fn records_of(&mut self, keys: &[IdentityKey], page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        log::records_of::<D>(self.connection, &self.namespace, keys, page).await
    }

    async fn held_types(&mut self, keys: &[IdentityKey]) -> Result<HeldTypes, StoreError> {
        types::held_types::<D>(self.connection, &self.namespace, keys).await
    }

    async fn type_history(&mut self, key: &IdentityKey) -> Result<Vec<TypeRecord>, StoreError> {
        types::type_history::<D>(self.connection, &self.namespace, key).await
    }

    async fn customers_of_type(
        &mut self,
        customer_type: &CustomerTypeId,
        at: DateTime<Utc>,
    ) -> Result<Vec<Customer>, StoreError> {
        types::customers_of_type::<D>(self.connection, &self.namespace, customer_type, at).await
    }

    async fn points(&mut self, account: &IdentityKey, at: DateTime<Utc>) -> Result<PointsBalance, StoreError> {
        points::points::<D>(self.connection, &self.namespace, account, self.grace.lapsed_through(at)).await
    }

    async fn credit_points(&mut self, account: &IdentityKey, id: &MovementId, points: u64) -> Result<(), StoreError> {
        let answer = points::credit_points::<D>(self.connection, &self.namespace, account, id, points).await;
        self.ended(answer).await
    }

    async fn return_points(
        &mut self,
        reference: &Reference,
        id: &MovementId,
        points: PointsReturn,
    ) -> Result<ReturnPoints, StoreError> {
        let answer = points::return_points::<D>(self.connection, &self.namespace, reference, id, points).await;
        self.ended(answer).await
    }

    async fn amend(&mut self, amended: &Amended, at: DateTime<Utc>) -> Result<Amend, StoreError> {
        let answer = amend::amend::<D>(self.connection, &self.namespace, amended, (at, self.grace)).await;
        self.ended(answer).await
    }

    async fn forget(&mut self, keys: &[IdentityKey]) -> Result<Forgotten, StoreError> {
        let answer = forget::forget::<D>(self.connection, &self.namespace, keys).await;
        self.ended(answer).await
    }

    async fn purge(&mut self, what: &Purge) -> Result<Purged, StoreError> {
        let answer = purge::purge::<D>(self.connection, &self.namespace, what, self.grace).await;
        self.ended(answer).await
    }
}
