//! What went wrong below the store. A "no" is never an error: it is an answer.

use std::error::Error;

/// The source of a [`StoreError`]: the error of a driver, as it was.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The store could not answer. No business "no" is ever an error: those are answers, and leave the host's transaction
/// usable.
///
/// A store error never prices an order wrongly. The host has two ways on: ask again where
/// [a retry helps](Self::is_retryable), which is always safe, since every call is idempotent by its reference; or place
/// the order without coupons, evaluated without any code.
///
/// ```
/// use vouchsafe::StoreError;
///
/// let error = StoreError::conflict("could not serialize access");
/// assert!(error.is_retryable());
/// assert_eq!(error.to_string(), "another transaction was in the way");
/// assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "could not serialize access");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database or the way to it failed. Whether the call had an effect is not known; asking again tells.
    #[error("the store failed")]
    Backend {
        /// The error of the driver.
        #[source]
        source: BoxError,
        /// Whether it may pass: a lost connection does, a missing table does not.
        retryable: bool,
    },
    /// Another transaction was in the way, and this one must be begun anew, from its first statement: a serialisation
    /// failure or a deadlock. Nothing was changed.
    #[error("another transaction was in the way")]
    Conflict {
        /// The error of the driver.
        #[source]
        source: BoxError,
    },
    /// Something that is stored cannot be read as what it should be. A retry reads the same.
    #[error("`{what}` is stored in a form that cannot be read")]
    Corrupt {
        /// Which row or document.
        what: String,
        /// Why it cannot be read.
        #[source]
        source: BoxError,
    },
}

impl StoreError {
    /// The database failed for good.
    #[must_use]
    pub fn backend(source: impl Into<BoxError>) -> Self {
        Self::Backend { source: source.into(), retryable: false }
    }

    /// The database cannot be reached right now.
    #[must_use]
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self::Backend { source: source.into(), retryable: true }
    }

    /// Another transaction was in the way.
    #[must_use]
    pub fn conflict(source: impl Into<BoxError>) -> Self {
        Self::Conflict { source: source.into() }
    }

    /// A row or document cannot be read.
    #[must_use]
    pub fn corrupt(what: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self::Corrupt { what: what.into(), source: source.into() }
    }

    /// Whether asking again may help. Inside a transaction of the host, "again" means the whole transaction.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Backend { retryable, .. } => *retryable,
            Self::Conflict { .. } => true,
            Self::Corrupt { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_source_and_says_whether_a_retry_helps() {
        let errors = [
            (StoreError::backend("no such table"), false),
            (StoreError::unavailable("connection reset"), true),
            (StoreError::conflict("deadlock"), true),
            (StoreError::corrupt("coupon spring", "missing field"), false),
        ];
        for (error, retryable) in errors {
            assert_eq!(error.is_retryable(), retryable, "{error}");
            assert!(error.source().is_some(), "{error}");
        }
    }
}
