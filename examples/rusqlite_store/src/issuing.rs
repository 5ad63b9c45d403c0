//! Handing codes out: one for each occasion, batches that start their clocks together, and what is withdrawn.

use chrono::{DateTime, Utc};
use vouchsafe::store::spellings;
use vouchsafe::{
    ActorId, AdminError, BatchId, BatchRecord, Code, CodeRecord, CouponId, Issue, IssueRequest, IssuedCode, Revocation,
    Shop,
};

use crate::codes::{Entry, State, occasion_key, unusable};
use crate::step::{Failure, Rows, id, instant, json, maybe_instant, nanos};

/// A row of `batch`.
struct Batch {
    coupon: CouponId,
    /// Whether its codes were stored first and handed out later, all at once.
    prepared: bool,
    added_at: DateTime<Utc>,
    exported_at: Option<DateTime<Utc>>,
}

impl Rows<'_> {
    fn stored_batch(&self, batch: &BatchId) -> Result<Option<Batch>, Failure> {
        let sql = "SELECT * FROM batch WHERE shop = ?1 AND batch = ?2";
        self.first(sql, (self.shop, batch.as_str()), |row| {
            Ok(Batch {
                coupon: id(row, "coupon")?,
                prepared: row.get("prepared")?,
                added_at: instant(row, "added_at")?,
                exported_at: maybe_instant(row, "exported_at")?,
            })
        })
    }

    fn known_batch(&self, batch: &BatchId) -> Result<Batch, Failure> {
        self.stored_batch(batch)?.ok_or_else(|| AdminError::UnknownBatch { batch: batch.clone() }.into())
    }

    /// A code that is handed out under the name of a batch; the first one makes it.
    pub(crate) fn join(&self, batch: &BatchId, coupon: &CouponId, at: DateTime<Utc>) -> Result<(), Failure> {
        match self.stored_batch(batch)? {
            Some(known) if known.prepared || known.coupon != *coupon => {
                Err(AdminError::BatchExists { batch: batch.clone() }.into())
            }
            Some(_) => Ok(()),
            None => {
                let sql = "INSERT INTO batch (shop, batch, coupon, prepared, added_at, exported_at)
                           VALUES (?1, ?2, ?3, 0, ?4, ?4)";
                self.run(sql, (self.shop, batch.as_str(), coupon.as_str(), nanos(at)?))
            }
        }
    }

    /// The first free candidate, once for each occasion of each customer. All of it is one step, so that two jobs at once
    /// come to the same code.
    pub(crate) fn issue_once(
        &self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
        candidates: &[Code],
    ) -> Result<Issue, Failure> {
        let terms = self.defined(coupon)?.current;
        if let Some(key) = occasion_key(request.holder(), request.occasion())? {
            let before = self.code_of_occasion(coupon, &key)?;
            if let Some(before) = before.as_ref().and_then(Entry::issued) {
                return Ok(Issue::AlreadyIssued(before.clone()));
            }
        }
        let issuing = shop.issuing(&terms).map_err(unusable(coupon))?;
        let not_issued = |refusal| AdminError::NotIssued { coupon: coupon.clone(), refusal };
        issuing.window(request).map_err(not_issued)?;
        self.has_room(&terms, 1)?;
        let mut tried = 0;
        for code in candidates.iter().take(256) {
            tried += 1;
            if self.code(code)?.is_none() {
                let issued = issuing.issue(code.clone(), request).map_err(not_issued)?;
                self.insert(&terms, &issued)?;
                return Ok(Issue::Issued(issued));
            }
        }
        Err(AdminError::NoFreeCode { coupon: coupon.clone(), tried }.into())
    }

    pub(crate) fn add_batch(
        &self,
        batch: &BatchId,
        coupon: &CouponId,
        codes: &[Code],
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        if let Some(known) = self.stored_batch(batch)? {
            let stored = self.codes_in(batch)?;
            let same = known.prepared && known.coupon == *coupon && stored.iter().map(|entry| &entry.code).eq(codes);
            return if same { Ok(()) } else { Err(AdminError::BatchExists { batch: batch.clone() }.into()) };
        }
        let terms = self.defined(coupon)?.current;
        if terms.code().is_some() {
            return Err(AdminError::SharedCode { coupon: coupon.clone() }.into());
        }
        self.has_room(&terms, codes.len())?;
        let sql = "INSERT INTO batch (shop, batch, coupon, prepared, added_at) VALUES (?1, ?2, ?3, 1, ?4)";
        self.run(sql, (self.shop, batch.as_str(), coupon.as_str(), nanos(at)?))?;
        for code in codes {
            self.may_store(&terms, code, None)?;
            let sql = "INSERT INTO code (shop, code, coupon, state, batch) VALUES (?1, ?2, ?3, 'prepared', ?4)";
            self.run(sql, (self.shop, code.as_str(), coupon.as_str(), batch.as_str()))?;
        }
        Ok(())
    }

    /// Starts the clocks of all codes of a batch, once.
    pub(crate) fn export(
        &self,
        shop: &Shop,
        batch: &BatchId,
        at: DateTime<Utc>,
        by: Option<&ActorId>,
    ) -> Result<Vec<IssuedCode>, Failure> {
        let known = self.known_batch(batch)?;
        if let Some(at) = known.exported_at {
            return Err(AdminError::AlreadyExported { batch: batch.clone(), at }.into());
        }
        let (coupon, terms) = (&known.coupon, self.defined(&known.coupon)?.current);
        let issuing = shop.issuing(&terms).map_err(unusable(coupon))?;
        let request = IssueRequest::new(at).with_batch(batch.clone());
        let request = by.cloned().into_iter().fold(request, IssueRequest::with_by);
        let mut handed_out = Vec::new();
        for entry in self.codes_in(batch)?.into_iter().filter(|entry| entry.revocation.is_none()) {
            let issued = issuing.issue(entry.code, &request);
            let issued = issued.map_err(|refusal| AdminError::NotIssued { coupon: coupon.clone(), refusal })?;
            let sql = "UPDATE code SET state = 'issued', document = ?3 WHERE shop = ?1 AND code = ?2";
            self.run(sql, (self.shop, issued.code().as_str(), json(&issued)?))?;
            handed_out.push(issued);
        }
        if handed_out.is_empty() {
            return Err(AdminError::NothingToExport { batch: batch.clone() }.into());
        }
        let sql = "UPDATE batch SET exported_at = ?3 WHERE shop = ?1 AND batch = ?2";
        self.run(sql, (self.shop, batch.as_str(), nanos(at)?))?;
        Ok(handed_out)
    }

    pub(crate) fn batch(&self, batch: &BatchId) -> Result<Option<BatchRecord>, Failure> {
        let Some(known) = self.stored_batch(batch)? else { return Ok(None) };
        let mut record = BatchRecord::new(known.coupon, known.added_at);
        record.exported_at = known.exported_at;
        for entry in self.codes_in(batch)? {
            record.issued.extend(entry.issued().cloned());
            record.codes.push(entry.code);
        }
        Ok(Some(record))
    }

    pub(crate) fn revoke(&self, code: &Code, why: &Revocation) -> Result<(), Failure> {
        let known = self.code(code)?.filter(|entry| !matches!(entry.state, State::Shared));
        let unknown = || AdminError::UnknownCode { code: code.clone() };
        self.withdraw(&known.ok_or_else(unknown)?, why)
    }

    /// Withdrawn twice, a code keeps the first cause.
    fn withdraw(&self, entry: &Entry, why: &Revocation) -> Result<(), Failure> {
        let sql = "UPDATE code SET revocation = ?3 WHERE shop = ?1 AND code = ?2 AND revocation IS NULL";
        self.run(sql, (self.shop, entry.code.as_str(), json(why)?))
    }

    /// Says how many of them were withdrawn and had no use.
    pub(crate) fn revoke_batch(&self, batch: &BatchId, why: &Revocation) -> Result<u64, Failure> {
        self.known_batch(batch)?;
        let mut unused = 0;
        for entry in self.codes_in(batch)?.iter().filter(|entry| entry.revocation.is_none()) {
            self.withdraw(entry, why)?;
            unused += u64::from(self.uses_of(entry)? == 0);
        }
        Ok(unused)
    }

    fn uses_of(&self, entry: &Entry) -> Result<u64, Failure> {
        let sql = "SELECT coalesce(sum(times), 0) FROM used WHERE shop = ?1 AND coupon = ?2 AND code = ?3";
        self.figure(sql, (self.shop, entry.coupon.as_str(), entry.code.as_str()))
    }

    pub(crate) fn look_up(&self, shop: &Shop, entered: &str) -> Result<Option<CodeRecord>, Failure> {
        for (format, code) in spellings(entered) {
            let Some(entry) = self.code(&code)? else { continue };
            if self.defined(&entry.coupon)?.current.code_format() == format {
                return self.told(shop, entry).map(Some);
            }
        }
        Ok(None)
    }

    pub(crate) fn codes_of(
        &self,
        shop: &Shop,
        coupon: &CouponId,
        after: Option<&Code>,
        limit: u32,
    ) -> Result<Vec<CodeRecord>, Failure> {
        self.defined(coupon)?;
        let sql = "SELECT * FROM code WHERE shop = ?1 AND coupon = ?2 AND code > ?3 ORDER BY code LIMIT ?4";
        let values = (self.shop, coupon.as_str(), after.map_or("", Code::as_str), limit);
        self.all(sql, values, Entry::read)?.into_iter().map(|entry| self.told(shop, entry)).collect()
    }

    /// What a support desk is told of a code.
    fn told(&self, shop: &Shop, entry: Entry) -> Result<CodeRecord, Failure> {
        let terms = self.defined(&entry.coupon)?.current;
        let issuing = shop.issuing(&terms).map_err(unusable(&entry.coupon))?;
        let mut record = CodeRecord::new(entry.coupon.clone(), entry.code.clone());
        record.uses = self.uses_of(&entry)?;
        record.window = match &entry.state {
            State::Shared => Some(issuing.validity()),
            State::Prepared => None,
            State::Issued(issued) => issuing.window_of(issued),
        };
        record.issued = entry.issued().cloned();
        (record.batch, record.revocation) = (entry.batch, entry.revocation);
        Ok(record)
    }
}
