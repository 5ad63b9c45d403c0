//! One step: a transaction, the rows in it, and the way of a document there and back.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, Params, Row, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;
use vouchsafe::{AdminError, AdminFailure, Grace, StoreError};

/// Why a step was not done. A "no" of the rules and a driver that failed are told apart to the end.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(AdminError),
    Store(StoreError),
}

impl From<AdminError> for Failure {
    fn from(no: AdminError) -> Self {
        Self::Refused(no)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Failure {
    /// Somebody else has the lock: the whole transaction can be tried again. Anything else stays as it is.
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::conflict(error),
            _ => StoreError::backend(error),
        })
    }
}

impl From<Failure> for AdminFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(no) => no.into(),
            Failure::Store(error) => error.into(),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(no) => Self::backend(no),
            Failure::Store(error) => error,
        }
    }
}

/// Whether a step writes. One that does takes SQLite's only write lock *before* it reads, so that what it has read still
/// stands when it writes; one that does not sees one state of the database, and waits for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Read,
    Write,
}

/// Does all of `work` or nothing of it: in a transaction of its own, or as a part of the host's that is under way. What
/// answers with an error is rolled back, and the host's transaction stays usable.
pub(crate) fn step<T>(
    connection: &mut Connection,
    step: Step,
    work: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if connection.is_autocommit() {
        let behavior = match step {
            Step::Read => TransactionBehavior::Deferred,
            Step::Write => TransactionBehavior::Immediate,
        };
        let transaction = connection.transaction_with_behavior(behavior)?;
        let answer = work(&transaction)?;
        transaction.commit()?;
        Ok(answer)
    } else {
        let savepoint = connection.savepoint()?;
        let answer = work(&savepoint)?;
        savepoint.commit()?;
        Ok(answer)
    }
}

/// The rows of one shop, in a step. What is done with them stands in the other files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'t> {
    pub(crate) db: &'t Connection,
    pub(crate) shop: &'t str,
    pub(crate) grace: Grace,
}

impl Rows<'_> {
    /// Runs a statement that answers nothing.
    pub(crate) fn run(&self, sql: &str, values: impl Params) -> Result<(), Failure> {
        self.db.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Every row of an answer.
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        values: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }

    /// The first row of an answer, if there is one.
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        Ok(self.all(sql, values, read)?.into_iter().next())
    }

    /// A figure: a sum, a count, a mark. Zero where there is no row.
    pub(crate) fn figure(&self, sql: &str, values: impl Params) -> Result<u64, Failure> {
        Ok(self.first(sql, values, |row| Ok(row.get(0)?))?.unwrap_or(0))
    }
}

/// A document or a key as it is stored. Amounts in it are whole minor units and decimals are strings, so nothing is
/// rounded on the way.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string(value).map_err(StoreError::backend)?)
}

/// The way back.
pub(crate) fn read<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Failure> {
    Ok(serde_json::from_str(text).map_err(|error| StoreError::corrupt(what, error))?)
}

/// A column with a document.
pub(crate) fn document<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, Failure> {
    read(column, &row.get::<_, String>(column)?)
}

/// A column with a document or nothing.
pub(crate) fn maybe<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<Option<T>, Failure> {
    row.get::<_, Option<String>>(column)?.map(|text| read(column, &text)).transpose()
}

/// A column with plain text, such as an id, or nothing.
pub(crate) fn name<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<Option<T>, Failure> {
    let text = row.get::<_, Option<String>>(column)?.map(serde_json::Value::String);
    Ok(text.map(serde_json::from_value).transpose().map_err(|error| StoreError::corrupt(column, error))?)
}

/// The same where there always is one.
pub(crate) fn id<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, Failure> {
    Ok(name(row, column)?.ok_or_else(|| StoreError::corrupt(column, "there is none"))?)
}

/// An instant as it is stored, to the nanosecond: one that is cut off could end a hold early.
pub(crate) fn nanos(at: DateTime<Utc>) -> Result<i64, Failure> {
    let beyond = || StoreError::backend(format!("{at} is beyond the years that are stored"));
    Ok(at.timestamp_nanos_opt().ok_or_else(beyond)?)
}

/// A column with an instant.
pub(crate) fn instant(row: &Row<'_>, column: &str) -> Result<DateTime<Utc>, Failure> {
    Ok(DateTime::from_timestamp_nanos(row.get(column)?))
}

/// A column with an instant or nothing.
pub(crate) fn maybe_instant(row: &Row<'_>, column: &str) -> Result<Option<DateTime<Utc>>, Failure> {
    Ok(row.get::<_, Option<i64>>(column)?.map(DateTime::from_timestamp_nanos))
}
