//! Counters: what is used for good, who has which part of it, and how a part comes and goes.

use chrono::{DateTime, Utc};
use vouchsafe::store::rules::missing;
use vouchsafe::{CounterKey, CounterState, Redemption, Reference};

use crate::step::{Failure, Rows, document, json, nanos};

/// Until when, or since when, a part is somebody's.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// A hold has it before an instant.
    Held(DateTime<Utc>),
    /// It was recorded at an instant, for good.
    Recorded(DateTime<Utc>),
}

/// Who has parts: an order or claim by its reference, or a code that was imported.
pub(crate) fn owner(reference: &Reference) -> Result<String, Failure> {
    json(reference)
}

impl Rows<'_> {
    /// What others than this owner have taken of a counter by an instant: of what was recorded, all or that from `since` on.
    pub(crate) fn taken(
        &self,
        key: &CounterKey,
        owner: &str,
        at: DateTime<Utc>,
        since: Option<DateTime<Utc>>,
    ) -> Result<CounterState, Failure> {
        let counter = json(key)?;
        let used = match since {
            None => {
                let used = self.used(&counter)?;
                used.saturating_sub(self.figure(
                    "SELECT amount FROM part WHERE shop = ?1 AND owner = ?2 AND counter = ?3 AND at IS NOT NULL",
                    (self.shop, owner, &counter),
                )?)
            }
            Some(since) => self.figure(
                "SELECT coalesce(sum(amount), 0) FROM part
                 WHERE shop = ?1 AND counter = ?2 AND at >= ?3 AND owner <> ?4",
                (self.shop, &counter, nanos(since)?, owner),
            )?,
        };
        let held = self.figure(
            "SELECT coalesce(sum(amount), 0) FROM part
             WHERE shop = ?1 AND counter = ?2 AND until > ?3 AND owner <> ?4",
            (self.shop, &counter, nanos(self.grace.lapsed_through(at))?, owner),
        )?;
        Ok(CounterState::new(used, held))
    }

    fn used(&self, counter: &str) -> Result<u64, Failure> {
        self.figure("SELECT used FROM counter WHERE shop = ?1 AND counter = ?2", (self.shop, counter))
    }

    /// How far a counter has gone, whoever took it.
    pub(crate) fn counter(&self, key: &CounterKey, at: DateTime<Utc>) -> Result<CounterState, Failure> {
        self.taken(key, "", at, None)
    }

    pub(crate) fn counters(&self, at: DateTime<Utc>) -> Result<Vec<(CounterKey, CounterState)>, Failure> {
        let sql = "SELECT counter FROM counter WHERE shop = ?1";
        let mut keys: Vec<CounterKey> = self.all(sql, [self.shop], |row| document(row, "counter"))?;
        keys.sort();
        keys.into_iter().map(|key| Ok((key.clone(), self.counter(&key, at)?))).collect()
    }

    /// What recording this takes: its deltas, in the order of their keys, and what later terms of its coupons count besides.
    pub(crate) fn takes(&self, redemption: &Redemption) -> Result<Vec<(CounterKey, u64)>, Failure> {
        let deltas = redemption.deltas().iter();
        let mut taken: Vec<(CounterKey, u64)> = deltas.map(|delta| (delta.key().clone(), delta.by())).collect();
        for redeemed in redemption.coupons() {
            let Some(definition) = self.definition(&redeemed.coupon)? else { continue };
            if definition.current.revision() != redeemed.revision {
                taken.extend(missing(redemption, &taken, &definition.current));
            }
        }
        Ok(taken)
    }

    /// Gives an owner a part of a counter. Whether there is room was asked before, under the same lock.
    pub(crate) fn take(&self, owner: &str, key: &CounterKey, by: u64, part: Part) -> Result<(), Failure> {
        let (until, at, used) = match part {
            Part::Held(until) => (Some(nanos(until)?), None, 0),
            Part::Recorded(at) => (None, Some(nanos(at)?), by),
        };
        let counter = json(key)?;
        self.run(
            "INSERT INTO counter (shop, counter, used) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET used = used + excluded.used",
            (self.shop, &counter, used),
        )?;
        self.run(
            "INSERT INTO part (shop, owner, counter, amount, until, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (self.shop, owner, &counter, by, until, at),
        )
    }

    /// The parts that an owner has, held or recorded.
    pub(crate) fn parts(&self, owner: &str) -> Result<Vec<(CounterKey, u64)>, Failure> {
        let sql = "SELECT counter, amount FROM part WHERE shop = ?1 AND owner = ?2";
        self.all(sql, (self.shop, owner), |row| Ok((document(row, "counter")?, row.get("amount")?)))
    }

    /// Takes recorded parts back: those of the counters that are wanted back. A part is gone afterwards, so nothing is given
    /// back twice.
    pub(crate) fn give_back(&self, owner: &str, wanted: impl Fn(&CounterKey) -> bool) -> Result<(), Failure> {
        for (key, by) in self.parts(owner)?.iter().filter(|(key, _)| wanted(key)) {
            let counter = json(key)?;
            self.run(
                "UPDATE counter SET used = used - ?3 WHERE shop = ?1 AND counter = ?2",
                (self.shop, &counter, by),
            )?;
            self.run("DELETE FROM part WHERE shop = ?1 AND owner = ?2 AND counter = ?3", (self.shop, owner, &counter))?;
        }
        Ok(())
    }

    /// Takes a hold away, live or lapsed, with all its parts.
    pub(crate) fn drop_hold(&self, owner: &str) -> Result<(), Failure> {
        let held = "DELETE FROM part WHERE shop = ?1 AND owner = ?2 AND until IS NOT NULL";
        self.run(held, (self.shop, owner))?;
        self.run("DELETE FROM hold WHERE shop = ?1 AND reference = ?2", (self.shop, owner))
    }

    /// Takes away the lapsed holds on the counters that are about to be taken from. Whoever comes with a clock that is behind
    /// must not find alive what has made room for somebody else.
    pub(crate) fn sweep(&self, redemption: &Redemption, at: DateTime<Utc>) -> Result<(), Failure> {
        let lapsed = nanos(self.grace.lapsed_through(at))?;
        for delta in redemption.deltas() {
            let sql = "SELECT owner FROM part WHERE shop = ?1 AND counter = ?2 AND until <= ?3";
            let owners: Vec<String> =
                self.all(sql, (self.shop, json(delta.key())?, lapsed), |row| Ok(row.get("owner")?))?;
            for owner in owners {
                self.drop_hold(&owner)?;
            }
        }
        Ok(())
    }
}
