//! Life with the data: a customer is forgotten, what is over is purged, and every figure stays.

use vouchsafe::{CounterKey, Forgotten, IdentityKey, ImportedCode, IssuedCode, Pseudonyms, Purge, Purged, Redemption};

use crate::checkout::Hold;
use crate::codes::occasion_key;
use crate::step::{Failure, Rows, document, instant, json, maybe, nanos};

impl Rows<'_> {
    /// Puts a pseudonym in the place of each key, wherever one is stored. Every document of the shop is looked at once, with
    /// the lock held: right and plain, and for a shop with many orders a job for the night.
    pub(crate) fn forget(&self, keys: &[IdentityKey]) -> Result<Forgotten, Failure> {
        let last = self.figure("SELECT last FROM pseudonym WHERE shop = ?1", [self.shop])?;
        let names = Pseudonyms::new(keys, last);
        let sql = "INSERT INTO pseudonym (shop, last) VALUES (?1, ?2)
                   ON CONFLICT DO UPDATE SET last = excluded.last";
        self.run(sql, (self.shop, names.last()))?;
        let changed = self.forget_redemptions(&names)?
            + self.forget_counters(&names)?
            + self.forget_codes(&names)?
            + self.forget_types(&names)?
            + self.forget_accounts(&names)?;
        let pseudonyms = keys.iter().filter_map(|key| names.of(key).cloned()).collect();
        Ok(Forgotten::new(pseudonyms, changed))
    }

    /// Records, holds, and what became of them since.
    fn forget_redemptions(&self, names: &Pseudonyms) -> Result<u64, Failure> {
        let mut changed = 0;
        for (table, counts) in [("record", 1), ("hold", 1), ("amendment", 0)] {
            let sql = format!("SELECT rowid AS id, document FROM {table} WHERE shop = ?1");
            let documents: Vec<(i64, Redemption)> =
                self.all(&sql, [self.shop], |row| Ok((row.get("id")?, document(row, "document")?)))?;
            for (id, redemption) in documents {
                let Some(forgotten) = redemption.forgetting(names) else { continue };
                let sql = format!("UPDATE {table} SET document = ?2 WHERE rowid = ?1");
                self.run(&sql, (id, json(&forgotten)?))?;
                changed += counts;
            }
        }
        self.rename("buyer", "customer", names)?;
        self.rename("hold", "account", names)?;
        Ok(changed)
    }

    /// Writes the pseudonyms into a column of keys.
    fn rename(&self, table: &str, column: &str, names: &Pseudonyms) -> Result<(), Failure> {
        for (key, pseudonym) in names.pairs() {
            let sql = format!("UPDATE {table} SET {column} = ?3 WHERE shop = ?1 AND {column} = ?2");
            self.run(&sql, (self.shop, json(key)?, json(pseudonym)?))?;
        }
        Ok(())
    }

    fn forget_counters(&self, names: &Pseudonyms) -> Result<u64, Failure> {
        let mut changed = 0;
        let keys: Vec<CounterKey> =
            self.all("SELECT counter FROM counter WHERE shop = ?1", [self.shop], |row| document(row, "counter"))?;
        for key in keys {
            let Some(forgotten) = key.forgetting(names) else { continue };
            let (from, to) = (json(&key)?, json(&forgotten)?);
            let sql = "SELECT (SELECT used FROM counter WHERE shop = ?1 AND counter = ?2)
                            + (SELECT count(*) FROM part WHERE shop = ?1 AND counter = ?2)";
            changed += u64::from(self.figure(sql, (self.shop, &from))? > 0);
            for table in ["counter", "part"] {
                let sql = format!("UPDATE {table} SET counter = ?3 WHERE shop = ?1 AND counter = ?2");
                self.run(&sql, (self.shop, &from, &to))?;
            }
        }
        Ok(changed)
    }

    fn forget_codes(&self, names: &Pseudonyms) -> Result<u64, Failure> {
        let mut changed = 0;
        let sql = "SELECT place, document, bound FROM code WHERE shop = ?1 AND state = 'issued'";
        let codes: Vec<(i64, IssuedCode, Option<IdentityKey>)> = self
            .all(sql, [self.shop], |row| Ok((row.get("place")?, document(row, "document")?, maybe(row, "bound")?)))?;
        for (place, mut issued, mut bound) in codes {
            let holder = issued.holder().and_then(|holder| names.of(holder)).cloned();
            let occasion = issued.occasion().and_then(|occasion| names.occasion(occasion));
            let rebound = bound.as_mut().is_some_and(|bound| names.replace(bound));
            if holder.is_none() && occasion.is_none() && !rebound {
                continue;
            }
            issued = holder.into_iter().fold(issued, IssuedCode::with_holder);
            issued = occasion.into_iter().fold(issued, IssuedCode::with_occasion);
            let bound = bound.as_ref().map(json).transpose()?;
            let sql = "UPDATE code SET document = ?2, bound = ?3, occasion = ?4 WHERE place = ?1";
            self.run(sql, (place, json(&issued)?, bound, occasion_key(issued.holder(), issued.occasion())?))?;
            changed += 1;
        }
        let sql = "SELECT rowid AS id, document FROM imported WHERE shop = ?1";
        let imported: Vec<(i64, ImportedCode)> =
            self.all(sql, [self.shop], |row| Ok((row.get("id")?, document(row, "document")?)))?;
        for (id, before) in imported {
            let mut after = ImportedCode::new(before.issued().clone());
            for (by, times) in before.each_use() {
                let mut by = by.to_vec();
                names.replace_all(&mut by);
                after = after.used(by, times);
            }
            self.run("UPDATE imported SET document = ?2 WHERE rowid = ?1", (id, json(&after)?))?;
        }
        Ok(changed)
    }

    fn forget_types(&self, names: &Pseudonyms) -> Result<u64, Failure> {
        let mut changed = 0;
        let sql = "SELECT place, customer FROM type_change WHERE shop = ?1";
        let customers: Vec<(i64, Vec<IdentityKey>)> =
            self.all(sql, [self.shop], |row| Ok((row.get("place")?, document(row, "customer")?)))?;
        for (place, mut customer) in customers {
            if names.replace_all(&mut customer) {
                self.run("UPDATE type_change SET customer = ?2 WHERE place = ?1", (place, json(&customer)?))?;
                changed += 1;
            }
        }
        self.rename("type_key", "customer", names)?;
        Ok(changed)
    }

    fn forget_accounts(&self, names: &Pseudonyms) -> Result<u64, Failure> {
        let mut changed = 0;
        for (key, _) in names.pairs() {
            let sql = "SELECT count(*) FROM account WHERE shop = ?1 AND account = ?2 AND balance > 0";
            changed += self.figure(sql, (self.shop, json(key)?))?;
        }
        self.rename("account", "account", names)?;
        self.rename("credit", "account", names)?;
        Ok(changed)
    }

    /// One small step. What a record raised counters by stays counted.
    pub(crate) fn purge(&self, what: &Purge) -> Result<Purged, Failure> {
        let sql = "SELECT reference FROM hold WHERE shop = ?1 AND until <= ?2 ORDER BY until LIMIT ?3";
        let values = (self.shop, nanos(self.grace.lapsed_through(what.at()))?, what.limit());
        let lapsed: Vec<String> = self.all(sql, values, |row| Ok(row.get("reference")?))?;
        for reference in &lapsed {
            self.drop_hold(reference)?;
        }
        let mut records = 0;
        if let Some(before) = what.records_before() {
            let sql = "SELECT place, reference FROM record WHERE shop = ?1 AND at < ?2 ORDER BY at, place LIMIT ?3";
            let old: Vec<(i64, String)> = self.all(sql, (self.shop, nanos(before)?, what.limit()), |row| {
                Ok((row.get("place")?, row.get("reference")?))
            })?;
            for (place, reference) in &old {
                self.purge_record(*place, reference)?;
                records += 1;
            }
        }
        Ok(Purged::new(u64::try_from(lapsed.len()).unwrap_or(u64::MAX), records))
    }

    fn purge_record(&self, place: i64, reference: &str) -> Result<(), Failure> {
        for table in ["amendment", "points_return"] {
            let sql = format!("DELETE FROM {table} WHERE shop = ?1 AND reference = ?2");
            self.run(&sql, (self.shop, reference))?;
        }
        self.run("DELETE FROM buyer WHERE place = ?1", [place])?;
        self.run("UPDATE used SET place = NULL WHERE place = ?1", [place])?;
        // What it raised counters by stays in their sums. Its parts of allowances stay too, nobody's by now: the last days are
        // added up from them.
        for (key, _) in self.parts(reference)?.iter().filter(|(key, _)| key.allowance().is_none()) {
            let sql = "DELETE FROM part WHERE shop = ?1 AND owner = ?2 AND counter = ?3";
            self.run(sql, (self.shop, reference, json(key)?))?;
        }
        let sql = "UPDATE part SET owner = 'purged ' || ?3 WHERE shop = ?1 AND owner = ?2";
        self.run(sql, (self.shop, reference, place))?;
        self.run("DELETE FROM record WHERE place = ?1", [place])
    }

    /// Every hold, live or lapsed.
    pub(crate) fn holds(&self) -> Result<Vec<Hold>, Failure> {
        self.all("SELECT until, document FROM hold WHERE shop = ?1", [self.shop], |row| {
            Ok(Hold { until: instant(row, "until")?, redemption: document(row, "document")? })
        })
    }
}
