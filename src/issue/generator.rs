//! Makes codes one by one, each another one.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use super::alphabet::BITS;
use super::pattern::CodePattern;
use crate::coupon::Code;
use crate::key::Key;

/// Codes of one pattern, made one by one as they are asked for: by [`CodePattern::generate`].
///
/// Every code with the same chance, none twice. What it remembers of the codes it made is their random parts, 16 bytes
/// each, and not their text. After an error it is over; the codes before the error are good.
///
/// ```
/// use std::convert::Infallible;
/// use vouchsafe::{CodePattern, GenerateError};
///
/// // A source that is broken always gives the same bytes: one code, and then no second one.
/// let broken = |buffer: &mut [u8]| {
///     buffer.fill(7);
///     Ok::<(), Infallible>(())
/// };
/// let mut codes = CodePattern::new().generate(2, broken)?;
/// assert!(matches!(codes.next(), Some(Ok(_))));
/// assert_eq!(codes.next(), Some(Err(GenerateError::Exhausted { draws: 256 })));
/// assert_eq!(codes.next(), None);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
pub struct CodeGenerator<S, T = fn(&Code) -> bool> {
    pattern: CodePattern,
    source: S,
    is_taken: Option<T>,
    left: u64,
    made: HashSet<u128, BuildHasherDefault<PartHasher>>,
    text: String,
}

/// Why no further code was made.
///
/// ```
/// use vouchsafe::{CodePattern, GenerateError};
///
/// let mut codes = CodePattern::new().generate(2, |_: &mut [u8]| Err("the device is gone"))?;
/// assert_eq!(codes.next(), Some(Err(GenerateError::Source("the device is gone"))));
/// assert_eq!(codes.next(), None);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError<E> {
    /// The source of random bytes failed.
    #[error("the source of random bytes failed")]
    Source(#[source] E),
    /// So many draws in a row gave no code that is new: the source repeats itself, or nearly every code there is of the
    /// pattern is taken.
    #[error("no new code in {draws} draws: the random bytes repeat themselves, or nearly all codes are taken")]
    Exhausted {
        /// How many draws were tried.
        draws: u32,
    },
}

impl<S> CodeGenerator<S> {
    pub(super) fn new(pattern: CodePattern, count: u64, source: S) -> Self {
        // Room for a small batch at once. A large one grows as it is asked for, so that a count costs nothing by itself.
        const ROOM: u64 = 1 << 12;
        let room = usize::try_from(count.min(ROOM)).unwrap_or(0);
        let made = HashSet::with_capacity_and_hasher(room, BuildHasherDefault::default());
        let text = String::with_capacity(CodePattern::MAX_LENGTH);
        Self { pattern, source, is_taken: None, left: count, made, text }
    }
}

impl<S, T> CodeGenerator<S, T> {
    /// How many draws in a row may fail before it gives up. With a sound source and half of all codes taken, one draw in
    /// two or three succeeds; that 256 fail comes about once in 10 to the power of 46.
    const DRAWS: u32 = 256;

    /// Leaves out codes that exist already: those for which the closure says that they are taken. It is asked once for
    /// each code before that is given out.
    ///
    /// With 64 bits a code that exists is hardly ever met, and a unique index over the codes is still what promises that
    /// none is stored twice; this is for short patterns, and for tables that must take a whole batch.
    ///
    /// ```
    /// use std::collections::HashSet;
    /// use std::convert::Infallible;
    /// use vouchsafe::CodePattern;
    ///
    /// let tiny = CodePattern::new().with_minimum_bits(1)?.with_random(1)?;
    /// let mut next = 0_u8;
    /// let mut bytes = |buffer: &mut [u8]| {
    ///     next = next.wrapping_add(1);
    ///     buffer.fill(next);
    ///     Ok::<(), Infallible>(())
    /// };
    /// let first: HashSet<_> = tiny.generate(10, &mut bytes)?.collect::<Result<_, _>>()?;
    /// let second = tiny.generate(10, &mut bytes)?.excluding(|code| first.contains(code));
    /// let second: HashSet<_> = second.collect::<Result<_, _>>()?;
    /// assert_eq!((second.len(), second.intersection(&first).count()), (10, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn excluding<U: FnMut(&Code) -> bool>(self, is_taken: U) -> CodeGenerator<S, U> {
        let Self { pattern, source, left, made, text, .. } = self;
        CodeGenerator { pattern, source, is_taken: Some(is_taken), left, made, text }
    }

    /// What the codes look like.
    #[must_use]
    pub fn pattern(&self) -> &CodePattern {
        &self.pattern
    }

    /// How many codes are still to come.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left
    }
}

impl<S, T> CodeGenerator<S, T> {
    fn draw<E>(&mut self) -> Result<Code, GenerateError<E>>
    where
        S: FnMut(&mut [u8]) -> Result<(), E>,
        T: FnMut(&Code) -> bool,
    {
        let bits = self.pattern.random().saturating_mul(BITS);
        let len = usize::try_from(bits.div_ceil(8)).unwrap_or(16);
        // 32 divides what the bytes can say, so that cutting them off favours no character.
        let mask = 1_u128.checked_shl(bits).and_then(|above| above.checked_sub(1)).unwrap_or(u128::MAX);
        for _ in 0..Self::DRAWS {
            let mut bytes = [0_u8; 16];
            let Some(wanted) = bytes.get_mut(..len) else { break };
            (self.source)(wanted).map_err(GenerateError::Source)?;
            let part = u128::from_le_bytes(bytes) & mask;
            if !self.pattern.write(part, &mut self.text) || self.made.contains(&part) {
                continue;
            }
            // What a pattern writes is a code.
            let Ok(code) = Key::new(&self.text).map(Code) else { continue };
            if self.is_taken.as_mut().is_some_and(|is_taken| is_taken(&code)) {
                continue;
            }
            self.made.insert(part);
            return Ok(code);
        }
        Err(GenerateError::Exhausted { draws: Self::DRAWS })
    }
}

impl<S, T, E> Iterator for CodeGenerator<S, T>
where
    S: FnMut(&mut [u8]) -> Result<(), E>,
    T: FnMut(&Code) -> bool,
{
    type Item = Result<Code, GenerateError<E>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let drawn = self.draw();
        if drawn.is_err() {
            self.left = 0;
        }
        Some(drawn)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::from(self.left > 0), usize::try_from(self.left).ok())
    }
}

impl<S, T, E> std::iter::FusedIterator for CodeGenerator<S, T>
where
    S: FnMut(&mut [u8]) -> Result<(), E>,
    T: FnMut(&Code) -> bool,
{
}

/// Without the codes that were made: they are worth money, and a log is no place for them.
impl<S, T> fmt::Debug for CodeGenerator<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pattern, left, made, .. } = self;
        f.debug_struct("CodeGenerator")
            .field("pattern", pattern)
            .field("left", left)
            .field("made", &made.len())
            .finish_non_exhaustive()
    }
}

/// Random parts are random already; both halves are folded into one, and mixed for sources that are not as random.
#[derive(Debug, Clone, Copy, Default)]
struct PartHasher(u64);

impl Hasher for PartHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u128(&mut self, part: u128) {
        let folded = part ^ (part >> 64);
        let low = u64::try_from(folded & u128::from(u64::MAX)).unwrap_or_default();
        let mixed = low.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    /// Random parts never come here; should another type ever do, its bytes are mixed in.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
