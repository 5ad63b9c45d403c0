//! Who the customer is: named customers.

use super::selection::into_condition;
use crate::customer::{IdentityKey, IdentityKind};
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, read_members};

/// The customer has one of these identity keys, or an e-mail address of one of these domains (S105).
///
/// For a coupon that a few named customers may use. A code made for one customer is better issued to that customer, as
/// a coupon of [`Kind::Personal`](crate::Kind::Personal). In JSON
/// `{"customers": {"only": ["id:42", "email:ann@example.com"]}}`.
///
/// ```
/// use vouchsafe::{Condition, Customers, IdentityKey};
///
/// let ann = Condition::from(Customers::only([IdentityKey::email("Ann@example.com")?]));
/// assert_eq!(serde_json::to_string(&ann)?, r#"{"customers":{"only":["email:ann@example.com"]}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Everybody of a company
///
/// A domain is compared whole and in lower case: that of `ann@mail.example.com` is `mail.example.com`. Keys that a host
/// hashes tell no domain, so nobody meets one by them. In JSON
/// `{"customers": {"only": ["id:42"], "email_domains": ["example.com"]}}`; either list is enough.
///
/// ```
/// use vouchsafe::Customers;
///
/// let staff = Customers::only([]).or_email_domains(["Example.com"])?;
/// assert_eq!(staff.email_domains(), ["example.com"]);
/// assert!(Customers::only([]).or_email_domains(["ann@example.com"]).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customers {
    only: Vec<IdentityKey>,
    /// In lower case.
    email_domains: Vec<String>,
}

impl Customers {
    /// Allows only these; an empty list allows nobody.
    #[must_use]
    pub fn only(allowed: impl IntoIterator<Item = IdentityKey>) -> Self {
        Self { only: allowed.into_iter().collect(), email_domains: Vec::new() }
    }

    /// The same, with everybody who has an e-mail address of one of these domains being allowed as well.
    ///
    /// # Errors
    /// [`Why::Empty`] or [`Why::WrongCharacter`] (an `@`, a blank or a control character) at `email_domains[i]`.
    pub fn or_email_domains<'a>(mut self, domains: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        for (i, text) in domains.into_iter().enumerate() {
            let checked = domain(text).map_err(|why| Error::invalid(format!("email_domains[{i}]"), text, why));
            self.email_domains.push(checked?);
        }
        Ok(self)
    }

    /// The identity keys that are allowed.
    #[must_use]
    pub fn allowed(&self) -> &[IdentityKey] {
        &self.only
    }

    /// The domains whose e-mail addresses are allowed, in lower case.
    #[must_use]
    pub fn email_domains(&self) -> &[String] {
        &self.email_domains
    }

    /// Whether one of a customer's keys is allowed.
    pub(crate) fn allow(&self, keys: &[IdentityKey]) -> bool {
        let of_domain = |key: &IdentityKey| {
            let address = Some(key.value()).filter(|_| key.kind() == IdentityKind::Email);
            let found = address.and_then(|address| address.rsplit_once('@')).map(|(_, domain)| domain);
            found.is_some_and(|found| self.email_domains.iter().any(|domain| domain == found))
        };
        keys.iter().any(|key| self.only.contains(key) || (!self.email_domains.is_empty() && of_domain(key)))
    }
}

/// A domain in the form in which those of addresses are kept.
fn domain(text: &str) -> Result<String, Why> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Why::Empty);
    }
    let wrong = |c: char| c == '@' || c.is_whitespace() || c.is_control();
    match text.chars().enumerate().find(|(_, c)| wrong(*c)) {
        Some((i, character)) => Err(Why::WrongCharacter { character, position: i.saturating_add(1) }),
        None => Ok(text.to_lowercase()),
    }
}

impl Form for Customers {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            // Either list will do.
            let only = if f.has("email_domains") { Some(f.or_default("only")) } else { f.required("only") };
            let domains = f.optional_with("email_domains", |value, check| {
                let read = |value: &DraftValue, check: &mut Check| {
                    domain(check.text(value)?).map_err(|why| check.report(value, why)).ok()
                };
                read_members(value, check, read)?.into_iter().collect::<Option<Vec<_>>>()
            });
            only.map(|only| Self { only, email_domains: domains.unwrap_or_default() })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("only", &self.only)
            .put_some("email_domains", (!self.email_domains.is_empty()).then_some(&self.email_domains))
            .end()
    }
}

into_condition!(Customers);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_identity, errors_of};

    #[test]
    fn keys_have_a_kind() {
        assert_identity::<Customers>(&[r#"{"only":[]}"#, r#"{"only":["id:42","email:ann@example.com"]}"#]);
        assert_identity::<Customers>(&[r#"{"only":[],"email_domains":["example.com"]}"#]);
        let domains = errors_of::<Customers>(r#"{"email_domains":[" ","a@b",7]}"#);
        assert_eq!(
            domains,
            "`email_domains[0]` is ` `: empty; \
             `email_domains[1]` is `a@b`: character `@` at position 2 is not allowed; \
             `email_domains[2]` is `7`: expected a string"
        );
        assert_eq!(errors_of::<Customers>("{}"), "`only` is missing");
        let errors = errors_of::<Customers>(r#"{"only":["42",42]}"#);
        assert!(errors.starts_with("`only[0]` is `42`: not one of id:"), "{errors}");
        assert!(errors.ends_with("`only[1]` is `42`: expected a string"), "{errors}");
    }
}
