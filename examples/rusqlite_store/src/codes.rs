//! Codes: each is known once to the whole shop, stands in one of three states, and is found as it was typed.

use vouchsafe::{AdminError, BatchId, Code, Coupon, CouponId, IdentityKey, IssuedCode, Kind, OccasionId, Revocation};

use crate::step::{Failure, Rows, document, id, json, maybe, name};

/// How far a code has come.
#[derive(Debug)]
pub(crate) enum State {
    /// It is the shared code of the definition.
    Shared,
    /// It lies in a batch: taken, and not to be redeemed.
    Prepared,
    /// It was handed out; as it stands, with whom it belongs to by now.
    Issued(Box<IssuedCode>),
}

/// A row of `code`.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) code: Code,
    pub(crate) coupon: CouponId,
    pub(crate) state: State,
    pub(crate) batch: Option<BatchId>,
    pub(crate) revocation: Option<Revocation>,
}

impl Entry {
    pub(crate) fn read(row: &rusqlite::Row<'_>) -> Result<Self, Failure> {
        let revocation: Option<Revocation> = maybe(row, "revocation")?;
        let state = match row.get::<_, String>("state")?.as_str() {
            "shared" => State::Shared,
            "prepared" => State::Prepared,
            _ => {
                let mut issued: IssuedCode = document(row, "document")?;
                issued = maybe(row, "bound")?.into_iter().fold(issued, IssuedCode::with_holder);
                State::Issued(Box::new(revocation.iter().cloned().fold(issued, IssuedCode::with_revocation)))
            }
        };
        Ok(Self { code: id(row, "code")?, coupon: id(row, "coupon")?, state, batch: name(row, "batch")?, revocation })
    }

    /// Whether a shopper who types it is told anything: a code that lies in a batch is unknown.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self.state, State::Prepared)
    }

    pub(crate) fn issued(&self) -> Option<&IssuedCode> {
        match &self.state {
            State::Issued(issued) => Some(issued),
            State::Shared | State::Prepared => None,
        }
    }
}

/// Who has the parts of counters that an imported code brought with it.
pub(crate) fn owner_of(code: &Code) -> String {
    format!("import {code}")
}

/// One code for each occasion of each customer: that of the customer to whom it was issued, bound since or not.
pub(crate) fn occasion_key(
    holder: Option<&IdentityKey>,
    occasion: Option<&OccasionId>,
) -> Result<Option<String>, Failure> {
    occasion.map(|occasion| json(&(holder, occasion))).transpose()
}

pub(crate) fn unusable(coupon: &CouponId) -> impl Fn(vouchsafe::Error) -> AdminError {
    move |error| AdminError::Unusable { coupon: coupon.clone(), error }
}

impl Rows<'_> {
    pub(crate) fn code(&self, code: &Code) -> Result<Option<Entry>, Failure> {
        let sql = "SELECT * FROM code WHERE shop = ?1 AND code = ?2";
        self.first(sql, (self.shop, code.as_str()), Entry::read)
    }

    pub(crate) fn codes_in(&self, batch: &BatchId) -> Result<Vec<Entry>, Failure> {
        let sql = "SELECT * FROM code WHERE shop = ?1 AND batch = ?2 ORDER BY place";
        self.all(sql, (self.shop, batch.as_str()), Entry::read)
    }

    pub(crate) fn issued_count(&self, coupon: &CouponId) -> Result<u64, Failure> {
        let sql = "SELECT count(*) FROM code WHERE shop = ?1 AND coupon = ?2 AND state = 'issued'";
        self.figure(sql, (self.shop, coupon.as_str()))
    }

    /// Asks whether the definition allows so many codes more; those that lie in batches count.
    pub(crate) fn has_room(&self, coupon: &Coupon, wanted: usize) -> Result<(), Failure> {
        let sql = "SELECT count(*) FROM code WHERE shop = ?1 AND coupon = ?2 AND state <> 'shared'";
        let issued = self.figure(sql, (self.shop, coupon.id().as_str()))?;
        let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
        match coupon.limits().codes().filter(|limit| issued.saturating_add(wanted) > *limit) {
            Some(limit) => {
                let coupon = coupon.id().clone();
                Err(AdminError::CodesLimit { coupon, limit, issued, wanted }.into())
            }
            None => Ok(()),
        }
    }

    /// Asks whether a code can be stored under a definition. Of codes that come together the later ones meet the earlier
    /// ones, since each is written before the next one is asked; a no undoes all of them.
    pub(crate) fn may_store(&self, terms: &Coupon, code: &Code, holder: Option<&IdentityKey>) -> Result<(), Failure> {
        let (coupon, taken) = (|| terms.id().clone(), code.clone());
        if terms.kind() == Kind::Personal && holder.is_none() {
            return Err(AdminError::HolderRequired { coupon: coupon(), code: taken }.into());
        }
        // Typed as it stands it must come to itself in the format of its definition, or nobody could ever redeem it.
        let typed = Code::parse(code.as_str(), terms.code_format());
        if !typed.is_ok_and(|typed| typed == *code) {
            return Err(AdminError::WrongFormat { coupon: coupon(), code: taken }.into());
        }
        if self.code(code)?.is_some() {
            return Err(AdminError::CodeTaken { code: taken }.into());
        }
        Ok(())
    }

    /// Stores codes that were handed out, all or none.
    pub(crate) fn issue(&self, coupon: &CouponId, codes: &[IssuedCode]) -> Result<(), Failure> {
        let terms = self.defined(coupon)?.current;
        self.has_room(&terms, codes.len())?;
        codes.iter().try_for_each(|issued| self.insert(&terms, issued))
    }

    pub(crate) fn insert(&self, terms: &Coupon, issued: &IssuedCode) -> Result<(), Failure> {
        let (coupon, code, holder) = (terms.id(), issued.code(), issued.holder());
        self.may_store(terms, code, holder)?;
        if let Some(batch) = issued.batch() {
            self.join(batch, coupon, issued.issued_at())?;
        }
        let occasion = occasion_key(holder, issued.occasion())?;
        if let (Some(key), Some(occasion)) = (&occasion, issued.occasion())
            && let Some(taken) = self.code_of_occasion(coupon, key)?
        {
            return Err(AdminError::OccasionTaken { occasion: occasion.clone(), code: taken.code }.into());
        }
        self.run(
            "INSERT INTO code (shop, code, coupon, state, batch, document, revocation, occasion)
             VALUES (?1, ?2, ?3, 'issued', ?4, ?5, ?6, ?7)",
            (
                self.shop,
                code.as_str(),
                coupon.as_str(),
                issued.batch().map(BatchId::as_str),
                json(issued)?,
                issued.revocation().map(json).transpose()?,
                occasion,
            ),
        )
    }

    pub(crate) fn code_of_occasion(&self, coupon: &CouponId, key: &str) -> Result<Option<Entry>, Failure> {
        let sql = "SELECT * FROM code WHERE shop = ?1 AND coupon = ?2 AND occasion = ?3";
        self.first(sql, (self.shop, coupon.as_str(), key), Entry::read)
    }
}
