//! The characters of generated codes, and the check character that ends each of them.

use crate::coupon::{Code, CodeFormat};

/// `A`-`Z` and `0`-`9` without `0` and `O`, `1` and `I`, which people take for each other. 32 of them, so that a
/// character is five random bits and none is likelier than another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Bits of a character that is drawn at random.
pub(super) const BITS: u32 = 5;

/// What the characters that are no letter would weigh: `0`, `1`, `I`, `O`, and the 36 that is no character.
const NEVER: [u32; 5] = [0, 1, 18, 24, 36];

/// A prime above the number of characters that a code may hold, so that two of them never differ by a multiple of it.
const MODULUS: u32 = 37;

/// The weighted sum over the beginning of a code, modulo 37. A character weighs twice what the next one does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CheckSum(u32);

impl CheckSum {
    /// How many values there are.
    pub(super) const COUNT: usize = 37;

    /// Every value.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..MODULUS).map(Self)
    }

    /// The sum with one more character; none for a character that no code of the standard format holds.
    pub(super) fn then(self, character: u8) -> Option<Self> {
        let value = match character {
            b'0'..=b'9' => character.checked_sub(b'0')?,
            b'A'..=b'Z' => character.checked_sub(b'A')?.checked_add(10)?,
            _ => return None,
        };
        Some(self.with(u32::from(value)))
    }

    fn with(self, value: u32) -> Self {
        Self(self.0.saturating_mul(2).saturating_add(value) % MODULUS)
    }

    /// The sums that no letter leads to from here. Every other sum is what exactly one letter leads to.
    pub(super) fn never_next(self) -> impl Iterator<Item = Self> {
        NEVER.into_iter().map(move |value| self.with(value))
    }

    /// The sum over a whole text.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        text.iter().try_fold(Self::default(), |sum, character| sum.then(*character))
    }

    /// The letter that brings the sum to zero. None where that would be no letter of the alphabet: such a code is never
    /// given out, so that a code holds nothing that could be misread.
    pub(super) fn check_letter(self) -> Option<u8> {
        LETTERS.iter().copied().find(|letter| self.then(*letter) == Some(Self(0)))
    }

    /// Its place among all of them.
    pub(super) fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or_default()
    }
}

/// The letters that may be drawn.
#[cfg(test)]
fn letters() -> impl Iterator<Item = u8> {
    LETTERS.iter().copied()
}

/// Whether generated codes hold this character.
pub(super) fn is_letter(character: u8) -> bool {
    LETTERS.contains(&character)
}

/// The letter for the lowest five bits.
pub(super) fn letter(bits: u128) -> u8 {
    usize::try_from(bits & 31).ok().and_then(|place| LETTERS.get(place)).copied().unwrap_or(b'2')
}

impl Code {
    /// Whether the last character is the check character of the others, as in every generated code (S34).
    ///
    /// It catches every single wrong character, `0` for `O` included, and every swap of two characters, neighbours or
    /// not: what is left after such a slip never passes, so it is no generated code at all, of this batch or of any
    /// other. Of texts that somebody made up about one in forty passes. A shared code such as `WELCOME10`, and one of an
    /// older system, has no check character.
    ///
    /// ```
    /// use vouchsafe::{Code, CodeFormat};
    ///
    /// let code = |text| Code::parse(text, CodeFormat::Standard);
    /// assert!(code("SKI2-3456-789A-BCDE-M")?.check_passes());
    /// assert!(!code("SKI2-3456-789A-BCED-M")?.check_passes()); // neighbours swapped
    /// assert!(!code("SKI2-3456-7B9A-BCDE-M")?.check_passes()); // B for 8
    /// assert!(!code("WELCOME10")?.check_passes());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn check_passes(&self) -> bool {
        let text = self.as_str().as_bytes();
        let ends_well = text.last().is_some_and(|last| is_letter(*last));
        ends_well
            && (2..=CodeFormat::Standard.max_chars()).contains(&text.len())
            && CheckSum::of(text) == Some(CheckSum(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_are_32_that_nobody_takes_for_each_other() {
        let mut letters: Vec<u8> = letters().collect();
        assert!(letters.iter().all(|letter| letter.is_ascii_digit() || letter.is_ascii_uppercase()));
        assert!(letters.iter().all(|letter| !b"0O1I".contains(letter)));
        letters.sort_unstable();
        letters.dedup();
        assert_eq!((letters.len(), 1 << BITS), (32, 32));
        assert!((0..64_u128).all(|bits| letter(bits) == LETTERS[usize::try_from(bits % 32).unwrap()]));
    }

    /// Two is a primitive root modulo 37: no two places of a code, 24 long at most, have the same weight.
    #[test]
    fn no_two_places_have_the_same_weight() {
        let weights: std::collections::HashSet<u64> = (0..24).map(|place| 2_u64.pow(place) % 37).collect();
        assert_eq!(weights.len(), 24);
        assert!(!weights.contains(&0));
    }

    /// Worked by hand: A is 10, B is 11, so AB weighs 10 x 4 + 11 x 2 = 62; 62 + 12 = 74 = 2 x 37, and C is 12.
    #[test]
    fn the_check_letter_brings_the_sum_to_a_multiple_of_37() {
        let sum = CheckSum::of(b"AB").unwrap();
        assert_eq!(sum.check_letter(), Some(b'C'));
        assert_eq!(CheckSum::of(b"ABC"), Some(CheckSum(0)));
        // The five sums that would need 0, 1, I, O or the 36 that is no character.
        let without = CheckSum::all().filter(|sum| sum.check_letter().is_none()).count();
        assert_eq!((without, CheckSum::all().count()), (5, CheckSum::COUNT));
    }

    #[test]
    fn each_sum_comes_after_one_letter_or_never() {
        for sum in CheckSum::all() {
            let mut after: Vec<usize> = letters().filter_map(|letter| sum.then(letter)).map(CheckSum::index).collect();
            after.extend(sum.never_next().map(CheckSum::index));
            after.sort_unstable();
            assert_eq!(after, (0..CheckSum::COUNT).collect::<Vec<_>>(), "{sum:?}");
        }
    }

    #[test]
    fn only_whole_codes_of_the_standard_format_pass() {
        for text in ["C", "0", "00", "AB", "ABC0", "A_C", "-ABC"] {
            let code = Code::parse(text, CodeFormat::Imported).unwrap();
            assert!(!code.check_passes(), "{text}");
        }
        assert!(Code::from_canonical("ABC").unwrap().check_passes());
        // Zeros in front change no sum; longer than any generated code, it is none.
        let long = |zeros: usize| Code::from_canonical(&format!("{}ABC", "0".repeat(zeros))).unwrap();
        assert!(long(21).check_passes() && !long(22).check_passes());
    }
}
