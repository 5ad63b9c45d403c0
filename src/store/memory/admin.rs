//! What an admin page does with definitions and records: define, revise, switch off, look up.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::coupon::{Coupon, Status};
use crate::customer::{Customer, HeldTypes, IdentityKey};
use crate::key::{CouponId, CustomerTypeId};
use crate::outcome::CounterKey;
use crate::store::{DefinitionChange, Edit, EditKind, TypeRecord};

use super::codes::{CodeEntry, Standing};
use super::state::{CounterState, Definition, State};
use super::{AdminError, MemoryStore};

impl MemoryStore {
    /// Stores a definition, under the revision that it states.
    ///
    /// Like every edit that says neither when nor by whom, it leaves no entry in the
    /// [audit log](crate::CouponAdmin::definition_log): the methods of [`CouponAdmin`](crate::CouponAdmin) do.
    ///
    /// # Errors
    /// [`AdminError::AlreadyDefined`], or [`AdminError::CodeTaken`] for its shared code.
    pub fn define(&self, coupon: Coupon) -> Result<u32, AdminError> {
        self.lock().define(coupon, None)
    }

    /// Stores a new revision of a definition. The document states the revision that it is based on, so that of two
    /// admins who edit at once the second is told; it becomes the next one, which is returned. An edit that changes
    /// nothing makes no revision.
    ///
    /// Live holds keep the terms that they were made with. Limits that the revision adds count earlier uses as well. A
    /// shared code that was replaced is free at once.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let store = MemoryStore::new();
    /// let definition = |percent: &str| Coupon::builder("spring").code("SPRING").percent_off(percent).build();
    /// store.define(definition("10")?)?;
    /// assert_eq!(store.revise(definition("15")?)?, 2);
    /// let late = store.revise(definition("20")?).unwrap_err();
    /// assert_eq!(late.to_string(), "`spring` has revision 2, and the change is based on 1");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`], [`AdminError::RevisedMeanwhile`], [`AdminError::CodeTaken`].
    pub fn revise(&self, coupon: Coupon) -> Result<u32, AdminError> {
        self.lock().revise(coupon, EditKind::Revised, None)
    }

    /// Sets the status, as a revision of its own. Switched off, a definition takes no new holds and no redemption without
    /// one; live holds can still be committed.
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`].
    pub fn set_status(&self, coupon: &CouponId, status: Status) -> Result<u32, AdminError> {
        self.lock().set_status(coupon, status, None)
    }

    /// Switches a definition off, and its live holds with it: nothing that was priced so far can be committed any more.
    /// For a mistake that costs money. Set active again, it starts anew.
    ///
    /// # Errors
    /// [`AdminError::UnknownCoupon`].
    pub fn kill(&self, coupon: &CouponId) -> Result<u32, AdminError> {
        self.lock().kill(coupon, None)
    }

    /// The definition as it stands.
    #[must_use]
    pub fn definition(&self, coupon: &CouponId) -> Option<Arc<Coupon>> {
        self.lock().definitions.get(coupon).map(|definition| definition.current.clone())
    }

    /// One revision of a definition, for instance the terms of a record.
    #[must_use]
    pub fn definition_at(&self, coupon: &CouponId, revision: u32) -> Option<Arc<Coupon>> {
        self.lock().definitions.get(coupon)?.revisions.get(&revision).cloned()
    }

    /// How far a counter has gone, by this instant. Of an allowance whose window goes with the purchase, `used` is all
    /// that was ever bought.
    #[must_use]
    pub fn counter(&self, key: &CounterKey, at: DateTime<Utc>) -> CounterState {
        self.lock().counter(key, at)
    }

    /// Every counter that was ever raised, by key.
    #[must_use]
    pub fn counters(&self, at: DateTime<Utc>) -> Vec<(CounterKey, CounterState)> {
        let state = self.lock();
        let mut counters: Vec<_> = state.counters.keys().map(|key| (key.clone(), state.counter(key, at))).collect();
        counters.sort_by(|(a, _), (b, _)| a.cmp(b));
        counters
    }

    /// The types of a customer that are stored: what is left after all changes over the keys, in the order in which they
    /// were recorded, with their [revision](HeldTypes::revision). Whether they are over is judged at an instant.
    #[must_use]
    pub fn held_types(&self, keys: &[IdentityKey]) -> HeldTypes {
        let state = self.lock();
        state.types.held(keys, None).with_revision(state.types.revision(keys, None))
    }

    /// Every change of type that is stored under a key, oldest first (S12).
    #[must_use]
    pub fn type_history(&self, key: &IdentityKey) -> Vec<TypeRecord> {
        self.lock().types.history(key)
    }

    /// The customers who hold a type at an instant, as their primary type or as a membership, by their keys: the
    /// audience of a campaign (S40). Keys that were ever recorded together are one customer. Those of whom the store has
    /// no change of type are not among them; a host knows them from its own records.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let club = TypeAssignment::membership("CLUB".parse()?, AssignWhen::OnCommit).lasting(AssignUntil::Days(365))?;
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
    ///     .customer_type("CLUB".parse()?)
    ///     .sign_up_assigns("club-form".parse()?, club)
    ///     .build()?;
    /// let mut store = MemoryStore::new();
    /// let (nothing, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::id("42")?]));
    /// let (claim, at) = (Reference::Claim("c-1".parse()?), parse_instant("2026-03-01T12:00:00Z")?);
    /// let events = [TypeEvent::SignUp("club-form".parse()?)];
    /// let outcome = shop.evaluate(&Request::new(&nothing, &ann, claim, at).with_type_events(&events))?;
    /// block_on(store.commit(&outcome.redemption()?, at))?;
    ///
    /// let members = store.customers_of_type(&"CLUB".parse()?, at);
    /// assert_eq!(members[0].keys(), ann.keys());
    /// let later = parse_instant("2027-03-02T00:00:00Z")?;
    /// assert!(store.customers_of_type(&"CLUB".parse()?, later).is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn customers_of_type(&self, customer_type: &CustomerTypeId, at: DateTime<Utc>) -> Vec<Customer> {
        self.lock().types.customers_of(customer_type, at)
    }
}

impl State {
    pub(super) fn define(&mut self, coupon: Coupon, edit: Option<&Edit>) -> Result<u32, AdminError> {
        if self.definitions.contains_key(coupon.id()) {
            return Err(AdminError::AlreadyDefined { coupon: coupon.id().clone() });
        }
        self.share_code(None, &coupon)?;
        let (id, revision, current) = (coupon.id().clone(), coupon.revision(), Arc::new(coupon));
        let revisions = BTreeMap::from([(revision, current.clone())]);
        let mut definition =
            Definition { current, revisions, killed_through: 0, codes_issued: 0, codes_prepared: 0, edits: Vec::new() };
        definition.note(EditKind::Defined, None, edit);
        self.definitions.insert(id, definition);
        Ok(revision)
    }

    /// Makes the shared code of `coupon` stand for it, in the place of the one that it had before.
    fn share_code(&mut self, before: Option<&Coupon>, coupon: &Coupon) -> Result<(), AdminError> {
        let old = before.and_then(Coupon::code);
        if old == coupon.code() {
            return Ok(());
        }
        if let Some(code) = coupon.code() {
            if self.codes.contains_key(code) {
                return Err(AdminError::CodeTaken { code: code.clone() });
            }
            let entry = CodeEntry { coupon: coupon.id().clone(), standing: Standing::Shared };
            self.codes.insert(code.clone(), entry);
        }
        if let Some(old) = old {
            self.codes.remove(old);
        }
        Ok(())
    }

    pub(super) fn revise(
        &mut self,
        mut coupon: Coupon,
        kind: EditKind,
        edit: Option<&Edit>,
    ) -> Result<u32, AdminError> {
        let id = coupon.id().clone();
        let Some(definition) = self.definitions.get(&id) else { return Err(AdminError::UnknownCoupon { coupon: id }) };
        let before = definition.current.clone();
        let (based_on, current) = (coupon.revision(), before.revision());
        if based_on != current {
            return Err(AdminError::RevisedMeanwhile { coupon: id, based_on, current });
        }
        if *before == coupon {
            return Ok(current);
        }
        let Some(next) = current.checked_add(1) else { return Err(AdminError::RevisionsExhausted { coupon: id }) };
        self.share_code(Some(&before), &coupon)?;
        coupon.revision = next;
        let coupon = Arc::new(coupon);
        if let Some(definition) = self.definitions.get_mut(&id) {
            definition.revisions.insert(next, coupon.clone());
            definition.current = coupon.clone();
            definition.note(kind, Some(before), edit);
        }
        self.recount(&coupon);
        Ok(next)
    }

    pub(super) fn set_status(
        &mut self,
        coupon: &CouponId,
        status: Status,
        edit: Option<&Edit>,
    ) -> Result<u32, AdminError> {
        match self.definitions.get(coupon) {
            Some(definition) => {
                let mut coupon = Coupon::clone(&definition.current);
                coupon.status = status;
                self.revise(coupon, EditKind::StatusSet, edit)
            }
            None => Err(AdminError::UnknownCoupon { coupon: coupon.clone() }),
        }
    }

    pub(super) fn kill(&mut self, coupon: &CouponId, edit: Option<&Edit>) -> Result<u32, AdminError> {
        let before = self.definitions.get(coupon).map(|definition| definition.current.clone());
        let revision = self.set_status(coupon, Status::Inactive, None)?;
        if let Some(definition) = self.definitions.get_mut(coupon).filter(|of| of.killed_through < revision) {
            definition.killed_through = revision;
            definition.note(EditKind::Killed, before, edit);
        }
        Ok(revision)
    }
}

impl Definition {
    /// Writes an edit down, after it was made.
    fn note(&mut self, kind: EditKind, before: Option<Arc<Coupon>>, edit: Option<&Edit>) {
        if let Some(edit) = edit.cloned() {
            self.edits.push(DefinitionChange { kind, edit, before, after: self.current.clone() });
        }
    }
}
