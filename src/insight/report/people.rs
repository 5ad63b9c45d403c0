//! Which identity keys belong to one customer.

use std::collections::{BTreeSet, HashMap};

use crate::customer::IdentityKey;

/// Keys that were ever recorded together are one customer: a guest who orders by e-mail, and later under an account with
/// that e-mail, is one.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    of_key: HashMap<IdentityKey, usize>,
    /// For each group the one that it was joined to, or itself.
    parents: Vec<usize>,
    /// How many keys each group has that is joined to none.
    sizes: Vec<usize>,
}

impl People {
    pub(super) fn join(&mut self, keys: &[IdentityKey]) {
        let mut whole = None;
        for key in keys {
            let group = match self.of_key.get(key) {
                Some(group) => self.root(*group),
                None => {
                    let group = self.parents.len();
                    self.parents.push(group);
                    self.sizes.push(1);
                    self.of_key.insert(key.clone(), group);
                    group
                }
            };
            whole = Some(whole.map_or(group, |whole| self.unite(whole, group)));
        }
    }

    /// Joins two groups, the smaller one to the larger, so that no way grows long; says which one leads.
    fn unite(&mut self, a: usize, b: usize) -> usize {
        let size = |group: usize| self.sizes.get(group).copied().unwrap_or(0);
        let (large, small, both) = if size(a) >= size(b) {
            (a, b, size(a).saturating_add(size(b)))
        } else {
            (b, a, size(a).saturating_add(size(b)))
        };
        if large != small {
            if let (Some(parent), Some(size)) = (self.parents.get_mut(small), self.sizes.get_mut(large)) {
                (*parent, *size) = (large, both);
            }
        }
        large
    }

    fn root(&self, mut group: usize) -> usize {
        while let Some(parent) = self.parents.get(group).filter(|parent| **parent != group) {
            group = *parent;
        }
        group
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let mut leaders: HashMap<usize, &IdentityKey> = HashMap::new();
        for (key, group) in &other.of_key {
            match leaders.get(&other.root(*group)) {
                Some(leader) => self.join(&[IdentityKey::clone(leader), key.clone()]),
                None => {
                    self.join(std::slice::from_ref(key));
                    leaders.insert(other.root(*group), key);
                }
            }
        }
    }

    /// How many customers these keys are.
    pub(super) fn count(&self, keys: &BTreeSet<IdentityKey>) -> u64 {
        let groups: BTreeSet<usize> =
            keys.iter().filter_map(|key| self.of_key.get(key)).map(|group| self.root(*group)).collect();
        u64::try_from(groups.len()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: &[&str]) -> Vec<IdentityKey> {
        ids.iter().map(|id| IdentityKey::id(id).unwrap()).collect()
    }

    fn count(people: &People, ids: &[&str]) -> u64 {
        people.count(&keys(ids).into_iter().collect())
    }

    #[test]
    fn keys_that_were_given_together_are_one_customer() {
        let mut people = People::default();
        for together in [&["a", "b"][..], &["c"], &["d", "e"], &["b", "c"], &[], &["a", "a"]] {
            people.join(&keys(together));
        }
        assert_eq!(count(&people, &["a", "c"]), 1);
        assert_eq!(count(&people, &["a", "b", "c", "d", "e"]), 2);
        assert_eq!(count(&people, &["f"]), 0);
    }

    #[test]
    fn merging_joins_what_either_knows() {
        let (mut left, mut right) = (People::default(), People::default());
        left.join(&keys(&["a", "b"]));
        left.join(&keys(&["c", "d"]));
        right.join(&keys(&["b", "c"]));
        right.join(&keys(&["e"]));
        left.merge(&right);
        assert_eq!(count(&left, &["a", "b", "c", "d", "e"]), 2);
    }
}
