//! The fields of one object, read by name and written back.

use crate::calendar::Window;
use crate::error::{Error, FieldError, Why};
use crate::form::DraftValue;

use super::{Check, Form};

/// The fields of one map while they are being read.
#[derive(Debug)]
pub(crate) struct Fields<'c, 'v> {
    check: &'c mut Check,
    entries: &'v [(String, DraftValue)],
    known: Vec<&'static str>,
    /// Those of the known ones that must not stand here.
    forbidden: Vec<&'static str>,
}

impl<'c, 'v> Fields<'c, 'v> {
    pub(super) fn new(check: &'c mut Check, entries: &'v [(String, DraftValue)]) -> Self {
        Self { check, entries, known: Vec::new(), forbidden: Vec::new() }
    }

    /// Reports the fields that nobody asked for, and those that stand twice.
    pub(super) fn report_the_rest(self) {
        let allowed = || self.known.iter().copied().filter(|name| !self.forbidden.contains(name)).collect::<Vec<_>>();
        // Of the known ones those that were met: a stranger's document may have any number of others.
        let mut met: Vec<&str> = Vec::with_capacity(self.known.len());
        for (place, (name, value)) in self.entries.iter().enumerate() {
            let known = self.known.contains(&name.as_str());
            let why = if !known {
                Why::unknown_field(name, &allowed())
            } else if met.contains(&name.as_str()) {
                Why::Duplicate
            } else {
                met.push(name);
                continue;
            };
            self.check.in_field(name, place, |check| check.report(value, why));
        }
    }

    /// The field with its place in the document, unless it is absent or null.
    fn find(&mut self, name: &'static str) -> Option<(usize, &'v DraftValue)> {
        self.known.push(name);
        let (place, (_, value)) = self.entries.iter().enumerate().find(|(_, (field, _))| field == name)?;
        (!value.is_null()).then_some((place, value))
    }

    /// Whether the field is there, whatever it holds.
    pub(crate) fn has(&mut self, name: &'static str) -> bool {
        self.find(name).is_some()
    }

    /// A field that may be absent.
    pub(crate) fn optional<T: Form>(&mut self, name: &'static str) -> Option<T> {
        self.optional_with(name, T::read)
    }

    /// A field that may be absent, read in a way of its own.
    pub(crate) fn optional_with<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'v DraftValue, &mut Check) -> Option<T>,
    ) -> Option<T> {
        let (place, value) = self.find(name)?;
        self.check.in_field(name, place, |check| read(value, check))
    }

    /// A field that may be absent, but not null, where that would be taken for something else than its default.
    pub(crate) fn optional_unless_null<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        read: impl FnOnce(&'v DraftValue, &mut Check) -> Option<T>,
    ) -> Option<T> {
        let null = self.entries.iter().enumerate().find(|(_, (field, value))| field == name && value.is_null());
        if let Some((place, (_, value))) = null {
            self.check.in_field(name, place, |check| check.wrong_kind(value, expected));
        }
        self.optional_with(name, read)
    }

    /// A field that must be there.
    pub(crate) fn required<T: Form>(&mut self, name: &'static str) -> Option<T> {
        self.required_with(name, T::read)
    }

    /// A field that must be there, read in a way of its own.
    pub(crate) fn required_with<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'v DraftValue, &mut Check) -> Option<T>,
    ) -> Option<T> {
        if !self.has(name) {
            self.report(name, Why::Missing);
        }
        self.optional_with(name, read)
    }

    /// A field with a default.
    pub(crate) fn or_default<T: Form + Default>(&mut self, name: &'static str) -> T {
        self.optional(name).unwrap_or_default()
    }

    /// A field that, where it is there, must not be zero.
    pub(crate) fn not_zero<T: Form + Default + PartialEq>(&mut self, name: &'static str) -> Option<T> {
        self.optional_with(name, |value, check| {
            let number = T::read(value, check)?;
            if number == T::default() {
                check.report(value, Why::Zero);
                return None;
            }
            Some(number)
        })
    }

    /// A field that must be there and must not be zero.
    pub(crate) fn required_not_zero<T: Form + Default + PartialEq>(&mut self, name: &'static str) -> Option<T> {
        if !self.has(name) {
            self.report(name, Why::Missing);
        }
        self.not_zero(name)
    }

    /// Reports a field, with the value it holds.
    pub(crate) fn report(&mut self, name: &'static str, why: Why) {
        let found = self.find(name);
        let place = found.map_or(usize::MAX, |(place, _)| place);
        self.check.in_field(name, place, |check| match found {
            Some((_, value)) => check.report(value, why),
            None => check.report("", why),
        });
    }

    /// Reports a field that must not stand beside another one, if it is there.
    pub(crate) fn forbid(&mut self, name: &'static str, with: &'static str) {
        self.forbidden.push(name);
        if self.has(name) {
            self.report(name, Why::Contradicts { with });
        }
    }

    /// A field that may be absent: `None` where it is there and was reported, `Some(None)` where it is absent.
    ///
    /// For rules over several fields, which say nothing useful once one of them is unreadable.
    pub(crate) fn optional_or_reported<T: Form>(&mut self, name: &'static str) -> Option<Option<T>> {
        let there = self.has(name);
        let read = self.optional(name);
        (read.is_some() || !there).then_some(read)
    }

    /// The value of a checked constructor, or its report at the one of these fields that it names (else the first).
    pub(crate) fn accept_at<T>(&mut self, names: &[&'static str], made: Result<T, Error>) -> Option<T> {
        let field = match made {
            Ok(made) => return Some(made),
            Err(Error::Invalid(field)) => *field,
            Err(other) => FieldError::new("", other, Why::Overflow),
        };
        let name = names.iter().find(|name| **name == field.path).or_else(|| names.first())?;
        self.report(name, field.why);
        None
    }

    /// The check, at the path of the map itself.
    pub(crate) fn check(&mut self) -> &mut Check {
        self.check
    }
}

/// Writes the fields of a map; what is absent or has its default is left out.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<(&'static str, DraftValue)>);

impl Writer {
    pub(crate) fn put(mut self, name: &'static str, value: &impl Form) -> Self {
        self.0.push((name, value.write()));
        self
    }

    pub(crate) fn put_some(self, name: &'static str, value: Option<&impl Form>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    pub(crate) fn put_unless<T: Form + PartialEq>(self, name: &'static str, value: &T, default: &T) -> Self {
        if value == default { self } else { self.put(name, value) }
    }

    pub(crate) fn put_unless_default<T: Form + PartialEq + Default>(self, name: &'static str, value: &T) -> Self {
        self.put_unless(name, value, &T::default())
    }

    /// The fields that [`read_window`](super::read_window) reads.
    pub(crate) fn put_window(self, window: &Window) -> Self {
        self.put_some("starts_at", window.from().as_ref()).put_some("ends_at", window.until().as_ref())
    }

    pub(crate) fn end(self) -> DraftValue {
        DraftValue::map(self.0)
    }
}
