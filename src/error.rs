//! What is wrong with unusable input: one typed error that names the field and the value.
//!
//! Three things are kept apart everywhere in this crate. *Bad input* is an [`Error`]. A *business "no"* is a
//! [`Refusal`](crate::Refusal) inside a successful outcome: the order is priced without the coupon. A *broken
//! invariant* is a bug.

use std::fmt;

use crate::money::Currency;

/// Input that cannot be used, or an amount that does not fit.
///
/// ```
/// use vouchsafe::{Currency, Error, Why};
///
/// let error = Currency::iso("USX").unwrap_err();
/// assert_eq!(error.to_string(), "`currency` is `USX`: not a known currency");
/// assert!(matches!(error, Error::Invalid(field) if field.why == Why::UnknownCurrency));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One field holds a value that it must not hold.
    #[error("{0}")]
    Invalid(Box<FieldError>),
    /// A definition or document with one or more unusable fields.
    #[error("{0}")]
    Definition(DefinitionErrors),
    /// An amount left the range of exact arithmetic. Nothing wraps and nothing is rounded away.
    #[error("`{field}` overflows the range of exact amounts")]
    Overflow {
        /// Path of the field or name of the sum that does not fit.
        field: String,
    },
}

impl Error {
    /// An error about one field.
    pub(crate) fn invalid(path: impl Into<String>, value: impl fmt::Display, why: Why) -> Self {
        Self::Invalid(Box::new(FieldError::new(path, value, why)))
    }

    /// An overflow of the named field or sum.
    pub(crate) fn overflow(field: impl Into<String>) -> Self {
        Self::Overflow { field: field.into() }
    }

    /// The same error, with `prefix` set before its path: `off` becomes `benefits[0].percent.off`.
    #[must_use]
    pub(crate) fn under(self, prefix: &str) -> Self {
        match self {
            Self::Invalid(mut field) => {
                field.path = join(prefix, &field.path);
                Self::Invalid(field)
            }
            Self::Definition(errors) => Self::Definition(DefinitionErrors(
                errors.0.into_iter().map(|e| FieldError { path: join(prefix, &e.path), ..e }).collect(),
            )),
            Self::Overflow { field } => Self::Overflow { field: join(prefix, &field) },
        }
    }
}

impl From<DefinitionErrors> for Error {
    fn from(errors: DefinitionErrors) -> Self {
        Self::Definition(errors)
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::Invalid(Box::new(error))
    }
}

fn join(prefix: &str, path: &str) -> String {
    match (prefix.is_empty(), path.is_empty()) {
        (true, _) => path.to_owned(),
        (_, true) => prefix.to_owned(),
        _ if path.starts_with('[') => format!("{prefix}{path}"),
        _ => format!("{prefix}.{path}"),
    }
}

/// One unusable field: where it is, what stood there, and why that cannot be used.
///
/// ```
/// use vouchsafe::CouponDraft;
///
/// let draft: CouponDraft = serde_json::from_str(r#"{"version": 1, "id": "spring", "benefits": [{"percent": {"off": "110"}}]}"#)?;
/// let errors = draft.check().unwrap_err();
/// let error = errors.at("benefits[0].percent.off").unwrap();
/// assert_eq!(error.to_string(), "`benefits[0].percent.off` is `110`: not between 0 and 100");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// Path from the root of the document, for instance `benefits[0].percent.off`.
    pub path: String,
    /// The offending value as text, shortened where it is long.
    pub value: String,
    /// Why it cannot be used.
    pub why: Why,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, value, why } = self;
        match why {
            Why::Missing | Why::MissingOneOf { .. } if value.is_empty() => write!(f, "`{path}` is {why}"),
            _ => write!(f, "`{path}` is `{value}`: {why}"),
        }
    }
}

impl std::error::Error for FieldError {}

impl FieldError {
    /// Builds an error; a long value is shortened so that a hostile document cannot fill a log.
    pub(crate) fn new(path: impl Into<String>, value: impl fmt::Display, why: Why) -> Self {
        const SHOWN: usize = 80;
        let mut value = value.to_string();
        if value.chars().count() > SHOWN {
            value = value.chars().take(SHOWN).chain("...".chars()).collect();
        }
        Self { path: path.into(), value, why }
    }
}

/// Every unusable field of a definition or document at once; never empty. They are in the order of the document, what is
/// missing after what is there, and what rules over several entries find at the end.
///
/// ```
/// use vouchsafe::Coupon;
///
/// let errors = Coupon::builder("spring").code("!").percent_off("110").build().unwrap_err();
/// let paths: Vec<&str> = errors.errors().iter().map(|error| error.path.as_str()).collect();
/// assert_eq!(paths, ["code", "benefits[0].percent.off"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionErrors(pub(crate) Vec<FieldError>);

impl DefinitionErrors {
    /// The single errors, in that order.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0
    }

    /// The error at exactly this path, if there is one.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&FieldError> {
        self.0.iter().find(|e| e.path == path)
    }
}

impl fmt::Display for DefinitionErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for DefinitionErrors {}

/// What may stand where a field has a name that nobody knows.
fn known_fields(meant: Option<&str>, known: &[&str]) -> String {
    let meant = meant.map(|meant| format!(", did you mean `{meant}`?")).unwrap_or_default();
    if known.is_empty() {
        return meant;
    }
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("{meant}{} known: {}", if meant.is_empty() { "," } else { "" }, known.join(", "))
}

impl Why {
    /// Refuses a field of this name where only these are known.
    ///
    /// ```
    /// use vouchsafe::Why;
    ///
    /// let why = Why::unknown_field("persent", &["percent", "amount"]);
    /// assert_eq!(why.to_string(), "unknown field, did you mean `percent`? known: `percent`, `amount`");
    /// assert_eq!(Why::unknown_field("colour", &["percent"]).to_string(), "unknown field, known: `percent`");
    /// ```
    #[must_use]
    pub fn unknown_field(name: &str, known: &[&'static str]) -> Self {
        let mut fields: Vec<&'static str> = Vec::with_capacity(known.len());
        for field in known {
            if !fields.contains(field) {
                fields.push(field);
            }
        }
        Self::UnknownField { meant: nearest(name, &fields), known: fields }
    }
}

/// The one of these names that is a slip of the pen away from this one: a third of its characters at most.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    /// No field has a longer name, and a hostile one must not cost time.
    const LONGEST: usize = 40;
    let name: Vec<char> = name.chars().take(LONGEST.saturating_add(1)).collect();
    if name.len() > LONGEST {
        return None;
    }
    let slips = |field: &&'static str| (distance(&name, field), *field);
    let (slips, field) = known.iter().map(slips).min_by_key(|(slips, _)| *slips)?;
    (slips.saturating_mul(3) <= field.chars().count().max(3)).then_some(field)
}

/// The characters to put in, leave out, change, or swap with the next, to come from one name to the other.
fn distance(name: &[char], field: &str) -> usize {
    // One row of the table of distances between beginnings of the two names, and the two rows before it.
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=name.len()).collect();
    let mut last = None;
    for (place, wanted) in field.chars().enumerate() {
        let mut row = vec![place.saturating_add(1)];
        let mut left = None;
        for (column, found) in name.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let next = column.saturating_add(1);
            let changed = at(&above, column).saturating_add(usize::from(*found != wanted));
            let added = at(&above, next).min(at(&row, column)).saturating_add(1);
            let swapped = match column.checked_sub(1) {
                Some(two) if left == Some(wanted) && last == Some(*found) => at(&before, two).saturating_add(1),
                _ => usize::MAX,
            };
            row.push(changed.min(added).min(swapped));
            left = Some(*found);
        }
        before = std::mem::replace(&mut above, row);
        last = Some(wanted);
    }
    above.last().copied().unwrap_or(usize::MAX)
}

/// Why a value cannot be used. Texts are lower case, without a full stop, fit for a log or an admin page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Why {
    /// The field is needed here.
    #[error("missing")]
    Missing,
    /// One of several fields is needed here, of which this is the first.
    #[error("missing, and no {others} in its place")]
    MissingOneOf {
        /// The other ones.
        others: &'static str,
    },
    /// The field exists, but not together with what else is set.
    #[error("not allowed together with {with}")]
    Contradicts {
        /// What it cannot stand beside.
        with: &'static str,
    },
    /// No such field.
    #[error("unknown field{}", known_fields(*meant, known))]
    UnknownField {
        /// The known field whose name is so near that it is probably meant.
        meant: Option<&'static str>,
        /// The fields that there are, in the order in which they are read.
        known: Vec<&'static str>,
    },
    /// No such choice.
    #[error("not one of {choices}")]
    UnknownChoice {
        /// The choices there are.
        choices: &'static str,
    },
    /// Refers to something that is not there.
    #[error("unknown {what}")]
    UnknownReference {
        /// What kind of thing is missing.
        what: &'static str,
    },
    /// A document version this release does not read.
    #[error("unknown version, {supported} is supported")]
    UnknownVersion {
        /// The version this release reads.
        supported: u32,
    },
    /// Text that must not be empty.
    #[error("empty")]
    Empty,
    /// Text with too many characters.
    #[error("longer than {max} characters")]
    TooLong {
        /// The most characters there may be.
        max: usize,
    },
    /// A character that must not stand here.
    #[error("character `{}` at position {position} is not allowed", character.escape_debug())]
    WrongCharacter {
        /// The character.
        character: char,
        /// Its position, counted in characters from 1.
        position: usize,
    },
    /// Text that is no decimal number.
    #[error("not a decimal number")]
    NotANumber,
    /// A number where a string is required: floats lose cents, so amounts are strings.
    #[error("a JSON number, amounts and percentages are strings")]
    JsonNumber,
    /// The wrong kind of JSON value.
    #[error("expected {expected}")]
    WrongKind {
        /// What is expected.
        expected: &'static str,
    },
    /// Below zero.
    #[error("negative")]
    Negative,
    /// Zero where that means nothing.
    #[error("zero")]
    Zero,
    /// More decimals than the currency or the field has.
    #[error("more than {decimals} decimals")]
    TooPrecise {
        /// The most decimals there may be.
        decimals: u8,
    },
    /// Outside its bounds, both inclusive.
    #[error("not between {min} and {max}")]
    OutOfRange {
        /// Smallest value allowed.
        min: String,
        /// Largest value allowed.
        max: String,
    },
    /// Does not fit the range of exact amounts.
    #[error("too large for exact amounts")]
    Overflow,
    /// Codes that would be easier to guess than was asked for.
    #[error("gives {bits} bits where {minimum} are asked for")]
    TooFewBits {
        /// The random bits of a code.
        bits: u32,
        /// The random bits asked for.
        minimum: u32,
    },
    /// More codes than a code space has room for.
    #[error("more than half of the code space, at most {max}")]
    CodeSpace {
        /// The most codes there may be.
        max: u128,
    },
    /// The same thing twice.
    #[error("given twice")]
    Duplicate,
    /// No currency of that name.
    #[error("not a known currency")]
    UnknownCurrency,
    /// An amount in another currency.
    #[error("not in {expected}")]
    CurrencyMismatch {
        /// The currency of the document.
        expected: Currency,
    },
    /// No time zone of that name.
    #[error("not a known time zone")]
    UnknownZone,
    /// A date or instant that cannot be read or does not exist.
    #[error("not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z")]
    BadTime,
    /// A window that ends before it begins.
    #[error("ends before it begins")]
    EmptyWindow,
    /// A tree nested too deep.
    #[error("nested deeper than {max}")]
    TooDeep {
        /// The greatest depth allowed.
        max: usize,
    },
    /// A tree or list with too many members.
    #[error("more than {max} members")]
    TooMany {
        /// The most members allowed.
        max: usize,
    },
    /// Not what the rest of the document makes it.
    #[error("does not agree with {with}")]
    Disagrees {
        /// What it contradicts.
        with: &'static str,
    },
    /// A list that must be sorted, each entry once, and is not.
    #[error("not in order, or given twice")]
    Unordered,
    /// Says something about the same as another entry, so that it could not be told which of the two holds.
    #[error("overlaps with `{with}`")]
    Overlaps {
        /// The path of the other entry.
        with: String,
    },
    /// Leads back to itself.
    #[error("leads back to itself")]
    Circular,
    /// Something that is out of use.
    #[error("not active")]
    NotActive,
    /// An account of a class that does not belong here.
    #[error("not of class {allowed}")]
    WrongClass {
        /// The classes that do.
        allowed: &'static str,
    },
    /// Can never be met or can never have an effect.
    #[error("can never apply: {because}")]
    Impossible {
        /// Why not.
        because: &'static str,
    },
}
