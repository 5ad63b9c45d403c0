//! Reads the fields of a case and remembers which ones: a field that nobody read is never ignored.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// Why a case says nothing about the crate: the field that cannot be mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotApplicable(pub(crate) String);

pub(crate) type Read<T> = Result<T, NotApplicable>;

pub(crate) fn not_applicable<T>(field: impl Into<String>) -> Read<T> {
    Err(NotApplicable(field.into()))
}

/// A value of the crate that the case asks for and the crate does not accept.
pub(crate) trait OrField<T> {
    fn or_field(self, field: &str) -> Read<T>;
}

impl<T, E: std::fmt::Display> OrField<T> for Result<T, E> {
    fn or_field(self, field: &str) -> Read<T> {
        self.map_err(|error| NotApplicable(format!("{field} ({error})")))
    }
}

/// The fields of one object of a case. A field that is null is absent.
pub(crate) struct Fields<'a> {
    path: &'static str,
    map: &'a Map<String, Value>,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value, path: &'static str) -> Read<Self> {
        match value.as_object() {
            Some(map) => Ok(Self { path, map, read: RefCell::default() }),
            None => not_applicable(format!("malformed: {} is no object", if path.is_empty() { "case" } else { path })),
        }
    }

    pub(crate) fn name(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    pub(crate) fn malformed<T>(&self, field: &str) -> Read<T> {
        not_applicable(format!("malformed: {}", self.name(field)))
    }

    /// Marks fields that tell the reader something and ask nothing of the crate.
    pub(crate) fn remarks(&self, fields: &[&str]) {
        self.read.borrow_mut().extend(fields.iter().map(|f| (*f).to_owned()));
    }

    /// Whether the field stands there, null or not.
    pub(crate) fn states(&self, field: &str) -> bool {
        self.map.contains_key(field)
    }

    pub(crate) fn raw(&self, field: &str) -> Option<&'a Value> {
        self.read.borrow_mut().insert(field.to_owned());
        self.map.get(field).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, field: &str) -> Read<Option<&'a str>> {
        match self.raw(field) {
            None => Ok(None),
            Some(value) => value.as_str().map_or_else(|| self.malformed(field), |text| Ok(Some(text))),
        }
    }

    pub(crate) fn flag(&self, field: &str) -> Read<Option<bool>> {
        match self.raw(field) {
            None => Ok(None),
            Some(value) => value.as_bool().map_or_else(|| self.malformed(field), |flag| Ok(Some(flag))),
        }
    }

    /// A decimal number, written as text or as a whole number; never a float.
    pub(crate) fn decimal(&self, field: &str) -> Read<Option<Decimal>> {
        match self.raw(field) {
            None => Ok(None),
            Some(value) => decimal(value).map_or_else(|| self.malformed(field), |found| Ok(Some(found))),
        }
    }

    pub(crate) fn whole(&self, field: &str) -> Read<Option<u64>> {
        match self.raw(field) {
            None => Ok(None),
            Some(value) => whole(value).map_or_else(|| self.malformed(field), |found| Ok(Some(found))),
        }
    }

    pub(crate) fn list(&self, field: &str) -> Read<Option<&'a [Value]>> {
        match self.raw(field) {
            None => Ok(None),
            Some(value) => value.as_array().map_or_else(|| self.malformed(field), |list| Ok(Some(list.as_slice()))),
        }
    }

    pub(crate) fn texts(&self, field: &str) -> Read<Option<Vec<String>>> {
        let Some(list) = self.list(field)? else { return Ok(None) };
        let texts: Option<Vec<String>> = list.iter().map(|v| v.as_str().map(str::to_owned)).collect();
        texts.map_or_else(|| self.malformed(field), |texts| Ok(Some(texts)))
    }

    /// The first field that nobody read makes the case not applicable.
    pub(crate) fn finish(&self) -> Read<()> {
        let read = self.read.borrow();
        match self.map.iter().find(|(name, value)| !value.is_null() && !read.contains(*name)) {
            Some((name, _)) => not_applicable(self.name(name)),
            None => Ok(()),
        }
    }
}

pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => Decimal::from_str_exact(text).ok(),
        Value::Number(number) => number.as_i64().map(Decimal::from),
        _ => None,
    }
}

pub(crate) fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

/// A decimal as definitions write it.
pub(crate) fn figure(value: Decimal) -> String {
    value.normalize().to_string()
}

/// Whether a field of this name stands anywhere in the case with a value.
pub(crate) fn mentions(value: &Value, field: &str) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(name, value)| {
            (name == field && !value.is_null()) || (name != "peer_specific" && mentions(value, field))
        }),
        Value::Array(list) => list.iter().any(|value| mentions(value, field)),
        _ => false,
    }
}

/// Puts a field into an object that the runner itself makes.
pub(crate) fn put(object: &mut Value, field: &str, value: impl Into<Value>) {
    if let Some(map) = object.as_object_mut() {
        map.insert(field.to_owned(), value.into());
    }
}
