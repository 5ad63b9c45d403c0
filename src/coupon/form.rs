//! How checked types are read from a draft and written back to one.
//!
//! A type of a definition has one [`Form`]: `read` reports everything that is wrong, each at its path, and goes on;
//! `write` gives the form back, so that reading what was written is identity. JSON, the builder and the check of a
//! coupon all go through it, so there is one set of rules.

use std::fmt;

use crate::error::{DefinitionErrors, Error, FieldError, Why};

use super::tree::{MAX_DEPTH, MAX_NODES};
use super::value::DraftValue;

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

    fn report_above(&mut self, steps: usize, value: impl fmt::Display, why: Why) {
        let mut path = String::new();
        let mut places = Vec::new();
        for step in self.path.iter().take(steps) {
            match step {
                Step::Field(name, place) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&shown(name));
                    places.push(*place);
                }
                Step::Member(place) => {
                    path.push_str(&format!("[{place}]"));
                    places.push(*place);
                }
            }
        }
        self.errors.push((places, FieldError::new(path, value, why)));
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
        let mut fields = Fields { check: self, entries, known: Vec::new() };
        let made = read(&mut fields);
        let Fields { check, known, .. } = fields;
        for (place, (name, value)) in entries.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                check.in_field(name, place, |check| check.report(value, Why::UnknownField));
            } else if entries.iter().take(place).any(|(earlier, _)| earlier == name) {
                check.in_field(name, place, |check| check.report(value, Why::Duplicate));
            }
        }
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

/// A name as an error shows it: a hostile one can neither break a line of a log nor fill it.
fn shown(name: &str) -> String {
    const SHOWN: usize = 40;
    let name: String = name.chars().take(SHOWN).collect();
    if name.chars().any(char::is_control) { name.escape_debug().to_string() } else { name }
}

/// The fields of one map while they are being read.
#[derive(Debug)]
pub(crate) struct Fields<'c, 'v> {
    check: &'c mut Check,
    entries: &'v [(String, DraftValue)],
    known: Vec<&'static str>,
}

impl<'v> Fields<'_, 'v> {
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

    pub(crate) fn end(self) -> DraftValue {
        DraftValue::map(self.0)
    }
}

/// A choice with what belongs to it: `{"percent": {...}}`.
pub(crate) fn tagged(name: &'static str, inner: DraftValue) -> DraftValue {
    DraftValue::map([(name, inner)])
}

impl Form for bool {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        if value.as_flag().is_none() {
            check.wrong_kind(value, "true or false");
        }
        value.as_flag()
    }

    fn write(&self) -> DraftValue {
        (*self).into()
    }
}

impl Form for String {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.text(value).map(str::to_owned)
    }

    fn write(&self) -> DraftValue {
        self.as_str().into()
    }
}

macro_rules! whole_forms {
    ($($whole:ty),*) => {$(
        impl Form for $whole {
            fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
                let digits = value.as_number().filter(|d| d.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
                let Some(digits) = digits else {
                    check.wrong_kind(value, "a whole number");
                    return None;
                };
                let number = digits.parse().ok();
                if number.is_none() {
                    let why = if digits.starts_with('-') && <$whole>::MIN == 0 {
                        Why::Negative
                    } else {
                        Why::OutOfRange { min: <$whole>::MIN.to_string(), max: <$whole>::MAX.to_string() }
                    };
                    check.report(value, why);
                }
                number
            }

            fn write(&self) -> DraftValue {
                (*self).into()
            }
        }
    )*};
}
whole_forms!(u32, u64, i32);

impl<T: Form> Form for Vec<T> {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let Some(members) = value.as_list() else {
            check.wrong_kind(value, "a list");
            return None;
        };
        let read = members.iter().enumerate().map(|(place, member)| check.in_member(place, |c| T::read(member, c)));
        // Every member is read before the answer, so that one bad member does not hide the next.
        read.collect::<Vec<Option<T>>>().into_iter().collect()
    }

    fn write(&self) -> DraftValue {
        DraftValue::list(self.iter().map(Form::write))
    }
}

/// Forms of types that are one string and know how to read it.
macro_rules! text_forms {
    ($($(#[$meta:meta])* $name:ty),* $(,)?) => {$(
        impl Form for $name {
            fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
                let text = check.text(value)?;
                let made = text.parse::<Self>();
                check.accept(value, made)
            }

            fn write(&self) -> DraftValue {
                self.to_string().into()
            }
        }
    )*};
}

text_forms!(
    crate::key::AccountId,
    crate::key::CampaignId,
    crate::key::CategoryId,
    crate::key::ChannelId,
    crate::key::CouponId,
    crate::key::CustomerTypeId,
    crate::key::MembershipId,
    crate::key::PartyId,
    crate::key::PaymentOptionId,
    crate::key::ProductId,
    crate::key::ProductTypeId,
    crate::key::RegionId,
    crate::key::ShippingMethodId,
    crate::key::SubsystemId,
    crate::key::TagId,
    crate::customer::IdentityKey,
);

/// Percentages are figures: a JSON number has a report of its own.
impl Form for crate::money::Percent {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let text = check.figure(value)?;
        check.accept(value, Self::parse(text))
    }

    fn write(&self) -> DraftValue {
        self.to_string().into()
    }
}

/// Serialises and reads a checked type through its form, so that JSON cannot make an invalid one.
macro_rules! serde_by_form {
    ($($name:ty),* $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&$crate::coupon::form::Form::write(self), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value: $crate::coupon::DraftValue = serde::Deserialize::deserialize(deserializer)?;
                $crate::coupon::form::Check::document(|check| $crate::coupon::form::Form::read(&value, check))
                    .map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(crate) use serde_by_form;

/// Declares an enum whose members have a name in JSON. The first member is the default.
macro_rules! choices {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $(#[$first_meta:meta])* $first:ident = $first_text:literal
            $(, $(#[$member_meta:meta])* $member:ident = $text:literal)* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum $name {
            $(#[$first_meta])* #[default] $first,
            $($(#[$member_meta])* $member,)*
        }

        impl $name {
            /// The name it has in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_text,
                    $(Self::$member => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::coupon::form::Form for $name {
            fn read(
                value: &$crate::coupon::DraftValue,
                check: &mut $crate::coupon::form::Check,
            ) -> Option<Self> {
                match check.text(value)? {
                    $first_text => Some(Self::$first),
                    $($text => Some(Self::$member),)*
                    _ => {
                        let choices = concat!("`", $first_text, "`" $(, ", `", $text, "`")*);
                        check.report(value, $crate::error::Why::UnknownChoice { choices });
                        None
                    }
                }
            }

            fn write(&self) -> $crate::coupon::DraftValue {
                self.as_str().into()
            }
        }

        $crate::coupon::form::serde_by_form!($name);
    };
}
pub(crate) use choices;

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
            "`extra` is `{}`: unknown field\n\
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
            ("null", "`count` is ``: missing"),
        ] {
            assert_eq!(report(&format!("{{\"count\":{count}}}")), error);
        }
    }

    #[test]
    fn what_is_no_record_is_reported_at_the_root() {
        assert_eq!(report("[]"), "`` is `[]`: expected an object");
        assert_eq!(report("{}"), "`count` is ``: missing");
    }

    #[test]
    fn a_hostile_name_is_shown_in_short_and_escaped() {
        let name = format!("a\nb{}", "c".repeat(1_000));
        let value = DraftValue::map([(name, 1_u32)]);
        let errors = Check::document(|check| check.fields(&value, |_| Some(()))).unwrap_err();
        assert_eq!(errors.errors().first().unwrap().path, format!("a\\nb{}", "c".repeat(37)));
    }
}

/// What the unit tests of every form share.
#[cfg(test)]
pub(crate) mod testing {
    use super::{Check, DraftValue, Form};

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
