//! What generated codes look like, and how hard they are to guess.

use super::alphabet::{self, BITS, CheckSum};
use super::generator::CodeGenerator;
use crate::coupon::{Code, CodeFormat};
use crate::error::{Error, Why};
use crate::form::{Check, DraftValue, Form, Writer, serde_by_form};

/// What generated codes look like: a prefix of the merchant's, characters drawn at random, and one check character
/// (S34, S130).
///
/// A code that is worth something to whoever types it must not be guessable. So a pattern has a minimum of random bits,
/// 64 unless another is [asked for](Self::with_minimum_bits), and one that falls short cannot be made. The characters
/// are `A`-`Z` and `2`-`9` without `I` and `O`; the prefix may hold any letters and digits.
///
/// ```
/// use vouchsafe::{Code, CodeFormat, CodePattern};
///
/// let pattern = CodePattern::new().with_prefix("ski-")?;
/// assert_eq!((pattern.prefix(), pattern.random(), pattern.length()), ("SKI", 13, 17));
///
/// let error = CodePattern::new().with_random(8).unwrap_err();
/// assert_eq!(error.to_string(), "`random` is `8`: gives 39 bits where 64 are asked for");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # Short codes, where somebody answers for it
///
/// A code that is read out over a counter may be shorter where it is worth little, or attempts are
/// [limited](crate::AttemptPolicy) and each code is bound to a customer.
///
/// ```
/// use vouchsafe::CodePattern;
///
/// let short = CodePattern::new().with_minimum_bits(35)?.with_random(8)?;
/// assert_eq!((short.bits(), short.length()), (39, 9));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// What has its default is left out.
///
/// ```
/// use vouchsafe::CodePattern;
///
/// let pattern: CodePattern = serde_json::from_str(r#"{"prefix": "SKI", "random": 8, "minimum_bits": 35}"#)?;
/// assert_eq!(pattern.length(), 12);
/// assert_eq!(serde_json::to_string(&CodePattern::new())?, "{}");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePattern {
    prefix: String,
    random: u32,
    minimum_bits: u32,
    /// Of the prefix.
    start: CheckSum,
    capacity: u128,
}

impl CodePattern {
    /// Characters drawn at random unless another number is asked for.
    pub const RANDOM: u32 = 13;
    /// Random bits that a code has at least unless fewer are asked for.
    pub const MINIMUM_BITS: u32 = 64;
    /// The most characters of a code: prefix, random part and check character.
    pub const MAX_LENGTH: usize = CodeFormat::Standard.max_chars();
    /// The most characters before the check character.
    const MAX_BEFORE_CHECK: usize = 23;

    /// The default: no prefix, 13 random characters, a check character. 14 characters with 64 random bits.
    #[must_use]
    pub fn new() -> Self {
        let start = CheckSum::default();
        let (random, minimum_bits) = (Self::RANDOM, Self::MINIMUM_BITS);
        Self { prefix: String::new(), random, minimum_bits, start, capacity: capacity(start, random) }
    }

    /// Begins every code with this, in any spelling: what the "code field" of a personal coupon holds, so that support
    /// and shoppers can tell codes of one offer from those of another. It adds nothing that has to be guessed.
    ///
    /// # Errors
    /// At the path `prefix`: [`Why::WrongCharacter`] for anything but letters, digits, blanks and hyphens;
    /// [`Why::TooLong`] where the whole code would be longer than 24 characters.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, Error> {
        Self::checked(prefix, self.random, self.minimum_bits)
    }

    /// Draws so many characters at random.
    ///
    /// # Errors
    /// At the path `random`: [`Why::OutOfRange`] for none at all, or where the whole code would be longer than 24
    /// characters; [`Why::TooFewBits`] where the codes would be easier to guess than was asked for.
    pub fn with_random(self, random: u32) -> Result<Self, Error> {
        let most = Self::MAX_BEFORE_CHECK.saturating_sub(self.prefix.len());
        if !usize::try_from(random).is_ok_and(|random| (1..=most).contains(&random)) {
            let why = Why::OutOfRange { min: "1".to_owned(), max: most.to_string() };
            return Err(Error::invalid("random", random, why));
        }
        Self::checked(&self.prefix, random, self.minimum_bits)
    }

    /// Demands so many random bits, more or fewer than 64. To shorten a code, say first how few bits will do.
    ///
    /// # Errors
    /// [`Why::TooFewBits`] at the path `random` where the pattern as it stands has fewer.
    pub fn with_minimum_bits(self, bits: u32) -> Result<Self, Error> {
        Self::checked(&self.prefix, self.random, bits)
    }

    fn checked(prefix: &str, random: u32, minimum_bits: u32) -> Result<Self, Error> {
        let prefix = canonical(prefix)?;
        let most = Self::MAX_BEFORE_CHECK;
        let Some(room) = usize::try_from(random).ok().filter(|r| *r > 0).and_then(|r| most.checked_sub(r)) else {
            let why = Why::OutOfRange { min: "1".to_owned(), max: most.to_string() };
            return Err(Error::invalid("random", random, why));
        };
        if prefix.len() > room {
            return Err(Error::invalid("prefix", prefix, Why::TooLong { max: room }));
        }
        let start = CheckSum::of(prefix.as_bytes()).unwrap_or_default();
        let pattern = Self { start, capacity: capacity(start, random), prefix, random, minimum_bits };
        let bits = pattern.bits();
        if bits < minimum_bits {
            return Err(Error::invalid("random", random, Why::TooFewBits { bits, minimum: minimum_bits }));
        }
        Ok(pattern)
    }

    /// What every code begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// How many characters are drawn at random.
    #[must_use]
    pub fn random(&self) -> u32 {
        self.random
    }

    /// How many random bits were asked for at least.
    #[must_use]
    pub fn minimum_bits(&self) -> u32 {
        self.minimum_bits
    }

    /// Characters of a code: prefix, random part and check character.
    #[must_use]
    pub fn length(&self) -> usize {
        self.prefix.len().saturating_add(self.random_len()).saturating_add(1)
    }

    pub(super) fn random_len(&self) -> usize {
        usize::try_from(self.random).unwrap_or(Self::MAX_BEFORE_CHECK)
    }

    /// Exactly how many codes there are of this pattern.
    ///
    /// Each random character is one of 32. About one random part in seven is never used, since its check character would
    /// be one that is easily misread.
    ///
    /// ```
    /// use vouchsafe::CodePattern;
    ///
    /// // 32 x 32 pairs of characters, of which 138 have no check character.
    /// let tiny = CodePattern::new().with_minimum_bits(1)?.with_random(2)?;
    /// assert_eq!(tiny.capacity(), 886);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn capacity(&self) -> u128 {
        self.capacity
    }

    /// How many random bits a code has: the whole part of the binary logarithm of the [capacity](Self::capacity).
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.capacity.checked_ilog2().unwrap_or(0)
    }

    /// How hard codes are to guess: where so many are live, one guess in how many hits one of them. None where none is.
    ///
    /// Rounded down, so that the danger is never understated. This is against somebody who knows the pattern, the prefix
    /// and the rule of the check character, none of which is a secret.
    ///
    /// ```
    /// use vouchsafe::CodePattern;
    ///
    /// // A million codes of the default pattern are live: one guess in 31 million million hits one.
    /// assert_eq!(CodePattern::new().one_guess_in(1_000_000), Some(31_907_881_641_011));
    /// // Eight characters look long enough, and one guess in 950,928 hits one.
    /// let short = CodePattern::new().with_minimum_bits(35)?.with_random(8)?;
    /// assert_eq!(short.one_guess_in(1_000_000), Some(950_928));
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn one_guess_in(&self, live_codes: u64) -> Option<u128> {
        self.capacity.checked_div(u128::from(live_codes))
    }

    /// Whether a code could have been generated by this pattern: prefix, length, characters and check character.
    ///
    /// A host may answer a code that fits none of its patterns as unknown without looking it up: a mistyped code never
    /// fits, of whichever batch it was. Codes that were not generated, shared ones and those of an older system, fit no
    /// pattern either, so this is for shops, forms or prefixes that have none of those.
    ///
    /// ```
    /// use vouchsafe::{Code, CodeFormat, CodePattern};
    ///
    /// let pattern = CodePattern::new().with_prefix("SKI")?;
    /// let code = |text| Code::parse(text, CodeFormat::Standard);
    /// assert!(pattern.fits(&code("SKI2-3456-789A-BCDE-M")?));
    /// assert!(!pattern.fits(&code("SKI2-3456-789A-BCDE-N")?)); // a slip
    /// assert!(!CodePattern::new().fits(&code("SKI2-3456-789A-BCDE-M")?)); // of another batch
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn fits(&self, code: &Code) -> bool {
        let Some(rest) = code.as_str().strip_prefix(&self.prefix) else { return false };
        rest.len() == self.random_len().saturating_add(1)
            && rest.bytes().all(alphabet::is_letter)
            && code.check_passes()
    }

    /// Makes codes, each another one, out of random bytes that the host supplies: `getrandom::fill` fits as it is, and
    /// so does `fill_bytes` of any cryptographic generator. The codes come one by one, so that a million of them never
    /// lie in memory at once.
    ///
    /// Random bytes that can be predicted make codes that can be predicted. Bytes from a seed are for tests.
    ///
    /// # Errors
    /// [`Why::CodeSpace`] at the path `count` where that is more than half of all codes there are: too many to find the
    /// rest at random, and far too easily guessed.
    ///
    /// ```
    /// use std::collections::HashSet;
    /// use std::convert::Infallible;
    /// use vouchsafe::CodePattern;
    ///
    /// // S7: 500 ski patrollers, 500 codes. A generator of five lines stands in for the system's here.
    /// let mut state = 42_u64;
    /// let bytes = move |buffer: &mut [u8]| {
    ///     for byte in buffer {
    ///         state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    ///         *byte = state.to_be_bytes()[0];
    ///     }
    ///     Ok::<(), Infallible>(())
    /// };
    /// let pattern = CodePattern::new().with_prefix("SKI")?;
    /// let codes: HashSet<_> = pattern.generate(500, bytes)?.collect::<Result<_, _>>()?;
    /// assert_eq!(codes.len(), 500);
    /// assert!(codes.iter().all(|code| pattern.fits(code)));
    ///
    /// let tiny = CodePattern::new().with_minimum_bits(1)?.with_random(1)?;
    /// let error = tiny.generate(20, |_: &mut [u8]| Ok::<(), Infallible>(())).unwrap_err();
    /// assert_eq!(error.to_string(), "`count` is `20`: more than half of the code space, at most 14");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn generate<S, E>(&self, count: u64, source: S) -> Result<CodeGenerator<S>, Error>
    where
        S: FnMut(&mut [u8]) -> Result<(), E>,
    {
        let max = self.capacity / 2;
        if u128::from(count) > max {
            return Err(Error::invalid("count", count, Why::CodeSpace { max }));
        }
        Ok(CodeGenerator::new(self.clone(), count, source))
    }

    /// Writes the code with this random part; false where that has no check character.
    pub(super) fn write(&self, random: u128, text: &mut String) -> bool {
        text.clear();
        text.push_str(&self.prefix);
        let (mut sum, mut bits) = (self.start, random);
        for _ in 0..self.random {
            let letter = alphabet::letter(bits);
            sum = sum.then(letter).unwrap_or(sum);
            text.push(char::from(letter));
            bits >>= BITS;
        }
        let check = sum.check_letter();
        text.extend(check.map(char::from));
        check.is_some()
    }
}

impl Default for CodePattern {
    fn default() -> Self {
        Self::new()
    }
}

/// The prefix in its canonical spelling; nothing at all is no prefix.
fn canonical(prefix: &str) -> Result<String, Error> {
    match Code::parse(prefix, CodeFormat::Standard) {
        Ok(code) => Ok(code.as_str().to_owned()),
        Err(Error::Invalid(field)) if field.why == Why::Empty => Ok(String::new()),
        Err(Error::Invalid(mut field)) => {
            field.path = "prefix".to_owned();
            Err(Error::Invalid(field))
        }
        Err(other) => Err(other),
    }
}

/// Counts the codes after a beginning with this sum: how many random parts lead to each sum, character by character, and
/// which of the sums have a check character. From every sum each other one is a letter away but for a few, so that it is
/// quicker to take those off than to add all the letters up.
fn capacity(start: CheckSum, random: u32) -> u128 {
    let mut ways = [0_u128; CheckSum::COUNT];
    if let Some(count) = ways.get_mut(start.index()) {
        *count = 1;
    }
    for _ in 0..random {
        // At most 32 to the power of 23, which is far below the bound.
        let mut next = [ways.iter().sum::<u128>(); CheckSum::COUNT];
        for (sum, count) in CheckSum::all().zip(ways) {
            for never in sum.never_next() {
                if let Some(left) = next.get_mut(never.index()) {
                    *left = left.saturating_sub(count);
                }
            }
        }
        ways = next;
    }
    CheckSum::all().zip(ways).filter(|(sum, _)| sum.check_letter().is_some()).map(|(_, count)| count).sum()
}

impl Form for CodePattern {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let prefix: Option<Option<String>> = f.optional_or_reported("prefix");
            let random = f.optional_or_reported("random");
            let minimum_bits = f.optional_or_reported("minimum_bits");
            let random = random?.unwrap_or(Self::RANDOM);
            let made = Self::checked(&prefix?.unwrap_or_default(), random, minimum_bits?.unwrap_or(Self::MINIMUM_BITS));
            f.accept_at(&["prefix", "random"], made)
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_unless_default("prefix", &self.prefix)
            .put_unless("random", &self.random, &Self::RANDOM)
            .put_unless("minimum_bits", &self.minimum_bits, &Self::MINIMUM_BITS)
            .end()
    }
}

serde_by_form!(CodePattern);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    fn pattern(prefix: &str, random: u32) -> CodePattern {
        CodePattern::new().with_minimum_bits(1).unwrap().with_random(random).unwrap().with_prefix(prefix).unwrap()
    }

    /// Every random part is tried where there are few enough of them.
    #[test]
    fn the_capacity_is_the_number_of_codes_there_are() {
        for (prefix, random) in [("", 1), ("", 2), ("", 3), ("A", 1), ("SKI", 2), ("0", 2), ("B2B", 3)] {
            let pattern = pattern(prefix, random);
            let mut text = String::new();
            let codes = (0..32_u128.pow(random)).filter(|part| pattern.write(*part, &mut text)).count();
            assert_eq!(pattern.capacity(), u128::try_from(codes).unwrap(), "{prefix} {random}");
        }
        // 32 / 37 of all, to within the last digits.
        assert_eq!(pattern("", 1).capacity(), 29);
        assert_eq!(CodePattern::new().capacity(), 31_907_881_641_011_115_029);
        assert!(CodePattern::new().capacity().abs_diff(32_u128.pow(13) * 32 / 37) < 10_000);
    }

    #[test]
    fn the_default_has_64_bits() {
        let pattern = CodePattern::new();
        assert_eq!((pattern.bits(), pattern.length(), pattern.minimum_bits()), (64, 14, 64));
        assert_eq!(CodePattern::default(), pattern);
        assert!(CodePattern::new().with_random(12).is_err());
        assert_eq!(CodePattern::new().with_random(23).unwrap().bits(), 114);
    }

    #[test]
    fn every_mistake_has_its_path() {
        let error = |made: Result<CodePattern, Error>| made.unwrap_err().to_string();
        let new = CodePattern::new;
        assert_eq!(error(new().with_prefix("SKI_")), "`prefix` is `SKI_`: character `_` at position 4 is not allowed");
        assert_eq!(error(new().with_prefix("ABCDEFGHJKL")), "`prefix` is `ABCDEFGHJKL`: longer than 10 characters");
        assert!(new().with_prefix("ABCDEFGHJK").is_ok());
        assert_eq!(error(new().with_prefix(&"A".repeat(99))).rsplit(": ").next().unwrap(), "longer than 24 characters");
        assert_eq!(error(new().with_random(0)), "`random` is `0`: not between 1 and 23");
        assert_eq!(error(new().with_random(24)), "`random` is `24`: not between 1 and 23");
        assert_eq!(error(new().with_random(u32::MAX)), "`random` is `4294967295`: not between 1 and 23");
        let ski = new().with_prefix("SKI").unwrap();
        assert_eq!(error(ski.with_random(21)), "`random` is `21`: not between 1 and 20");
        assert_eq!(error(new().with_minimum_bits(65)), "`random` is `13`: gives 64 bits where 65 are asked for");
        assert_eq!(error(new().with_random(12)), "`random` is `12`: gives 59 bits where 64 are asked for");
    }

    #[test]
    fn json_goes_through_the_same_check() {
        assert_identity::<CodePattern>(&[
            "{}",
            r#"{"prefix":"SKI"}"#,
            r#"{"random":20,"minimum_bits":80}"#,
            r#"{"prefix":"SKI","random":8,"minimum_bits":35}"#,
        ]);
        assert_errors::<CodePattern>(&[
            (r#"{"prefix":"S_I"}"#, "`prefix` is `S_I`: character `_` at position 2 is not allowed"),
            (r#"{"random":8}"#, "`random` is `8`: gives 39 bits where 64 are asked for"),
            (r#"{"minimum_bits":65}"#, "`random` is ``: gives 64 bits where 65 are asked for"),
            (r#"{"random":0,"minimum_bits":1}"#, "`random` is `0`: not between 1 and 23"),
            (r#"{"prefix":"SKI","random":21}"#, "`prefix` is `SKI`: longer than 2 characters"),
            (r#"{"random":-1,"prefix":7}"#, "`random` is `-1`: negative; `prefix` is `7`: expected a string"),
            (r#"{"length":8}"#, "`length` is `8`: unknown field, known: `prefix`, `random`, `minimum_bits`"),
            (r#""SKI""#, "`` is `SKI`: expected an object"),
        ]);
        let spelled: CodePattern = serde_json::from_str(r#"{"prefix": " sk-i "}"#).unwrap();
        assert_eq!(spelled, pattern("SKI", 13).with_minimum_bits(64).unwrap());
    }

    #[test]
    fn only_codes_of_the_pattern_fit() {
        let ski = pattern("SKI", 4);
        let mut tried = 0;
        for part in 0..100 {
            let mut text = String::new();
            if !ski.write(part, &mut text) {
                continue;
            }
            let code = Code::from_canonical(&text).unwrap();
            assert!(ski.fits(&code) && !pattern("", 4).fits(&code) && !pattern("SKI", 5).fits(&code), "{text}");
            // With four characters as its prefix it is a code of that pattern too.
            assert!(pattern(&text[..4], 3).fits(&code));
            tried += 1;
        }
        assert!(tried > 50);
    }

    /// A prefix may hold what is never drawn.
    #[test]
    fn the_random_part_holds_letters_of_the_alphabet_only() {
        for first in ["0", "O", "1", "I"] {
            let mut text = String::new();
            let prefixed = pattern(first, 3);
            let part = (0..100).find(|part| prefixed.write(*part, &mut text)).unwrap();
            prefixed.write(part, &mut text);
            let code = Code::from_canonical(&text).unwrap();
            assert!(code.check_passes() && prefixed.fits(&code) && !pattern("", 4).fits(&code), "{text}");
        }
    }

    #[test]
    fn guesses_are_counted_in_the_favour_of_the_guesser() {
        let tiny = pattern("", 1);
        assert_eq!((tiny.one_guess_in(0), tiny.one_guess_in(1), tiny.one_guess_in(2)), (None, Some(29), Some(14)));
        assert_eq!(tiny.one_guess_in(u64::MAX), Some(0));
    }
}
