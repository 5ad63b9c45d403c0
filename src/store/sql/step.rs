//! What every step has in common: how it ends, and how documents and lists go into a statement and come out of a row.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use sqlx::{Database, Transaction};

use crate::customer::IdentityKey;
use crate::key::Namespace;
use crate::outcome::Redemption;
use crate::request::Reference;
use crate::store::StoreError;

use super::checkout::ask::json;
use super::{Dialect, Statement};

/// Locks the record of a reference, with its document; nothing where nothing is recorded.
pub(super) const LOCK_RECORD: Statement = Statement {
    sqlite: include_str!("../sqlite/life/lock_record.sql"),
    postgres: include_str!("../postgres/life/lock_record.sql"),
};

const PSEUDONYMS: Statement = Statement::both(include_str!("forget/pseudonyms.sql"));

/// How many rows go into one statement, and come out of one page.
pub(super) const CHUNK: usize = 1_000;

/// Ends a transaction. An error leaves nothing, and the host's transaction usable.
pub(super) async fn end<D: Dialect, T>(
    transaction: Transaction<'_, D>,
    answer: Result<T, StoreError>,
) -> Result<T, StoreError> {
    match answer {
        Ok(answer) => {
            transaction.commit().await.map_err(D::failure)?;
            Ok(answer)
        }
        Err(error) => {
            // Where even this fails the connection is lost, and the transaction with it.
            drop(transaction.rollback().await);
            Err(error)
        }
    }
}

/// A document that was stored; `what` says which.
pub(super) fn read<T: DeserializeOwned>(text: &str, what: impl FnOnce() -> String) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(what(), error))
}

pub(super) fn read_redemption(reference: &str, text: &str) -> Result<Redemption, StoreError> {
    read(text, || format!("redemption of `{reference}`"))
}

/// A reference, from the key of its row.
pub(super) fn read_reference(key: &str) -> Result<Reference, StoreError> {
    let read = match key.split_once(':') {
        Some(("order", id)) => id.parse().map(Reference::Order),
        Some(("claim", id)) => id.parse().map(Reference::Claim),
        _ => return Err(StoreError::corrupt(format!("reference `{key}`"), "neither an order nor a claim")),
    };
    read.map_err(|error| StoreError::corrupt(format!("reference `{key}`"), error))
}

/// A list of texts for a statement.
pub(super) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> Result<String, StoreError> {
    let texts: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    json(&texts)
}

/// Keys in the order in which rows of them are locked.
pub(super) fn in_order<'k>(keys: impl IntoIterator<Item = &'k IdentityKey>) -> Vec<String> {
    let mut texts: Vec<String> = keys.into_iter().map(ToString::to_string).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// A figure on its way into a column, which holds no more than this.
pub(super) fn stored(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}

/// Takes the numbers of so many pseudonyms, and says the last of them. Until the transaction ends nobody else of the shop is
/// forgotten: whoever reads keys in one place and writes them to another takes none, and comes first or after.
pub(super) async fn next_pseudonyms<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    count: u64,
) -> Result<u64, StoreError> {
    let rows = D::rows(connection, &PSEUDONYMS, vec![namespace.as_str().into(), stored(count).into()]).await?;
    rows.first().map_or(Ok(count), |row| row.figure(0))
}
