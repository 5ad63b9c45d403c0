//! What goes into a statement and what comes out of a row: whole numbers, texts, and nothing.

use chrono::{DateTime, Utc};

use crate::store::StoreError;

/// One value. Which kind a nothing is of matters to PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

/// A row as it was read. A value of another kind than the one that is asked for is corrupt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub(in crate::store) Vec<Value>);

impl Row {
    /// The row with other columns: those at these places, in this order.
    pub(in crate::store) fn at(&self, places: &[usize]) -> Self {
        Self(places.iter().filter_map(|place| self.0.get(*place).cloned()).collect())
    }

    pub(in crate::store) fn int(&self, place: usize) -> Result<i64, StoreError> {
        self.maybe_int(place)?.ok_or_else(|| corrupt(place, "nothing"))
    }

    pub(in crate::store) fn maybe_int(&self, place: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get(place) {
            Some(Value::Int(value)) => Ok(*value),
            Some(Value::Text(None)) => Ok(None),
            Some(Value::Text(Some(_))) => Err(corrupt(place, "a text")),
            None => Err(corrupt(place, "no column")),
        }
    }

    /// A figure that is never negative.
    pub(in crate::store) fn figure(&self, place: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(place)?).map_err(|_| corrupt(place, "a negative number"))
    }

    pub(in crate::store) fn instant(&self, place: usize) -> Result<DateTime<Utc>, StoreError> {
        self.int(place).map(instant)
    }

    pub(in crate::store) fn maybe_instant(&self, place: usize) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.maybe_int(place)?.map(instant))
    }

    pub(in crate::store) fn text(&self, place: usize) -> Result<&str, StoreError> {
        self.maybe_text(place)?.ok_or_else(|| corrupt(place, "nothing"))
    }

    pub(in crate::store) fn maybe_text(&self, place: usize) -> Result<Option<&str>, StoreError> {
        match self.0.get(place) {
            Some(Value::Text(value)) => Ok(value.as_deref()),
            Some(Value::Int(None)) => Ok(None),
            Some(Value::Int(Some(_))) => Err(corrupt(place, "a number")),
            None => Err(corrupt(place, "no column")),
        }
    }
}

/// An instant as it is stored: nanoseconds since 1970 in UTC.
///
/// # Errors
/// It lies before 1677 or after 2262.
pub(in crate::store) fn nanos(at: DateTime<Utc>) -> Result<i64, StoreError> {
    let beyond = || StoreError::backend(format!("the instant {at} cannot be stored: it is not within 1678 to 2261"));
    at.timestamp_nanos_opt().ok_or_else(beyond)
}

/// An instant as it was stored.
pub(in crate::store) fn instant(nanos: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(nanos)
}

fn corrupt(place: usize, found: &str) -> StoreError {
    StoreError::corrupt(format!("column {place} of a row"), format!("found {found}"))
}
