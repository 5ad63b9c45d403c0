//! What an admin page, a job and the way after the order ask of a store: the second trait.

use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    AdminError, Amend, BatchRecord, CodeRecord, CounterState, CouponStore, Issue, PointsBalance, ReturnPoints,
    StoreError, TypeRecord, UsageRecord,
};
use crate::coupon::{Code, Coupon, Status};
use crate::customer::{Customer, HeldTypes, IdentityKey};
use crate::issue::{ImportedCode, IssueRequest};
use crate::key::{ActorId, BatchId, CouponId, CustomerTypeId, MovementId};
use crate::outcome::CounterKey;
use crate::request::{IssuedCode, Reference, Revocation};
use crate::settle::{Amended, PointsReturn};
use crate::shop::Shop;

/// Why an admin got no answer: a plain no of the rules, or a store that failed.
#[derive(Debug, thiserror::Error)]
pub enum AdminFailure {
    /// The rules say no; nothing was changed.
    #[error(transparent)]
    Refused(#[from] AdminError),
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who edits a definition, and when: what the audit log keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub(crate) at: DateTime<Utc>,
    pub(crate) by: Option<ActorId>,
    pub(crate) note: Option<String>,
}

impl Edit {
    /// An edit at this instant, by nobody in particular.
    #[must_use]
    pub fn new(at: DateTime<Utc>) -> Self {
        Self { at, by: None, note: None }
    }

    /// Whose edit it is.
    #[must_use]
    pub fn by(mut self, actor: ActorId) -> Self {
        self.by = Some(actor);
        self
    }

    /// Why, in words.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// When it was.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Whose edit it is; nothing where nobody said.
    #[must_use]
    pub fn actor(&self) -> Option<&ActorId> {
        self.by.as_ref()
    }

    /// Why, in words.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }
}

/// What an edit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EditKind {
    /// The definition is new.
    Defined,
    /// It has new terms.
    Revised,
    /// It was switched on or off.
    StatusSet,
    /// It was switched off, and its live holds with it.
    Killed,
}

/// One entry of the audit log of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DefinitionChange {
    /// What was done.
    pub kind: EditKind,
    /// Who, when, why.
    pub edit: Edit,
    /// The definition before; none where it was new.
    pub before: Option<Arc<Coupon>>,
    /// The definition after.
    pub after: Arc<Coupon>,
}

/// A part of a long list: what lies behind a place, so many at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub(crate) after: u64,
    pub(crate) limit: u32,
}

impl Page {
    /// The first so many.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { after: 0, limit }
    }

    /// The next ones, behind the [place](UsageRecord::place) of the last record of the page before.
    #[must_use]
    pub fn after(place: u64, limit: u32) -> Self {
        Self { after: place, limit }
    }
}

/// What to purge in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purge {
    pub(crate) at: DateTime<Utc>,
    pub(crate) records_before: Option<DateTime<Utc>>,
    pub(crate) limit: u32,
}

impl Purge {
    /// Holds that have lapsed by this instant, at most so many of them.
    #[must_use]
    pub fn holds(at: DateTime<Utc>, limit: u32) -> Self {
        Self { at, records_before: None, limit }
    }

    /// Records too that were written before this instant, at most as many; what they raised counters by stays counted.
    #[must_use]
    pub fn with_records_before(mut self, before: DateTime<Utc>) -> Self {
        self.records_before = Some(before);
        self
    }

    /// How many of each kind: at least one, since a step of none would look done.
    pub(crate) fn most(&self) -> usize {
        usize::try_from(self.limit.max(1)).unwrap_or(usize::MAX)
    }
}

/// What one step of a purge took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purged {
    /// Lapsed holds.
    pub holds: u64,
    /// Old records.
    pub records: u64,
}

impl Purged {
    /// Whether there was nothing left to take away.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.holds == 0 && self.records == 0
    }
}

/// What forgetting a customer changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// The keys that stand in the place of those that were forgotten, in the same order. They tell nothing.
    pub pseudonyms: Vec<IdentityKey>,
    /// How many records, holds, codes, counters, type changes and accounts bore one of the keys.
    pub changed: u64,
}

/// What an admin page, a job, and the way after the order ask of a store.
pub trait CouponAdmin: CouponStore {
    /// Stores a definition, under the revision that it states.
    fn define(&mut self, coupon: &Coupon, edit: &Edit) -> impl Future<Output = Result<u32, AdminFailure>> + Send;
    /// Stores a new revision of a definition.
    fn revise(&mut self, coupon: &Coupon, edit: &Edit) -> impl Future<Output = Result<u32, AdminFailure>> + Send;
    /// Sets the status, as a revision of its own.
    fn set_status(
        &mut self,
        coupon: &CouponId,
        status: Status,
        edit: &Edit,
    ) -> impl Future<Output = Result<u32, AdminFailure>> + Send;
    /// Switches a definition off, and its live holds with it.
    fn kill(&mut self, coupon: &CouponId, edit: &Edit) -> impl Future<Output = Result<u32, AdminFailure>> + Send;
    /// The definition as it stands.
    fn definition(&mut self, coupon: &CouponId)
    -> impl Future<Output = Result<Option<Arc<Coupon>>, StoreError>> + Send;
    /// One revision of a definition.
    fn definition_at(
        &mut self,
        coupon: &CouponId,
        revision: u32,
    ) -> impl Future<Output = Result<Option<Arc<Coupon>>, StoreError>> + Send;
    /// Definitions by id, behind one, so many at most.
    fn definitions(
        &mut self,
        after: Option<&CouponId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Arc<Coupon>>, StoreError>> + Send;
    /// The audit log of a definition, oldest first.
    fn definition_log(
        &mut self,
        coupon: &CouponId,
    ) -> impl Future<Output = Result<Vec<DefinitionChange>, StoreError>> + Send;

    /// Stores codes that were handed out: all or none.
    fn issue(
        &mut self,
        coupon: &CouponId,
        codes: &[IssuedCode],
    ) -> impl Future<Output = Result<(), AdminFailure>> + Send;
    /// Hands out the first of the candidates that is free; one code for each occasion of each customer.
    fn issue_once(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
        candidates: &[Code],
    ) -> impl Future<Output = Result<Issue, AdminFailure>> + Send;
    /// Stores a batch of codes that are not handed out yet: all or none.
    fn add_batch(
        &mut self,
        batch: &BatchId,
        coupon: &CouponId,
        codes: &[Code],
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), AdminFailure>> + Send;
    /// Hands a batch out, once.
    fn export(
        &mut self,
        shop: &Shop,
        batch: &BatchId,
        at: DateTime<Utc>,
        by: Option<&ActorId>,
    ) -> impl Future<Output = Result<Vec<IssuedCode>, AdminFailure>> + Send;
    /// A batch and its codes, in their order.
    fn batch(&mut self, batch: &BatchId) -> impl Future<Output = Result<Option<BatchRecord>, StoreError>> + Send;
    /// Withdraws a code.
    fn revoke(&mut self, code: &Code, revocation: &Revocation)
    -> impl Future<Output = Result<(), AdminFailure>> + Send;
    /// Withdraws every code of a batch; says how many of them were not used.
    fn revoke_batch(
        &mut self,
        batch: &BatchId,
        revocation: &Revocation,
    ) -> impl Future<Output = Result<u64, AdminFailure>> + Send;
    /// Takes over codes of an older system with their uses: all or none.
    fn import(
        &mut self,
        coupon: &CouponId,
        codes: &[ImportedCode],
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), AdminFailure>> + Send;
    /// A code that was handed out.
    fn issued(
        &mut self,
        code: &Code,
    ) -> impl Future<Output = Result<Option<(CouponId, IssuedCode)>, StoreError>> + Send;
    /// What is known of a code as it was typed.
    fn look_up(
        &mut self,
        shop: &Shop,
        entered: &str,
    ) -> impl Future<Output = Result<Option<CodeRecord>, AdminFailure>> + Send;
    /// The codes of a definition by code, behind one, so many at most are looked at. An empty answer is the end.
    fn codes_of(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        after: Option<&Code>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<CodeRecord>, AdminFailure>> + Send;
    /// How many codes of a definition were handed out.
    fn issued_count(&mut self, coupon: &CouponId) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// How far a counter has gone, by this instant.
    fn counter(
        &mut self,
        key: &CounterKey,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<CounterState, StoreError>> + Send;
    /// Every counter that was ever raised, by key. For audits.
    fn counters(
        &mut self,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<(CounterKey, CounterState)>, StoreError>> + Send;
    /// The record of an order or claim.
    fn record(&mut self, reference: &Reference)
    -> impl Future<Output = Result<Option<UsageRecord>, StoreError>> + Send;
    /// Everything that was recorded, in the order in which it was written.
    fn records(&mut self, page: Page) -> impl Future<Output = Result<Vec<UsageRecord>, StoreError>> + Send;
    /// The usage log of a definition.
    fn usage_log(
        &mut self,
        coupon: &CouponId,
        page: Page,
    ) -> impl Future<Output = Result<Vec<UsageRecord>, StoreError>> + Send;
    /// What was recorded for a customer, by any of these keys.
    fn records_of(
        &mut self,
        keys: &[IdentityKey],
        page: Page,
    ) -> impl Future<Output = Result<Vec<UsageRecord>, StoreError>> + Send;

    /// The types that a customer holds after all changes, with their revision.
    fn held_types(&mut self, keys: &[IdentityKey]) -> impl Future<Output = Result<HeldTypes, StoreError>> + Send;
    /// Every change of type under a key, oldest first.
    fn type_history(&mut self, key: &IdentityKey) -> impl Future<Output = Result<Vec<TypeRecord>, StoreError>> + Send;
    /// The customers who hold a type at an instant.
    fn customers_of_type(
        &mut self,
        customer_type: &CustomerTypeId,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<Customer>, StoreError>> + Send;

    /// The points of an account, with what live holds have of them.
    fn points(
        &mut self,
        account: &IdentityKey,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<PointsBalance, StoreError>> + Send;
    /// Puts points into an account that no order earned; once for each id.
    fn credit_points(
        &mut self,
        account: &IdentityKey,
        id: &MovementId,
        points: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Moves points for a return, once for each id.
    fn return_points(
        &mut self,
        reference: &Reference,
        id: &MovementId,
        points: PointsReturn,
    ) -> impl Future<Output = Result<ReturnPoints, StoreError>> + Send;
    /// Puts a changed order in the place of the recorded one.
    fn amend(&mut self, amended: &Amended, at: DateTime<Utc>)
    -> impl Future<Output = Result<Amend, StoreError>> + Send;

    /// Forgets a customer: pseudonyms stand in the place of these keys everywhere, and counters stay right.
    fn forget(&mut self, keys: &[IdentityKey]) -> impl Future<Output = Result<Forgotten, StoreError>> + Send;
    /// One small step of taking away what is over; ask again until it is [done](Purged::is_done).
    fn purge(&mut self, what: &Purge) -> impl Future<Output = Result<Purged, StoreError>> + Send;
}
