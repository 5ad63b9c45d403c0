//! By what a customer is known again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form};
use crate::key::Key;

/// What kind of fact identifies a customer.
///
/// ```
/// use vouchsafe::{IdentityKey, IdentityKind};
///
/// let phone = IdentityKey::new(IdentityKind::Phone, "+41445550100")?;
/// assert_eq!((phone.kind().as_str(), phone.value()), ("phone", "+41445550100"));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
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
/// reached on any (S98).
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
    pub(super) kind: IdentityKind,
    pub(super) value: Key,
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

    /// What stands in the place of a key that was forgotten: it tells nothing.
    pub(crate) fn forgotten(number: u64) -> Self {
        Self { kind: IdentityKind::Other, value: Key::numbered("forgotten", number) }
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

impl Form for IdentityKind {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let text = check.text(value)?;
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            check.report(value, Why::UnknownChoice { choices: "`id`, `email`, `phone`, `device`, `other`" });
        }
        found.map(|(_, kind)| *kind)
    }

    fn write(&self) -> DraftValue {
        self.as_str().into()
    }
}

impl Form for IdentityKey {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let text = check.text(value)?;
        check.accept(value, text.parse())
    }

    fn write(&self) -> DraftValue {
        self.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_keys_are_normalised_once() {
        assert_eq!(IdentityKey::email(" A@B.c ").unwrap().to_string(), "email:a@b.c");
        assert_eq!(IdentityKey::id(" 7 ").unwrap().to_string(), "id:7");
        let plain = IdentityKey::email("a.b+x@c.d").unwrap();
        assert_eq!(plain.value(), "a.b+x@c.d", "tags and dots stay unless the host asks");
        assert_eq!(IdentityKey::email_without_aliases("a.b+x@c.d", false).unwrap().value(), "a.b@c.d");
        assert!(IdentityKey::email_without_aliases("+x@c.d", true).is_err());
    }

    #[test]
    fn what_is_no_identity_key_is_refused() {
        let kinds = "not one of id:, email:, phone:, device: or other: with a value";
        for (text, why) in [
            ("fax:1", kinds),
            ("42", kinds),
            ("", kinds),
            ("id:", "empty"),
            ("id:  ", "empty"),
            ("device:a\nb", "character `\\n` at position 2 is not allowed"),
            ("email:nobody", "expected an e-mail address"),
            ("email:@b", "expected an e-mail address"),
            ("email:a@", "expected an e-mail address"),
        ] {
            let error = text.parse::<IdentityKey>().unwrap_err().to_string();
            assert!(error.ends_with(&format!(": {why}")), "{text}: {error}");
        }
        assert!(IdentityKey::id(&"x".repeat(255)).is_ok());
        assert!(IdentityKey::id(&"x".repeat(256)).is_err());
    }

    #[test]
    fn a_value_may_hold_colons() {
        let key: IdentityKey = "other:urn:isbn:1".parse().unwrap();
        assert_eq!((key.kind(), key.value()), (IdentityKind::Other, "urn:isbn:1"));
        assert_eq!(key.to_string().parse::<IdentityKey>().unwrap(), key);
    }

    #[test]
    fn the_text_is_the_json() {
        let key: IdentityKey = serde_json::from_str("\"email:Ann@Example.COM\"").unwrap();
        assert_eq!(serde_json::to_string(&key).unwrap(), "\"email:ann@example.com\"");
        assert!(serde_json::from_str::<IdentityKey>("42").is_err());
        for (name, kind) in IdentityKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{name}\""));
        }
    }
}
