//! Which types customers hold: every change as it was recorded, and what is left after all of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::customer::{Customer, HeldTypes, IdentityKey, Pseudonyms};
use crate::key::CustomerTypeId;
use crate::outcome::{Redemption, TypeChange};
use crate::request::Reference;

use super::audience::Audience;

/// One change of a customer's types, as it was committed or set back. Each names its cause, its time, and what was
/// before (S12).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .customer_type("WHOLESALE".parse()?)
///     .build()?;
/// let (nothing, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::id("42")?]));
/// let (claim, at) = (Reference::Claim("c-1".parse()?), parse_instant("2026-03-01T12:00:00Z")?);
/// let assignment = TypeAssignment::new("WHOLESALE".parse()?, AssignWhen::OnCommit);
/// let events = [TypeEvent::Administrator { actor: "eve".parse()?, assignment }];
/// let outcome = shop.evaluate(&Request::new(&nothing, &ann, claim.clone(), at).with_type_events(&events))?;
///
/// let mut store = MemoryStore::new();
/// block_on(store.commit(&outcome.redemption()?, at))?;
/// block_on(store.void(&claim, OnVoid::KEEP.with_type_reverted(true), at))?;
/// let history = store.type_history(&IdentityKey::id("42")?);
/// assert_eq!(history[0].change.cause, TypeCause::Administrator { actor: "eve".parse()? });
/// assert_eq!(history[0].change.from, Some("RETAIL".parse()?));
/// assert!(history[1].reverts && history[1].change.to == Some("RETAIL".parse()?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeRecord {
    /// The identity keys that the type is stored under.
    pub customer: Vec<IdentityKey>,
    /// What changed. Where it sets a change back, that one turned round.
    pub change: TypeChange,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// The order or claim.
    pub reference: Reference,
    /// Whether this entry sets a change back.
    pub reverts: bool,
}

impl TypeRecord {
    /// A change that a redemption made. A store of the host's own says besides where it sets one back.
    #[must_use]
    pub fn new(customer: Vec<IdentityKey>, change: TypeChange, at: DateTime<Utc>, reference: Reference) -> Self {
        Self { customer, change, at, reference, reverts: false }
    }
}

/// A change of a customer's types with what became of it, as it lies in a [`TypeLog`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeEntry {
    /// The change.
    pub record: TypeRecord,
    /// A later entry sets it back.
    pub reverted: bool,
    /// It is to be set back as soon as no later change of the same stands.
    pub due: bool,
}

/// Changes of customers' types, oldest first, and what they come to. A store reads those of one customer into it, asks,
/// and writes back what is new: of every key that was ever given together with one of the customer's, since a change may be
/// stored under any of them. [`TypeLog::customers_of`] takes the whole log.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::store::rules::TypeLog;
/// use vouchsafe::*;
///
/// # let year = TypeAssignment::membership("CLUB".parse()?, AssignWhen::OnCommit).lasting(AssignUntil::Days(365))?;
/// # let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
/// #     .customer_type("CLUB".parse()?)
/// #     .sign_up_assigns("club-form".parse()?, year)
/// #     .build()?;
/// # let (nothing, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::id("42")?]));
/// # let (claim, at) = (Reference::Claim("c-1".parse()?), parse_instant("2026-03-01T12:00:00Z")?);
/// # let events = [TypeEvent::SignUp("club-form".parse()?)];
/// # let outcome = shop.evaluate(&Request::new(&nothing, &ann, claim, at).with_type_events(&events))?;
/// let redemption = outcome.redemption()?; // it makes Ann a member of the club
/// let mut log = TypeLog::default();
/// let places = log.record(&redemption, at);
/// assert!(log.held(ann.keys(), None).is_member(&"CLUB".parse()?, at));
/// assert_eq!(log.revision(ann.keys(), None), 1);
///
/// // A void that turns types back adds an entry, and never takes one away.
/// assert!(log.revert(&places, at));
/// assert!(!log.held(ann.keys(), None).is_member(&"CLUB".parse()?, at));
/// assert!(log.entries()[0].reverted && log.entries()[1].record.reverts);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct TypeLog {
    entries: Vec<TypeEntry>,
    /// The places of the changes that are stored under a key.
    by_key: HashMap<IdentityKey, Vec<usize>>,
}

impl TypeLog {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Writes down the changes of a redemption; says at which places.
    pub fn record(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Vec<usize> {
        let (customer, reference) = (redemption.counted(), redemption.reference());
        let record = |change: &TypeChange| TypeRecord {
            customer: customer.to_vec(),
            change: change.clone(),
            at,
            reference: reference.clone(),
            reverts: false,
        };
        let records: Vec<TypeRecord> = redemption.type_changes().iter().map(record).collect();
        records.into_iter().map(|record| self.push(record)).collect()
    }

    fn push(&mut self, record: TypeRecord) -> usize {
        self.add(TypeEntry { record, reverted: false, due: false })
    }

    /// Adds a change that was written down before; says at which place, counted from zero.
    pub fn add(&mut self, entry: TypeEntry) -> usize {
        let place = self.entries.len();
        for key in &entry.record.customer {
            self.by_key.entry(key.clone()).or_default().push(place);
        }
        self.entries.push(entry);
        place
    }

    /// Every entry by its place: those that were added, and behind them what [reverting](Self::revert) added.
    #[must_use]
    pub fn entries(&self) -> &[TypeEntry] {
        &self.entries
    }

    /// The places of the changes that are stored under any of these keys, all or those before a place, oldest first.
    fn places(&self, keys: &[IdentityKey], before: Option<usize>) -> Vec<usize> {
        let of_keys = keys.iter().filter_map(|key| self.by_key.get(key)).flatten().copied();
        let mut places: Vec<usize> = of_keys.filter(|place| before.is_none_or(|before| *place < before)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// How many changes were made of what a customer holds, those that set back others among them. Entries are only ever
    /// added, so that for the same keys the same number stands for the same types.
    #[must_use]
    pub fn revision(&self, keys: &[IdentityKey], before: Option<usize>) -> u64 {
        u64::try_from(self.places(keys, before).len()).unwrap_or(u64::MAX)
    }

    /// What a customer holds after all changes, or after those before a place.
    #[must_use]
    pub fn held(&self, keys: &[IdentityKey], before: Option<usize>) -> HeldTypes {
        let mut held = HeldTypes::default();
        for place in self.places(keys, before) {
            if let Some(entry) = self.entries.get(place) {
                held.apply(&entry.record.change);
            }
        }
        held
    }

    /// Puts pseudonyms in the place of keys; says how many changes had one of them.
    pub(super) fn forget(&mut self, names: &Pseudonyms) -> u64 {
        let mut changed = 0_u64;
        for entry in &mut self.entries {
            if names.replace_all(&mut entry.record.customer) {
                changed = changed.saturating_add(1);
            }
        }
        for (key, pseudonym) in names.pairs() {
            if let Some(places) = self.by_key.remove(key) {
                self.by_key.insert(pseudonym.clone(), places);
            }
        }
        changed
    }

    /// Every change under a key, oldest first.
    pub(super) fn history(&self, key: &IdentityKey) -> Vec<TypeRecord> {
        let places = self.by_key.get(key).into_iter().flatten();
        places.filter_map(|place| self.entries.get(*place)).map(|entry| entry.record.clone()).collect()
    }

    /// Sets changes back, the last one first, but none over which a later change of the same stands for any of the
    /// customer's keys: that one waits until nothing does, so that no type is held in the end for which nothing stands.
    /// Says whether any was set back. What was set back already stays as it is, and so does an entry that set one back.
    pub fn revert(&mut self, places: &[usize], at: DateTime<Utc>) -> bool {
        let mut back: Vec<usize> = places.iter().rev().copied().filter(|place| self.set_back(*place, at)).collect();
        let any = !back.is_empty();
        while let Some(keys) = back.pop().and_then(|place| self.entries.get(place)).map(|e| e.record.customer.clone()) {
            let due = |place: &usize| self.entries.get(*place).is_some_and(|entry| entry.due && !entry.reverted);
            let waiting: Vec<usize> = self.places(&keys, None).into_iter().rev().filter(due).collect();
            back.extend(waiting.into_iter().filter(|place| self.set_back(*place, at)));
        }
        any
    }

    /// Sets one change back, or has it wait. It is set back under every key that a later change of the same was stored
    /// under, since what was before that one is what goes.
    fn set_back(&mut self, place: usize, at: DateTime<Utc>) -> bool {
        let open = |entry: &&TypeEntry| !entry.reverted && !entry.record.reverts;
        let Some(record) = self.entries.get(place).filter(open).map(|entry| &entry.record) else { return false };
        let later = self.places(&record.customer, None).into_iter().filter(|later| *later > place);
        let later = later.filter_map(|later| self.entries.get(later));
        let (mut covered, mut customer) = (false, record.customer.clone());
        for entry in later.filter(|entry| entry.record.change.concerns_same(&record.change)) {
            covered |= !entry.reverted && !entry.record.reverts;
            let new = entry.record.customer.iter().filter(|key| !customer.contains(key));
            let new: Vec<_> = new.cloned().collect();
            customer.extend(new);
        }
        let back = TypeRecord { customer, change: record.change.inverse(at), at, reverts: true, ..record.clone() };
        if let Some(entry) = self.entries.get_mut(place) {
            (entry.reverted, entry.due) = (!covered, covered);
        }
        if !covered {
            self.push(back);
        }
        !covered
    }

    /// The customers who hold a type at an instant, by their keys. Keys that were ever given together are one customer.
    #[must_use]
    pub fn customers_of(&self, customer_type: &CustomerTypeId, at: DateTime<Utc>) -> Vec<Customer> {
        let mut audience = Audience::default();
        for entry in self.entries() {
            audience.add(&entry.record.customer, entry.record.change.clone());
        }
        audience.of_type(customer_type, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_instant;
    use crate::coupon::{AssignWhen, TypeKind};
    use crate::customer::TypeTerm;
    use crate::key::OrderId;
    use crate::outcome::TypeCause;

    /// The membership is given, then made longer; both are turned back, and once more.
    #[test]
    fn what_was_turned_back_is_not_turned_back_again() {
        let at = parse_instant("2026-03-01T12:00:00Z").unwrap();
        let (ann, club) = (IdentityKey::id("42").unwrap(), CustomerTypeId::new("CLUB").unwrap());
        let cause = TypeCause::SignUp { form: "club-form".parse().unwrap() };
        let day = |days| at.checked_add_signed(chrono::TimeDelta::days(days));
        let change = |from: Option<&CustomerTypeId>, days: i64| TypeChange {
            kind: TypeKind::Membership,
            from: from.cloned(),
            to: Some(club.clone()),
            when: AssignWhen::OnCommit,
            since: Some(at),
            until: day(days),
            while_member_of: None,
            then: None,
            before: from.and_then(|_| day(30)).map(TypeTerm::until),
            cause: cause.clone(),
            at,
        };
        let reference = |id: &str| Reference::Order(OrderId::new(id).unwrap());
        let mut log = TypeLog::default();
        let first = log.push(TypeRecord::new(vec![ann.clone()], change(None, 30), at, reference("o-1")));
        let longer = log.push(TypeRecord::new(vec![ann.clone()], change(Some(&club), 60), at, reference("o-2")));
        let member = |log: &TypeLog| log.held(std::slice::from_ref(&ann), None).is_member(&club, at);
        assert!(log.revert(&[longer], at) && member(&log));
        assert!(log.revert(&[first], at) && !member(&log));
        let (entries, revision) = (log.entries().to_vec(), log.revision(std::slice::from_ref(&ann), None));
        for place in 0..entries.len() {
            assert!(!log.revert(&[place], at), "{place}");
        }
        assert!(!member(&log), "a membership that was voided comes back");
        assert_eq!((log.entries(), log.revision(std::slice::from_ref(&ann), None)), (entries.as_slice(), revision));
    }
}
