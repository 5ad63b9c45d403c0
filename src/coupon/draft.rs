//! A definition that has not been checked yet.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{DefinitionErrors, Error, Why};

use super::Coupon;
use crate::form::DraftValue;
use crate::form::{Check, Form};

/// A coupon definition as an admin page edits it: plain data, right or wrong.
///
/// A draft reads anything well-formed, so that [`check`](Self::check) can report *everything* that is wrong at once, each
/// with its path, its value and why. The same path leads to the value when it is to be mended.
///
/// ```
/// use vouchsafe::CouponDraft;
///
/// let mut draft: CouponDraft = serde_json::from_str(
///     r#"{"version": 1, "id": "welcome", "code": "WELCOME!", "benefits": [{"percent": {"off": "100.001"}}]}"#,
/// )?;
/// let errors = draft.check().unwrap_err();
/// assert_eq!(
///     errors.to_string(),
///     "`code` is `WELCOME!`: character `!` at position 8 is not allowed; \
///      `benefits[0].percent.off` is `100.001`: not between 0 and 100"
/// );
///
/// draft.set("code", "WELCOME10")?;
/// draft.set("benefits[0].percent.off", "10")?;
/// assert!(draft.check().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # The fields
///
/// | field | form | absent |
/// |---|---|---|
/// | `version` | `1` | an error |
/// | `id` | text | an error |
/// | `revision` | whole number from 1 | 1 |
/// | `name` | text, at most 255 characters, never public (S73) | none |
/// | `description` | text, at most 255 characters (S132) | empty |
/// | `status` | `"active"`, `"inactive"`, `"expired"` | active (S131) |
/// | `kind` | `"general"`, `"personal"` | general (S133) |
/// | `code` | the shared code; not for personal coupons | none |
/// | `code_format` | `"standard"`, `"imported"` | standard |
/// | `level` | `"line"`, `"order"` | line (S134) |
/// | `scope` | [`Scope`](crate::Scope) | open |
/// | `availability` | [`Validity`](crate::Validity) without a countdown | at any time |
/// | `validity` | [`Validity`](crate::Validity) | at any time |
/// | `earn` | list of at most 100 [`EarnRule`](crate::EarnRule), not with a shared code | not earned |
/// | `limits` | [`Limits`](crate::Limits) | none; for personal coupons one use per code and per customer, for earned ones one use per code |
/// | `conditions` | list of [`Condition`](crate::Condition), all of which must hold | none |
/// | `benefits` | list of 1 to 100 [`Benefit`](crate::Benefit) | an error |
/// | `assign` | [`TypeAssignment`](crate::TypeAssignment) | none |
/// | `combination` | [`Combination`](crate::Combination) | its defaults |
/// | `priority` | whole number, higher goes first | 0 |
/// | `account` | discount account (S114) | none |
/// | `funding` | [`Funding`](crate::Funding) | the seller |
/// | `payments` | [`Payments`](crate::Payments), not with a trial (S67) | none |
/// | `campaign` | text, for reports | none |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponDraft(Body);

/// The fields stand outside of a [`DraftValue`], so that one branch nested too deep never hides the other fields.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Body {
    Fields(Vec<(String, DraftValue)>),
    /// A document that is not even a map.
    Other(DraftValue),
}

impl CouponDraft {
    /// The version of the form that this release reads and writes.
    pub const VERSION: u32 = 1;

    /// A draft that holds its version and nothing else.
    #[must_use]
    pub fn new() -> Self {
        Self::of([("version".to_owned(), Self::VERSION.into())])
    }

    pub(super) fn of(fields: impl IntoIterator<Item = (String, DraftValue)>) -> Self {
        Self(Body::Fields(fields.into_iter().collect()))
    }

    /// Checks everything at once.
    ///
    /// # Errors
    /// Every field that cannot be used, in the order of the document, what is missing last.
    pub fn check(&self) -> Result<Coupon, DefinitionErrors> {
        Check::document(|check| match &self.0 {
            Body::Fields(fields) => check.entries(fields, super::check::read_coupon),
            Body::Other(value) => Coupon::read(value, check),
        })
    }

    /// The value at a path such as `benefits[0].percent.off`, if there is one.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&DraftValue> {
        let steps = steps(path).ok()?;
        let (first, rest) = steps.split_first()?;
        let mut value = match (&self.0, first) {
            (Body::Fields(fields), Step::Field(name)) => fields.iter().find(|(field, _)| field == name).map(|(_, v)| v),
            _ => None,
        }?;
        for step in rest {
            value = match step {
                Step::Field(name) => value.get(name)?,
                Step::Member(place) => value.as_list()?.get(*place)?,
            };
        }
        Some(value)
    }

    /// Puts a value at a path such as `benefits[0].percent.off`; objects and lists on the way are made where they are
    /// absent. [`DraftValue::NULL`] makes a field absent.
    ///
    /// # Errors
    /// At `path`: [`Why::WrongKind`] for text that is no path, or where a scalar stands in the way;
    /// [`Why::OutOfRange`] past the end of a list.
    ///
    /// ```
    /// use vouchsafe::CouponDraft;
    ///
    /// let mut draft = CouponDraft::new();
    /// draft.set("limits.total", 1000_u32)?;
    /// draft.set("benefits[0].percent.off", "10")?;
    /// assert_eq!(draft.get("limits.total").and_then(|v| v.as_number()), Some("1000"));
    /// assert!(draft.set("benefits[2]", "none").is_err()); // there is no second one yet
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn set(&mut self, path: &str, value: impl Into<DraftValue>) -> Result<(), Error> {
        let wrong = |expected| Error::invalid("path", path.escape_debug(), Why::WrongKind { expected });
        let steps = steps(path).map_err(wrong)?;
        let Some((Step::Field(name), rest)) = steps.split_first() else {
            return Err(wrong("a path that begins with a field"));
        };
        let Body::Fields(fields) = &mut self.0 else {
            return Err(wrong("a draft that is an object"));
        };
        let place = fields.iter().position(|(field, _)| field == name);
        let old = place.and_then(|place| fields.get(place)).map(|(_, value)| value.clone()).unwrap_or_default();
        let new = put(old, rest, value.into()).map_err(|why| Error::invalid("path", path.escape_debug(), why))?;
        match place.and_then(|place| fields.get_mut(place)) {
            Some(field) => field.1 = new,
            None => fields.push(((*name).to_owned(), new)),
        }
        Ok(())
    }
}

impl Default for CouponDraft {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&Coupon> for CouponDraft {
    fn from(coupon: &Coupon) -> Self {
        coupon.write().into()
    }
}

impl From<DraftValue> for CouponDraft {
    fn from(value: DraftValue) -> Self {
        Self(match value.as_map() {
            Some(fields) => Body::Fields(fields.to_vec()),
            None => Body::Other(value),
        })
    }
}

impl Serialize for CouponDraft {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Body::Fields(fields) => serializer.collect_map(fields.iter().map(|(name, value)| (name, value))),
            Body::Other(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for CouponDraft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DraftValue::deserialize(deserializer).map(Self::from)
    }
}

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'p> {
    Field(&'p str),
    Member(usize),
}

/// Takes a path apart: names with dots between them, places in brackets after them.
fn steps(path: &str) -> Result<Vec<Step<'_>>, &'static str> {
    let expected = "a path such as benefits[0].percent.off";
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, mut places) = part.find('[').map_or((part, ""), |at| part.split_at(at));
        if name.is_empty() {
            return Err(expected);
        }
        steps.push(Step::Field(name));
        while !places.is_empty() {
            let inside = places.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let (place, rest) = inside.ok_or(expected)?;
            steps.push(Step::Member(place.parse().map_err(|_| expected)?));
            places = rest;
        }
    }
    Ok(steps)
}

/// The value with another one put at the end of the steps. A path is at most as long as the text it was read from, and a
/// value that would be nested too deep is never built, so the depth of the recursion is bounded first.
fn put(value: DraftValue, steps: &[Step<'_>], new: DraftValue) -> Result<DraftValue, Why> {
    if steps.len() > DraftValue::MAX_DEPTH {
        return Err(Why::TooDeep { max: DraftValue::MAX_DEPTH });
    }
    match steps.split_first() {
        None => Ok(new),
        Some((Step::Field(name), rest)) => {
            let mut fields = match value.as_map() {
                Some(fields) => fields.to_vec(),
                None if value.is_null() => Vec::new(),
                None => return Err(Why::WrongKind { expected: "a path through objects and lists" }),
            };
            match fields.iter_mut().find(|(field, _)| field == name) {
                Some((_, old)) => *old = put(std::mem::take(old), rest, new)?,
                None => fields.push(((*name).to_owned(), put(DraftValue::NULL, rest, new)?)),
            }
            Ok(DraftValue::map(fields))
        }
        Some((Step::Member(place), rest)) => {
            let mut members = match value.as_list() {
                Some(members) => members.to_vec(),
                None if value.is_null() => Vec::new(),
                None => return Err(Why::WrongKind { expected: "a path through objects and lists" }),
            };
            let end = members.len();
            if *place == end {
                members.push(DraftValue::NULL);
            }
            let Some(old) = members.get_mut(*place) else {
                return Err(Why::OutOfRange { min: "[0]".to_owned(), max: format!("[{end}]") });
            };
            *old = put(std::mem::take(old), rest, new)?;
            Ok(DraftValue::list(members))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(json: &str) -> CouponDraft {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn values_are_found_and_put_at_the_paths_of_errors() {
        let mut draft = draft(r#"{"version":1,"benefits":[{"percent":{"off":"101"}},"none"]}"#);
        assert_eq!(draft.get("benefits[0].percent.off").unwrap().as_text(), Some("101"));
        draft.set("benefits[0].percent.off", "10").unwrap();
        draft.set("benefits[2].trial.days", 14_u32).unwrap();
        draft.set("conditions[0].any[0]", "first_order").unwrap();
        draft.set("version", DraftValue::NULL).unwrap();
        assert_eq!(
            serde_json::to_string(&draft).unwrap(),
            r#"{"version":null,"benefits":[{"percent":{"off":"10"}},"none",{"trial":{"days":14}}],"conditions":[{"any":["first_order"]}]}"#
        );
    }

    #[test]
    fn what_is_no_path_is_an_error_and_changes_nothing() {
        let before = draft(r#"{"benefits":["none"]}"#);
        let mut after = before.clone();
        let deep = "a.".repeat(100_000) + "a";
        for path in ["", ".", "a..b", "[0]", "a[", "a[x]", "a[0]b", "a[-1]", "benefits[2]", "benefits[0].x", &deep] {
            assert!(after.set(path, "x").is_err(), "{path}");
            assert!(after.get(path).is_none(), "{path}");
        }
        assert_eq!(before, after);
        assert!(draft("[]").set("a", "x").is_err());
    }

    #[test]
    fn a_draft_keeps_what_was_written() {
        for json in [r#"{"version":2,"x":[1.5,null],"x":{}}"#, "[]", "\"text\"", "7"] {
            assert_eq!(serde_json::to_string(&draft(json)).unwrap(), json);
        }
    }
}
