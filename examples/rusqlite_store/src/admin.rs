//! The second trait: what an admin page, a job, and the way after the order ask. Each call is one step.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use vouchsafe::{
    ActorId, AdminFailure, Amend, Amended, BatchId, BatchRecord, Code, CodeRecord, CounterKey, CounterState, Coupon,
    CouponAdmin, CouponId, Customer, CustomerTypeId, DefinitionChange, Edit, EditKind, Forgotten, HeldTypes,
    IdentityKey, ImportedCode, Issue, IssueRequest, IssuedCode, MovementId, Page, PointsBalance, PointsReturn, Purge,
    Purged, Reference, ReturnPoints, Revocation, Shop, Status, StoreError, TypeRecord, UsageRecord,
};

use crate::RusqliteStore;

impl CouponAdmin for RusqliteStore<'_> {
    async fn define(&mut self, coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure> {
        Ok(self.write(|rows| rows.define(coupon, edit))?)
    }

    async fn revise(&mut self, coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure> {
        Ok(self.write(|rows| rows.revise(coupon, EditKind::Revised, edit))?)
    }

    async fn set_status(&mut self, coupon: &CouponId, status: Status, edit: &Edit) -> Result<u32, AdminFailure> {
        Ok(self.write(|rows| rows.set_status(coupon, status, edit))?)
    }

    async fn kill(&mut self, coupon: &CouponId, edit: &Edit) -> Result<u32, AdminFailure> {
        Ok(self.write(|rows| rows.kill(coupon, edit))?)
    }

    async fn definition(&mut self, coupon: &CouponId) -> Result<Option<Arc<Coupon>>, StoreError> {
        Ok(self.read(|rows| rows.definition(coupon))?.map(|definition| definition.current))
    }

    async fn definition_at(&mut self, coupon: &CouponId, revision: u32) -> Result<Option<Arc<Coupon>>, StoreError> {
        Ok(self.read(|rows| rows.revision(coupon, revision))?)
    }

    async fn definitions(&mut self, after: Option<&CouponId>, limit: u32) -> Result<Vec<Arc<Coupon>>, StoreError> {
        Ok(self.read(|rows| rows.definitions(after, limit))?)
    }

    async fn definition_log(&mut self, coupon: &CouponId) -> Result<Vec<DefinitionChange>, StoreError> {
        Ok(self.read(|rows| rows.definition_log(coupon))?)
    }

    async fn issue(&mut self, coupon: &CouponId, codes: &[IssuedCode]) -> Result<(), AdminFailure> {
        Ok(self.write(|rows| rows.issue(coupon, codes))?)
    }

    async fn issue_once(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
        candidates: &[Code],
    ) -> Result<Issue, AdminFailure> {
        Ok(self.write(|rows| rows.issue_once(shop, coupon, request, candidates))?)
    }

    async fn add_batch(
        &mut self,
        batch: &BatchId,
        coupon: &CouponId,
        codes: &[Code],
        at: DateTime<Utc>,
    ) -> Result<(), AdminFailure> {
        Ok(self.write(|rows| rows.add_batch(batch, coupon, codes, at))?)
    }

    async fn export(
        &mut self,
        shop: &Shop,
        batch: &BatchId,
        at: DateTime<Utc>,
        by: Option<&ActorId>,
    ) -> Result<Vec<IssuedCode>, AdminFailure> {
        Ok(self.write(|rows| rows.export(shop, batch, at, by))?)
    }

    async fn batch(&mut self, batch: &BatchId) -> Result<Option<BatchRecord>, StoreError> {
        Ok(self.read(|rows| rows.batch(batch))?)
    }

    async fn revoke(&mut self, code: &Code, revocation: &Revocation) -> Result<(), AdminFailure> {
        Ok(self.write(|rows| rows.revoke(code, revocation))?)
    }

    async fn revoke_batch(&mut self, batch: &BatchId, revocation: &Revocation) -> Result<u64, AdminFailure> {
        Ok(self.write(|rows| rows.revoke_batch(batch, revocation))?)
    }

    async fn import(
        &mut self,
        coupon: &CouponId,
        codes: &[ImportedCode],
        at: DateTime<Utc>,
    ) -> Result<(), AdminFailure> {
        Ok(self.write(|rows| rows.import(coupon, codes, at))?)
    }

    async fn issued(&mut self, code: &Code) -> Result<Option<(CouponId, IssuedCode)>, StoreError> {
        let entry = self.read(|rows| rows.code(code))?;
        Ok(entry.and_then(|entry| Some((entry.coupon.clone(), entry.issued()?.clone()))))
    }

    async fn look_up(&mut self, shop: &Shop, entered: &str) -> Result<Option<CodeRecord>, AdminFailure> {
        Ok(self.read(|rows| rows.look_up(shop, entered))?)
    }

    async fn codes_of(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        after: Option<&Code>,
        limit: u32,
    ) -> Result<Vec<CodeRecord>, AdminFailure> {
        Ok(self.read(|rows| rows.codes_of(shop, coupon, after, limit))?)
    }

    async fn issued_count(&mut self, coupon: &CouponId) -> Result<u64, StoreError> {
        Ok(self.read(|rows| rows.issued_count(coupon))?)
    }

    async fn counter(&mut self, key: &CounterKey, at: DateTime<Utc>) -> Result<CounterState, StoreError> {
        Ok(self.read(|rows| rows.counter(key, at))?)
    }

    async fn counters(&mut self, at: DateTime<Utc>) -> Result<Vec<(CounterKey, CounterState)>, StoreError> {
        Ok(self.read(|rows| rows.counters(at))?)
    }

    async fn record(&mut self, reference: &Reference) -> Result<Option<UsageRecord>, StoreError> {
        Ok(self.read(|rows| rows.record_of(reference))?.map(|record| record.told()))
    }

    async fn records(&mut self, page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        Ok(self.read(|rows| rows.records(page))?)
    }

    async fn usage_log(&mut self, coupon: &CouponId, page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        Ok(self.read(|rows| rows.usage_log(coupon, page))?)
    }

    async fn records_of(&mut self, keys: &[IdentityKey], page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        Ok(self.read(|rows| rows.records_of(keys, page))?)
    }

    async fn held_types(&mut self, keys: &[IdentityKey]) -> Result<HeldTypes, StoreError> {
        Ok(self.read(|rows| rows.types(keys, None))?)
    }

    async fn type_history(&mut self, key: &IdentityKey) -> Result<Vec<TypeRecord>, StoreError> {
        Ok(self.read(|rows| rows.type_history(key))?)
    }

    async fn customers_of_type(
        &mut self,
        customer_type: &CustomerTypeId,
        at: DateTime<Utc>,
    ) -> Result<Vec<Customer>, StoreError> {
        Ok(self.read(|rows| rows.customers_of_type(customer_type, at))?)
    }

    async fn points(&mut self, account: &IdentityKey, at: DateTime<Utc>) -> Result<PointsBalance, StoreError> {
        Ok(self.read(|rows| rows.points(account, "", at))?)
    }

    async fn credit_points(&mut self, account: &IdentityKey, id: &MovementId, points: u64) -> Result<(), StoreError> {
        Ok(self.write(|rows| rows.credit_points(account, id, points))?)
    }

    async fn return_points(
        &mut self,
        reference: &Reference,
        id: &MovementId,
        points: PointsReturn,
    ) -> Result<ReturnPoints, StoreError> {
        Ok(self.write(|rows| rows.return_points(reference, id, points))?)
    }

    async fn amend(&mut self, amended: &Amended, at: DateTime<Utc>) -> Result<Amend, StoreError> {
        Ok(self.write(|rows| rows.amend(amended, at))?)
    }

    async fn forget(&mut self, keys: &[IdentityKey]) -> Result<Forgotten, StoreError> {
        Ok(self.write(|rows| rows.forget(keys))?)
    }

    async fn purge(&mut self, what: &Purge) -> Result<Purged, StoreError> {
        Ok(self.write(|rows| rows.purge(what))?)
    }
}
