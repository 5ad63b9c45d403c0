//! Who buys: facts about a customer, handed in by the host. No coupon counters: those are in
//! [`Usage`](crate::Usage), and belong to the store.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Why};
use crate::key::{CategoryId, CustomerTypeId, Key, KeySet, MembershipId, ProductId};
use crate::money::{Currency, Money};

/// What kind of fact identifies a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdentityKind {
    /// The host's customer id.
    Id,
    /// An e-mail address.
    Email,
    /// A telephone number, in the form the host chose.
    Phone,
    /// A device or browser fingerprint.
    Device,
    /// Anything else, for instance a payer id or a postal address.
    Other,
}

impl IdentityKind {
    const ALL: [(&'static str, Self); 5] = [
        ("id", Self::Id),
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("device", Self::Device),
        ("other", Self::Other),
    ];

    /// The word that stands before the colon of a key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("other", |(name, _)| name)
    }
}

/// One fact that identifies a customer: `id:42`, `email:ann@example.com`.
///
/// A customer is a list of such keys, matched with OR: a use counts on each of them, and a limit is reached when it is
/// reached on any (SEMANTICS: limits, holds and identity).
///
/// ```
/// use vouchsafe::IdentityKey;
///
/// let key = IdentityKey::email("  Ann@Example.COM ")?;
/// assert_eq!(key.to_string(), "email:ann@example.com");
/// assert_eq!(key, "email:ANN@example.com".parse()?);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityKey {
    kind: IdentityKind,
    value: Key,
}

impl IdentityKey {
    /// The host's own customer id, compared exactly.
    ///
    /// # Errors
    /// Empty text, more than 255 characters, or a control character.
    pub fn id(value: &str) -> Result<Self, Error> {
        Self::new(IdentityKind::Id, value)
    }

    /// An e-mail address: trimmed and lower-cased, nothing else.
    ///
    /// # Errors
    /// Empty text, no `@` inside, more than 255 characters, or a control character.
    pub fn email(address: &str) -> Result<Self, Error> {
        Self::new(IdentityKind::Email, address)
    }

    /// An e-mail address with what many providers ignore taken away: a `+tag`, and dots, before the `@`.
    ///
    /// Providers differ, so this is only for hosts that ask for it.
    ///
    /// ```
    /// use vouchsafe::IdentityKey;
    ///
    /// let key = IdentityKey::email_without_aliases("A.nn+shop@Example.com", true)?;
    /// assert_eq!(key.to_string(), "email:ann@example.com");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`IdentityKey::email`], or nothing is left before the `@`.
    pub fn email_without_aliases(address: &str, drop_dots: bool) -> Result<Self, Error> {
        let Some((local, domain)) = address.trim().rsplit_once('@') else {
            return Self::email(address);
        };
        let local = local.split_once('+').map_or(local, |(name, _)| name);
        let local = if drop_dots { local.replace('.', "") } else { local.to_owned() };
        Self::email(&format!("{local}@{domain}"))
    }

    /// A device or browser fingerprint, compared exactly.
    ///
    /// # Errors
    /// Empty text, more than 255 characters, or a control character.
    pub fn device(value: &str) -> Result<Self, Error> {
        Self::new(IdentityKind::Device, value)
    }

    /// A key of any kind, normalised as its kind asks for.
    ///
    /// # Errors
    /// Empty text, more than 255 characters, or a control character.
    pub fn new(kind: IdentityKind, value: &str) -> Result<Self, Error> {
        let bad = |why| Error::invalid("identity", value.escape_debug(), why);
        let value = value.trim();
        let key = match kind {
            IdentityKind::Email => {
                let lower = value.to_lowercase();
                match lower.split_once('@') {
                    Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Key::new(&lower),
                    _ => return Err(bad(Why::WrongKind { expected: "an e-mail address" })),
                }
            }
            _ => Key::new(value),
        };
        match key {
            Ok(value) => Ok(Self { kind, value }),
            Err(Error::Invalid(field)) => Err(bad(field.why)),
            Err(other) => Err(other),
        }
    }

    /// What kind of fact this is.
    #[must_use]
    pub fn kind(&self) -> IdentityKind {
        self.kind
    }

    /// The normalised value.
    #[must_use]
    pub fn value(&self) -> &str {
        self.value.as_str()
    }
}

impl fmt::Display for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.value)
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for IdentityKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let kinds = "id:, email:, phone:, device: or other: with a value";
        let Some((kind, value)) = text.split_once(':') else {
            return Err(Error::invalid("identity", text.escape_debug(), Why::UnknownChoice { choices: kinds }));
        };
        match IdentityKind::ALL.iter().find(|(name, _)| *name == kind) {
            Some((_, kind)) => Self::new(*kind, value),
            None => Err(Error::invalid("identity", text.escape_debug(), Why::UnknownChoice { choices: kinds })),
        }
    }
}

impl Serialize for IdentityKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IdentityKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The customer of an order: identity, type, memberships and figures of the past. Facts only.
///
/// ```
/// use vouchsafe::{Customer, History, IdentityKey};
///
/// let ann = Customer::new([IdentityKey::id("42")?, IdentityKey::email("ann@example.com")?])
///     .with_type("RETAIL".parse()?)
///     .with_history(History::default().with_orders(3));
/// assert_eq!(ann.history().orders(), 3);
/// assert!(Customer::anonymous().keys().is_empty());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    keys: Vec<IdentityKey>,
    customer_type: Option<CustomerTypeId>,
    memberships: Vec<MembershipId>,
    new: bool,
    history: History,
}

impl Customer {
    /// A shopper about whom nothing is known. Evaluates without error (S56).
    #[must_use]
    pub fn anonymous() -> Self {
        Self { new: true, ..Self::default() }
    }

    /// A customer with these identity keys; keys given twice are kept once.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = IdentityKey>) -> Self {
        let mut keys: Vec<IdentityKey> = keys.into_iter().collect();
        keys.sort();
        keys.dedup();
        Self { keys, ..Self::default() }
    }

    /// The customer's type. Without one, the shop's default type holds (S36).
    #[must_use]
    pub fn with_type(mut self, customer_type: CustomerTypeId) -> Self {
        self.customer_type = Some(customer_type);
        self
    }

    /// The membership groups the customer belongs to at this moment.
    #[must_use]
    pub fn with_memberships(mut self, groups: impl IntoIterator<Item = MembershipId>) -> Self {
        self.memberships = groups.into_iter().collect();
        self.memberships.sort();
        self.memberships.dedup();
        self
    }

    /// Says that the host had no earlier record of this customer, for the attribution of new contacts (S95).
    #[must_use]
    pub fn with_new(mut self, new: bool) -> Self {
        self.new = new;
        self
    }

    /// Figures of the past.
    #[must_use]
    pub fn with_history(mut self, history: History) -> Self {
        self.history = history;
        self
    }

    /// Identity keys, sorted.
    #[must_use]
    pub fn keys(&self) -> &[IdentityKey] {
        &self.keys
    }

    /// The type, where the host set one.
    #[must_use]
    pub fn customer_type(&self) -> Option<&CustomerTypeId> {
        self.customer_type.as_ref()
    }

    /// Membership groups, sorted.
    #[must_use]
    pub fn memberships(&self) -> &[MembershipId] {
        &self.memberships
    }

    /// Whether the host had no earlier record of this customer.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.new
    }

    /// Figures of the past.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }
}

/// What a customer did before this order. Cancelled orders are not in it: that is the host's to say.
///
/// ```
/// use vouchsafe::{Currency, History, Money};
///
/// let history = History::default().with_orders(2).with_spend(Money::parse("120.00", Currency::USD)?)?;
/// assert_eq!(history.spend(Currency::USD), Money::parse("120.00", Currency::USD)?);
/// assert_eq!(history.spend(Currency::EUR), Money::zero(Currency::EUR));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    orders: u64,
    order_times: Vec<DateTime<Utc>>,
    spend: Vec<Money>,
    products: KeySet,
    categories: KeySet,
}

impl History {
    /// How many orders the customer placed before this one.
    #[must_use]
    pub fn with_orders(mut self, orders: u64) -> Self {
        self.orders = orders;
        self
    }

    /// When earlier orders were placed; as far back as conditions over a period look. There are at least this many
    /// orders, so the count rises with it.
    #[must_use]
    pub fn with_order_times(mut self, times: impl IntoIterator<Item = DateTime<Utc>>) -> Self {
        self.order_times = times.into_iter().collect();
        self.order_times.sort_unstable();
        self.orders = self.orders.max(u64::try_from(self.order_times.len()).unwrap_or(u64::MAX));
        self
    }

    /// What the customer spent in one currency so far; one figure per currency, the last one given stands.
    ///
    /// # Errors
    /// [`Why::Negative`] at `history.spend`.
    pub fn with_spend(mut self, spend: Money) -> Result<Self, Error> {
        if spend.is_negative() {
            return Err(Error::invalid("history.spend", spend, Why::Negative));
        }
        self.spend.retain(|s| s.currency() != spend.currency());
        self.spend.push(spend);
        Ok(self)
    }

    /// Products bought before.
    #[must_use]
    pub fn with_products(mut self, products: impl IntoIterator<Item = ProductId>) -> Self {
        self.products = KeySet::new(products.into_iter().map(|p| p.key().clone()));
        self
    }

    /// Categories bought from before.
    #[must_use]
    pub fn with_categories(mut self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        self.categories = KeySet::new(categories.into_iter().map(|c| c.key().clone()));
        self
    }

    /// How many orders were placed before this one.
    #[must_use]
    pub fn orders(&self) -> u64 {
        self.orders
    }

    /// When earlier orders were placed, oldest first.
    #[must_use]
    pub fn order_times(&self) -> &[DateTime<Utc>] {
        &self.order_times
    }

    /// What was spent in a currency; zero where the host gave no figure.
    #[must_use]
    pub fn spend(&self, currency: Currency) -> Money {
        self.spend.iter().find(|s| s.currency() == currency).copied().unwrap_or(Money::zero(currency))
    }

    /// Whether this product was bought before.
    #[must_use]
    pub fn bought_product(&self, product: &ProductId) -> bool {
        self.products.contains(product.key())
    }

    /// Whether anything of this category was bought before.
    #[must_use]
    pub fn bought_category(&self, category: &CategoryId) -> bool {
        self.categories.contains(category.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_keys_are_normalised_once() {
        assert_eq!(IdentityKey::email(" A@B.c ").unwrap().to_string(), "email:a@b.c");
        assert_eq!(IdentityKey::id(" 7 ").unwrap().to_string(), "id:7");
        assert!(IdentityKey::email("nobody").is_err());
        assert!(IdentityKey::email("@b").is_err());
        assert!("fax:1".parse::<IdentityKey>().is_err());
        assert!("id:".parse::<IdentityKey>().is_err());
        let plain = IdentityKey::email("a.b+x@c.d").unwrap();
        assert_eq!(plain.value(), "a.b+x@c.d", "tags and dots stay unless the host asks");
        assert_eq!(IdentityKey::email_without_aliases("a.b+x@c.d", false).unwrap().value(), "a.b@c.d");
        assert!(IdentityKey::email_without_aliases("+x@c.d", true).is_err());
    }

    #[test]
    fn keys_are_kept_once_and_sorted() {
        let a = IdentityKey::id("1").unwrap();
        let b = IdentityKey::email("a@b.c").unwrap();
        let customer = Customer::new([b.clone(), a.clone(), b.clone()]);
        assert_eq!(customer.keys(), [a, b]);
    }
}
