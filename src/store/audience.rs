//! Which customers hold a type: keys that belong together, and what is left after all of their changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::customer::{Customer, HeldTypes, IdentityKey};
use crate::key::CustomerTypeId;
use crate::outcome::TypeChange;

/// Every change of type, added in the order in which they were recorded. Keys that were ever given together are one
/// customer.
#[derive(Debug, Default)]
pub(super) struct Audience {
    groups: Groups,
    /// Each change with the group that one of its keys had.
    changes: Vec<(usize, TypeChange)>,
}

impl Audience {
    pub(super) fn add(&mut self, customer: &[IdentityKey], change: TypeChange) {
        if let Some(group) = self.groups.join(customer) {
            self.changes.push((group, change));
        }
    }

    /// The customers who hold a type at an instant, by their keys.
    pub(super) fn of_type(self, customer_type: &CustomerTypeId, at: DateTime<Utc>) -> Vec<Customer> {
        let mut customers: BTreeMap<usize, (BTreeSet<IdentityKey>, HeldTypes)> = BTreeMap::new();
        for (group, change) in &self.changes {
            customers.entry(self.groups.root(*group)).or_default().1.apply(change);
        }
        customers.retain(|_, (_, held)| held.types_at(at).any(|held| held == customer_type));
        for (key, group) in &self.groups.of_key {
            if let Some((keys, _)) = customers.get_mut(&self.groups.root(*group)) {
                keys.insert(key.clone());
            }
        }
        let found = customers.into_values().map(|(keys, held)| Customer::new(keys).with_held(held));
        let mut found: Vec<Customer> = found.collect();
        found.sort_by(|a, b| a.keys().cmp(b.keys()));
        found
    }
}

/// Which keys belong together.
#[derive(Debug, Default)]
struct Groups {
    of_key: HashMap<IdentityKey, usize>,
    /// For each group the one that it was joined to, or itself.
    parents: Vec<usize>,
}

impl Groups {
    /// Joins the groups of these keys; says which one it is now. None for no key.
    fn join(&mut self, keys: &[IdentityKey]) -> Option<usize> {
        let mut first: Option<usize> = None;
        for key in keys {
            let known = self.of_key.get(key).map(|group| self.root(*group));
            let group = known.unwrap_or_else(|| {
                let group = self.parents.len();
                self.parents.push(group);
                self.of_key.insert(key.clone(), group);
                group
            });
            let root = *first.get_or_insert(group);
            // The smaller number leads, so that every way ends.
            let (leads, follows) = (root.min(group), root.max(group));
            if let Some(parent) = self.parents.get_mut(follows) {
                *parent = leads;
            }
            first = Some(leads);
        }
        first
    }

    fn root(&self, mut group: usize) -> usize {
        while let Some(parent) = self.parents.get(group).filter(|parent| **parent != group) {
            group = *parent;
        }
        group
    }
}
