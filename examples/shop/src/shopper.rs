//! Who is asking.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vouchsafe::{Customer, IdentityKey};

use crate::problem::Problem;

/// The shopper, as the session knows them: in the headers `x-customer-id` and `x-customer-email`, which something in front
/// of this service sets after a log-in, and takes out of whatever comes from outside. Nobody at all is a guest.
#[derive(Debug, Clone)]
pub(crate) struct Shopper {
    pub(crate) customer: Customer,
    /// Whose orders they may see; nothing for a guest, whose order ids must not be guessable.
    pub(crate) account: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Shopper {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = |name: &'static str| match parts.headers.get(name) {
            None => Ok(None),
            Some(value) => value.to_str().map(Some).map_err(|_| Problem::field(name, "not readable")),
        };
        let key = |key: Result<IdentityKey, vouchsafe::Error>, name| key.map_err(|why| Problem::unusable(name, &why));
        let mut keys = Vec::new();
        if let Some(id) = read("x-customer-id")? {
            keys.push(key(IdentityKey::id(id), "x-customer-id")?);
        }
        let account = keys.first().map(ToString::to_string).unwrap_or_default();
        if let Some(email) = read("x-customer-email")? {
            keys.push(key(IdentityKey::email(email), "x-customer-email")?);
        }
        Ok(Self { customer: Customer::new(keys), account })
    }
}
