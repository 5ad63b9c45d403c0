//! Customers' types: every change is a row, what somebody holds is what is left after all of them, and a void adds to the
//! log and takes nothing away.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use vouchsafe::store::rules::{TypeEntry, TypeLog};
use vouchsafe::{Customer, CustomerTypeId, HeldTypes, IdentityKey, Redemption, Reference, TypeRecord};

use crate::counters::owner;
use crate::step::{Failure, Rows, document, instant, json, nanos};

/// A row of `type_change`, with its place.
fn entry(row: &Row<'_>) -> Result<(i64, TypeEntry), Failure> {
    let (customer, change) = (document(row, "customer")?, document(row, "document")?);
    let mut record = TypeRecord::new(customer, change, instant(row, "at")?, document(row, "reference")?);
    record.reverts = row.get("reverts")?;
    let entry = TypeEntry { record, reverted: row.get("reverted")?, due: row.get("due")? };
    Ok((row.get("place")?, entry))
}

impl Rows<'_> {
    /// What is stored under any of these keys, oldest first, up to a place if one is given.
    fn changes(&self, keys: &[IdentityKey], through: Option<i64>) -> Result<Vec<(i64, TypeEntry)>, Failure> {
        let keys: Vec<String> = keys.iter().map(json).collect::<Result<_, _>>()?;
        self.all(
            "SELECT * FROM type_change WHERE place <= ?3 AND place IN (
                 SELECT place FROM type_key WHERE shop = ?1 AND customer IN (SELECT value FROM json_each(?2)))
             ORDER BY place",
            (self.shop, json(&keys)?, through.unwrap_or(i64::MAX)),
            entry,
        )
    }

    /// What a customer holds, with its revision: the number of changes, which only ever rises.
    pub(crate) fn types(&self, keys: &[IdentityKey], through: Option<i64>) -> Result<HeldTypes, Failure> {
        let (mut held, changes) = (HeldTypes::default(), self.changes(keys, through)?);
        for (_, entry) in &changes {
            held.apply(&entry.record.change);
        }
        Ok(held.with_revision(u64::try_from(changes.len()).unwrap_or(u64::MAX)))
    }

    pub(crate) fn type_history(&self, key: &IdentityKey) -> Result<Vec<TypeRecord>, Failure> {
        let changes = self.changes(std::slice::from_ref(key), None)?;
        Ok(changes.into_iter().map(|(_, entry)| entry.record).collect())
    }

    /// One pass over the log; a shop with many members would keep what they hold in rows of its own.
    pub(crate) fn customers_of_type(
        &self,
        customer_type: &CustomerTypeId,
        at: DateTime<Utc>,
    ) -> Result<Vec<Customer>, Failure> {
        let sql = "SELECT * FROM type_change WHERE shop = ?1 ORDER BY place";
        let mut log = TypeLog::default();
        for (_, entry) in self.all(sql, [self.shop], entry)? {
            log.add(entry);
        }
        Ok(log.customers_of(customer_type, at))
    }

    /// Writes the changes of a redemption; says which place was the last one before.
    pub(crate) fn write_types(&self, redemption: &Redemption, at: DateTime<Utc>) -> Result<i64, Failure> {
        let before = self.first("SELECT coalesce(max(place), 0) FROM type_change", (), |row| Ok(row.get(0)?))?;
        for change in redemption.type_changes() {
            let (customer, reference) = (redemption.counted().to_vec(), redemption.reference().clone());
            let record = TypeRecord::new(customer, change.clone(), at, reference);
            self.write_change(&TypeEntry { record, reverted: false, due: false })?;
        }
        Ok(before.unwrap_or(0))
    }

    fn write_change(&self, entry: &TypeEntry) -> Result<(), Failure> {
        let TypeRecord { customer, change, at, reference, reverts, .. } = &entry.record;
        self.run(
            "INSERT INTO type_change (shop, reference, at, reverts, reverted, due, customer, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                self.shop,
                owner(reference)?,
                nanos(*at)?,
                reverts,
                entry.reverted,
                entry.due,
                json(customer)?,
                json(change)?,
            ),
        )?;
        let place = self.db.last_insert_rowid();
        for key in customer {
            let sql = "INSERT INTO type_key (shop, customer, place) VALUES (?1, ?2, ?3)";
            self.run(sql, (self.shop, json(key)?, place))?;
        }
        Ok(())
    }

    /// Sets the changes of a record back, by the rules of the log; says whether any was.
    pub(crate) fn revert_types(&self, reference: &Reference, at: DateTime<Utc>) -> Result<bool, Failure> {
        let sql = "SELECT * FROM type_change WHERE shop = ?1 AND reference = ?2 AND NOT reverts ORDER BY place";
        let own = self.all(sql, (self.shop, owner(reference)?), entry)?;
        let keys = own.iter().flat_map(|(_, entry)| entry.record.customer.clone()).collect();
        let stored = self.changes_that_hang_together(keys)?;
        let (mut log, mut places) = (TypeLog::default(), Vec::new());
        for (place, entry) in &stored {
            let at = log.add(entry.clone());
            places.extend(own.iter().any(|(own, _)| own == place).then_some(at));
        }
        let any = log.revert(&places, at);
        for ((place, before), after) in stored.iter().zip(log.entries()) {
            if before != after {
                let sql = "UPDATE type_change SET reverted = ?2, due = ?3 WHERE place = ?1";
                self.run(sql, (place, after.reverted, after.due))?;
            }
        }
        for new in log.entries().iter().skip(stored.len()) {
            self.write_change(new)?;
        }
        Ok(any)
    }

    /// Every change under these keys, and under all keys that were ever given together with one of them.
    fn changes_that_hang_together(&self, mut keys: Vec<IdentityKey>) -> Result<Vec<(i64, TypeEntry)>, Failure> {
        loop {
            let (known, changes) = (keys.len(), self.changes(&keys, None)?);
            keys.extend(changes.iter().flat_map(|(_, entry)| entry.record.customer.clone()));
            keys.sort();
            keys.dedup();
            if keys.len() == known {
                return Ok(changes);
            }
        }
    }
}
