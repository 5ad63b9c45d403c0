//! The tree that a draft is made of: any well-formed document, not yet judged.
//!
//! A draft must be able to hold what is wrong, or else the first mistake would hide the others. So it keeps whole numbers
//! as the digits they were written in, fields in their order, and fields that stand twice twice. Of a number with a
//! fraction or of more than 64 bits, which no check accepts, it keeps what the reader of the format made of it: `serde_json`
//! may be off in the last of seventeen digits. What it cannot hold is a tree nested without end: past [`DraftValue::MAX_DEPTH`] a branch is replaced by a mark that every check refuses, so
//! that no walk over a draft, not even its drop, can run out of stack.

use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One value of a draft: nothing, a flag, a number, text, a list or a map.
///
/// ```
/// use vouchsafe::DraftValue;
///
/// let percent = DraftValue::map([("percent", DraftValue::map([("off", "10")]))]);
/// assert_eq!(percent.get("percent").and_then(|p| p.get("off")).and_then(DraftValue::as_text), Some("10"));
/// ```
///
/// # Nested without end
///
/// ```
/// use vouchsafe::DraftValue;
///
/// let mut value = DraftValue::from("open");
/// for _ in 0..100_000 {
///     value = DraftValue::map([("not", value)]);
/// }
/// drop(value); // no stack overflow, and a check of it reports the nesting
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct DraftValue(Node);

#[derive(Clone, PartialEq, Eq, Default)]
enum Node {
    #[default]
    Null,
    Flag(bool),
    /// The digits of a whole number as they were written; of any other what its reader made of it.
    Number(Box<str>),
    Text(Box<str>),
    List(Vec<DraftValue>, usize),
    Map(Vec<(String, DraftValue)>, usize),
    /// Stands where a branch was nested too deep to be kept.
    TooDeep,
}

impl DraftValue {
    /// Nothing: the same as a field that is absent.
    pub const NULL: Self = Self(Node::Null);

    /// The most lists and maps that may stand inside one another.
    pub const MAX_DEPTH: usize = 128;

    /// A list. Nested too deep, it becomes a mark that every check refuses.
    pub fn list<T: Into<Self>>(members: impl IntoIterator<Item = T>) -> Self {
        let members: Vec<Self> = members.into_iter().map(Into::into).collect();
        let depth = members.iter().map(Self::depth).max().unwrap_or(0).saturating_add(1);
        if depth > Self::MAX_DEPTH { Self(Node::TooDeep) } else { Self(Node::List(members, depth)) }
    }

    /// A map, its fields in the order given. Nested too deep, it becomes a mark that every check refuses.
    pub fn map<K: Into<String>, T: Into<Self>>(fields: impl IntoIterator<Item = (K, T)>) -> Self {
        let fields: Vec<(String, Self)> = fields.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        let depth = fields.iter().map(|(_, v)| v.depth()).max().unwrap_or(0).saturating_add(1);
        if depth > Self::MAX_DEPTH { Self(Node::TooDeep) } else { Self(Node::Map(fields, depth)) }
    }

    /// The text, if it is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The flag, if it is one.
    #[must_use]
    pub fn as_flag(&self) -> Option<bool> {
        match &self.0 {
            Node::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The digits of a number as they were written, if it is a number.
    #[must_use]
    pub fn as_number(&self) -> Option<&str> {
        match &self.0 {
            Node::Number(digits) => Some(digits),
            _ => None,
        }
    }

    /// The members, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.0 {
            Node::List(members, _) => Some(members),
            _ => None,
        }
    }

    /// The fields in their order, if it is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(String, Self)]> {
        match &self.0 {
            Node::Map(fields, _) => Some(fields),
            _ => None,
        }
    }

    /// The first field of this name, if it is a map that has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_map()?.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.0, Node::Null)
    }

    /// Whether a branch stood here that was nested too deep to be kept.
    pub(crate) fn is_too_deep(&self) -> bool {
        matches!(self.0, Node::TooDeep)
    }

    fn depth(&self) -> usize {
        match &self.0 {
            Node::List(_, depth) | Node::Map(_, depth) => *depth,
            Node::TooDeep => 1,
            Node::Null | Node::Flag(_) | Node::Number(_) | Node::Text(_) => 0,
        }
    }
}

/// Scalars as they are, lists and maps in short: what an error shows.
impl fmt::Display for DraftValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Node::Null => f.write_str("null"),
            Node::Flag(flag) => fmt::Display::fmt(flag, f),
            Node::Number(digits) => f.write_str(digits),
            Node::Text(text) => f.write_str(text),
            Node::List(members, _) if members.is_empty() => f.write_str("[]"),
            Node::List(..) => f.write_str("[..]"),
            Node::Map(fields, _) if fields.is_empty() => f.write_str("{}"),
            Node::Map(..) | Node::TooDeep => f.write_str("{..}"),
        }
    }
}

impl fmt::Debug for DraftValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Node::Text(text) => fmt::Debug::fmt(text, f),
            Node::List(members, _) => f.debug_list().entries(members).finish(),
            Node::Map(fields, _) => f.debug_map().entries(fields.iter().map(|(k, v)| (k, v))).finish(),
            Node::Null | Node::Flag(_) | Node::Number(_) | Node::TooDeep => fmt::Display::fmt(self, f),
        }
    }
}

impl From<&str> for DraftValue {
    fn from(text: &str) -> Self {
        Self(Node::Text(text.into()))
    }
}

impl From<String> for DraftValue {
    fn from(text: String) -> Self {
        Self(Node::Text(text.into()))
    }
}

impl From<bool> for DraftValue {
    fn from(flag: bool) -> Self {
        Self(Node::Flag(flag))
    }
}

macro_rules! from_whole {
    ($($whole:ty),*) => {$(
        impl From<$whole> for DraftValue {
            fn from(number: $whole) -> Self {
                Self(Node::Number(number.to_string().into()))
            }
        }
    )*};
}
from_whole!(u32, u64, i32, i64);

impl<T: Into<Self>> From<Vec<T>> for DraftValue {
    fn from(members: Vec<T>) -> Self {
        Self::list(members)
    }
}

impl Serialize for DraftValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Node::Null => serializer.serialize_unit(),
            Node::Flag(flag) => serializer.serialize_bool(*flag),
            Node::Number(digits) => {
                if let Ok(whole) = digits.parse::<u64>() {
                    serializer.serialize_u64(whole)
                } else if let Ok(whole) = digits.parse::<i64>() {
                    serializer.serialize_i64(whole)
                } else {
                    // Only a draft that no check accepts holds one: it goes out as the number it came in as.
                    serializer.serialize_f64(digits.parse().map_err(|_| S::Error::custom("not a number"))?)
                }
            }
            Node::Text(text) => serializer.serialize_str(text),
            Node::List(members, _) => serializer.collect_seq(members),
            Node::Map(fields, _) => serializer.collect_map(fields.iter().map(|(k, v)| (k, v))),
            Node::TooDeep => Err(S::Error::custom(TOO_DEEP)),
        }
    }
}

const TOO_DEEP: &str = "nested deeper than 128";

/// With its feature `arbitrary_precision`, serde_json hands a number over as a map of this one field.
const NUMBER_AS_MAP: &str = "$serde_json::private::Number";

impl<'de> Deserialize<'de> for DraftValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader { outer: 0 }.deserialize(deserializer)
    }
}

/// Reads one value and counts how many lists and maps it stands in, for formats that have no limit of their own.
#[derive(Clone, Copy)]
struct Reader {
    outer: usize,
}

impl Reader {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.outer >= DraftValue::MAX_DEPTH {
            return Err(E::custom(TOO_DEEP));
        }
        Ok(Self { outer: self.outer.saturating_add(1) })
    }
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = DraftValue;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<DraftValue, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = DraftValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a definition")
    }

    fn visit_unit<E>(self) -> Result<DraftValue, E> {
        Ok(DraftValue::NULL)
    }

    fn visit_none<E>(self) -> Result<DraftValue, E> {
        Ok(DraftValue::NULL)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<DraftValue, D::Error> {
        self.inner()?.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<DraftValue, D::Error> {
        self.inner()?.deserialize(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<DraftValue, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<DraftValue, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<DraftValue, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<DraftValue, E> {
        // The debug form keeps the point of 10.0, so that no float passes as a whole number.
        Ok(DraftValue(Node::Number(format!("{number:?}").into())))
    }

    fn visit_str<E>(self, text: &str) -> Result<DraftValue, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<DraftValue, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<DraftValue, A::Error> {
        let inner = self.inner()?;
        let mut members = Vec::new();
        while let Some(member) = access.next_element_seed(inner)? {
            members.push(member);
        }
        Ok(DraftValue::list(members))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<DraftValue, A::Error> {
        let inner = self.inner()?;
        let mut fields: Vec<(String, DraftValue)> = Vec::new();
        while let Some(name) = access.next_key::<String>()? {
            if name == NUMBER_AS_MAP && fields.is_empty() {
                let digits = access.next_value::<String>()?;
                return Ok(DraftValue(Node::Number(digits.into())));
            }
            fields.push((name, access.next_value_seed(inner)?));
        }
        Ok(DraftValue::map(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::Error as ReadError;
    use serde::forward_to_deserialize_any;

    /// A format without a recursion limit: `[[[[...]]]]`, or a list of options inside one another.
    struct Nested {
        levels: usize,
        options: bool,
    }

    impl<'de> Deserializer<'de> for Nested {
        type Error = ReadError;
        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
            match self.levels {
                0 => visitor.visit_unit(),
                levels if self.options => visitor.visit_some(Self { levels: levels.saturating_sub(1), ..self }),
                levels => visitor.visit_seq(Once(Some(Self { levels: levels.saturating_sub(1), ..self }))),
            }
        }
        forward_to_deserialize_any! { bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any }
    }

    struct Once(Option<Nested>);

    impl<'de> SeqAccess<'de> for Once {
        type Error = ReadError;
        fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
            self.0.take().map(|nested| seed.deserialize(nested)).transpose()
        }
    }

    /// Neither the reader nor the writer of such a number is exact, and it is a mistake all the same, at its place.
    #[test]
    fn a_number_of_more_than_64_bits_stays_a_mistake() {
        let text = r#"{"total":184467440737095516158446744073709551615,"code":2}"#;
        let draft: crate::UsageDraft = serde_json::from_str(text).unwrap();
        let again: crate::UsageDraft = serde_json::from_str(&serde_json::to_string(&draft).unwrap()).unwrap();
        for draft in [draft, again] {
            let error = draft.check().unwrap_err().to_string();
            assert!(error.starts_with("`total` is `1.84467440737095") && !error.contains("code"), "{error}");
        }
    }

    /// Whatever the first of two holds, a draft makes of both what the document itself is refused for.
    #[test]
    fn a_field_that_stands_twice_is_the_same_mistake_in_a_draft() {
        for charges in ["1", "null", "[]", "[{}]", r#"[{"id":1,"kind":"fee","amount":"1"}]"#] {
            for next in ["1", "null", "[]", r#"[{"id":1,"kind":"fee","amount":"1"}]"#] {
                for version in ["", r#","version":null"#, r#","version":1"#, r#","version":"x""#] {
                    let text = format!(r#"{{"charges":{charges}{version},"charges":{next}{version}}}"#);
                    let draft: crate::OrderDraft = serde_json::from_str(&text).unwrap();
                    let again: crate::OrderDraft =
                        serde_json::from_str(&serde_json::to_string(&draft).unwrap()).unwrap();
                    assert_eq!(again, draft, "{text}");
                    let parts = |errors: String| {
                        let mut parts: Vec<String> = errors.split("; ").map(ToOwned::to_owned).collect();
                        parts.sort_unstable();
                        parts
                    };
                    let found = parts(draft.check().unwrap_err().to_string());
                    assert_eq!(found, parts(serde_json::from_str::<crate::Order>(&text).unwrap_err().to_string()));
                    let twice = |error: &&String| error.starts_with("`charges` is") && error.ends_with("given twice");
                    assert_eq!(found.iter().filter(twice).count(), 1, "{text}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn a_format_without_a_recursion_limit_cannot_exhaust_the_stack() {
        for options in [false, true] {
            let read = |levels| DraftValue::deserialize(Nested { levels, options });
            assert!(read(DraftValue::MAX_DEPTH).is_ok());
            for levels in [DraftValue::MAX_DEPTH + 1, 100_000] {
                assert_eq!(read(levels).unwrap_err().to_string(), "nested deeper than 128");
            }
        }
    }

    #[test]
    fn json_nested_100_000_deep_is_an_error() {
        let text = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(serde_json::from_str::<DraftValue>(&text).is_err());
    }

    #[test]
    fn a_value_built_100_000_deep_in_code_can_be_walked() {
        let mut value = DraftValue::from(1_u64);
        for _ in 0..100_000 {
            value = DraftValue::list([value]);
        }
        assert_eq!(value, value.clone());
        assert!(format!("{value:?}").len() < 1_000);
        assert!(serde_json::to_string(&value).is_err());
    }

    #[test]
    fn what_was_written_is_kept() {
        for text in [
            "null",
            "true",
            "0",
            "-5",
            "18446744073709551615",
            "0.1",
            "10.0",
            "\"10\"",
            "[]",
            "{}",
            r#"{"b":1,"a":[null,"x"]}"#,
            r#"{"twice":1,"twice":2}"#,
        ] {
            let value: DraftValue = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
        }
    }
}
