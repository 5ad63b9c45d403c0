//! Definitions: every revision stays, whoever edits on top of an old one is told, and each edit is in the log.

use std::sync::Arc;

use rusqlite::Row;
use vouchsafe::store::rules::{imported_uses, missing};
use vouchsafe::{
    AdminError, Coupon, CouponDraft, CouponId, DefinitionChange, DraftValue, Edit, EditKind, Status, StoreError,
};

use crate::counters::{Part, owner};
use crate::step::{Failure, Rows, document, instant, json, name, nanos};

/// A definition as it stands.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) current: Arc<Coupon>,
    /// Holds on revisions up to this one are worth nothing.
    pub(crate) killed_through: u32,
}

/// What the log calls each kind of edit.
const KINDS: [(EditKind, &str); 4] = [
    (EditKind::Defined, "defined"),
    (EditKind::Revised, "revised"),
    (EditKind::StatusSet, "status set"),
    (EditKind::Killed, "killed"),
];

/// The same definition with another value in one of its fields.
fn with(coupon: &Coupon, field: &str, value: impl Into<DraftValue>) -> Result<Coupon, Failure> {
    let mut draft = CouponDraft::from(coupon);
    draft.set(field, value).map_err(StoreError::backend)?;
    Ok(draft.check().map_err(StoreError::backend)?)
}

pub(crate) fn unknown(coupon: &CouponId) -> AdminError {
    AdminError::UnknownCoupon { coupon: coupon.clone() }
}

impl Rows<'_> {
    pub(crate) fn definition(&self, coupon: &CouponId) -> Result<Option<Definition>, Failure> {
        let sql = "SELECT revision.document, definition.killed_through FROM definition
                   JOIN revision ON revision.shop = definition.shop AND revision.coupon = definition.coupon
                                AND revision.revision = definition.current
                   WHERE definition.shop = ?1 AND definition.coupon = ?2";
        self.first(sql, (self.shop, coupon.as_str()), |row| {
            Ok(Definition { current: Arc::new(document(row, "document")?), killed_through: row.get("killed_through")? })
        })
    }

    /// The definition, or a no.
    pub(crate) fn defined(&self, coupon: &CouponId) -> Result<Definition, Failure> {
        self.definition(coupon)?.ok_or_else(|| unknown(coupon).into())
    }

    pub(crate) fn revision(&self, coupon: &CouponId, revision: u32) -> Result<Option<Arc<Coupon>>, Failure> {
        let sql = "SELECT document FROM revision WHERE shop = ?1 AND coupon = ?2 AND revision = ?3";
        self.first(sql, (self.shop, coupon.as_str(), revision), |row| Ok(Arc::new(document(row, "document")?)))
    }

    pub(crate) fn definitions(&self, after: Option<&CouponId>, limit: u32) -> Result<Vec<Arc<Coupon>>, Failure> {
        let sql = "SELECT revision.document FROM definition
                   JOIN revision ON revision.shop = definition.shop AND revision.coupon = definition.coupon
                                AND revision.revision = definition.current
                   WHERE definition.shop = ?1 AND definition.coupon > ?2 ORDER BY definition.coupon LIMIT ?3";
        let after = after.map_or("", CouponId::as_str);
        self.all(sql, (self.shop, after, limit), |row| Ok(Arc::new(document(row, "document")?)))
    }

    pub(crate) fn definition_log(&self, coupon: &CouponId) -> Result<Vec<DefinitionChange>, Failure> {
        let read = |row: &Row<'_>| {
            let stored: String = row.get("kind")?;
            let kind = KINDS.iter().find(|(_, known)| *known == stored).map(|(kind, _)| *kind);
            let kind = kind.ok_or_else(|| StoreError::corrupt("kind", stored))?;
            let mut edit = Edit::new(instant(row, "at")?);
            edit = name(row, "by")?.into_iter().fold(edit, Edit::by);
            edit = row.get::<_, Option<String>>("note")?.into_iter().fold(edit, Edit::with_note);
            Ok((kind, edit, row.get::<_, Option<u32>>("before")?, row.get::<_, u32>("after")?))
        };
        let sql = "SELECT * FROM edit WHERE shop = ?1 AND coupon = ?2 ORDER BY place";
        let mut log = Vec::new();
        for (kind, edit, before, after) in self.all(sql, (self.shop, coupon.as_str()), read)? {
            let before = before.map(|before| self.revision(coupon, before)).transpose()?.flatten();
            let lost = || StoreError::corrupt("edit", format!("revision {after} of `{coupon}` is not there"));
            log.push(DefinitionChange::new(kind, edit, before, self.revision(coupon, after)?.ok_or_else(lost)?));
        }
        Ok(log)
    }

    pub(crate) fn define(&self, coupon: &Coupon, edit: &Edit) -> Result<u32, Failure> {
        if self.definition(coupon.id())?.is_some() {
            return Err(AdminError::AlreadyDefined { coupon: coupon.id().clone() }.into());
        }
        self.share_code(None, coupon)?;
        let (id, revision) = (coupon.id().as_str(), coupon.revision());
        let sql = "INSERT INTO definition (shop, coupon, current) VALUES (?1, ?2, ?3)";
        self.run(sql, (self.shop, id, revision))?;
        self.write_revision(coupon)?;
        self.note(coupon.id(), EditKind::Defined, (None, revision), edit)?;
        Ok(revision)
    }

    fn write_revision(&self, coupon: &Coupon) -> Result<(), Failure> {
        let sql = "INSERT INTO revision (shop, coupon, revision, document) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, (self.shop, coupon.id().as_str(), coupon.revision(), json(coupon)?))
    }

    fn note(
        &self,
        coupon: &CouponId,
        kind: EditKind,
        (before, after): (Option<u32>, u32),
        edit: &Edit,
    ) -> Result<(), Failure> {
        let kind = KINDS.iter().find(|(known, _)| *known == kind).map(|(_, name)| *name);
        let kind = kind.ok_or_else(|| StoreError::backend("an edit of a kind that this store does not know"))?;
        let by = edit.actor().map(ToString::to_string);
        let sql = "INSERT INTO edit (shop, coupon, kind, before, after, at, by, note)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.run(sql, (self.shop, coupon.as_str(), kind, before, after, nanos(edit.at())?, by, edit.note()))
    }

    /// Makes the shared code of a definition stand for it, in the place of the one that it had before.
    fn share_code(&self, before: Option<&Coupon>, coupon: &Coupon) -> Result<(), Failure> {
        let old = before.and_then(Coupon::code);
        if old == coupon.code() {
            return Ok(());
        }
        if let Some(code) = coupon.code() {
            if self.code(code)?.is_some() {
                return Err(AdminError::CodeTaken { code: code.clone() }.into());
            }
            let sql = "INSERT INTO code (shop, code, coupon, state) VALUES (?1, ?2, ?3, 'shared')";
            self.run(sql, (self.shop, code.as_str(), coupon.id().as_str()))?;
        }
        if let Some(old) = old {
            self.run("DELETE FROM code WHERE shop = ?1 AND code = ?2", (self.shop, old.as_str()))?;
        }
        Ok(())
    }

    pub(crate) fn revise(&self, coupon: &Coupon, kind: EditKind, edit: &Edit) -> Result<u32, Failure> {
        let revised = self.put_revision(coupon)?;
        if let Some((before, after)) = revised {
            self.note(coupon.id(), kind, (Some(before), after), edit)?;
        }
        Ok(revised.map_or(coupon.revision(), |(_, after)| after))
    }

    /// Stores a new revision; says from which to which. None where it changes nothing.
    fn put_revision(&self, coupon: &Coupon) -> Result<Option<(u32, u32)>, Failure> {
        let (id, before) = (coupon.id(), self.defined(coupon.id())?.current);
        let (based_on, current) = (coupon.revision(), before.revision());
        if based_on != current {
            return Err(AdminError::RevisedMeanwhile { coupon: id.clone(), based_on, current }.into());
        }
        if *before == *coupon {
            return Ok(None);
        }
        let exhausted = || AdminError::RevisionsExhausted { coupon: id.clone() };
        let next = current.checked_add(1).ok_or_else(exhausted)?;
        self.share_code(Some(&before), coupon)?;
        let revised = with(coupon, "revision", next)?;
        self.write_revision(&revised)?;
        let sql = "UPDATE definition SET current = ?3 WHERE shop = ?1 AND coupon = ?2";
        self.run(sql, (self.shop, id.as_str(), next))?;
        self.recount(&revised)?;
        Ok(Some((current, next)))
    }

    /// Counts earlier uses, live holds and imports on the limits that a revision adds: a campaign that is limited in its
    /// middle does not begin at zero.
    fn recount(&self, terms: &Coupon) -> Result<(), Failure> {
        for record in self.records_with(terms.id())?.iter().filter(|record| !record.gave_uses_back()) {
            let reference = owner(record.redemption.reference())?;
            for (key, by) in missing(&record.redemption, &self.parts(&reference)?, terms) {
                self.take(&reference, &key, by, Part::Recorded(record.at))?;
            }
        }
        for hold in self.holds()? {
            let reference = owner(hold.redemption.reference())?;
            for (key, by) in missing(&hold.redemption, &self.parts(&reference)?, terms) {
                self.take(&reference, &key, by, Part::Held(hold.until))?;
            }
        }
        for imported in self.imported(terms.id())? {
            let owner = crate::codes::owner_of(imported.issued().code());
            let parts = self.parts(&owner)?;
            for (key, (by, _)) in imported_uses(terms, &imported) {
                if parts.iter().all(|(known, _)| *known != key) {
                    self.take(&owner, &key, by, Part::Recorded(imported.issued().issued_at()))?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn set_status(&self, coupon: &CouponId, status: Status, edit: &Edit) -> Result<u32, Failure> {
        let coupon = self.with_status(coupon, status)?;
        self.revise(&coupon, EditKind::StatusSet, edit)
    }

    fn with_status(&self, coupon: &CouponId, status: Status) -> Result<Coupon, Failure> {
        let status = serde_json::to_value(status).map_err(StoreError::backend)?;
        with(&self.defined(coupon)?.current, "status", status.as_str().unwrap_or_default())
    }

    pub(crate) fn kill(&self, coupon: &CouponId, edit: &Edit) -> Result<u32, Failure> {
        let before = self.defined(coupon)?;
        let inactive = self.with_status(coupon, Status::Inactive)?;
        let revision = self.put_revision(&inactive)?.map_or(inactive.revision(), |(_, after)| after);
        if before.killed_through < revision {
            let sql = "UPDATE definition SET killed_through = ?3 WHERE shop = ?1 AND coupon = ?2";
            self.run(sql, (self.shop, coupon.as_str(), revision))?;
            self.note(coupon, EditKind::Killed, (Some(before.current.revision()), revision), edit)?;
        }
        Ok(revision)
    }
}
