//! Where the stories record what is redeemed: in memory, or in an SQLite file where that feature is on.

#[cfg(not(feature = "sqlite"))]
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(not(feature = "sqlite"))]
pub(crate) use memory::{Shelf, kept_in, wait};
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::{Shelf, kept_in, wait};

use std::error::Error;

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Unopened {
    what: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}
