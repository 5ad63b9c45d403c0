//! Codes of an older system, with the uses they had there: these count as if they had been recorded here.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use vouchsafe::store::rules::imported_uses;
use vouchsafe::{AdminError, Coupon, CouponId, ImportedCode};

use crate::codes::owner_of;
use crate::counters::Part;
use crate::step::{Failure, Rows, document, json};

impl Rows<'_> {
    /// All or none: a use that is left out is a discount given twice.
    pub(crate) fn import(&self, coupon: &CouponId, codes: &[ImportedCode], at: DateTime<Utc>) -> Result<(), Failure> {
        let terms = self.defined(coupon)?.current;
        self.has_room(&terms, codes.len())?;
        for imported in codes {
            self.insert(&terms, imported.issued())?;
        }
        self.fits(&terms, codes, at)?;
        codes.iter().filter(|imported| imported.uses() > 0).try_for_each(|imported| self.write(&terms, imported, at))
    }

    /// Asks whether the uses of all of them fit the limits; says with which code the first one is passed.
    fn fits(&self, terms: &Coupon, codes: &[ImportedCode], at: DateTime<Utc>) -> Result<(), Failure> {
        let mut sums = BTreeMap::new();
        for imported in codes {
            for (key, (by, limit)) in imported_uses(terms, imported) {
                let wanted: &mut u64 = sums.entry(key.clone()).or_default();
                *wanted = wanted.saturating_add(by);
                let state = self.counter(&key, at)?;
                if state.used.saturating_add(state.held).saturating_add(*wanted) > limit {
                    let (code, counter) = (imported.issued().code().clone(), Box::new(key));
                    let (used, held, wanted) = (state.used, state.held, *wanted);
                    return Err(AdminError::ImportOverLimit { code, counter, limit, used, held, wanted }.into());
                }
            }
        }
        Ok(())
    }

    fn write(&self, terms: &Coupon, imported: &ImportedCode, at: DateTime<Utc>) -> Result<(), Failure> {
        let (coupon, code) = (terms.id().as_str(), imported.issued().code());
        for (key, (by, _)) in imported_uses(terms, imported) {
            self.take(&owner_of(code), &key, by, Part::Recorded(at))?;
        }
        let sql = "INSERT INTO imported (shop, code, coupon, document) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, (self.shop, code.as_str(), coupon, json(imported)?))?;
        let sql = "INSERT INTO used (shop, coupon, code, times) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, (self.shop, coupon, code.as_str(), imported.uses()))?;
        // As a commit does: a code good for one use belongs to whoever used it.
        let user = imported.each_use().flat_map(|(by, _)| by).next();
        if terms.limits().per_code() == Some(1) && imported.issued().holder().is_none() {
            self.set_bound(code, user)?;
        }
        Ok(())
    }

    /// What was imported for a definition, for limits that come later.
    pub(crate) fn imported(&self, coupon: &CouponId) -> Result<Vec<ImportedCode>, Failure> {
        let sql = "SELECT document FROM imported WHERE shop = ?1 AND coupon = ?2";
        self.all(sql, (self.shop, coupon.as_str()), |row| document(row, "document"))
    }
}
