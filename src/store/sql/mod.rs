//! A store in a relational database: what SQLite and PostgreSQL share, written once.
//!
//! The databases differ in their [`Dialect`]: how a statement is run, how a transaction begins, and the text of the
//! statements that cannot be the same. Everything else is here: which rows are read, who says no (the rules of
//! `judge`, shared with the memory store), which rows are written.

mod cell;
mod dialect;
mod migrate;
mod statement;
mod value;

use sqlx::Database;

pub(super) use cell::Cell;
pub use dialect::Dialect;
pub(super) use statement::Statement;
pub(super) use value::{Row, Value};

use crate::key::Namespace;

/// A handle on a store in a database. It borrows a connection, or the connection of a transaction that the host opened.
pub struct SqlStore<'c, D: Dialect> {
    connection: &'c mut <D as Database>::Connection,
    namespace: Namespace,
}

impl<D: Dialect> std::fmt::Debug for SqlStore<'_, D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl<'c, D: Dialect> SqlStore<'c, D> {
    /// A handle on the store of a shop.
    #[must_use]
    pub fn new(connection: &'c mut <D as Database>::Connection, namespace: Namespace) -> Self {
        Self { connection, namespace }
    }
}
