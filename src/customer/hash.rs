//! Identity keys that tell nobody who a customer is.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{Error, Why};
use crate::key::Key;

use super::{Customer, IdentityKey, IdentityKind};

/// Hashes identity keys with a secret of the host, before the engine or a store sees them (feature `hash`).
///
/// What a limit per customer needs of a key is that it is the same one the next time; who is behind it, a store need not
/// know. So a host that keeps its customers elsewhere hashes every [`Customer`] where its requests come in, and from there
/// on redemptions, counters, holders of codes, histories, reports and logs have `id:8692...` where they had `id:42`.
///
/// A key is the HMAC-SHA-256 of its text (`kind:value`, after it was normalised) in hexadecimal digits. Its kind stays, so
/// that a [policy](crate::Policy::counted_keys) counts the same kinds; an e-mail address stays one, in a domain
/// that can never receive mail. A bare hash would not do: all telephone numbers of a country are hashed in minutes. Without
/// the secret nobody can try, so keep it apart from the database, and out of its backups.
///
/// # What to hash
///
/// Everything that names a customer, always and from the first day: customers at checkout, holders of codes that are
/// issued or imported, keys that a [condition](crate::Customers) or a price list is for, keys that are looked up or
/// forgotten. A key that is not hashed is another customer, with limits of its own. So is one that was hashed with
/// another secret or hashed twice: the secret of a shop is chosen once, and each shop has its own, or their customers could be
/// matched with each other. What the host keeps for itself (birthdays, addresses) is not touched.
///
/// Normalise first: drop [aliases](IdentityKey::email_without_aliases) before hashing, since a hash cannot be trimmed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// # let secret = [7_u8; 32];
/// let hash = IdentityHash::new(&secret)?; // 32 random bytes from the host's vault
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let mut store = MemoryStore::new();
/// store.define(Coupon::builder("welcome").code("WELCOME").percent_off("10").per_customer_limit(1).build()?)?;
/// # let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(1)?, UnitPrice::parse("60.00")?);
/// # let order = Order::builder(Currency::USD).line(line).build()?;
/// let mut checkout = |id: &str, customer: &Customer| -> Result<Outcome, Box<dyn std::error::Error>> {
///     let customer = hash.customer(customer); // the first thing that happens to it
///     let (reference, at) = (Reference::Order(id.parse()?), parse_instant("2026-03-01T12:00:00Z")?);
///     let counted = shop.policy().counted_keys(&customer);
///     let request = LoadRequest::new(reference.clone(), Currency::USD, at).code("welcome").customer(counted);
///     let loaded = block_on(store.load(&request))?;
///     let prepared = loaded.prepare(&shop)?;
///     let codes = loaded.presented(&prepared);
///     let outcome = shop.evaluate(&Request::new(&order, &customer, reference, at).with_codes(&codes))?;
///     block_on(store.commit(&outcome.redemption()?, at))?;
///     Ok(outcome)
/// };
///
/// // The limit holds for Ann, under another account with the same address too.
/// let ann = Customer::new([IdentityKey::id("42")?, IdentityKey::email("Ann@Example.com")?]);
/// let again = Customer::new([IdentityKey::id("77")?, IdentityKey::email(" ann@example.com")?]);
/// assert!(checkout("o-1", &ann)?.answers()[0].is_applied());
/// assert!(!checkout("o-2", &again)?.answers()[0].is_applied());
///
/// // And the store has never heard of her.
/// let record = store.record(&Reference::Order("o-1".parse()?)).ok_or("recorded")?;
/// let stored = serde_json::to_string(&*record.redemption)?;
/// assert!(!stored.contains("ann@example.com") && !stored.contains("id:42"));
/// assert!(record.redemption.customer().contains(&hash.key(&IdentityKey::id("42")?)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct IdentityHash {
    keyed: Hmac<Sha256>,
}

impl IdentityHash {
    /// The fewest bytes of a secret: what cannot be guessed. Take 32 from a source of random bytes, not a password.
    pub const MIN_SECRET: usize = 16;

    /// Behind the hash of an e-mail address: a domain that is reserved for names that lead nowhere.
    const DOMAIN: &'static str = "@hashed.invalid";

    /// A hash with the secret of a shop.
    ///
    /// # Errors
    /// Fewer than [`IdentityHash::MIN_SECRET`] bytes. The error does not tell them.
    pub fn new(secret: &[u8]) -> Result<Self, Error> {
        let bits = |bytes: usize| u32::try_from(bytes.saturating_mul(8)).unwrap_or(u32::MAX);
        let short = || {
            let (bits, minimum) = (bits(secret.len()), bits(Self::MIN_SECRET));
            Error::invalid("secret", format!("{} bytes", secret.len()), Why::TooFewBits { bits, minimum })
        };
        if secret.len() < Self::MIN_SECRET {
            return Err(short());
        }
        let keyed = Hmac::new_from_slice(secret).map_err(|_| short())?;
        Ok(Self { keyed })
    }

    /// The key under which the store knows this one.
    ///
    /// ```
    /// use vouchsafe::{IdentityHash, IdentityKey};
    ///
    /// let hash = IdentityHash::new(b"a secret of one shop, 32 bytes..")?;
    /// let key = hash.key(&IdentityKey::email("Ann@Example.COM")?);
    /// assert_eq!(
    ///     key.to_string(),
    ///     "email:7035948409d8c23ca3b26edcea3fc18c50d7bd6f9d545bcdec94db9f371610de@hashed.invalid",
    /// );
    /// assert_eq!(key.to_string().parse::<IdentityKey>()?, key);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn key(&self, key: &IdentityKey) -> IdentityKey {
        let mut keyed = self.keyed.clone();
        for part in [key.kind().as_str(), ":", key.value()] {
            keyed.update(part.as_bytes());
        }
        let behind = match key.kind() {
            IdentityKind::Email => Self::DOMAIN,
            IdentityKind::Id | IdentityKind::Phone | IdentityKind::Device | IdentityKind::Other => "",
        };
        IdentityKey { kind: key.kind(), value: Key::of_hex(keyed.finalize().into_bytes().as_slice(), behind) }
    }

    /// The customer under hashed keys, all else as it was: types, history, allowances.
    #[must_use]
    pub fn customer(&self, customer: &Customer) -> Customer {
        let mut hashed = customer.clone();
        hashed.keys = customer.keys().iter().map(|key| self.key(key)).collect();
        hashed.keys.sort();
        hashed
    }
}

impl fmt::Debug for IdentityHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityHash").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash() -> IdentityHash {
        IdentityHash::new(b"a secret of one shop, 32 bytes..").unwrap()
    }

    /// The digits were worked out by another program: `hmac.new(secret, b"id:42", "sha256")` in Python.
    #[test]
    fn keys_are_the_hmac_of_their_text() {
        for (key, hashed) in [
            ("id:42", "id:86925aabfc5aa77ba3b0471b433fbbf80839df6c65af209932fb76dd239f7767"),
            ("device:d-1", "device:f16eb87ab51f9b92a8c0a7914eedf0f6c231c5b0e46792f2f95438f71cba40b4"),
        ] {
            let made = hash().key(&key.parse().unwrap());
            assert_eq!(made.to_string(), hashed);
            assert_eq!(hashed.parse::<IdentityKey>().unwrap(), made, "it is read back from a store");
        }
    }

    /// The same text of two kinds is two keys, and so is the same key of two shops.
    #[test]
    fn kinds_and_shops_cannot_be_matched() {
        let (id, other): (IdentityKey, IdentityKey) = ("id:42".parse().unwrap(), "other:42".parse().unwrap());
        assert_ne!(hash().key(&id).value(), hash().key(&other).value());
        assert_ne!(hash().key(&id), IdentityHash::new(&[7; 16]).unwrap().key(&id));
        let long = IdentityKey::id(&"x".repeat(255)).unwrap();
        assert_eq!(hash().key(&long).value().len(), 64);
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused_and_none_is_shown() {
        let error = IdentityHash::new(b"password").unwrap_err().to_string();
        assert_eq!(error, "`secret` is `8 bytes`: gives 64 bits where 128 are asked for");
        assert_eq!(format!("{:?}", hash()), "IdentityHash { .. }");
    }

    #[test]
    fn a_customer_keeps_all_but_the_keys() {
        let keys = ["id:42", "email:ann@example.com", "device:d-1"].map(|key| key.parse().unwrap());
        let ann = Customer::new(keys.clone()).with_type("CLUB".parse().unwrap()).with_new(true);
        let hashed = hash().customer(&ann);
        assert_eq!((hashed.customer_type(), hashed.is_new()), (ann.customer_type(), true));
        assert!(hashed.keys().is_sorted() && hashed.keys().len() == 3);
        assert!(keys.iter().all(|key| !hashed.keys().contains(key) && hashed.keys().contains(&hash().key(key))));
    }
}
