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

/// One entry of the audit log of a definition. What changed from the one to the other, field by field, is told by
/// [`differences`](DefinitionChange::differences).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use vouchsafe::{Coupon, DefinitionChange, Edit, EditKind, parse_instant};
///
/// // As a store makes it.
/// let spring = Arc::new(Coupon::builder("spring").code("SPRING").percent_off("10").build()?);
/// let edit = Edit::new(parse_instant("2026-03-01T12:00:00Z")?).by("eve".parse()?).with_note("for the fair");
/// let entry = DefinitionChange::new(EditKind::Defined, edit, None, spring);
/// assert!(entry.before.is_none() && entry.edit.note() == Some("for the fair"));
/// # Ok(())
/// # }
/// ```
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

impl DefinitionChange {
    /// An entry, as a store makes it.
    #[must_use]
    pub fn new(kind: EditKind, edit: Edit, before: Option<Arc<Coupon>>, after: Arc<Coupon>) -> Self {
        Self { kind, edit, before, after }
    }
}

/// A part of a long list: what lies behind a place, so many at most.
///
/// ```
/// use vouchsafe::Page;
///
/// let next = Page::after(4_711, 100);
/// assert_eq!((next.place(), next.limit()), (4_711, 100));
/// assert_eq!(Page::first(100).place(), 0);
/// ```
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

    /// Records with a higher [place](UsageRecord::place) belong to it; zero for the first page.
    #[must_use]
    pub fn place(self) -> u64 {
        self.after
    }

    /// How many there are on it at most.
    #[must_use]
    pub fn limit(self) -> u32 {
        self.limit
    }
}

/// What to purge in one step.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::{CouponAdmin, MemoryStore, Purge, block_on, parse_instant};
///
/// let mut store = MemoryStore::new();
/// let now = parse_instant("2033-01-01T00:00:00Z")?;
/// let step = Purge::holds(now, 500).with_records_before(now - chrono::TimeDelta::days(3_650));
/// while !block_on(CouponAdmin::purge(&mut store, &step))?.is_done() {}
/// # Ok(())
/// # }
/// ```
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

    /// When it is: holds that have [lapsed](crate::Grace::lapsed_through) by then go.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Records that were written before this instant go; none of them without it.
    #[must_use]
    pub fn records_before(&self) -> Option<DateTime<Utc>> {
        self.records_before
    }

    /// How many holds go at most, and how many records: at least one, since a step of none would look done.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit.max(1)
    }

    pub(crate) fn most(&self) -> usize {
        usize::try_from(self.limit()).unwrap_or(usize::MAX)
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
    /// So many of each, as a store says it.
    #[must_use]
    pub fn new(holds: u64, records: u64) -> Self {
        Self { holds, records }
    }

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
    /// How many records, holds, codes, counters, type changes and accounts of points bore one of the keys. Lapsed holds that
    /// were not purged are among them; counters and accounts at zero are not.
    pub changed: u64,
}

impl Forgotten {
    /// The pseudonyms, and how many entries bear one of them now, as a store says it.
    #[must_use]
    pub fn new(pseudonyms: Vec<IdentityKey>, changed: u64) -> Self {
        Self { pseudonyms, changed }
    }
}

/// What an admin page, a job, and the way after the order ask of a store.
///
/// | | what for |
/// |---|---|
/// | definitions | [`define`](Self::define), [`revise`](Self::revise), [`set_status`](Self::set_status), [`kill`](Self::kill), and [who did that](Self::definition_log) |
/// | codes | [`issue`](Self::issue), [`issue_once`](Self::issue_once), batches, [`import`](Self::import), [`revoke`](Self::revoke), [`look_up`](Self::look_up) |
/// | what was recorded | [`record`](Self::record), [`records`](Self::records), [`usage_log`](Self::usage_log), [`records_of`](Self::records_of), [`counter`](Self::counter) |
/// | customers | [`held_types`](Self::held_types), [`type_history`](Self::type_history), [`points`](Self::points), [`forget`](Self::forget) |
/// | after the order | [`amend`](Self::amend), [`return_points`](Self::return_points), [`credit_points`](Self::credit_points) |
/// | life with the data | [`purge`](Self::purge) |
///
/// Each call is one atomic step, in the host's transaction where the handle borrows one. A plain no of the rules is
/// [`AdminFailure::Refused`]: nothing was changed, and that transaction stays usable. Long lists come in pages.
///
/// An admin page is written once for every store:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// /// Lowers the limit of a definition, and says what the log has of it.
/// async fn limit<S: CouponAdmin>(store: &mut S, id: &CouponId, most: u64, edit: &Edit) -> Result<String, AdminFailure> {
///     loop {
///         let Some(current) = store.definition(id).await? else {
///             return Err(AdminError::UnknownCoupon { coupon: id.clone() }.into());
///         };
///         let mut draft = CouponDraft::from(&*current);
///         let limited = draft.set("limits.total", most).ok().and_then(|()| draft.check().ok());
///         let Some(limited) = limited else { return Ok("nothing".to_owned()) };
///         match store.revise(&limited, edit).await {
///             // Somebody else was faster: look again.
///             Err(AdminFailure::Refused(AdminError::RevisedMeanwhile { .. })) => {}
///             answer => break answer.map(drop)?,
///         }
///     }
///     let log = store.definition_log(id).await?;
///     let paths = log.last().map(DefinitionChange::differences).unwrap_or_default();
///     Ok(paths.into_iter().map(|difference| difference.path).collect())
/// }
///
/// let (mut store, at) = (MemoryStore::new(), parse_instant("2026-03-01T12:00:00Z")?);
/// let spring = Coupon::builder("spring").code("SPRING").percent_off("10").total_limit(1_000).build()?;
/// let edit = Edit::new(at).by("anna".parse()?);
/// block_on(CouponAdmin::define(&mut store, &spring, &edit))?;
/// assert_eq!(block_on(limit(&mut store, spring.id(), 500, &edit))?, "limits.total");
/// # Ok(())
/// # }
/// ```
pub trait CouponAdmin: CouponStore {
    /// Stores a definition, under the revision that it states, with its shared code if it has one. Answers that revision.
    ///
    /// # Errors
    /// [`AdminError::AlreadyDefined`], or [`AdminError::CodeTaken`] for its shared code; a store that failed.
    fn define(&mut self, coupon: &Coupon, edit: &Edit) -> impl Future<Output = Result<u32, AdminFailure>> + Send;
    /// Stores a new revision of a definition, while checkouts go on. The document states the revision that it is based on,
    /// so that of two admins who edit at once the second is told; it becomes the next one, which is answered. An edit that
    /// changes nothing makes no revision, and is not in the log.
    ///
    /// Live holds keep the terms that they were made with. Limits that the revision adds count earlier uses, live holds and
    /// what was imported as well: a campaign that is limited in its middle does not begin at zero. That reads every record of
    /// the definition, and checkouts of it wait meanwhile; other edits read none. Records that were
    /// [purged](Self::purge) are not there to be counted. A shared code that was replaced is free at once.
    ///
    /// In a transaction of the host's in PostgreSQL, an edit that adds a limit takes `READ COMMITTED`: under the other levels
    /// it could miss what was recorded a moment ago, and says so by an error that no retry mends.
    ///
    /// **Atomic:** definition, shared code, counters and log. **Wrong answers that lose money:** a limit that does not know
    /// of a use; an edit that undoes another one unseen.
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`], [`AdminError::RevisedMeanwhile`], [`AdminError::CodeTaken`],
    /// [`AdminError::RevisionsExhausted`]; a store that failed.
    fn revise(&mut self, coupon: &Coupon, edit: &Edit) -> impl Future<Output = Result<u32, AdminFailure>> + Send;
    /// Sets the status, as a revision of its own. Switched off, a definition takes no new holds and no redemption without
    /// one; live holds can still be committed (S131).
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`]; a store that failed.
    fn set_status(
        &mut self,
        coupon: &CouponId,
        status: Status,
        edit: &Edit,
    ) -> impl Future<Output = Result<u32, AdminFailure>> + Send;
    /// Switches a definition off, and its live holds with it: nothing that was priced so far can be committed any more. For
    /// a mistake that costs money. Set active again, it starts anew.
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`]; a store that failed.
    fn kill(&mut self, coupon: &CouponId, edit: &Edit) -> impl Future<Output = Result<u32, AdminFailure>> + Send;
    /// The definition as it stands.
    fn definition(&mut self, coupon: &CouponId)
    -> impl Future<Output = Result<Option<Arc<Coupon>>, StoreError>> + Send;
    /// One revision of a definition, for instance the terms of a record.
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
    /// The audit log of a definition, oldest first: who changed it, when, why, and
    /// [from what to what](DefinitionChange::differences).
    fn definition_log(
        &mut self,
        coupon: &CouponId,
    ) -> impl Future<Output = Result<Vec<DefinitionChange>, StoreError>> + Send;

    /// Stores codes that were handed out, all or none. They are taken as they are: whether the definition may be given now
    /// is not asked, so this is for codes that the host issued by rules of its own. [`issue_once`](Self::issue_once) asks.
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`], [`AdminError::CodeTaken`] (also for a code that is given twice),
    /// [`AdminError::WrongFormat`], [`AdminError::HolderRequired`], [`AdminError::CodesLimit`] (S81),
    /// [`AdminError::OccasionTaken`], [`AdminError::BatchExists`] for a batch that was [added](Self::add_batch) as such;
    /// a store that failed.
    fn issue(
        &mut self,
        coupon: &CouponId,
        codes: &[IssuedCode],
    ) -> impl Future<Output = Result<(), AdminFailure>> + Send;
    /// Hands out the first of the candidates that is free, once for each occasion of each customer: a second mail, a job that
    /// runs again and a retry after a lost answer show the same code with the same clock, whatever became of the definition
    /// meanwhile. Without an occasion every call hands out another code. At most 256 candidates are tried; a few that were
    /// [drawn](crate::CodeGenerator) are plenty.
    ///
    /// **Atomic:** the code, its occasion and the count of issued codes. **Wrong answers that lose money:** a second code for
    /// one occasion is a second discount.
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`], [`AdminError::NotIssued`] where the definition gives none now,
    /// [`AdminError::CodesLimit`], [`AdminError::BatchExists`], [`AdminError::Unusable`], [`AdminError::NoFreeCode`]; a
    /// store that failed.
    fn issue_once(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
        candidates: &[Code],
    ) -> impl Future<Output = Result<Issue, AdminFailure>> + Send;
    /// Stores a batch of codes that are not handed out yet, all or none: they are taken and count as issued for the limit on
    /// codes, and whoever types one is told that it is unknown. Again with the same codes it changes nothing.
    ///
    /// # Errors
    /// [`AdminError::BatchExists`] for other codes, or codes that were issued one by one, under this batch;
    /// [`AdminError::SharedCode`]; and as [`issue`](Self::issue).
    fn add_batch(
        &mut self,
        batch: &BatchId,
        coupon: &CouponId,
        codes: &[Code],
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), AdminFailure>> + Send;
    /// Hands a batch out, once: every code of it is issued at this instant, so that a countdown starts with the export (S80).
    /// Those that were withdrawn before are left out, for good.
    ///
    /// **Atomic:** the clocks of all codes, and the mark on the batch. **Wrong answers that lose money:** an export that
    /// restarts clocks makes codes that are over good again.
    ///
    /// # Errors
    /// [`AdminError::UnknownBatch`], [`AdminError::AlreadyExported`], [`AdminError::NothingToExport`],
    /// [`AdminError::NotIssued`], [`AdminError::Unusable`]; a store that failed.
    fn export(
        &mut self,
        shop: &Shop,
        batch: &BatchId,
        at: DateTime<Utc>,
        by: Option<&ActorId>,
    ) -> impl Future<Output = Result<Vec<IssuedCode>, AdminFailure>> + Send;
    /// A batch and its codes, in their order.
    fn batch(&mut self, batch: &BatchId) -> impl Future<Output = Result<Option<BatchRecord>, StoreError>> + Send;
    /// Withdraws a code, whether it was handed out or lies in a batch. Not even a live hold outlasts that; what was redeemed
    /// stays redeemed. Withdrawn twice, it keeps the first cause.
    ///
    /// # Errors
    /// [`AdminError::UnknownCode`], also for the shared code of a definition, which is switched off instead; a store that
    /// failed.
    fn revoke(&mut self, code: &Code, revocation: &Revocation)
    -> impl Future<Output = Result<(), AdminFailure>> + Send;
    /// Withdraws every code of a batch, exported or not; says how many of them were not used.
    ///
    /// # Errors
    /// [`AdminError::UnknownBatch`]; a store that failed.
    fn revoke_batch(
        &mut self,
        batch: &BatchId,
        revocation: &Revocation,
    ) -> impl Future<Output = Result<u64, AdminFailure>> + Send;
    /// Takes over codes of an older system with their uses, all or none. The uses count on the limits of the definition as
    /// if they had been recorded here, on those that a later revision adds as well. A code good for one use belongs to whoever
    /// used it (S3). What those uses discounted is not known: they count on no budget and no number of units.
    ///
    /// **Atomic:** codes, counters and counts. **Wrong answers that lose money:** a used code that comes back unused.
    ///
    /// # Errors
    /// As [`issue`](Self::issue), and [`AdminError::ImportOverLimit`] with the first code whose uses pass a limit, by what is
    /// used and held at this instant.
    fn import(
        &mut self,
        coupon: &CouponId,
        codes: &[ImportedCode],
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), AdminFailure>> + Send;
    /// A code that was handed out, with the definition it belongs to.
    fn issued(
        &mut self,
        code: &Code,
    ) -> impl Future<Output = Result<Option<(CouponId, IssuedCode)>, StoreError>> + Send;
    /// What is known of a code as it was typed: for a support desk, since it tells of codes that shoppers must not hear of,
    /// those in batches among them. None where no code answers to it.
    ///
    /// # Errors
    /// [`AdminError::Unusable`] where the dates of its definition do not exist in this shop's zone; a store that failed.
    fn look_up(
        &mut self,
        shop: &Shop,
        entered: &str,
    ) -> impl Future<Output = Result<Option<CodeRecord>, AdminFailure>> + Send;
    /// The codes of a definition by code, behind one, so many at most are looked at. An empty answer is the end. Its shared
    /// code is among them.
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`], [`AdminError::Unusable`]; a store that failed.
    fn codes_of(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        after: Option<&Code>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<CodeRecord>, AdminFailure>> + Send;
    /// How many codes of a definition were handed out, imported and withdrawn ones among them; those that lie in batches are
    /// not. None of a definition that is not there.
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

    /// Forgets a customer: a pseudonym stands in the place of each of these keys wherever one is stored, in the order of
    /// the keys, and counters stay right. [`MemoryStore::forget`](crate::MemoryStore::forget) says what that means for
    /// whoever comes back, and what is left to the host.
    ///
    /// Checkouts go on meanwhile. What a checkout of the customer records while this goes on is recorded either before it,
    /// and forgotten, or after it, for a new customer.
    ///
    /// In a database one customer of a shop is forgotten after the other, and a [revision](Self::revise) or an
    /// [import](Self::import) waits until it is done, or is waited for: both count by keys that they have read.
    ///
    /// **Atomic:** all of it. **Wrong answers that lose money:** a counter that loses its uses with the name, or a hold that
    /// keeps the old one and is never found again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the customer was busy again and again.
    fn forget(&mut self, keys: &[IdentityKey]) -> impl Future<Output = Result<Forgotten, StoreError>> + Send;
    /// One small step of taking away what is over; ask again until it is [done](Purged::is_done).
    /// [`MemoryStore::purge`](crate::MemoryStore::purge) says what stays, and what nobody may ask for any more.
    ///
    /// Checkouts go on meanwhile, and a hold or a record that somebody is busy with may be left for the next step or the
    /// next time. A step of a few hundred keeps locks short.
    ///
    /// **Atomic:** each hold and each record with all it has. **Wrong answers that lose money:** a counter that falls with
    /// a record, so that a limit is passed; a live hold that is taken for a lapsed one.
    fn purge(&mut self, what: &Purge) -> impl Future<Output = Result<Purged, StoreError>> + Send;
}
