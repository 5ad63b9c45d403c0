//! Codes: what the customer types.

use std::fmt;

use crate::error::{Error, Why};
use crate::key::Key;

use super::form::choices;

choices! {
    /// Which codes a definition may have.
    pub enum CodeFormat {
        /// 1 to 24 of `A`-`Z` and `0`-`9` once blanks and hyphens are dropped and letters are upper-cased (S130).
        Standard = "standard",
        /// 1 to 64 printable ASCII characters from an older system; trimmed and upper-cased, nothing dropped.
        Imported = "imported",
    }
}

/// A code in its one canonical form: what is saved, looked up, locked and redeemed.
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
