//! What stands in the place of keys that are to be forgotten.

use super::IdentityKey;

/// A pseudonym for each key of a customer who is forgotten: `other:forgotten-1`. It tells nothing but that two rows were
/// about the same key, which is what counters and records need to stay right.
#[derive(Debug, Clone)]
pub(crate) struct Pseudonyms {
    pairs: Vec<(IdentityKey, IdentityKey)>,
}

impl Pseudonyms {
    /// One for each key, the same for the same key, with the numbers that come after `last`.
    pub(crate) fn new(keys: &[IdentityKey], last: u64) -> Self {
        let mut pairs: Vec<(IdentityKey, IdentityKey)> = Vec::with_capacity(keys.len());
        let mut number = last;
        for key in keys {
            if pairs.iter().all(|(known, _)| known != key) {
                number = number.saturating_add(1);
                pairs.push((key.clone(), IdentityKey::forgotten(number)));
            }
        }
        Self { pairs }
    }

    /// How many numbers are taken for these keys.
    pub(crate) fn wanted(keys: &[IdentityKey]) -> u64 {
        u64::try_from(Self::new(keys, 0).pairs.len()).unwrap_or(u64::MAX)
    }

    /// Each key that is forgotten, with what stands in its place.
    pub(crate) fn pairs(&self) -> &[(IdentityKey, IdentityKey)] {
        &self.pairs
    }

    /// What stands in the place of a key; none where the key stays.
    pub(crate) fn of(&self, key: &IdentityKey) -> Option<&IdentityKey> {
        self.pairs.iter().find(|(known, _)| known == key).map(|(_, pseudonym)| pseudonym)
    }

    /// Puts the pseudonym in the place of a key; says whether there is one.
    pub(crate) fn replace(&self, key: &mut IdentityKey) -> bool {
        let Some(pseudonym) = self.of(key) else { return false };
        *key = pseudonym.clone();
        true
    }

    /// The same in a list, each at its place; says whether any was replaced.
    pub(crate) fn replace_all(&self, keys: &mut [IdentityKey]) -> bool {
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
