//! What was recorded, read again: by reference, by definition, by customer, page by page.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::Row;
use vouchsafe::store::rules::Undone;
use vouchsafe::{Code, CouponId, IdentityKey, Page, PointsBalance, Redemption, Reference, UsageRecord};

use crate::counters::owner;
use crate::step::{Failure, Rows, document, instant, json, maybe_instant};

/// A row of `record`.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) place: i64,
    pub(crate) redemption: Arc<Redemption>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) voided_at: Option<DateTime<Utc>>,
    uses_back: bool,
    allowances_back: bool,
    /// Codes that were nobody's before.
    pub(crate) bound: Vec<Code>,
    /// The place of the last change of types before it.
    pub(crate) types_before: i64,
    pub(crate) points_before: PointsBalance,
    pub(crate) undone: Undone,
}

impl Record {
    fn read(row: &Row<'_>) -> Result<Self, Failure> {
        Ok(Self {
            place: row.get("place")?,
            redemption: Arc::new(document(row, "document")?),
            at: instant(row, "at")?,
            voided_at: maybe_instant(row, "voided_at")?,
            uses_back: row.get("uses_back")?,
            allowances_back: row.get("allowances_back")?,
            bound: document(row, "bound")?,
            types_before: row.get("types_before")?,
            points_before: PointsBalance::new(row.get("balance_before")?, row.get("held_before")?),
            undone: Undone { given_back: row.get("given_back")?, taken_back: row.get("taken_back")? },
        })
    }

    pub(crate) fn gave_uses_back(&self) -> bool {
        self.uses_back
    }

    /// As the log shows it.
    pub(crate) fn told(self) -> UsageRecord {
        let mut told = UsageRecord::new(self.redemption, self.at).at_place(u64::try_from(self.place).unwrap_or(0));
        told.voided_at = self.voided_at;
        (told.uses_given_back, told.allowances_given_back) = (self.uses_back, self.allowances_back);
        told
    }
}

impl Rows<'_> {
    pub(crate) fn record_of(&self, reference: &Reference) -> Result<Option<Record>, Failure> {
        let sql = "SELECT * FROM record WHERE shop = ?1 AND reference = ?2";
        self.first(sql, (self.shop, owner(reference)?), Record::read)
    }

    pub(crate) fn records(&self, page: Page) -> Result<Vec<UsageRecord>, Failure> {
        let sql = "SELECT * FROM record WHERE shop = ?1 AND place > ?2 ORDER BY place LIMIT ?3";
        self.all(sql, (self.shop, page.place(), page.limit()), |row| Ok(Record::read(row)?.told()))
    }

    /// Every record with a use of a definition, voided ones among them.
    pub(crate) fn records_with(&self, coupon: &CouponId) -> Result<Vec<Record>, Failure> {
        let sql = "SELECT * FROM record WHERE place IN (SELECT place FROM used WHERE shop = ?1 AND coupon = ?2)";
        self.all(sql, (self.shop, coupon.as_str()), Record::read)
    }

    pub(crate) fn usage_log(&self, coupon: &CouponId, page: Page) -> Result<Vec<UsageRecord>, Failure> {
        let sql = "SELECT * FROM record
                   WHERE place > ?3 AND place IN (SELECT place FROM used WHERE shop = ?1 AND coupon = ?2)
                   ORDER BY place LIMIT ?4";
        let values = (self.shop, coupon.as_str(), page.place(), page.limit());
        self.all(sql, values, |row| Ok(Record::read(row)?.told()))
    }

    pub(crate) fn records_of(&self, keys: &[IdentityKey], page: Page) -> Result<Vec<UsageRecord>, Failure> {
        let keys: Vec<String> = keys.iter().map(json).collect::<Result<_, _>>()?;
        let sql = "SELECT * FROM record
                   WHERE place > ?3 AND place IN (
                       SELECT place FROM buyer WHERE shop = ?1 AND customer IN (SELECT value FROM json_each(?2)))
                   ORDER BY place LIMIT ?4";
        let values = (self.shop, json(&keys)?, page.place(), page.limit());
        self.all(sql, values, |row| Ok(Record::read(row)?.told()))
    }
}
