//! What an admin page and a job do with codes: issue, prepare, export, withdraw, import, look up.
//!
//! Each of these is a promise that a store of the host's own keeps as well; what it takes in a database stands beside it.

use chrono::{DateTime, Utc};

use crate::coupon::Code;
use crate::issue::{ImportedCode, IssueRequest};
use crate::key::{ActorId, BatchId, CouponId};
use crate::request::{IssuedCode, Revocation};
use crate::shop::Shop;
use crate::store::{BatchRecord, CodeRecord, CodeStatus, Issue, IssueError, spellings};

use super::codes::{CodeEntry, Standing, unusable};
use super::state::State;
use super::{AdminError, MemoryStore};

impl MemoryStore {
    /// Stores codes that were issued under a definition, all or none. They are taken as they are: whether the definition
    /// may be given now is not asked, so this is for codes that the host issued by rules of its own.
    /// [`issue_once`](Self::issue_once) asks.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let store = MemoryStore::new();
    /// store.define(Coupon::builder("patrol").percent_off("40").per_code_limit(1).codes_limit(2).build()?)?;
    /// let at = parse_instant("2026-03-01T12:00:00Z")?;
    /// let code = |text| Code::parse(text, CodeFormat::Standard).map(|code| IssuedCode::new(code, at));
    /// let coupon: CouponId = "patrol".parse()?;
    /// store.issue(&coupon, [code("K7WQ-93MX")?, code("P2HD-8VRT")?])?;
    /// assert!(matches!(store.issue(&coupon, [code("W4NC-6JYA")?]), Err(AdminError::CodesLimit { issued: 2, .. })));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`], [`AdminError::CodeTaken`] (also for a code that is given twice),
    /// [`AdminError::WrongFormat`], [`AdminError::HolderRequired`], [`AdminError::CodesLimit`],
    /// [`AdminError::OccasionTaken`], [`AdminError::BatchExists`] for a batch that was [added](Self::add_batch) as such.
    pub fn issue(&self, coupon: &CouponId, codes: impl IntoIterator<Item = IssuedCode>) -> Result<(), AdminError> {
        let codes: Vec<IssuedCode> = codes.into_iter().collect();
        self.lock().issue(coupon, codes)
    }

    /// Issues one code, once for each occasion of each customer: a second mail, a job that runs again and a retry after a
    /// lost answer show the same code with the same clock, whatever became of the definition meanwhile. Without an
    /// occasion every call issues another code.
    ///
    /// Codes come from any iterator, such as a [`CodeGenerator`](crate::CodeGenerator); for a closure there is
    /// [`std::iter::repeat_with`], for a code chosen by hand [`std::iter::once`]. One is drawn only where one is needed,
    /// and the next only where that one is taken.
    ///
    /// **Atomic:** the code, its occasion and the count of issued codes, all or none: of two calls for one occasion at once
    /// one issues, and both show the same code. **Wrong answers that lose money:** a second code for one occasion is a
    /// second discount. In a database a unique index over definition, customer as asked for (not as bound since) and
    /// occasion keeps the promise, and one over the code itself.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::convert::Infallible;
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let (store, gift) = (MemoryStore::new(), "gift".parse()?);
    /// store.define(Coupon::builder("gift").kind(Kind::Personal).percent_off("10").build()?)?;
    ///
    /// // A stand-in for the random numbers of the operating system.
    /// let mut next = 0_u8;
    /// let mut codes = CodePattern::new().generate(100, |bytes: &mut [u8]| {
    ///     next = next.wrapping_add(1);
    ///     bytes.fill(next);
    ///     Ok::<(), Infallible>(())
    /// })?;
    /// let request = |at| -> Result<IssueRequest, Error> {
    ///     let request = IssueRequest::new(parse_instant(at)?).with_holder(IdentityKey::email("ann@example.com")?);
    ///     Ok(request.with_occasion("spring mail".parse()?))
    /// };
    /// let first = store.issue_once(&shop, &gift, &request("2026-03-01T12:00:00Z")?, &mut codes)?;
    /// let again = store.issue_once(&shop, &gift, &request("2026-03-08T12:00:00Z")?, &mut codes)?;
    /// assert!(first.is_new() && !again.is_new());
    /// assert_eq!(first.issued(), again.issued());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`IssueError::Store`] with [`AdminError::NotIssued`] where the definition gives none now, with
    /// [`AdminError::UnknownCoupon`], [`AdminError::CodesLimit`], [`AdminError::BatchExists`] or
    /// [`AdminError::Unusable`]; [`IssueError::Source`]; [`IssueError::NoFreeCode`] after as many as 256 codes.
    pub fn issue_once<E>(
        &self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
        codes: impl IntoIterator<Item = Result<Code, E>>,
    ) -> Result<Issue, IssueError<E>> {
        const MOST: usize = 256;
        if let Some(before) = self.lock().before_issue(shop, coupon, request).map_err(IssueError::Store)? {
            return Ok(Issue::AlreadyIssued(before));
        }
        let mut tried = 0_u32;
        // The source is asked while nothing is locked: it may be slow, or ask this very store.
        for code in codes.into_iter().take(MOST) {
            let code = code.map_err(IssueError::Source)?;
            tried = tried.saturating_add(1);
            match self.lock().issue_once(shop, coupon, request, code) {
                Err(AdminError::CodeTaken { .. }) => {}
                answer => return answer.map_err(IssueError::Store),
            }
        }
        Err(IssueError::NoFreeCode { tried })
    }

    /// Stores a batch of codes that are not handed out yet, all or none: they are taken and count as issued for the limit
    /// on codes, and whoever types one is told that it is unknown. Again with the same codes it changes nothing.
    ///
    /// **Atomic:** all codes and their count. In a database one row for each code with its batch, under the unique index
    /// over codes.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let store = MemoryStore::new();
    /// store.define(Coupon::builder("patrol").percent_off("40").per_code_limit(1).codes_limit(1).build()?)?;
    /// let codes = ["K7WQ-93MX", "P2HD-8VRT"].map(|text| Code::parse(text, CodeFormat::Standard));
    /// let codes = codes.into_iter().collect::<Result<Vec<_>, _>>()?;
    /// let at = parse_instant("2026-03-01T12:00:00Z")?;
    /// let error = store.add_batch(&"patrol-2026".parse()?, &"patrol".parse()?, codes, at).unwrap_err();
    /// assert_eq!(error.to_string(), "`patrol` allows 1 codes, 0 are issued and 2 more are wanted");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AdminError::BatchExists`] for other codes, or codes that were issued one by one, under this batch;
    /// [`AdminError::SharedCode`]; and as [`issue`](Self::issue). A personal coupon has no batches, since each of its
    /// codes needs a holder.
    pub fn add_batch(
        &self,
        batch: &BatchId,
        coupon: &CouponId,
        codes: impl IntoIterator<Item = Code>,
        at: DateTime<Utc>,
    ) -> Result<(), AdminError> {
        let codes: Vec<Code> = codes.into_iter().collect();
        self.lock().add_batch(batch, coupon, codes, at)
    }

    /// Hands out a batch: every code of it is issued at this instant, so that a countdown starts with the export and not
    /// when the codes were made (S80). Those that were withdrawn before are left out, for good. Whether the definition may
    /// be given now is asked as for a single code.
    ///
    /// Twice is an error, since the second list would be taken for other codes; [`batch`](Self::batch) shows the same ones
    /// again, with the clock they have.
    ///
    /// **Atomic:** the clocks of all codes, and the mark on the batch. **Wrong answers that lose money:** an export that
    /// restarts clocks makes codes that are over good again.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let (store, batch) = (MemoryStore::new(), "patrol-2026".parse()?);
    /// store.define(Coupon::builder("patrol").percent_off("40").per_code_limit(1).build()?)?;
    /// let code = Code::parse("K7WQ-93MX", CodeFormat::Standard)?;
    /// store.add_batch(&batch, &"patrol".parse()?, [code], parse_instant("2026-01-15T09:00:00Z")?)?;
    ///
    /// let at = parse_instant("2026-03-01T12:00:00Z")?;
    /// let handed_out = store.export(&shop, &batch, at, None)?;
    /// assert_eq!(handed_out[0].issued_at(), at);
    /// assert_eq!(store.export(&shop, &batch, at, None), Err(AdminError::AlreadyExported { batch, at }));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AdminError::UnknownBatch`], [`AdminError::AlreadyExported`], [`AdminError::NothingToExport`] where all of it was
    /// withdrawn, [`AdminError::NotIssued`], [`AdminError::Unusable`].
    pub fn export(
        &self,
        shop: &Shop,
        batch: &BatchId,
        at: DateTime<Utc>,
        by: Option<&ActorId>,
    ) -> Result<Vec<IssuedCode>, AdminError> {
        let request = IssueRequest::new(at).with_batch(batch.clone());
        let request = by.cloned().into_iter().fold(request, IssueRequest::with_by);
        self.lock().export(shop, batch, &request)
    }

    /// A batch with its codes, as they stand now.
    #[must_use]
    pub fn batch(&self, batch: &BatchId) -> Option<BatchRecord> {
        let state = self.lock();
        let known = state.batches.get(batch)?;
        let issued = known.codes.iter().filter_map(|code| state.codes.get(code)?.issued().cloned());
        Some(BatchRecord {
            coupon: known.coupon.clone(),
            added_at: known.added_at,
            exported_at: known.exported_at,
            codes: known.codes.clone(),
            issued: issued.collect(),
        })
    }

    /// Withdraws a code, whether it was handed out or lies in a batch. Not even a live hold outlasts that; what was
    /// redeemed stays redeemed. Withdrawn twice, it keeps the first cause.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let (store, at) = (MemoryStore::new(), parse_instant("2026-03-01T12:00:00Z")?);
    /// store.define(Coupon::builder("patrol").percent_off("40").per_code_limit(1).build()?)?;
    /// let code = Code::parse("K7WQ-93MX", CodeFormat::Standard)?;
    /// store.issue(&"patrol".parse()?, [IssuedCode::new(code.clone(), at)])?;
    /// store.revoke(&code, Revocation::new(at, "letter came back")?)?;
    /// let (_, issued) = store.issued(&code).ok_or("unknown")?;
    /// assert_eq!(issued.revocation().map(Revocation::cause), Some("letter came back"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AdminError::UnknownCode`], also for the shared code of a definition, which is switched off instead.
    pub fn revoke(&self, code: &Code, revocation: Revocation) -> Result<(), AdminError> {
        self.lock().revoke(code, &revocation)
    }

    /// Withdraws every code of a batch, exported or not, and says how many of them could still have been used. Used codes
    /// stay used, and one whose use a void gives back later stays withdrawn.
    ///
    /// **Atomic:** all codes of the batch. **Wrong answers that lose money:** a batch that leaked, of which a code lives.
    ///
    /// # Errors
    /// [`AdminError::UnknownBatch`].
    pub fn revoke_batch(&self, batch: &BatchId, revocation: Revocation) -> Result<u64, AdminError> {
        self.lock().revoke_batch(batch, &revocation)
    }

    /// Stores codes of an older system with the uses they had there, all or none. Their uses count on the limits of the
    /// definition as if they had been recorded here: in total, for each code, each customer, and each customer and code;
    /// on limits that a later revision adds as well. A code good for one use belongs to whoever used it (S3). The codes
    /// count as issued. What those uses discounted is not known, so that they count on no budget and no number of units,
    /// and no usage record is made of them.
    ///
    /// **Atomic:** codes, counters and counts. **Wrong answers that lose money:** a used code that comes back unused.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let (store, coupon) = (MemoryStore::new(), "club".parse()?);
    /// store.define(Coupon::builder("club").percent_off("5").per_code_limit(2).build()?)?;
    /// let issued_at = parse_instant("2019-11-01T00:00:00Z")?;
    /// let code = |text| Code::parse(text, CodeFormat::Standard).map(|code| IssuedCode::new(code, issued_at));
    /// let at = parse_instant("2026-03-01T12:00:00Z")?;
    /// let used_up = ImportedCode::new(code("OLD7")?).used([IdentityKey::id("42")?], 2);
    /// store.import(&coupon, [used_up, ImportedCode::new(code("OLD8")?)], at)?;
    ///
    /// let error = store.import(&coupon, [ImportedCode::new(code("OLD9")?).used([], 3)], at).unwrap_err();
    /// assert_eq!(error.to_string(), "code `OLD9` passes a limit: 0 used and 0 held of 2, 3 more imported");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`issue`](Self::issue), and [`AdminError::ImportOverLimit`] with the first code whose uses pass a limit, by what
    /// is used and held at this instant.
    pub fn import(
        &self,
        coupon: &CouponId,
        codes: impl IntoIterator<Item = ImportedCode>,
        at: DateTime<Utc>,
    ) -> Result<(), AdminError> {
        let codes: Vec<ImportedCode> = codes.into_iter().collect();
        self.lock().import(coupon, codes, at)
    }

    /// An issued code, with the definition it belongs to.
    #[must_use]
    pub fn issued(&self, code: &Code) -> Option<(CouponId, IssuedCode)> {
        let state = self.lock();
        let entry = state.codes.get(code)?;
        Some((entry.coupon.clone(), entry.issued()?.clone()))
    }

    /// What is stored of a code as somebody typed it: for a support desk, since it tells of codes that shoppers must not
    /// hear of, those in batches among them. None where no code answers to it.
    ///
    /// # Errors
    /// [`AdminError::Unusable`] where the dates of its definition do not exist in this shop's zone.
    pub fn look_up(&self, shop: &Shop, entered: &str) -> Result<Option<CodeRecord>, AdminError> {
        let state = self.lock();
        let found = spellings(entered).find_map(|(format, code)| {
            let entry = state.codes.get(&code)?;
            let definition = state.definitions.get(&entry.coupon)?;
            (definition.current.code_format() == format).then_some((code, entry))
        });
        let Some((code, entry)) = found else { return Ok(None) };
        let uses = state.uses_of(&entry.coupon).get(&code).copied().unwrap_or(0);
        state.code_record(shop, &code, entry, uses).map(Some)
    }

    /// The codes of a definition in the order of their texts: those of one status at an instant, or all of them. Its
    /// shared code is among them.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let (store, coupon) = (MemoryStore::new(), "patrol".parse()?);
    /// store.define(Coupon::builder("patrol").percent_off("40").per_code_limit(1).build()?)?;
    /// let at = parse_instant("2026-03-01T12:00:00Z")?;
    /// let code = |text| Code::parse(text, CodeFormat::Standard).map(|code| IssuedCode::new(code, at));
    /// let used = ImportedCode::new(code("P2HD-8VRT")?).used([], 1);
    /// store.import(&coupon, [ImportedCode::new(code("K7WQ-93MX")?), used], at)?;
    ///
    /// let unused = store.codes_of(&shop, &coupon, Some(CodeStatus::Unused), at)?;
    /// assert_eq!(unused.iter().map(|record| record.code.as_str()).collect::<Vec<_>>(), ["K7WQ93MX"]);
    /// assert_eq!(store.codes_of(&shop, &coupon, None, at)?.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`]; [`AdminError::Unusable`] where the definition's dates do not exist in this shop's
    /// zone.
    pub fn codes_of(
        &self,
        shop: &Shop,
        coupon: &CouponId,
        status: Option<CodeStatus>,
        at: DateTime<Utc>,
    ) -> Result<Vec<CodeRecord>, AdminError> {
        let state = self.lock();
        if !state.definitions.contains_key(coupon) {
            return Err(AdminError::UnknownCoupon { coupon: coupon.clone() });
        }
        let uses = state.uses_of(coupon);
        let mut records = Vec::new();
        for (code, entry) in state.codes.iter().filter(|(_, entry)| entry.coupon == *coupon) {
            let record = state.code_record(shop, code, entry, uses.get(code).copied().unwrap_or(0))?;
            if status.is_none_or(|status| record.status(at) == status) {
                records.push(record);
            }
        }
        records.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(records)
    }

    /// How many codes of a definition were handed out, imported and withdrawn ones among them; those that lie in batches
    /// are not. The limit on codes counts these as well. None of a definition that is not there.
    ///
    /// ```
    /// use vouchsafe::MemoryStore;
    ///
    /// assert_eq!(MemoryStore::new().issued_count(&"patrol".parse()?), 0);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn issued_count(&self, coupon: &CouponId) -> u64 {
        let state = self.lock();
        state.definitions.get(coupon).map_or(0, |of| of.codes_issued.saturating_sub(of.codes_prepared))
    }
}

impl State {
    fn code_record(&self, shop: &Shop, code: &Code, entry: &CodeEntry, uses: u64) -> Result<CodeRecord, AdminError> {
        let unknown = || AdminError::UnknownCoupon { coupon: entry.coupon.clone() };
        let terms = &self.definitions.get(&entry.coupon).ok_or_else(unknown)?.current;
        let issuing = shop.issuing(terms).map_err(|error| unusable(&entry.coupon, error))?;
        let (batch, window) = match &entry.standing {
            Standing::Shared => (None, Some(issuing.validity())),
            Standing::Prepared { batch, .. } => (Some(batch), None),
            Standing::Issued(issued) => (issued.batch(), issuing.window_of(issued)),
        };
        Ok(CodeRecord {
            coupon: entry.coupon.clone(),
            code: code.clone(),
            issued: entry.issued().cloned(),
            batch: batch.cloned(),
            revocation: entry.revocation().cloned(),
            uses,
            window,
        })
    }
}
