//! How checked types are read from a draft and written back to one.
//!
//! A type of a definition has one [`Form`]: `read` reports everything that is wrong, each at its path, and goes on;
//! `write` gives the form back, so that reading what was written is identity. JSON, the builder and the check of a
//! coupon all go through it, so there is one set of rules.

use std::collections::HashSet;
use std::fmt;

use crate::error::{DefinitionErrors, Error, FieldError, Why};

use super::Fields;
use super::tree::{MAX_DEPTH, MAX_NODES};
use crate::form::DraftValue;

/// A checked type with its form in a draft.
pub(crate) trait Form: Sized {
    /// Reads the value at the path where `check` stands. Everything that is wrong is reported there; `None` where no
    /// value can be made. What is returned beside a report is only good for finding further errors.
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self>;

    /// The value that reads as this one.
    fn write(&self) -> DraftValue;
}

/// The errors found so far, and the path where the reading stands.
#[derive(Debug, Default)]
pub(crate) struct Check {
    path: Vec<Step>,
    errors: Vec<(Vec<usize>, FieldError)>,
    tree: Option<TreeWalk>,
}

/// One step of a path, with its place among its siblings in the document.
#[derive(Debug, Clone)]
enum Step {
    Field(String, usize),
    Member(usize),
}

/// How much of a tree of conditions or scopes has been read.
#[derive(Debug, Clone, Copy)]
struct TreeWalk {
    /// Steps of the path that lead to the root of the tree.
    root: usize,
    depth: usize,
    nodes: usize,
}

impl Check {
    /// Reads a whole document.
    pub(crate) fn document<T>(read: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, DefinitionErrors> {
        let mut check = Self::default();
        let value = read(&mut check);
        match value {
            Some(value) if check.errors.is_empty() => Ok(value),
            _ => Err(check.into_errors()),
        }
    }

    /// All errors in the order of the document; what is missing comes after what is there.
    fn into_errors(self) -> DefinitionErrors {
        let mut errors = self.errors;
        if errors.is_empty() {
            // A reader that gives up says why; should one ever forget, the answer is still an error.
            errors.push((Vec::new(), FieldError::new("", "", Why::Missing)));
        }
        errors.sort_by(|(a, _), (b, _)| a.cmp(b));
        DefinitionErrors(errors.into_iter().map(|(_, error)| error).collect())
    }

    /// Reports that the value here cannot be used.
    pub(crate) fn report(&mut self, value: impl fmt::Display, why: Why) {
        self.report_above(self.path.len(), value, why);
    }

    /// The path where the reading stands, from the root of the document.
    pub(crate) fn path(&self) -> String {
        self.path_of(self.path.len()).0
    }

    fn path_of(&self, steps: usize) -> (String, Vec<usize>) {
        let mut path = String::new();
        let mut places = Vec::new();
        for step in self.path.iter().take(steps) {
            match step {
                Step::Field(name, place) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&shown_name(name));
                    places.push(*place);
                }
                Step::Member(place) => {
                    path.push_str(&format!("[{place}]"));
                    places.push(*place);
                }
            }
        }
        (path, places)
    }

    fn report_above(&mut self, steps: usize, value: impl fmt::Display, why: Why) {
        let (path, places) = self.path_of(steps);
        self.errors.push((places, FieldError::new(path, shown(&value.to_string()), why)));
    }

    /// Reports what was found by rules over the whole document, each with its whole path; it comes after what was read.
    /// What was found while reading is not found again.
    pub(crate) fn report_found(&mut self, found: Vec<FieldError>) {
        let overlap = |error: &FieldError| match &error.why {
            Why::Overlaps { with } => Some((error.path.clone(), with.clone())),
            _ => None,
        };
        let read: HashSet<(String, String)> = self.errors.iter().filter_map(|(_, error)| overlap(error)).collect();
        for error in found {
            if overlap(&error).is_none_or(|overlap| !read.contains(&overlap)) {
                self.errors.push((vec![usize::MAX, self.errors.len()], error));
            }
        }
    }

    /// Reports what a checked constructor said about the value here: its own path stays below this one.
    pub(crate) fn report_error(&mut self, value: &DraftValue, error: Error) {
        match error {
            Error::Invalid(field) => self.report(value, field.why),
            Error::Definition(errors) => {
                for field in errors.0 {
                    self.report(value, field.why);
                }
            }
            Error::Overflow { .. } => self.report(value, Why::Overflow),
        }
    }

    /// The value of a checked constructor, or `None` and a report.
    pub(crate) fn accept<T>(&mut self, value: &DraftValue, made: Result<T, Error>) -> Option<T> {
        made.map_err(|error| self.report_error(value, error)).ok()
    }

    /// Reports a value of the wrong kind.
    pub(crate) fn wrong_kind(&mut self, value: &DraftValue, expected: &'static str) {
        let why =
            if value.is_too_deep() { Why::TooDeep { max: DraftValue::MAX_DEPTH } } else { Why::WrongKind { expected } };
        self.report(value, why);
    }

    /// The text here. A number is told apart, because a figure written as one has already lost its cents somewhere.
    pub(crate) fn figure<'v>(&mut self, value: &'v DraftValue) -> Option<&'v str> {
        if value.as_number().is_some() {
            self.report(value, Why::JsonNumber);
            return None;
        }
        self.text(value)
    }

    /// The text here.
    pub(crate) fn text<'v>(&mut self, value: &'v DraftValue) -> Option<&'v str> {
        if value.as_text().is_none() {
            self.wrong_kind(value, "a string");
        }
        value.as_text()
    }

    /// Reads below this field.
    pub(crate) fn in_field<T>(&mut self, name: &str, place: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Field(name.to_owned(), place));
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reads below this member of a list.
    pub(crate) fn in_member<T>(&mut self, place: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Member(place));
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reads the fields of a map, and reports those that nobody asked for and those that stand twice.
    pub(crate) fn fields<T>(
        &mut self,
        value: &DraftValue,
        read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let Some(entries) = value.as_map() else {
            self.wrong_kind(value, "an object");
            return None;
        };
        self.entries(entries, read)
    }

    /// [`Check::fields`] for fields at hand.
    pub(crate) fn entries<T>(
        &mut self,
        entries: &[(String, DraftValue)],
        read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let mut fields = Fields::new(self, entries);
        let made = read(&mut fields);
        fields.report_the_rest();
        made
    }

    /// Reads a choice: a name, or an object whose only field is the name and holds what belongs to it.
    pub(crate) fn choice<'v>(
        &mut self,
        value: &'v DraftValue,
        choices: &'static str,
    ) -> Option<(&'v str, Option<&'v DraftValue>)> {
        if let Some(name) = value.as_text() {
            return Some((name, None));
        }
        match value.as_map() {
            Some([(name, inner)]) => Some((name, Some(inner))),
            Some([]) => {
                self.report(value, Why::UnknownChoice { choices });
                None
            }
            _ => {
                self.wrong_kind(value, "a name or an object with one field");
                None
            }
        }
    }

    /// Starts a tree of conditions or scopes here. A scope inside a condition has a depth of its own, while its
    /// members count for the tree of conditions, so that one bound holds for all of it.
    pub(crate) fn tree<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.tree;
        let (root, nodes) = outer.map_or((self.path.len(), 0), |walk| (walk.root, walk.nodes));
        self.tree = Some(TreeWalk { root, depth: 0, nodes });
        let value = read(self);
        let nodes = self.tree.map_or(nodes, |walk| walk.nodes);
        self.tree = outer.map(|walk| TreeWalk { nodes, ..walk });
        value
    }

    /// Reads one member of a tree, or reports that the tree is past its bounds. A tree that is too large is reported
    /// once, at its root, and the rest of it is not looked at.
    pub(crate) fn node<T>(&mut self, value: &DraftValue, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let Some(walk) = self.tree else {
            return self.tree(|check| check.node(value, read));
        };
        let next = TreeWalk { depth: walk.depth.saturating_add(1), nodes: walk.nodes.saturating_add(1), ..walk };
        self.tree = Some(next);
        if next.nodes > MAX_NODES {
            if walk.nodes == MAX_NODES {
                self.report_above(walk.root, "{..}", Why::TooMany { max: MAX_NODES });
            }
            self.tree = Some(TreeWalk { depth: walk.depth, ..next });
            return None;
        }
        if next.depth > MAX_DEPTH {
            self.report(value, Why::TooDeep { max: MAX_DEPTH });
            self.tree = Some(TreeWalk { depth: walk.depth, ..next });
            return None;
        }
        let made = read(self);
        if let Some(walk_below) = &mut self.tree {
            walk_below.depth = walk.depth;
        }
        made
    }
}

/// A name as a path shows it: a hostile one can neither break a line of a log nor fill it, and an empty one is seen.
fn shown_name(name: &str) -> String {
    const SHOWN: usize = 40;
    if name.is_empty() {
        return "\"\"".to_owned();
    }
    shown(&name.chars().take(SHOWN).collect::<String>())
}

/// Text without control characters, which must not reach a log as such.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A choice with what belongs to it: `{"percent": {...}}`.
pub(crate) fn tagged(name: &'static str, inner: DraftValue) -> DraftValue {
    DraftValue::map([(name, inner)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coupon::Pick;

    /// What reading a small record reports, one line per error.
    fn report(json: &str) -> String {
        let value: DraftValue = serde_json::from_str(json).unwrap();
        let read = Check::document(|check| {
            check.fields(&value, |f| {
                let count: Option<u32> = f.required_not_zero("count");
                f.or_default::<Pick>("pick");
                let names: Option<Vec<String>> = f.optional("names");
                f.forbid("old", "count");
                count.map(|count| (count, names))
            })
        });
        read.map_or_else(|errors| errors.to_string().replace("; ", "\n"), |ok| format!("{ok:?}"))
    }

    #[test]
    fn a_record_without_mistakes_is_read() {
        assert_eq!(report(r#"{"count":2,"pick":"dearest","names":["a","b"]}"#), r#"(2, Some(["a", "b"]))"#);
        assert_eq!(report(r#"{"count":2,"names":null}"#), "(2, None)");
    }

    #[test]
    fn every_mistake_is_reported_in_the_order_of_the_document() {
        let json = r#"{"extra":{},"names":["a",1,null],"pick":"best","old":true,"count":-1,"pick":"dearest"}"#;
        assert_eq!(
            report(json),
            "`extra` is `{}`: unknown field, known: `count`, `pick`, `names`\n\
             `names[1]` is `1`: expected a string\n\
             `names[2]` is `null`: expected a string\n\
             `pick` is `best`: not one of `cheapest`, `dearest`\n\
             `old` is `true`: not allowed together with count\n\
             `count` is `-1`: negative\n\
             `pick` is `dearest`: given twice"
        );
    }

    #[test]
    fn numbers_are_whole_and_fit() {
        for (count, error) in [
            ("0", "`count` is `0`: zero"),
            ("1.5", "`count` is `1.5`: expected a whole number"),
            ("1.0", "`count` is `1.0`: expected a whole number"),
            ("1e3", "`count` is `1000.0`: expected a whole number"),
            ("\"1\"", "`count` is `1`: expected a whole number"),
            ("4294967296", "`count` is `4294967296`: not between 0 and 4294967295"),
            ("{}", "`count` is `{}`: expected a whole number"),
            ("null", "`count` is missing"),
        ] {
            assert_eq!(report(&format!("{{\"count\":{count}}}")), error);
        }
    }

    #[test]
    fn what_is_no_record_is_reported_at_the_root() {
        assert_eq!(report("[]"), "`` is `[]`: expected an object");
        assert_eq!(report("{}"), "`count` is missing");
    }

    #[test]
    fn a_hostile_name_is_shown_in_short_and_escaped() {
        let name = format!("a\nb{}", "c".repeat(1_000));
        let value = DraftValue::map([(name, 1_u32)]);
        let errors = Check::document(|check| check.fields(&value, |_| Some(()))).unwrap_err();
        assert_eq!(errors.errors().first().unwrap().path, format!("a\\nb{}", "c".repeat(37)));
        assert_eq!(report(r#"{"count":1,"pick":"a\nb"}"#), "`pick` is `a\\nb`: not one of `cheapest`, `dearest`");
    }
}

/// What the unit tests of every form share.
#[cfg(test)]
pub(crate) mod testing {
    use super::{Check, Form};
    use crate::form::DraftValue;

    /// All errors of reading this JSON, or nothing.
    pub(crate) fn errors_of<T: Form>(json: &str) -> String {
        let value: DraftValue = serde_json::from_str(json).unwrap();
        Check::document(|check| T::read(&value, check)).map_or_else(|errors| errors.to_string(), |_| String::new())
    }

    /// Reads what is valid.
    pub(crate) fn read<T: Form>(json: &str) -> T {
        let value: DraftValue = serde_json::from_str(json).unwrap();
        Check::document(|check| T::read(&value, check)).unwrap()
    }

    /// Reads each JSON and writes it again, which must give the same text.
    #[track_caller]
    pub(crate) fn assert_identity<T: Form>(jsons: &[&str]) {
        for json in jsons {
            assert_eq!(serde_json::to_string(&read::<T>(json).write()).unwrap(), *json);
        }
    }

    /// Asserts the errors of each JSON.
    #[track_caller]
    pub(crate) fn assert_errors<T: Form>(table: &[(&str, &str)]) {
        for (json, errors) in table {
            assert_eq!(errors_of::<T>(json), *errors, "{json}");
        }
    }
}
