//! A customer is forgotten: pseudonyms stand in the place of the keys, and every figure stays.

use std::collections::HashMap;
use std::sync::Arc;

use crate::customer::{IdentityKey, Pseudonyms};
use crate::key::OccasionId;
use crate::outcome::{CounterKey, Redemption};
use crate::store::Forgotten;

use super::MemoryStore;
use super::codes::CodeEntry;
use super::state::{State, Taken};

impl MemoryStore {
    /// Forgets a customer: a pseudonym, `other:forgotten-1`, stands in the place of each of these keys, wherever one is
    /// stored. Give every key that the customer had; [`records_of`](Self::records_of) shows those that were used together.
    ///
    /// Counters stay right: what was used is what is recorded, in total, for each code, and for each pseudonym. Who comes
    /// back with a key that was forgotten is a new customer, with no uses, no types and no points; a personal code that the
    /// customer had is nobody's any more. A repeat of an order that was recorded before is [`Commit::Different`], a change
    /// of it [`Amend::Different`], since the customer of both is somebody else by now; it can be voided, and its points be
    /// returned, by its reference.
    ///
    /// What hosts wrote into texts of their own (notes, causes, names of occasions) is for them to look after.
    ///
    /// **Atomic:** all of it. **Wrong answers that lose money:** a counter that loses its uses with the name.
    ///
    /// [`Commit::Different`]: crate::Commit::Different
    /// [`Amend::Different`]: crate::Amend::Different
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let (order, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::id("42")?]));
    /// let (reference, at) = (Reference::Order("o-1".parse()?), parse_instant("2026-03-29T12:00:00Z")?);
    /// let outcome = shop.evaluate(&Request::new(&order, &ann, reference.clone(), at))?;
    /// let mut store = MemoryStore::new();
    /// block_on(store.commit(&outcome.redemption()?, at))?;
    ///
    /// let forgotten = store.forget(ann.keys());
    /// assert_eq!(forgotten.pseudonyms[0].to_string(), "other:forgotten-1");
    /// assert_eq!(forgotten.changed, 1);
    /// assert!(store.records_of(ann.keys()).is_empty());
    /// assert_eq!(store.record(&reference).ok_or("gone")?.redemption.customer(), forgotten.pseudonyms);
    /// # Ok(())
    /// # }
    /// ```
    pub fn forget(&self, keys: &[IdentityKey]) -> Forgotten {
        self.lock().forget(keys)
    }
}

impl State {
    fn forget(&mut self, keys: &[IdentityKey]) -> Forgotten {
        let names = Pseudonyms::new(keys, self.forgotten);
        self.forgotten = self.forgotten.saturating_add(Pseudonyms::wanted(keys));
        let changes = [
            self.forget_redemptions(&names),
            self.forget_codes(&names),
            self.forget_counters(&names),
            self.types.forget(&names),
            self.points.forget(&names),
        ];
        let pseudonyms = keys.iter().filter_map(|key| names.of(key).cloned()).collect();
        Forgotten { pseudonyms, changed: changes.into_iter().fold(0, u64::saturating_add) }
    }

    /// In records and holds, with what became of them since.
    fn forget_redemptions(&mut self, names: &Pseudonyms) -> u64 {
        let mut changed = 0_u64;
        for record in self.records.values_mut() {
            for (_, _, amended) in &mut record.amendments {
                forget_redemption(amended, names);
            }
            forget_taken(&mut record.taken, names);
            if forget_redemption(&mut record.redemption, names) {
                changed = changed.saturating_add(1);
            }
        }
        for hold in self.holds.values_mut() {
            forget_taken(&mut hold.taken, names);
            if forget_redemption(&mut hold.redemption, names) {
                changed = changed.saturating_add(1);
            }
        }
        changed
    }

    fn forget_codes(&mut self, names: &Pseudonyms) -> u64 {
        let (mut changed, parts) = (0_u64, names.parts_of_occasions());
        let names_any = |occasion: &&OccasionId| parts.iter().any(|part| occasion.as_str().contains(part));
        for issued in self.codes.values_mut().filter_map(CodeEntry::issued_mut) {
            let holder = issued.holder.as_mut().is_some_and(|holder| names.replace(holder));
            let occasion = issued.occasion.as_ref().filter(names_any);
            let occasion = occasion.and_then(|occasion| names.occasion(occasion));
            if holder || occasion.is_some() {
                changed = changed.saturating_add(1);
            }
            if let Some(occasion) = occasion {
                issued.occasion = Some(occasion);
            }
        }
        let occasions = std::mem::take(&mut self.occasions).into_iter();
        let renamed = occasions.map(|((coupon, mut customer, occasion), code)| {
            if let Some(customer) = &mut customer {
                names.replace(customer);
            }
            let occasion = names.occasion(&occasion).unwrap_or(occasion);
            ((coupon, customer, occasion), code)
        });
        self.occasions = renamed.collect();
        for import in &mut self.imports {
            forget_taken(&mut import.taken, names);
            for uses in &mut import.uses {
                names.replace_all(&mut uses.by);
            }
        }
        changed
    }

    fn forget_counters(&mut self, names: &Pseudonyms) -> u64 {
        let renamed = self.counters.keys().filter_map(|key| Some((key.clone(), key.forgetting(names)?)));
        let renamed: HashMap<CounterKey, CounterKey> = renamed.collect();
        let mut changed = 0_u64;
        for (key, pseudonym) in renamed {
            if let Some(counter) = self.counters.remove(&key) {
                changed = changed.saturating_add(u64::from(!counter.is_empty()));
                self.counters.insert(pseudonym, counter);
            }
        }
        changed
    }
}

fn forget_redemption(redemption: &mut Arc<Redemption>, names: &Pseudonyms) -> bool {
    let Some(forgotten) = redemption.forgetting(names) else { return false };
    *redemption = Arc::new(forgotten);
    true
}

fn forget_taken(taken: &mut Taken, names: &Pseudonyms) {
    for (key, _) in taken.iter_mut() {
        if let Some(pseudonym) = key.forgetting(names) {
            *key = pseudonym;
        }
    }
}
