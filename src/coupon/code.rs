//! Codes: what the customer types.
//!
//! Shoppers type codes from a flyer, with blanks, hyphens and letters of any case. All of these spellings must be one
//! code, wherever it is saved, looked up, locked or redeemed, or else a code is accepted in one place and not marked as
//! used in the next. So there is one canonical form, and [`Code`] can hold nothing else.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Why};
use crate::key::Key;

use crate::form::choices;

choices! {
    /// Which codes a definition may have.
    ///
    /// ```
    /// use vouchsafe::{Code, CodeFormat};
    ///
    /// assert_eq!(Code::parse("spring-2026", CodeFormat::Standard)?.as_str(), "SPRING2026");
    /// assert_eq!(Code::parse("spring_2026", CodeFormat::Imported)?.as_str(), "SPRING_2026");
    /// assert!(Code::parse("spring_2026", CodeFormat::Standard).is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub enum CodeFormat {
        /// 1 to 24 of `A`-`Z` and `0`-`9` once blanks and hyphens are dropped and letters are upper-cased (S130).
        Standard = "standard",
        /// 1 to 64 printable ASCII characters from an older system; trimmed and upper-cased, nothing dropped.
        Imported = "imported",
    }
}

/// A code in its one canonical form: what is saved, looked up, locked and redeemed (S19, S130).
///
/// ```
/// use vouchsafe::{Code, CodeFormat};
///
/// let code = Code::parse(" welcome-10 ", CodeFormat::Standard)?;
/// assert_eq!(code.as_str(), "WELCOME10");
/// assert_eq!(code, Code::parse("Welcome 10", CodeFormat::Standard)?);
///
/// let error = Code::parse("WELCOME_10", CodeFormat::Standard).unwrap_err();
/// assert_eq!(error.to_string(), "`code` is `WELCOME_10`: character `_` at position 8 is not allowed");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # Look-alikes are other characters
///
/// ```
/// use vouchsafe::{Code, CodeFormat};
///
/// assert!(Code::parse("\u{0410}BC", CodeFormat::Standard).is_err()); // a Cyrillic A
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub(crate) Key);

impl Code {
    /// Reads a code in any spelling.
    ///
    /// # Errors
    /// At the path `code`: [`Why::Empty`], [`Why::WrongCharacter`] with its position, or [`Why::TooLong`].
    pub fn parse(text: &str, format: CodeFormat) -> Result<Self, Error> {
        let trimmed = text.trim();
        let wrong = |character: char, index: usize| {
            let skipped = text.chars().take_while(|c| c.is_whitespace()).count();
            let position = index.saturating_add(skipped).saturating_add(1);
            Error::invalid("code", text.escape_debug(), Why::WrongCharacter { character, position })
        };
        let mut canonical = String::new();
        for (index, character) in trimmed.chars().enumerate() {
            match format {
                CodeFormat::Standard if character == ' ' || character == '-' => {}
                CodeFormat::Standard if character.is_ascii_alphanumeric() => {
                    canonical.push(character.to_ascii_uppercase());
                }
                CodeFormat::Imported if character == ' ' || character.is_ascii_graphic() => {
                    canonical.push(character.to_ascii_uppercase());
                }
                CodeFormat::Standard | CodeFormat::Imported => return Err(wrong(character, index)),
            }
        }
        let max = format.max_chars();
        if canonical.is_empty() {
            return Err(Error::invalid("code", text, Why::Empty));
        }
        if canonical.len() > max {
            return Err(Error::invalid("code", text, Why::TooLong { max }));
        }
        Key::new(&canonical).map(Self).map_err(|_| Error::invalid("code", text, Why::Empty))
    }

    /// Reads a code that is canonical already, as a store or a stored outcome holds it, whatever its format.
    ///
    /// # Errors
    /// Those of [`Code::parse`]; [`Why::WrongKind`] for a spelling that is not canonical.
    ///
    /// ```
    /// use vouchsafe::Code;
    ///
    /// assert!(Code::from_canonical("WELCOME10").is_ok());
    /// assert!(Code::from_canonical("welcome10").is_err());
    /// ```
    pub fn from_canonical(text: &str) -> Result<Self, Error> {
        // A canonical standard code is a canonical imported one as well.
        let code = Self::parse(text, CodeFormat::Imported)?;
        if code.as_str() == text {
            Ok(code)
        } else {
            Err(Error::invalid("code", text, Why::WrongKind { expected: "a canonical code" }))
        }
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The canonical text as a key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.0
    }
}

impl CodeFormat {
    /// The most characters that a canonical code of this format may have.
    #[must_use]
    pub const fn max_chars(self) -> usize {
        match self {
            Self::Standard => 24,
            Self::Imported => 64,
        }
    }

    /// Whether a canonical code can be typed under this format: under any other it would be a code that nobody redeems.
    pub(crate) fn holds(self, code: &Code) -> bool {
        Code::parse(code.as_str(), self).is_ok_and(|read| read == *code)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// As its canonical text.
impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// From its canonical text.
impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_canonical(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_code_are_one_code() {
        for (text, format, canonical) in [
            ("20OFF", CodeFormat::Standard, "20OFF"),
            ("  20-off\t", CodeFormat::Standard, "20OFF"),
            ("2 0 - O F F", CodeFormat::Standard, "20OFF"),
            (" 20% off-now ", CodeFormat::Imported, "20% OFF-NOW"),
            ("~!@#$", CodeFormat::Imported, "~!@#$"),
        ] {
            let code = Code::parse(text, format).unwrap();
            assert_eq!(code.as_str(), canonical);
            assert_eq!(Code::parse(code.as_str(), format).unwrap(), code, "canonical form reads as itself");
        }
    }

    #[test]
    fn a_stored_code_is_canonical() {
        for text in ["20OFF", "20% OFF-NOW"] {
            let code: Code = serde_json::from_value(text.into()).unwrap();
            assert_eq!(serde_json::to_value(&code).unwrap(), text);
        }
        for text in ["20off", " 20OFF", ""] {
            assert!(serde_json::from_value::<Code>(text.into()).is_err(), "{text}");
        }
    }

    /// Proves S130 and the codes of V17.
    #[test]
    fn length_is_counted_on_the_canonical_form() {
        let spaced = |count: usize| vec!["a"; count].join("-");
        assert!(Code::parse(&spaced(24), CodeFormat::Standard).is_ok());
        let error = Code::parse(&spaced(25), CodeFormat::Standard).unwrap_err().to_string();
        assert!(error.ends_with("longer than 24 characters"), "{error}");
        assert!(Code::parse(&"x".repeat(64), CodeFormat::Imported).is_ok());
        assert!(Code::parse(&"x".repeat(65), CodeFormat::Imported).is_err());
    }

    #[test]
    fn a_wrong_character_is_named_with_its_position() {
        for (text, format, why) in [
            ("", CodeFormat::Standard, "empty"),
            (" - ", CodeFormat::Standard, "empty"),
            ("   ", CodeFormat::Imported, "empty"),
            ("A_B", CodeFormat::Standard, "character `_` at position 2 is not allowed"),
            ("  A_B", CodeFormat::Standard, "character `_` at position 4 is not allowed"),
            ("A\tB", CodeFormat::Standard, "character `\\t` at position 2 is not allowed"),
            ("\u{fc}", CodeFormat::Imported, "character `\u{fc}` at position 1 is not allowed"),
            ("A\u{0}", CodeFormat::Imported, "character `\\0` at position 2 is not allowed"),
        ] {
            let error = Code::parse(text, format).unwrap_err().to_string();
            assert!(error.ends_with(&format!(": {why}")), "{error}");
        }
    }
}
