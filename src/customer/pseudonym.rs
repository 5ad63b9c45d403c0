//! What stands in the place of keys that are to be forgotten.

use super::IdentityKey;

/// A pseudonym for each key of a customer who is forgotten: `other:forgotten-1`. It tells nothing but that two rows were
/// about the same key, which is what counters and records need to stay right.
///
/// A store puts them in the place of the keys in everything that bears one:
/// [counters](crate::CounterKey::forgetting), [records and holds](crate::Redemption::forgetting), holders of codes and
/// [occasions](Self::occasion), uses of imported codes, entries of types, accounts of points. No number is given twice in a
/// shop, so a store keeps the last of them.
///
/// ```
/// use vouchsafe::{CounterKey, IdentityKey, Pseudonyms};
///
/// let keys = [IdentityKey::id("42")?, IdentityKey::email("ann@example.com")?];
/// let names = Pseudonyms::new(&keys, 7); // seven were given before
/// assert_eq!((names.of(&keys[1]).map(ToString::to_string).as_deref(), names.last()), (Some("other:forgotten-9"), 9));
///
/// let counter = CounterKey::FirstOrder { customer: keys[0].clone() };
/// let forgotten = counter.forgetting(&names);
/// assert_eq!(forgotten.and_then(|key| key.customer().cloned()), names.of(&keys[0]).cloned());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pseudonyms {
    last: u64,
    pairs: Vec<(IdentityKey, IdentityKey)>,
}

impl Pseudonyms {
    /// One for each key, the same for the same key, with the numbers that come after `last`.
    #[must_use]
    pub fn new(keys: &[IdentityKey], last: u64) -> Self {
        let mut pairs: Vec<(IdentityKey, IdentityKey)> = Vec::with_capacity(keys.len());
        let mut number = last;
        for key in keys {
            if pairs.iter().all(|(known, _)| known != key) {
                number = number.saturating_add(1);
                pairs.push((key.clone(), IdentityKey::forgotten(number)));
            }
        }
        Self { pairs, last: number }
    }

    /// The highest number that was given.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// How many numbers are taken for these keys.
    #[must_use]
    pub fn wanted(keys: &[IdentityKey]) -> u64 {
        u64::try_from(Self::new(keys, 0).pairs.len()).unwrap_or(u64::MAX)
    }

    /// Each key that is forgotten, with what stands in its place.
    #[must_use]
    pub fn pairs(&self) -> &[(IdentityKey, IdentityKey)] {
        &self.pairs
    }

    /// What stands in the place of a key; none where the key stays.
    #[must_use]
    pub fn of(&self, key: &IdentityKey) -> Option<&IdentityKey> {
        self.pairs.iter().find(|(known, _)| known == key).map(|(_, pseudonym)| pseudonym)
    }

    /// Puts the pseudonym in the place of a key; says whether there is one.
    pub fn replace(&self, key: &mut IdentityKey) -> bool {
        let Some(pseudonym) = self.of(key) else { return false };
        *key = pseudonym.clone();
        true
    }

    /// The same in a list, each at its place; says whether any was replaced.
    pub fn replace_all(&self, keys: &mut [IdentityKey]) -> bool {
        keys.iter_mut().fold(false, |any, key| self.replace(key) | any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_own_and_the_numbers_go_on() {
        let (ann, mail) = (IdentityKey::id("42").unwrap(), IdentityKey::email("ann@example.com").unwrap());
        let names = Pseudonyms::new(&[mail.clone(), ann.clone(), mail.clone()], 7);
        let of = |key| names.of(key).map(ToString::to_string);
        assert_eq!(of(&mail).as_deref(), Some("other:forgotten-8"));
        assert_eq!(of(&ann).as_deref(), Some("other:forgotten-9"));
        assert_eq!(of(&IdentityKey::id("43").unwrap()), None);
        assert_eq!(Pseudonyms::wanted(&[mail.clone(), ann, mail]), 2);
        // It is a key like any other, and is read back as what it was.
        let pseudonym = names.pairs()[0].1.clone();
        assert_eq!(pseudonym, pseudonym.to_string().parse().unwrap());
    }
}
