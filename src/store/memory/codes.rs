//! What is known of each code, and how codes come in: one by one, as a batch, from an older system.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::coupon::{Code, Coupon, Kind};
use crate::customer::IdentityKey;
use crate::issue::{ImportedCode, IssueRequest, Uses};
use crate::key::{BatchId, CouponId, OccasionId};
use crate::outcome::CounterKey;
use crate::request::{IssuedCode, Revocation};
use crate::shop::Shop;
use crate::store::Issue;
use crate::store::imported::raised_by;

use super::AdminError;
use super::state::{Definition, State, Taken};

/// What a code stands for.
#[derive(Debug)]
pub(super) struct CodeEntry {
    pub(super) coupon: CouponId,
    pub(super) standing: Standing,
}

/// How far a code has come.
#[derive(Debug)]
pub(super) enum Standing {
    /// It is the shared code of the definition.
    Shared,
    /// It lies in a batch: taken, and not to be redeemed.
    Prepared { batch: BatchId, revocation: Option<Box<Revocation>> },
    /// It was handed out.
    Issued(Box<IssuedCode>),
}

impl CodeEntry {
    /// Whether a shopper who types it is told anything: a code that lies in a batch is unknown.
    pub(super) fn is_known(&self) -> bool {
        !matches!(self.standing, Standing::Prepared { .. })
    }

    pub(super) fn issued(&self) -> Option<&IssuedCode> {
        match &self.standing {
            Standing::Issued(issued) => Some(issued),
            Standing::Shared | Standing::Prepared { .. } => None,
        }
    }

    pub(super) fn issued_mut(&mut self) -> Option<&mut IssuedCode> {
        match &mut self.standing {
            Standing::Issued(issued) => Some(issued),
            Standing::Shared | Standing::Prepared { .. } => None,
        }
    }

    pub(super) fn revocation(&self) -> Option<&Revocation> {
        match &self.standing {
            Standing::Shared => None,
            Standing::Prepared { revocation, .. } => revocation.as_deref(),
            Standing::Issued(issued) => issued.revocation(),
        }
    }

    /// Withdraws it, unless it was before: the first cause stands. Says whether there is anything to withdraw.
    fn revoke(&mut self, why: &Revocation) -> bool {
        match &mut self.standing {
            Standing::Shared => return false,
            Standing::Prepared { revocation, .. } => {
                revocation.get_or_insert_with(|| Box::new(why.clone()));
            }
            Standing::Issued(issued) => {
                issued.revocation.get_or_insert_with(|| why.clone());
            }
        }
        true
    }
}

/// Codes that were made together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) coupon: CouponId,
    pub(super) codes: Vec<Code>,
    pub(super) added_at: DateTime<Utc>,
    pub(super) exported_at: Option<DateTime<Utc>>,
    /// Whether its codes were stored first and handed out later, all at once.
    prepared: bool,
}

/// The uses of a code in an older system, and what they raised counters by.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) coupon: CouponId,
    pub(super) code: Code,
    pub(super) uses: Vec<Uses>,
    pub(super) taken: Taken,
}

/// One code for each occasion of each customer. The customer is whom it was issued to: a bearer code that was bound since
/// is still the one of that occasion.
pub(super) type Occasions = HashMap<(CouponId, Option<IdentityKey>, OccasionId), Code>;

impl State {
    fn definition(&self, coupon: &CouponId) -> Result<&Definition, AdminError> {
        self.definitions.get(coupon).ok_or_else(|| AdminError::UnknownCoupon { coupon: coupon.clone() })
    }

    /// Asks whether these codes can be stored under a definition: all or none.
    fn may_store<'c>(
        &self,
        coupon: &CouponId,
        codes: impl ExactSizeIterator<Item = (&'c Code, Option<&'c IdentityKey>)>,
    ) -> Result<(), AdminError> {
        let definition = self.definition(coupon)?;
        self.has_room(definition, codes.len())?;
        let mut seen = HashSet::with_capacity(codes.len());
        let (format, personal) = (definition.current.code_format(), definition.current.kind() == Kind::Personal);
        for (code, holder) in codes {
            if personal && holder.is_none() {
                return Err(AdminError::HolderRequired { coupon: coupon.clone(), code: code.clone() });
            }
            if !format.holds(code) {
                return Err(AdminError::WrongFormat { coupon: coupon.clone(), code: code.clone() });
            }
            if self.codes.contains_key(code) || !seen.insert(code) {
                return Err(AdminError::CodeTaken { code: code.clone() });
            }
        }
        Ok(())
    }

    /// Asks whether the definition allows so many codes more (S81).
    fn has_room(&self, definition: &Definition, wanted: usize) -> Result<(), AdminError> {
        let (issued, wanted) = (definition.codes_issued, u64::try_from(wanted).unwrap_or(u64::MAX));
        let full = |limit: &u64| issued.saturating_add(wanted) > *limit;
        match definition.current.limits().codes().filter(full) {
            Some(limit) => {
                Err(AdminError::CodesLimit { coupon: definition.current.id().clone(), limit, issued, wanted })
            }
            None => Ok(()),
        }
    }

    /// Asks whether codes that are handed out may bear the name of this batch.
    fn may_join(&self, coupon: &CouponId, batch: &BatchId) -> Result<(), AdminError> {
        match self.batches.get(batch).filter(|known| known.prepared || known.coupon != *coupon) {
            Some(_) => Err(AdminError::BatchExists { batch: batch.clone() }),
            None => Ok(()),
        }
    }

    fn occasion_of(coupon: &CouponId, issued: &IssuedCode) -> Option<(CouponId, Option<IdentityKey>, OccasionId)> {
        Some((coupon.clone(), issued.holder().cloned(), issued.occasion()?.clone()))
    }

    pub(super) fn issue(&mut self, coupon: &CouponId, codes: Vec<IssuedCode>) -> Result<(), AdminError> {
        self.may_issue(coupon, &codes)?;
        for issued in codes {
            self.insert(coupon, issued);
        }
        Ok(())
    }

    fn may_issue(&self, coupon: &CouponId, codes: &[IssuedCode]) -> Result<(), AdminError> {
        self.may_store(coupon, codes.iter().map(|issued| (issued.code(), issued.holder())))?;
        let mut occasions = HashMap::new();
        for issued in codes {
            if let Some(batch) = issued.batch() {
                self.may_join(coupon, batch)?;
            }
            let Some(key) = Self::occasion_of(coupon, issued) else { continue };
            let taken = self.occasions.get(&key).or_else(|| occasions.get(&key).copied());
            if let Some(code) = taken {
                return Err(AdminError::OccasionTaken { occasion: key.2, code: code.clone() });
            }
            occasions.insert(key, issued.code());
        }
        Ok(())
    }

    /// Stores a code that was handed out, and everything by which it is found. Nothing is asked.
    fn insert(&mut self, coupon: &CouponId, issued: IssuedCode) {
        let (code, at) = (issued.code().clone(), issued.issued_at());
        if let Some(definition) = self.definitions.get_mut(coupon) {
            definition.codes_issued = definition.codes_issued.saturating_add(1);
        }
        if let Some(key) = Self::occasion_of(coupon, &issued) {
            self.occasions.insert(key, code.clone());
        }
        if let Some(id) = issued.batch() {
            let new = || Batch {
                coupon: coupon.clone(),
                codes: Vec::new(),
                added_at: at,
                exported_at: Some(at),
                prepared: false,
            };
            self.batches.entry(id.clone()).or_insert_with(new).codes.push(code.clone());
        }
        let entry = CodeEntry { coupon: coupon.clone(), standing: Standing::Issued(Box::new(issued)) };
        self.codes.insert(code, entry);
    }

    /// The code that the occasion of the request had before.
    fn issued_before(&self, coupon: &CouponId, request: &IssueRequest) -> Option<IssuedCode> {
        let key = (coupon.clone(), request.holder().cloned(), request.occasion()?.clone());
        self.codes.get(self.occasions.get(&key)?)?.issued().cloned()
    }

    /// What can be said before a code is drawn: that there is one, or why there will be none.
    pub(super) fn before_issue(
        &self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
    ) -> Result<Option<IssuedCode>, AdminError> {
        let definition = self.definition(coupon)?;
        if let Some(before) = self.issued_before(coupon, request) {
            return Ok(Some(before));
        }
        let issuing = shop.issuing(&definition.current).map_err(|error| unusable(coupon, error))?;
        issuing.window(request).map_err(|refusal| AdminError::NotIssued { coupon: coupon.clone(), refusal })?;
        self.has_room(definition, 1)?;
        request.batch().map_or(Ok(()), |batch| self.may_join(coupon, batch))?;
        Ok(None)
    }

    pub(super) fn issue_once(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
        code: Code,
    ) -> Result<Issue, AdminError> {
        if let Some(before) = self.issued_before(coupon, request) {
            return Ok(Issue::AlreadyIssued(before));
        }
        let current = self.definition(coupon)?.current.clone();
        let issuing = shop.issuing(&current).map_err(|error| unusable(coupon, error))?;
        let issued = issuing.issue(code, request);
        let issued = issued.map_err(|refusal| AdminError::NotIssued { coupon: coupon.clone(), refusal })?;
        self.may_issue(coupon, std::slice::from_ref(&issued))?;
        self.insert(coupon, issued.clone());
        Ok(Issue::Issued(issued))
    }

    pub(super) fn add_batch(
        &mut self,
        id: &BatchId,
        coupon: &CouponId,
        codes: Vec<Code>,
        at: DateTime<Utc>,
    ) -> Result<(), AdminError> {
        if let Some(known) = self.batches.get(id) {
            let same = known.prepared && known.coupon == *coupon && known.codes == codes;
            return if same { Ok(()) } else { Err(AdminError::BatchExists { batch: id.clone() }) };
        }
        if self.definition(coupon)?.current.code().is_some() {
            return Err(AdminError::SharedCode { coupon: coupon.clone() });
        }
        self.may_store(coupon, codes.iter().map(|code| (code, None)))?;
        if let Some(definition) = self.definitions.get_mut(coupon) {
            let count = u64::try_from(codes.len()).unwrap_or(u64::MAX);
            definition.codes_issued = definition.codes_issued.saturating_add(count);
            definition.codes_prepared = definition.codes_prepared.saturating_add(count);
        }
        for code in &codes {
            let standing = Standing::Prepared { batch: id.clone(), revocation: None };
            self.codes.insert(code.clone(), CodeEntry { coupon: coupon.clone(), standing });
        }
        let batch = Batch { coupon: coupon.clone(), codes, added_at: at, exported_at: None, prepared: true };
        self.batches.insert(id.clone(), batch);
        Ok(())
    }

    pub(super) fn export(
        &mut self,
        shop: &Shop,
        id: &BatchId,
        request: &IssueRequest,
    ) -> Result<Vec<IssuedCode>, AdminError> {
        let unknown = || AdminError::UnknownBatch { batch: id.clone() };
        let batch = self.batches.get(id).ok_or_else(unknown)?;
        if let Some(at) = batch.exported_at {
            return Err(AdminError::AlreadyExported { batch: id.clone(), at });
        }
        let coupon = batch.coupon.clone();
        let current = self.definition(&coupon)?.current.clone();
        let issuing = shop.issuing(&current).map_err(|error| unusable(&coupon, error))?;
        let live = |code: &&Code| self.codes.get(*code).is_some_and(|entry| entry.revocation().is_none());
        let issued = batch.codes.iter().filter(live).map(|code| issuing.issue(code.clone(), request));
        let issued: Vec<IssuedCode> = issued
            .collect::<Result<_, _>>()
            .map_err(|refusal| AdminError::NotIssued { coupon: coupon.clone(), refusal })?;
        if issued.is_empty() {
            return Err(AdminError::NothingToExport { batch: id.clone() });
        }
        for code in &issued {
            if let Some(entry) = self.codes.get_mut(code.code()) {
                entry.standing = Standing::Issued(Box::new(code.clone()));
            }
        }
        let count = u64::try_from(issued.len()).unwrap_or(u64::MAX);
        if let Some(definition) = self.definitions.get_mut(&coupon) {
            definition.codes_prepared = definition.codes_prepared.saturating_sub(count);
        }
        if let Some(batch) = self.batches.get_mut(id) {
            batch.exported_at = Some(request.at());
        }
        Ok(issued)
    }

    pub(super) fn revoke(&mut self, code: &Code, why: &Revocation) -> Result<(), AdminError> {
        let revoked = self.codes.get_mut(code).is_some_and(|entry| entry.revoke(why));
        if revoked { Ok(()) } else { Err(AdminError::UnknownCode { code: code.clone() }) }
    }

    pub(super) fn revoke_batch(&mut self, id: &BatchId, why: &Revocation) -> Result<u64, AdminError> {
        let Some(batch) = self.batches.get(id) else { return Err(AdminError::UnknownBatch { batch: id.clone() }) };
        let (codes, used) = (batch.codes.clone(), self.uses_of(&batch.coupon));
        let mut withdrawn = 0_u64;
        for code in &codes {
            let Some(entry) = self.codes.get_mut(code).filter(|entry| entry.revocation().is_none()) else { continue };
            // One that was used is withdrawn as well: a void may give its use back. It stays a used one.
            if entry.revoke(why) && !used.contains_key(code) {
                withdrawn = withdrawn.saturating_add(1);
            }
        }
        Ok(withdrawn)
    }

    /// How often each code of a definition was used; those never used are left out.
    pub(super) fn uses_of(&self, coupon: &CouponId) -> HashMap<Code, u64> {
        let records = self.records.values().filter(|record| !record.uses_given_back);
        let redeemed = records.flat_map(|record| record.redemption.coupons()).filter(|used| used.coupon == *coupon);
        let mut uses: HashMap<Code, u64> = HashMap::new();
        let imported = self.imports.iter().filter(|import| import.coupon == *coupon);
        let imported = imported.flat_map(|import| import.uses.iter().map(|used| (&import.code, used.times)));
        for (code, times) in redeemed.map(|used| (&used.code, 1)).chain(imported) {
            let sum = uses.entry(code.clone()).or_default();
            *sum = sum.saturating_add(times);
        }
        for ((_, code), times) in self.purged.iter().filter(|((of, _), _)| of == coupon) {
            let sum = uses.entry(code.clone()).or_default();
            *sum = sum.saturating_add(*times);
        }
        uses
    }

    pub(super) fn import(
        &mut self,
        coupon: &CouponId,
        codes: Vec<ImportedCode>,
        at: DateTime<Utc>,
    ) -> Result<(), AdminError> {
        let terms = self.definition(coupon)?.current.clone();
        let (issued, uses): (Vec<IssuedCode>, Vec<Vec<Uses>>) = codes.into_iter().map(ImportedCode::into_parts).unzip();
        self.may_issue(coupon, &issued)?;
        let mut imports = Vec::with_capacity(issued.len());
        let mut wanted: HashMap<CounterKey, u64> = HashMap::new();
        for (issued, uses) in issued.iter().zip(uses) {
            let mut taken = Taken::new();
            for (key, (by, limit)) in raised_by(&terms, issued.code(), &uses) {
                let so_far = wanted.entry(key.clone()).or_default();
                *so_far = so_far.saturating_add(by);
                let state = self.counter(&key, at);
                let after = state.used.checked_add(state.held).and_then(|taken| taken.checked_add(*so_far));
                if after.is_none_or(|after| after > limit) {
                    let (code, used, held, wanted) = (issued.code().clone(), state.used, state.held, *so_far);
                    let counter = Box::new(key);
                    return Err(AdminError::ImportOverLimit { code, counter, limit, used, held, wanted });
                }
                taken.push((key, by));
            }
            if !uses.is_empty() {
                imports.push(Import { coupon: coupon.clone(), code: issued.code().clone(), uses, taken });
            }
        }
        for (key, by) in imports.iter().flat_map(|import| &import.taken) {
            self.raise(key, *by);
        }
        let of_one = terms.limits().per_code() == Some(1);
        let mut users: HashMap<&Code, &IdentityKey> = HashMap::new();
        for import in imports.iter().filter(|_| of_one) {
            if let Some(user) = import.uses.iter().flat_map(|uses| &uses.by).next() {
                users.insert(&import.code, user);
            }
        }
        let bound: Vec<Option<IdentityKey>> =
            issued.iter().map(|issued| users.get(issued.code()).copied().cloned()).collect();
        for (issued, user) in issued.into_iter().zip(bound) {
            let code = issued.code().clone();
            self.insert(coupon, issued);
            // As a commit does: a code good for one use belongs to whoever used it (S3).
            let stored = self.codes.get_mut(&code).and_then(CodeEntry::issued_mut);
            if let Some(stored) = stored.filter(|stored| stored.holder.is_none()) {
                stored.holder = user;
            }
        }
        self.imports.extend(imports);
        Ok(())
    }

    /// Counts the uses of an older system on the limits that a new revision adds, like those that were recorded here.
    pub(super) fn recount_imports(&mut self, terms: &Coupon) {
        let mut raise = Vec::new();
        for import in self.imports.iter_mut().filter(|import| import.coupon == *terms.id()) {
            for (key, (by, _)) in raised_by(terms, &import.code, &import.uses) {
                if import.taken.iter().all(|(taken, _)| *taken != key) {
                    import.taken.push((key.clone(), by));
                    raise.push((key, by));
                }
            }
        }
        for (key, by) in raise {
            self.raise(&key, by);
        }
    }
}

pub(super) fn unusable(coupon: &CouponId, error: crate::error::Error) -> AdminError {
    AdminError::Unusable { coupon: coupon.clone(), error }
}
