//! What is over, taken away step by step.

use chrono::{DateTime, Utc};

use crate::request::Reference;
use crate::store::{Purge, Purged};

use super::MemoryStore;
use super::state::State;

impl MemoryStore {
    /// One step of taking away what is over: lapsed holds, and records that were written before an instant where that is
    /// asked, the oldest first, at most so many of each. Ask again until it is [done](Purged::is_done).
    ///
    /// Lapsed holds are never in the way; this only gives memory back. What a record raised counters by stays counted,
    /// types and points stay as it left them, and a code that was used stays used. But whoever asks later for a record that
    /// is gone, to void or amend it or to return its points, is told that there is none; a commit under its reference is a
    /// new one; and a limit that a later revision adds does not count it. So purge what is older than any of these may come.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let (order, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::id("42")?]));
    /// let at = parse_instant("2026-03-29T12:00:00Z")?;
    /// let outcome = shop.evaluate(&Request::new(&order, &ann, Reference::Order("o-1".parse()?), at))?;
    /// let mut store = MemoryStore::new();
    /// block_on(store.commit(&outcome.redemption()?, at))?;
    ///
    /// let now = parse_instant("2033-01-01T00:00:00Z")?;
    /// let step = Purge::holds(now, 500).with_records_before(parse_instant("2027-01-01T00:00:00Z")?);
    /// let (mut records, mut done) = (0, false);
    /// while !done {
    ///     let purged = store.purge(&step);
    ///     records += purged.records;
    ///     done = purged.is_done();
    /// }
    /// assert_eq!((records, store.records().len()), (1, 0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn purge(&self, what: &Purge) -> Purged {
        let mut state = self.lock();
        let holds = state.purge_holds(what.at, what.most());
        let records = what.records_before.map_or(0, |before| state.purge_records(before, what.most()));
        Purged { holds, records }
    }
}

impl State {
    fn purge_holds(&mut self, at: DateTime<Utc>, most: usize) -> u64 {
        let now = self.lapsed_through(at);
        let lapsed = self.holds.iter().filter(|(_, hold)| hold.until <= now);
        let gone = first(lapsed.map(|(reference, hold)| ((hold.until, reference.clone()), reference.clone())), most);
        for reference in &gone {
            self.drop_hold(reference);
        }
        count(&gone)
    }

    fn purge_records(&mut self, before: DateTime<Utc>, most: usize) -> u64 {
        let old = self.records.iter().filter(|(_, record)| record.at < before);
        let gone = first(old.map(|(reference, record)| ((record.at, record.place), reference.clone())), most);
        for record in gone.iter().filter_map(|reference| self.records.remove(reference)) {
            self.log.remove(&record.place);
            for redeemed in record.redemption.coupons().iter().filter(|_| !record.uses_given_back) {
                let uses = self.purged.entry((redeemed.coupon.clone(), redeemed.code.clone())).or_default();
                *uses = uses.saturating_add(1);
            }
        }
        count(&gone)
    }
}

/// The references that come first, so many at most.
fn first<K: Ord>(found: impl Iterator<Item = (K, Reference)>, most: usize) -> Vec<Reference> {
    let mut found: Vec<(K, Reference)> = found.collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.into_iter().take(most).map(|(_, reference)| reference).collect()
}

fn count(gone: &[Reference]) -> u64 {
    u64::try_from(gone.len()).unwrap_or(u64::MAX)
}
