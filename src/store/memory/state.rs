//! What is stored, and how it changes. Every change here is whole: what could say no was asked before.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::coupon::{Code, Coupon};
use crate::key::{BatchId, CouponId, MovementId};
use crate::outcome::{CounterKey, Digest, Guard, Redemption};
use crate::request::Reference;
use crate::settle::PointsReturn;
use crate::store::judge::missing;
use crate::store::types::TypeLog;
use crate::store::{DefinitionChange, Grace, OnVoid, Release, Void};

use super::codes::{Batch, CodeEntry, Import, Occasions};
use super::points::{Accounts, Moved};

/// A definition with every revision it had: records and holds refer to the one they were priced under.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) current: Arc<Coupon>,
    pub(super) revisions: BTreeMap<u32, Arc<Coupon>>,
    /// Holds on revisions up to this one are worth nothing.
    pub(super) killed_through: u32,
    /// Codes that the limit on codes counts: handed out, imported, or in a batch.
    pub(super) codes_issued: u64,
    /// Those of them that lie in a batch.
    pub(super) codes_prepared: u64,
    /// The audit log, oldest first.
    pub(super) edits: Vec<DefinitionChange>,
}

/// One counter. Holds lie by the instant at which they lapse, so that the lapsed ones come first.
#[derive(Debug, Default)]
pub(super) struct Counter {
    used: u64,
    held: u64,
    holds: BTreeMap<(DateTime<Utc>, Reference), u64>,
    /// What makes up `used`, by when it was recorded: of allowances whose windows go with the purchase.
    recorded: BTreeMap<(DateTime<Utc>, Reference), u64>,
}

impl Counter {
    /// Whether nothing counts on it, not even a hold that has lapsed.
    pub(super) fn is_empty(&self) -> bool {
        self.used == 0 && self.held == 0
    }

    /// What holds have that lapse after this instant.
    fn held_at(&self, at: DateTime<Utc>) -> u64 {
        self.lapsed(at).fold(self.held, |held, (_, by)| held.saturating_sub(by))
    }

    /// What was recorded for good: all of it, or from this instant on.
    fn used_since(&self, since: Option<DateTime<Utc>>) -> u64 {
        let Some(since) = since else { return self.used };
        let from = self.recorded.iter().rev().take_while(|((at, _), _)| *at >= since);
        from.fold(0_u64, |sum, (_, by)| sum.saturating_add(*by))
    }

    fn lapsed(&self, at: DateTime<Utc>) -> impl Iterator<Item = (&Reference, u64)> {
        self.holds.iter().take_while(move |((until, _), _)| *until <= at).map(|((_, of), by)| (of, *by))
    }
}

/// How far a counter has gone.
///
/// ```
/// use vouchsafe::CounterState;
///
/// let state = CounterState::new(99, 1);
/// assert_eq!((state.used, state.held), (99, 1));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CounterState {
    /// Used for good.
    pub used: u64,
    /// Held by redemptions that may still be committed.
    pub held: u64,
}

impl CounterState {
    /// So much used and so much held, as a store says it.
    #[must_use]
    pub fn new(used: u64, held: u64) -> Self {
        Self { used, held }
    }
}

/// Which counters a redemption has raised, and by how much; by key.
pub(super) type Taken = Vec<(CounterKey, u64)>;

#[derive(Debug)]
pub(super) struct Hold {
    pub(super) redemption: Arc<Redemption>,
    pub(super) taken: Taken,
    pub(super) until: DateTime<Utc>,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) redemption: Arc<Redemption>,
    pub(super) taken: Taken,
    pub(super) at: DateTime<Utc>,
    /// Where it stands in the log.
    pub(super) place: u64,
    /// The changes that were made to it since, each with what it was based on and what it made of it.
    pub(super) amendments: Vec<(MovementId, Digest, Arc<Redemption>)>,
    /// Codes that belonged to nobody before.
    bound: Vec<Code>,
    /// The places of its type changes in the log of types.
    type_changes: Vec<usize>,
    /// How many changes of type were recorded before it.
    pub(super) types_before: usize,
    pub(super) voided: Option<DateTime<Utc>>,
    pub(super) uses_given_back: bool,
    pub(super) allowances_given_back: bool,
    /// What it did to an account of points.
    pub(super) points: Moved,
}

impl Record {
    /// Whether a void gave back what it raised a counter by.
    fn gave_back(&self, key: &CounterKey) -> bool {
        if key.allowance().is_some() { self.allowances_given_back } else { self.uses_given_back }
    }
}

/// Whether only the last days of a counter may count, so that it has to be known when it was raised.
fn goes_with_the_purchase(key: &CounterKey) -> bool {
    matches!(key, CounterKey::Allowance { since: None, .. })
}

/// Everything that is stored.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) definitions: HashMap<CouponId, Definition>,
    pub(super) codes: HashMap<Code, CodeEntry>,
    pub(super) batches: HashMap<BatchId, Batch>,
    pub(super) occasions: Occasions,
    /// Uses that codes had in an older system.
    pub(super) imports: Vec<Import>,
    pub(super) counters: HashMap<CounterKey, Counter>,
    pub(super) holds: HashMap<Reference, Hold>,
    pub(super) records: HashMap<Reference, Record>,
    /// References by place, in the order in which they were committed.
    pub(super) log: BTreeMap<u64, Reference>,
    /// The last place that was given.
    last_place: u64,
    /// Uses of codes that stood in records that were purged.
    pub(super) purged: HashMap<(CouponId, Code), u64>,
    /// The number of the last pseudonym.
    pub(super) forgotten: u64,
    pub(super) types: TypeLog,
    pub(super) points: Accounts,
    /// How far the clocks of those who ask may be apart.
    pub(super) grace: Grace,
}

impl State {
    /// Holds until this instant or an earlier one have lapsed.
    pub(super) fn lapsed_through(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.grace.lapsed_through(at)
    }

    pub(super) fn live_hold(&self, reference: &Reference, at: DateTime<Utc>) -> Option<&Hold> {
        self.holds.get(reference).filter(|hold| self.grace.is_live(hold.until, at))
    }

    /// What is taken of a counter by others than this reference: of what was recorded, all or that from `since` on.
    pub(super) fn taken(
        &self,
        key: &CounterKey,
        own: &Reference,
        at: DateTime<Utc>,
        since: Option<DateTime<Utc>>,
    ) -> CounterState {
        let Some(counter) = self.counters.get(key) else { return CounterState::default() };
        let of = |taken: &Taken| taken.iter().find(|(k, _)| k == key).map_or(0, |(_, by)| *by);
        let own_held = self.live_hold(own, at).map_or(0, |hold| of(&hold.taken));
        let counts = |record: &&Record| !record.gave_back(key) && since.is_none_or(|since| record.at >= since);
        let own_record = self.records.get(own).filter(counts);
        CounterState {
            used: counter.used_since(since).saturating_sub(own_record.map_or(0, |record| of(&record.taken))),
            held: counter.held_at(self.lapsed_through(at)).saturating_sub(own_held),
        }
    }

    /// Whether the counter looks full as long as lapsed holds are counted: then they are taken away.
    pub(super) fn looks_full(&self, key: &CounterKey, wanted: u64, limit: u64) -> bool {
        let counter = self.counters.get(key);
        counter.is_some_and(|c| c.used.saturating_add(c.held).saturating_add(wanted) > limit)
    }

    pub(super) fn counter(&self, key: &CounterKey, at: DateTime<Utc>) -> CounterState {
        let now = self.lapsed_through(at);
        let state = |counter: &Counter| CounterState { used: counter.used, held: counter.held_at(now) };
        self.counters.get(key).map_or_else(CounterState::default, state)
    }

    /// What recording this would take: its deltas, and what later terms of its coupons count besides.
    pub(super) fn to_take(&self, redemption: &Redemption) -> Taken {
        let mut taken: Taken = redemption.deltas().iter().map(|d| (d.key().clone(), d.by())).collect();
        for redeemed in redemption.coupons() {
            let current = self.definitions.get(&redeemed.coupon).map(|d| &d.current);
            if let Some(current) = current.filter(|c| c.revision() != redeemed.revision) {
                let missing = missing(redemption, &taken, current);
                taken.extend(missing);
            }
        }
        taken
    }

    /// Puts a hold in the place of the one that the reference had.
    pub(super) fn hold(&mut self, redemption: &Redemption, until: DateTime<Utc>) {
        let reference = redemption.reference();
        self.drop_hold(reference);
        let taken = self.to_take(redemption);
        for (key, by) in &taken {
            let counter = self.counters.entry(key.clone()).or_default();
            counter.held = counter.held.saturating_add(*by);
            counter.holds.insert((until, reference.clone()), *by);
        }
        self.points.hold(redemption, until);
        self.holds.insert(reference.clone(), Hold { redemption: Arc::new(redemption.clone()), taken, until });
    }

    /// Takes a hold away, live or lapsed.
    pub(super) fn drop_hold(&mut self, reference: &Reference) -> Option<Hold> {
        let hold = self.holds.remove(reference)?;
        for (key, _) in &hold.taken {
            if let Some(counter) = self.counters.get_mut(key) {
                let by = counter.holds.remove(&(hold.until, reference.clone())).unwrap_or(0);
                counter.held = counter.held.saturating_sub(by);
            }
        }
        self.points.release(&hold.redemption);
        Some(hold)
    }

    /// Takes away the lapsed holds of one counter.
    pub(super) fn sweep(&mut self, key: &CounterKey, at: DateTime<Utc>) {
        let Some(counter) = self.counters.get(key) else { return };
        let now = self.lapsed_through(at);
        let lapsed: Vec<Reference> = counter.lapsed(now).map(|(reference, _)| reference.clone()).collect();
        for reference in lapsed {
            self.drop_hold(&reference);
        }
    }

    /// Records a redemption that every guard and counter agreed to.
    pub(super) fn record(&mut self, redemption: &Redemption, at: DateTime<Utc>) {
        let reference = redemption.reference().clone();
        self.drop_hold(&reference);
        let taken = self.to_take(redemption);
        for (key, by) in &taken {
            let counter = self.counters.entry(key.clone()).or_default();
            counter.used = counter.used.saturating_add(*by);
            if goes_with_the_purchase(key) {
                counter.recorded.insert((at, reference.clone()), *by);
            }
        }
        let bound = self.bind(redemption);
        let types_before = self.types.len();
        let type_changes = self.types.record(redemption, at);
        let points = self.points.record(redemption, self.lapsed_through(at));
        let redemption = Arc::new(redemption.clone());
        let place = self.last_place.saturating_add(1);
        self.last_place = place;
        let record = Record {
            redemption,
            taken,
            at,
            place,
            amendments: Vec::new(),
            bound,
            type_changes,
            types_before,
            voided: None,
            uses_given_back: false,
            allowances_given_back: false,
            points,
        };
        self.records.insert(reference.clone(), record);
        self.log.insert(place, reference);
    }

    /// Puts a changed redemption in the place of the recorded one; counters move by the difference.
    pub(super) fn put_amended(
        &mut self,
        reference: &Reference,
        redemption: Arc<Redemption>,
        taken: Taken,
        (amendment, based_on): (&MovementId, Digest),
    ) {
        let Some(record) = self.records.get_mut(reference) else { return };
        for (key, by) in &record.taken {
            if let Some(counter) = self.counters.get_mut(key) {
                counter.used = counter.used.saturating_sub(*by);
                counter.recorded.remove(&(record.at, reference.clone()));
            }
        }
        for (key, by) in &taken {
            let counter = self.counters.entry(key.clone()).or_default();
            counter.used = counter.used.saturating_add(*by);
            if goes_with_the_purchase(key) {
                counter.recorded.insert((record.at, reference.clone()), *by);
            }
        }
        self.points.change(record.redemption.points(), redemption.points(), &mut record.points);
        record.redemption = redemption.clone();
        record.taken = taken;
        record.amendments.push((amendment.clone(), based_on, redemption));
    }

    /// Binds bearer codes to the customer who redeems them (S3): those that are good for one use, and so were used by
    /// that one person. A code that many may use stays everybody's.
    fn bind(&mut self, redemption: &Redemption) -> Vec<Code> {
        let Some(customer) = redemption.counted().first() else { return Vec::new() };
        let mut bound = Vec::new();
        for guard in redemption.guards() {
            let Guard::CodeLive { coupon, code } = guard else { continue };
            let Some(definition) = self.definitions.get(coupon) else { continue };
            let of_one = definition.current.limits().per_code() == Some(1);
            let issued = self.codes.get_mut(code).and_then(CodeEntry::issued_mut);
            if let Some(issued) = issued.filter(|issued| of_one && issued.holder.is_none()) {
                issued.holder = Some(customer.clone());
                bound.push(code.clone());
            }
        }
        bound
    }

    pub(super) fn release(&mut self, reference: &Reference, at: DateTime<Utc>) -> Release {
        if self.records.contains_key(reference) {
            return Release::Recorded;
        }
        match self.drop_hold(reference) {
            Some(hold) if self.grace.is_live(hold.until, at) => Release::Released,
            Some(_) | None => Release::NothingHeld,
        }
    }

    pub(super) fn void(&mut self, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Void {
        let Some(record) = self.records.get_mut(reference) else { return Void::NotRecorded };
        if record.voided.is_some() {
            return Void::AlreadyVoided;
        }
        record.voided = Some(at);
        record.uses_given_back = policy.gives_uses_back();
        record.allowances_given_back = policy.gives_allowances_back();
        for (key, by) in record.taken.iter().filter(|(key, _)| record.gave_back(key)) {
            if let Some(counter) = self.counters.get_mut(key) {
                counter.used = counter.used.saturating_sub(*by);
                counter.recorded.remove(&(record.at, reference.clone()));
            }
        }
        if policy.gives_uses_back() {
            for code in &record.bound {
                if let Some(issued) = self.codes.get_mut(code).and_then(CodeEntry::issued_mut) {
                    issued.holder = None;
                }
            }
        }
        let mut points = None;
        if let Some(moved) = record.redemption.points().filter(|_| policy.gives_points_back()) {
            let all = PointsReturn::new(moved.redeemed, moved.earned);
            points = Some(self.points.give_back(moved, &mut record.points, all));
        }
        let type_reverted = policy.reverts_type() && self.types.revert(&record.type_changes, at);
        Void::Voided {
            uses_given_back: policy.gives_uses_back(),
            type_reverted,
            allowances_given_back: policy.gives_allowances_back(),
            points,
        }
    }

    /// Raises a counter for good by what was recorded elsewhere.
    pub(super) fn raise(&mut self, key: &CounterKey, by: u64) {
        let counter = self.counters.entry(key.clone()).or_default();
        counter.used = counter.used.saturating_add(by);
    }

    /// Counts earlier uses and live holds on the limits that a new revision adds: a campaign that is limited in the
    /// middle does not begin at zero.
    pub(super) fn recount(&mut self, terms: &Coupon) {
        for record in self.records.values_mut().filter(|record| !record.uses_given_back) {
            for (key, by) in missing(&record.redemption, &record.taken, terms) {
                let counter = self.counters.entry(key.clone()).or_default();
                counter.used = counter.used.saturating_add(by);
                record.taken.push((key, by));
            }
        }
        for (reference, hold) in &mut self.holds {
            for (key, by) in missing(&hold.redemption, &hold.taken, terms) {
                let counter = self.counters.entry(key.clone()).or_default();
                counter.held = counter.held.saturating_add(by);
                counter.holds.insert((hold.until, reference.clone()), by);
                hold.taken.push((key, by));
            }
        }
        self.recount_imports(terms);
    }
}
