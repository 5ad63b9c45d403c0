//! Who buys: facts about a customer, handed in by the host. No coupon counters: those are in
//! [`Usage`](crate::Usage), and belong to the store.
//!
//! A [`Customer`] has [`IdentityKey`]s, a primary type and memberships ([`HeldTypes`]), and a [`History`].

mod draft;
mod grant;
#[cfg(feature = "hash")]
mod hash;
mod held;
mod history;
mod identity;
mod pseudonym;

pub use draft::{CustomerDraft, HistoryDraft};
pub use grant::AllowanceGrant;
#[cfg(feature = "hash")]
pub use hash::IdentityHash;
pub use held::{HeldTypes, Membership, TypeTerm};
pub use history::History;
pub use identity::{IdentityKey, IdentityKind};
pub use pseudonym::Pseudonyms;

use crate::attribute::Attributes;
use crate::calendar::MonthDay;
use crate::key::{CustomerTypeId, DateName};

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
///
/// # JSON
///
/// ```
/// use vouchsafe::Customer;
///
/// let ann: Customer = serde_json::from_str(
///     r#"{"version": 1, "keys": ["id:42"], "customer_type": "PROFORM", "history": {"orders": 3}}"#,
/// )?;
/// assert_eq!(ann.customer_type().map(|t| t.as_str()), Some("PROFORM"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// The fields are those of [`CustomerDraft`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    keys: Vec<IdentityKey>,
    held: HeldTypes,
    allowance_grants: Vec<AllowanceGrant>,
    /// By name, each once.
    dates: Vec<(DateName, MonthDay)>,
    new: bool,
    history: History,
    attributes: Attributes,
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

    /// The customer's type. Without one, the shop's default type holds (S36). Where a store keeps the types that codes
    /// have given, [`Loaded::customer`](crate::Loaded::customer) sets it.
    #[must_use]
    pub fn with_type(mut self, customer_type: CustomerTypeId) -> Self {
        self.held.primary = Some(customer_type);
        self
    }

    /// How long the customer has that type, and which comes after.
    #[must_use]
    pub fn with_type_term(mut self, term: TypeTerm) -> Self {
        self.held.term = Some(term);
        self
    }

    /// Further types that the customer has for now, without end, in this order. A type given twice is kept once.
    #[must_use]
    pub fn with_memberships(mut self, types: impl IntoIterator<Item = CustomerTypeId>) -> Self {
        self.held.memberships.clear();
        types.into_iter().fold(self, |customer, t| customer.with_membership(Membership::new(t)))
    }

    /// One more membership, at the end of the list; one of the same type is replaced.
    #[must_use]
    pub fn with_membership(mut self, membership: Membership) -> Self {
        self.held.set_membership(membership);
        self
    }

    /// All types at once, as a [store](crate::Loaded::customer) or the host keeps them.
    #[must_use]
    pub fn with_held(mut self, held: HeldTypes) -> Self {
        self.held = held;
        self
    }

    /// One more quantity agreed with this customer, in place of what an allowance gives everybody (S44).
    #[must_use]
    pub fn with_allowance_grant(mut self, grant: AllowanceGrant) -> Self {
        self.allowance_grants.push(grant);
        self
    }

    /// A day of the year of this customer, such as a birthday, for coupons that are earned on it (S33); one of the same
    /// name is replaced.
    ///
    /// ```
    /// use vouchsafe::Customer;
    ///
    /// let ann = Customer::anonymous().with_date("birthday".parse()?, "02-29".parse()?);
    /// assert_eq!(ann.date(&"birthday".parse()?).map(|day| day.to_string()).as_deref(), Some("02-29"));
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn with_date(mut self, name: DateName, day: MonthDay) -> Self {
        match self.dates.binary_search_by(|(known, _)| known.cmp(&name)) {
            Ok(place) => self.dates.splice(place..=place, [(name, day)]).for_each(drop),
            Err(place) => self.dates.insert(place, (name, day)),
        }
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

    /// What else is known of the customer, by key, in place of what was: a segment, a grade, a profession. The crate
    /// only compares it, and keeps none of it with the order.
    #[must_use]
    pub fn with_attributes(mut self, attributes: Attributes) -> Self {
        self.attributes = attributes;
        self
    }

    /// Identity keys, sorted.
    #[must_use]
    pub fn keys(&self) -> &[IdentityKey] {
        &self.keys
    }

    /// The primary type, where the host set one; whether its term is over is not looked at.
    #[must_use]
    pub fn customer_type(&self) -> Option<&CustomerTypeId> {
        self.held.primary()
    }

    /// The primary type with its term, and the memberships.
    #[must_use]
    pub fn held(&self) -> &HeldTypes {
        &self.held
    }

    /// Memberships in their order, those that are over or have not begun among them.
    #[must_use]
    pub fn memberships(&self) -> &[Membership] {
        self.held.memberships()
    }

    /// Quantities agreed with this customer.
    #[must_use]
    pub fn allowance_grants(&self) -> &[AllowanceGrant] {
        &self.allowance_grants
    }

    /// Days of the year of this customer, by name.
    #[must_use]
    pub fn dates(&self) -> &[(DateName, MonthDay)] {
        &self.dates
    }

    /// One of the customer's days of the year.
    #[must_use]
    pub fn date(&self, name: &DateName) -> Option<MonthDay> {
        self.dates.iter().find(|(known, _)| known == name).map(|(_, day)| *day)
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

    /// What else is known of the customer, by key.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_once_and_sorted() {
        let a = IdentityKey::id("1").unwrap();
        let b = IdentityKey::email("a@b.c").unwrap();
        let customer = Customer::new([b.clone(), a.clone(), b.clone()]);
        assert_eq!(customer.keys(), [a, b]);
    }

    #[test]
    fn memberships_are_kept_once_in_their_order() {
        let types = ["b", "a", "b"].map(|g| g.parse::<CustomerTypeId>().unwrap());
        let customer = Customer::anonymous().with_memberships(types);
        let kept: Vec<&str> = customer.memberships().iter().map(|m| m.customer_type().as_str()).collect();
        assert_eq!(kept, ["b", "a"]);
    }

    /// Proves S56: nothing at all is known, and that is fine.
    #[test]
    fn an_anonymous_shopper_is_new_and_has_no_past() {
        let nobody = Customer::anonymous();
        assert!(nobody.is_new() && nobody.keys().is_empty() && nobody.customer_type().is_none());
        assert_eq!(nobody.history(), &History::default());
        assert!(!Customer::new([]).is_new(), "only the host can say so");
    }
}
