//! The second trait, by the methods that the store has anyway: those need no `await` and no instant of an edit.

use std::convert::Infallible;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::coupon::{Code, Coupon, Status};
use crate::customer::{Customer, HeldTypes, IdentityKey};
use crate::issue::{ImportedCode, IssueRequest};
use crate::key::{ActorId, BatchId, CouponId, CustomerTypeId, MovementId};
use crate::outcome::CounterKey;
use crate::request::{IssuedCode, Reference, Revocation};
use crate::settle::{Amended, PointsReturn};
use crate::shop::Shop;
use crate::store::{
    AdminFailure, Amend, BatchRecord, CodeRecord, CouponAdmin, DefinitionChange, Edit, EditKind, Forgotten, Issue,
    IssueError, Page, PointsBalance, Purge, Purged, ReturnPoints, StoreError, TypeRecord, UsageRecord,
};

use super::{AdminError, CounterState, MemoryStore};

impl CouponAdmin for MemoryStore {
    async fn define(&mut self, coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure> {
        Ok(self.lock().define(coupon.clone(), Some(edit))?)
    }

    async fn revise(&mut self, coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure> {
        Ok(self.lock().revise(coupon.clone(), EditKind::Revised, Some(edit))?)
    }

    async fn set_status(&mut self, coupon: &CouponId, status: Status, edit: &Edit) -> Result<u32, AdminFailure> {
        Ok(self.lock().set_status(coupon, status, Some(edit))?)
    }

    async fn kill(&mut self, coupon: &CouponId, edit: &Edit) -> Result<u32, AdminFailure> {
        Ok(self.lock().kill(coupon, Some(edit))?)
    }

    async fn definition(&mut self, coupon: &CouponId) -> Result<Option<Arc<Coupon>>, StoreError> {
        Ok(Self::definition(self, coupon))
    }

    async fn definition_at(&mut self, coupon: &CouponId, revision: u32) -> Result<Option<Arc<Coupon>>, StoreError> {
        Ok(Self::definition_at(self, coupon, revision))
    }

    async fn definitions(&mut self, after: Option<&CouponId>, limit: u32) -> Result<Vec<Arc<Coupon>>, StoreError> {
        let state = self.lock();
        let behind = state.definitions.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
        let mut found: Vec<Arc<Coupon>> = behind.map(|(_, definition)| definition.current.clone()).collect();
        found.sort_by(|a, b| a.id().cmp(b.id()));
        found.truncate(length(limit));
        Ok(found)
    }

    async fn definition_log(&mut self, coupon: &CouponId) -> Result<Vec<DefinitionChange>, StoreError> {
        Ok(self.lock().definitions.get(coupon).map(|definition| definition.edits.clone()).unwrap_or_default())
    }

    async fn issue(&mut self, coupon: &CouponId, codes: &[IssuedCode]) -> Result<(), AdminFailure> {
        Ok(Self::issue(self, coupon, codes.iter().cloned())?)
    }

    async fn issue_once(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
        candidates: &[Code],
    ) -> Result<Issue, AdminFailure> {
        let candidates = candidates.iter().cloned().map(Ok::<Code, Infallible>);
        Self::issue_once(self, shop, coupon, request, candidates).map_err(|error| {
            AdminFailure::Refused(match error {
                IssueError::Store(error) => error,
                IssueError::NoFreeCode { tried } => AdminError::NoFreeCode { coupon: coupon.clone(), tried },
                IssueError::Source(never) => match never {},
            })
        })
    }

    async fn add_batch(
        &mut self,
        batch: &BatchId,
        coupon: &CouponId,
        codes: &[Code],
        at: DateTime<Utc>,
    ) -> Result<(), AdminFailure> {
        Ok(Self::add_batch(self, batch, coupon, codes.iter().cloned(), at)?)
    }

    async fn export(
        &mut self,
        shop: &Shop,
        batch: &BatchId,
        at: DateTime<Utc>,
        by: Option<&ActorId>,
    ) -> Result<Vec<IssuedCode>, AdminFailure> {
        Ok(Self::export(self, shop, batch, at, by)?)
    }

    async fn batch(&mut self, batch: &BatchId) -> Result<Option<BatchRecord>, StoreError> {
        Ok(Self::batch(self, batch))
    }

    async fn revoke(&mut self, code: &Code, revocation: &Revocation) -> Result<(), AdminFailure> {
        Ok(Self::revoke(self, code, revocation.clone())?)
    }

    async fn revoke_batch(&mut self, batch: &BatchId, revocation: &Revocation) -> Result<u64, AdminFailure> {
        Ok(Self::revoke_batch(self, batch, revocation.clone())?)
    }

    async fn import(
        &mut self,
        coupon: &CouponId,
        codes: &[ImportedCode],
        at: DateTime<Utc>,
    ) -> Result<(), AdminFailure> {
        Ok(Self::import(self, coupon, codes.iter().cloned(), at)?)
    }

    async fn issued(&mut self, code: &Code) -> Result<Option<(CouponId, IssuedCode)>, StoreError> {
        Ok(Self::issued(self, code))
    }

    async fn look_up(&mut self, shop: &Shop, entered: &str) -> Result<Option<CodeRecord>, AdminFailure> {
        Ok(Self::look_up(self, shop, entered)?)
    }

    async fn codes_of(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        after: Option<&Code>,
        limit: u32,
    ) -> Result<Vec<CodeRecord>, AdminFailure> {
        // Whatever the status, the instant is of no account.
        let mut codes = Self::codes_of(self, shop, coupon, None, DateTime::UNIX_EPOCH)?;
        codes.retain(|record| after.is_none_or(|after| record.code > *after));
        codes.truncate(length(limit));
        Ok(codes)
    }

    async fn issued_count(&mut self, coupon: &CouponId) -> Result<u64, StoreError> {
        Ok(Self::issued_count(self, coupon))
    }

    async fn counter(&mut self, key: &CounterKey, at: DateTime<Utc>) -> Result<CounterState, StoreError> {
        Ok(Self::counter(self, key, at))
    }

    async fn counters(&mut self, at: DateTime<Utc>) -> Result<Vec<(CounterKey, CounterState)>, StoreError> {
        Ok(Self::counters(self, at))
    }

    async fn record(&mut self, reference: &Reference) -> Result<Option<UsageRecord>, StoreError> {
        Ok(Self::record(self, reference))
    }

    async fn records(&mut self, page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        Ok(on(page, Self::records(self)))
    }

    async fn usage_log(&mut self, coupon: &CouponId, page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        Ok(on(page, Self::usage_log(self, coupon)))
    }

    async fn records_of(&mut self, keys: &[IdentityKey], page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        Ok(on(page, Self::records_of(self, keys)))
    }

    async fn held_types(&mut self, keys: &[IdentityKey]) -> Result<HeldTypes, StoreError> {
        Ok(Self::held_types(self, keys))
    }

    async fn type_history(&mut self, key: &IdentityKey) -> Result<Vec<TypeRecord>, StoreError> {
        Ok(Self::type_history(self, key))
    }

    async fn customers_of_type(
        &mut self,
        customer_type: &CustomerTypeId,
        at: DateTime<Utc>,
    ) -> Result<Vec<Customer>, StoreError> {
        Ok(Self::customers_of_type(self, customer_type, at))
    }

    async fn points(&mut self, account: &IdentityKey, at: DateTime<Utc>) -> Result<PointsBalance, StoreError> {
        Ok(Self::points(self, account, at))
    }

    async fn credit_points(&mut self, account: &IdentityKey, id: &MovementId, points: u64) -> Result<(), StoreError> {
        Self::credit_points(self, account, id, points);
        Ok(())
    }

    async fn return_points(
        &mut self,
        reference: &Reference,
        id: &MovementId,
        points: PointsReturn,
    ) -> Result<ReturnPoints, StoreError> {
        Ok(Self::return_points(self, reference, id, points))
    }

    async fn amend(&mut self, amended: &Amended, at: DateTime<Utc>) -> Result<Amend, StoreError> {
        Ok(Self::amend(self, amended, at))
    }

    async fn forget(&mut self, keys: &[IdentityKey]) -> Result<Forgotten, StoreError> {
        Ok(Self::forget(self, keys))
    }

    async fn purge(&mut self, what: &Purge) -> Result<Purged, StoreError> {
        Ok(Self::purge(self, what))
    }
}

fn length(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// The part of a list that a page asks for.
fn on(page: Page, records: Vec<UsageRecord>) -> Vec<UsageRecord> {
    records.into_iter().filter(|record| record.place > page.after).take(length(page.limit)).collect()
}
