//! Every answer that is no success: a status, a code that stays, words that may change.
//!
//! ```json
//! {"error": {"code": "unusable", "message": "the request cannot be used",
//!            "fields": [{"path": "lines[0].product", "why": "no such product"}]}}
//! ```

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use vouchsafe::{AdminError, AdminFailure, Error, StoreError};

use crate::quote::Quote;

/// One field that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Field {
    pub(crate) path: String,
    pub(crate) why: String,
}

/// Why a request did not succeed.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The body is no JSON, or not of the form that is wanted.
    Unreadable(String),
    /// Fields that cannot be used.
    Unusable(Vec<Field>),
    /// No admin.
    Unauthorised,
    NotFound(&'static str),
    /// The page is asked in another way.
    Method,
    /// The total is not the one that the shopper agreed to: here is the one that stands.
    TotalChanged(Box<Quote>),
    /// The order cannot be placed as it is.
    NotPlaceable(Box<Quote>),
    /// Another order is placed under this id.
    OrderDiffers,
    /// The card was declined.
    PaymentDeclined,
    /// The rules say no to an admin.
    Refused(AdminError),
    /// Ask again.
    Unavailable(String),
    /// Nothing that the caller could mend.
    Internal(String),
}

#[derive(Serialize)]
struct Body<'p> {
    error: Told<'p>,
}

#[derive(Serialize)]
struct Told<'p> {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "<[Field]>::is_empty")]
    fields: &'p [Field],
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<&'p Quote>,
}

impl Problem {
    /// A single field.
    pub(crate) fn field(path: impl Into<String>, why: impl ToString) -> Self {
        Self::Unusable(vec![Field { path: path.into(), why: why.to_string() }])
    }

    /// A single field that the library would not take.
    pub(crate) fn unusable(path: impl Into<String>, error: &Error) -> Self {
        Self::field(path, why(error))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Unusable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthorised => StatusCode::UNAUTHORIZED,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TotalChanged(_) | Self::NotPlaceable(_) | Self::OrderDiffers | Self::Refused(_) => {
                StatusCode::CONFLICT
            }
            Self::PaymentDeclined => StatusCode::PAYMENT_REQUIRED,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn told(&self) -> (&'static str, String) {
        match self {
            Self::Unreadable(why) => ("unreadable", why.clone()),
            Self::Unusable(_) => ("unusable", "the request cannot be used".to_owned()),
            Self::Unauthorised => ("unauthorised", "an admin's token is required".to_owned()),
            Self::NotFound(what) => ("not_found", format!("there is no such {what}")),
            Self::Method => ("method_not_allowed", "the page is not asked like this".to_owned()),
            Self::TotalChanged(_) => ("total_changed", "the total has changed: here is the new one".to_owned()),
            Self::NotPlaceable(_) => ("not_placeable", "the order cannot be placed as it is".to_owned()),
            Self::OrderDiffers => ("order_differs", "another order is placed under this id".to_owned()),
            Self::PaymentDeclined => ("payment_declined", "the payment was declined".to_owned()),
            Self::Refused(why) => ("refused", why.to_string()),
            // What went wrong inside is for the log.
            Self::Unavailable(_) => ("unavailable", "not now: ask again, it is safe".to_owned()),
            Self::Internal(_) => ("internal", "something is wrong with the shop".to_owned()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Self::Unavailable(why) | Self::Internal(why) = &self {
            eprintln!("{why}");
        }
        let (code, message) = self.told();
        let fields = if let Self::Unusable(fields) = &self { fields.as_slice() } else { &[] };
        let quote = match &self {
            Self::TotalChanged(quote) | Self::NotPlaceable(quote) => Some(&**quote),
            _ => None,
        };
        let answer = (self.status(), Json(Body { error: Told { code, message, fields, quote } }));
        match self {
            Self::Unavailable(_) => ([(header::RETRY_AFTER, "1")], answer).into_response(),
            Self::Unauthorised => ([(header::WWW_AUTHENTICATE, "Bearer")], answer).into_response(),
            _ => answer.into_response(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let one = |field: &vouchsafe::FieldError| Field { path: field.path.clone(), why: field.why.to_string() };
        match error {
            Error::Invalid(field) => Self::Unusable(vec![one(&field)]),
            Error::Definition(errors) => Self::Unusable(errors.errors().iter().map(one).collect()),
            Error::Overflow { field } => Self::field(field, "too large"),
            other => Self::field("", other),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let why = chain(&error);
        if error.is_retryable() { Self::Unavailable(why) } else { Self::Internal(why) }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(chain(&error))
    }
}

impl From<AdminFailure> for Problem {
    fn from(failure: AdminFailure) -> Self {
        match failure {
            AdminFailure::Refused(AdminError::UnknownCoupon { .. }) => Self::NotFound("coupon"),
            AdminFailure::Refused(AdminError::UnknownCode { .. }) => Self::NotFound("code"),
            AdminFailure::Refused(why) => Self::Refused(why),
            AdminFailure::Store(error) => error.into(),
        }
    }
}

/// What the library has against a value, without the path, which is another one in a request.
pub(crate) fn why(error: &Error) -> String {
    match error {
        Error::Invalid(field) => field.why.to_string(),
        other => other.to_string(),
    }
}

/// An error with everything that caused it, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // A driver may repeat what caused its error.
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

/// A body of JSON; whatever is wrong with it is told as JSON too.
pub(crate) struct Read<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Read<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes =
            Bytes::from_request(request, state).await.map_err(|error| Problem::Unreadable(error.body_text()))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| Problem::Unreadable(error.to_string()))
    }
}

/// What stands behind the question mark.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Query::from_request_parts(parts, state).await;
        asked.map(|Query(asked)| Self(asked)).map_err(|error| Problem::Unreadable(error.body_text()))
    }
}

/// The ids in the path.
pub(crate) struct Named<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let named = Path::from_request_parts(parts, state).await;
        named.map(|Path(named)| Self(named)).map_err(|error| Problem::Unreadable(error.body_text()))
    }
}
