//! Names that the host chose: products, categories, customer types, orders.
//!
//! A [`Key`] is text with its hash beside it, so that two keys that differ are told apart by one integer comparison
//! and a clone of a long one copies no text. The typed ids of the crate ([`CouponId`], [`ProductId`], ...) wrap it, so that a
//! category can never stand where a product is meant.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Why};

/// Text of 1 to 255 characters without control characters, cheap to clone and to compare.
///
/// ```
/// use vouchsafe::Key;
///
/// let key: Key = "shoes".parse()?;
/// assert_eq!(key.as_str(), "shoes");
/// assert!("".parse::<Key>().is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Clone)]
pub struct Key {
    hash: u64,
    text: Text,
}

/// Most keys are short: those lie in place, so that reading an order allocates nothing for them.
#[derive(Clone)]
enum Text {
    Short(Short),
    Long(Arc<str>),
}

/// The bytes of a short text, always valid UTF-8, with blanks behind it.
#[derive(Clone, Copy)]
struct Short {
    len: u8,
    bytes: [u8; Self::MAX],
}

impl Short {
    const MAX: usize = 22;

    #[inline]
    fn new(text: &str) -> Option<Self> {
        let (len, [first, second, last]) = (u8::try_from(text.len()).ok()?, Self::words_of(text.as_bytes())?);
        let mut bytes = [0; Self::MAX];
        *bytes.first_chunk_mut()? = first.to_le_bytes();
        *bytes.get_mut(8..)?.first_chunk_mut()? = second.to_le_bytes();
        *bytes.last_chunk_mut()? = last.to_le_bytes();
        Some(Self { len, bytes })
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The words of a text with blanks behind it, where it is short enough: from wide reads that overlap where they have to,
    /// since bytes that are written one by one and read eight at a time keep a processor waiting.
    #[inline]
    fn words_of(text: &[u8]) -> Option<[u64; 3]> {
        let first = |text: &[u8]| text.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        // The last bytes of a text of at least eight, at the low end of a word.
        let last = |some: usize| {
            let low = text.last_chunk().map(|bytes| u64::from_le_bytes(*bytes));
            low.map(|word| padded(word.checked_shr(shift(8_usize.saturating_sub(some))).unwrap_or(0), some))
        };
        let [first, second, third] = match text.len() {
            len @ 0..8 => [padded(few(text), len), BLANKS, BLANKS],
            len @ 8..=16 => [first(text)?, last(len.saturating_sub(8))?, BLANKS],
            len @ 17..=Self::MAX => [first(text)?, first(text.get(8..)?)?, last(len.saturating_sub(16))?],
            _ => return None,
        };
        Some([first, second, (second >> 48) | (third << 16)])
    }

    /// All bytes as three integers; the last two share two bytes.
    #[inline]
    fn words(&self) -> [u64; 3] {
        let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let [_, _, _, _, _, _, _, _, rest @ ..] = &self.bytes;
        [word(self.bytes.first_chunk()), word(rest.first_chunk()), word(self.bytes.last_chunk())]
    }

    /// The hash of the text, from its words and its length.
    #[inline]
    fn hash(&self) -> u64 {
        self.words().into_iter().fold(u64::from(self.len).wrapping_mul(MIX), mix)
    }

    /// Whether all characters are ASCII and none is a control character, which most keys are: eight bytes at once.
    #[inline]
    fn is_plain(&self) -> bool {
        const EACH: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = 0x80 * EACH;
        // A byte from 0x20 to 0x7f has one of the bits 5 and 6, and no bit 7; of those, only 0x7f has it when one more.
        self.words().into_iter().all(|w| {
            let printable = (w | (w << 1)) & (0x40 * EACH) == 0x40 * EACH;
            w & HIGH == 0 && printable && w.wrapping_add(EACH) & HIGH == 0
        })
    }
}

/// Eight blanks.
const BLANKS: u64 = 0x2020_2020_2020_2020;

/// So many bytes in bits.
#[inline]
fn shift(bytes: usize) -> u32 {
    u32::try_from(bytes.saturating_mul(8)).unwrap_or(u64::BITS)
}

/// A word of which so many bytes, the low ones, are text, with blanks in the place of the others.
#[inline]
fn padded(word: u64, text: usize) -> u64 {
    let behind = u64::MAX.checked_shl(shift(text)).unwrap_or(0);
    (word & !behind) | (BLANKS & behind)
}

/// A text of fewer than eight bytes at the low end of a word.
#[inline]
fn few(text: &[u8]) -> u64 {
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            u64::from(first) | u64::from(last) << shift(text.len().saturating_sub(4))
        }
        _ => text.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte)),
    }
}

/// An odd number with bits all over: the golden ratio as a fraction of 2^64, as Knuth has it for multiplicative hashing.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

impl Text {
    fn new(text: &str) -> Self {
        Short::new(text).map_or_else(|| Self::Long(Arc::from(text)), Self::Short)
    }

    fn as_str(&self) -> &str {
        match self {
            // Made of a text, so it is one.
            Self::Short(short) => std::str::from_utf8(short.as_bytes()).unwrap_or_default(),
            Self::Long(text) => text,
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short(short) => short.as_bytes(),
            Self::Long(text) => text.as_bytes(),
        }
    }

    /// Deterministic, so that the same input gives the same order of work.
    fn hash(&self) -> u64 {
        match self {
            Self::Short(short) => short.hash(),
            Self::Long(text) => hash_of(text.as_bytes()),
        }
    }

    /// Texts of one length in one form: a text has one form only.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Short(a), Self::Short(b)) => a.len == b.len && a.bytes == b.bytes,
            (Self::Long(a), Self::Long(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Key {
    /// The most characters a key may have.
    pub const MAX_CHARS: usize = 255;

    /// Reads a key.
    ///
    /// # Errors
    /// [`Why::Empty`], [`Why::TooLong`] or [`Why::WrongCharacter`] (control characters), at the path `key`.
    #[inline]
    pub fn new(text: &str) -> Result<Self, Error> {
        match Short::new(text) {
            Some(short) if short.len > 0 && short.is_plain() => {
                Ok(Self { hash: short.hash(), text: Text::Short(short) })
            }
            _ => Self::checked(text),
        }
    }

    /// The rare part of [`Key::new`]: a text that is long, has other characters, or is refused.
    #[cold]
    fn checked(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::invalid("key", text, Why::Empty));
        }
        if text.len() > Self::MAX_CHARS && text.chars().count() > Self::MAX_CHARS {
            return Err(Error::invalid("key", text, Why::TooLong { max: Self::MAX_CHARS }));
        }
        if let Some((i, c)) = text.chars().enumerate().find(|(_, c)| c.is_control()) {
            let why = Why::WrongCharacter { character: c, position: i.saturating_add(1) };
            return Err(Error::invalid("key", text.escape_debug(), why));
        }
        Ok(Self::of(text))
    }

    /// Of a text that needs no check.
    fn of(text: &str) -> Self {
        let text = Text::new(text);
        Self { hash: text.hash(), text }
    }

    /// The hexadecimal digits of a hash, and what stands behind them: no text that could be refused.
    #[cfg_attr(not(feature = "hash"), expect(dead_code, reason = "nothing else is hashed"))]
    pub(crate) fn of_hex(hash: &[u8], behind: &'static str) -> Self {
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
        let digits = hash.iter().take(64).flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]);
        let text: String = digits.chain(behind.chars()).collect();
        Self::of(&text)
    }

    /// A name that the crate makes itself, with a number behind it. It is one without a check.
    pub(crate) fn numbered(name: &'static str, number: u64) -> Self {
        let text = format!("{name}-{number}");
        Self::of(&text)
    }

    /// The text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }
}

/// The hash of a long text, eight bytes at a time. Two of them are in the next eight as well, as in a short one: nobody chooses
/// a word freely that way, so that texts of one hash are harder to make.
fn hash_of(bytes: &[u8]) -> u64 {
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word: u64, byte| (word << 8) | u64::from(*byte));
    let start = u64::try_from(bytes.len()).unwrap_or(u64::MAX).wrapping_mul(MIX);
    let windows = (0..bytes.len()).step_by(6).filter_map(|from| bytes.get(from..));
    windows.map(|rest| word(rest.get(..8).unwrap_or(rest))).fold(start, mix)
}

/// Takes up eight bytes more. Both halves of the product count, so that each bit of it moves with every bit of the word.
#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word).wrapping_mul(u128::from(MIX)).to_le_bytes();
    let half = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    half(product.first_chunk()) ^ half(product.last_chunk())
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.text.same(&other.text)
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // The order of texts is that of their bytes, and those need no check.
        self.text.as_bytes().cmp(other.text.as_bytes())
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Key {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $path:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// Text of 1 to 255 characters that the host chose; compared exactly.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Key);

        impl $name {
            /// Reads an id.
            ///
            /// # Errors
            /// Empty text, more than 255 characters, or a control character.
            #[inline]
            pub fn new(text: &str) -> Result<Self, Error> {
                text.parse()
            }

            /// The text as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The key inside.
            #[must_use]
            pub fn key(&self) -> &Key {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;
            #[inline]
            fn from_str(text: &str) -> Result<Self, Error> {
                match Key::new(text) {
                    Ok(key) => Ok(Self(key)),
                    Err(Error::Invalid(mut field)) => {
                        field.path = $path.to_owned();
                        Err(Error::Invalid(field))
                    }
                    Err(other) => Err(other),
                }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = Error;
            fn try_from(text: &str) -> Result<Self, Error> {
                text.parse()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl From<Key> for $name {
            fn from(key: Key) -> Self {
                Self(key)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}

ids! {
    /// A shop among those that share one database; no statement of a store crosses it.
    Namespace, "namespace";
    /// A coupon definition.
    CouponId, "coupon";
    /// A product, the thing that a line sells.
    ProductId, "product";
    /// A type of product, such as `booth` or `subscription`.
    ProductTypeId, "product_type";
    /// A part of the merchant's business, such as `meetings` or `publications`.
    SubsystemId, "subsystem";
    /// A category that products are filed under.
    CategoryId, "category";
    /// A free tag on a product, or on what coupons stand beside.
    TagId, "tag";
    /// A group of coupons or automatic offers of which one applies.
    GroupId, "group";
    /// A customer type, such as `RETAIL` or `PROFORM`.
    CustomerTypeId, "customer_type";
    /// What an attribute of a product or a customer is about, such as `brand` or `segment`.
    AttributeKey, "attribute";
    /// A value of an attribute.
    AttributeValue, "attribute_value";
    /// A sales channel or order form.
    ChannelId, "channel";
    /// A region of delivery or sale, as the host names it.
    RegionId, "region";
    /// A payment option. Opaque: the crate holds no card or bank data (S13).
    PaymentOptionId, "payment_option";
    /// A shipping method.
    ShippingMethodId, "shipping_method";
    /// An order of the host.
    OrderId, "order";
    /// A redemption before any order exists.
    ClaimId, "claim";
    /// A discount account of the merchant's books.
    AccountId, "account";
    /// A third party that funds a discount, such as a manufacturer.
    PartyId, "party";
    /// A tax class: lines of one class share a rate.
    TaxClass, "tax_class";
    /// A discount that the shop gave before any coupon.
    DiscountId, "discount";
    /// The campaign that a coupon belongs to, for reports only.
    CampaignId, "campaign";
    /// A price list of the shop.
    PriceListId, "price_list";
    /// An allowance: how much of something may be bought within a window.
    AllowanceId, "allowance";
    /// Who acts: a sales representative or an administrator, never the customer.
    ActorId, "actor";
    /// A form or event by which people sign up, such as `newsletter`.
    SignUpId, "sign_up";
    /// Something that happened to a customer and may earn a coupon, such as `newsletter` or `survey`.
    EventId, "event";
    /// What a date of a customer is, such as `birthday` or `anniversary`.
    DateName, "date";
    /// A batch of codes that were made together.
    BatchId, "batch";
    /// Why a customer was given a code: the same occasion again is the same code.
    OccasionId, "occasion";
    /// One return, transfer or amendment of a placed order: the same one again changes nothing.
    MovementId, "movement";
}

/// A map by keys or typed ids. They carry their hash, so it is taken as it is.
pub(crate) type KeyMap<K, V> = HashMap<K, V, BuildHasherDefault<KeyHasher>>;

/// A set of keys or typed ids that grows.
pub(crate) type KeyIndex<K> = HashSet<K, BuildHasherDefault<KeyHasher>>;

/// Hands on the hash that a [`Key`] carries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// Keys never come here; should another type ever do, its bytes are mixed in.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// A set of keys that answers "is it in" in a few comparisons of integers.
///
/// Sorted by hash, and equal hashes are confirmed on the text, so the answer is exact. Most keys that are no members
/// are told by a filter before any search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeySet {
    keys: Box<[Key]>,
    /// Two bits for each member, by its hash; where one of a key is missing, it is no member.
    filter: u64,
}

impl KeySet {
    /// Builds a set; members given twice are kept once.
    pub(crate) fn new(keys: impl IntoIterator<Item = Key>) -> Self {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        keys.sort_unstable_by(|a, b| a.hash.cmp(&b.hash).then_with(|| a.cmp(b)));
        keys.dedup();
        let filter = keys.iter().fold(0, |filter, key| filter | Self::bits(key));
        Self { keys: keys.into_boxed_slice(), filter }
    }

    #[inline]
    fn bits(key: &Key) -> u64 {
        let bit = |hash: u64| 1_u64.rotate_left(u32::try_from(hash & 63).unwrap_or(0));
        bit(key.hash) | bit(key.hash >> 32)
    }

    /// Whether the key is a member.
    #[inline]
    pub(crate) fn contains(&self, key: &Key) -> bool {
        let bits = Self::bits(key);
        self.filter & bits == bits && self.find(key)
    }

    fn find(&self, key: &Key) -> bool {
        // A search by halves begins to pay where there are more.
        if self.keys.len() <= 16 { self.keys.iter().any(|k| k == key) } else { self.search(key) }
    }

    fn search(&self, key: &Key) -> bool {
        let from = self.keys.partition_point(|k| k.hash < key.hash);
        self.keys.iter().skip(from).take_while(|k| k.hash == key.hash).any(|k| k == key)
    }

    /// Whether any of the keys is a member.
    #[inline]
    pub(crate) fn contains_any<'a>(&self, keys: impl IntoIterator<Item = &'a Key>) -> bool {
        keys.into_iter().any(|k| self.contains(k))
    }

    /// The members by their text, an order that does not depend on the release.
    pub(crate) fn sorted(&self) -> Vec<&Key> {
        let mut keys: Vec<&Key> = self.keys.iter().collect();
        keys.sort_unstable();
        keys
    }

    /// How many members there are.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    #[test]
    fn a_key_has_1_to_255_characters_and_no_control_characters() {
        assert!(Key::new(&"ä".repeat(255)).is_ok());
        assert!(Key::new(&"ä".repeat(256)).is_err());
        assert!(Key::new("").is_err());
        let error = CouponId::new("a\nb").unwrap_err();
        assert_eq!(error.to_string(), "`coupon` is `a\\nb`: character `\\n` at position 2 is not allowed");
    }

    /// The check of eight bytes at once says what a look at each character says, wherever the character stands.
    #[test]
    fn each_byte_is_looked_at() {
        let ascii = (0..=0x7f_u8).map(char::from);
        for c in ascii.chain(['\u{80}', '\u{9f}', '\u{a0}', 'ä', '€', '\u{10ffff}']) {
            for before in 0..40 {
                let text = format!("{}{c}{}", "x".repeat(before), "y".repeat(before % 3));
                let fine = !c.is_control();
                assert_eq!(Key::new(&text).is_ok(), fine, "{text:?}");
                assert!(!fine || Key::new(&text).unwrap().as_str() == text, "{text:?}");
            }
        }
    }

    /// The words that a text is read in are those of the bytes that it is kept in, at every length.
    #[test]
    fn a_short_text_is_kept_as_it_is_read() {
        for len in 0..=22 {
            let text: String = ('a'..='v').take(len).collect();
            let short = Short::new(&text).unwrap();
            assert_eq!(short.as_bytes(), text.as_bytes());
            assert!(short.bytes[len..].iter().all(|byte| *byte == b' '), "{len}");
            assert_eq!(Short::words_of(text.as_bytes()), Some(short.words()), "{len}");
        }
        assert!(Short::new("abcdefghijklmnopqrstuvw").is_none());
    }

    /// What stands behind a short text is none of it.
    #[test]
    fn blanks_count() {
        let keys = ["a", "a ", "a  ", " a", " ", "  "].map(key);
        for (i, a) in keys.iter().enumerate() {
            for (k, b) in keys.iter().enumerate() {
                assert_eq!((a == b, a.hash == b.hash), (i == k, i == k), "{a:?} {b:?}");
            }
        }
    }

    /// A map takes the low bits of a hash for the place and the highest seven to compare; a set the lowest six to filter.
    #[test]
    fn hashes_spread_over_low_and_high_bits() {
        for (name, step) in [("SKU-", 1), ("category-", 7), ("", 100), ("a-longer-prefix-of", 1), ("product:", 10)] {
            let keys: Vec<Key> = (0..4096).map(|i| key(&format!("{name}{:06}", i * step))).collect();
            for shift in [0, 6, 52, 58] {
                let mut places = [0_u32; 64];
                keys.iter().for_each(|k| places[usize::try_from(k.hash >> shift & 63).unwrap()] += 1);
                // 64 are expected in each; five standard deviations of 8 on either side.
                assert!(places.iter().all(|n| (24..=104).contains(n)), "{name} {shift}: {places:?}");
            }
        }
    }

    /// A text of 22 bytes lies in place, one of 23 does not; nobody can tell.
    #[test]
    fn short_and_long_keys_are_alike() {
        for text in ["a", "ä", &"x".repeat(22), &"x".repeat(23), &"ä".repeat(11), &"ä".repeat(12)] {
            let one = key(text);
            assert_eq!((one.as_str(), one.to_string().as_str()), (text, text));
            assert_eq!(one, key(text));
            assert_ne!(one, key(&format!("{text}x")));
            assert!(KeySet::new([one.clone()]).contains(&one));
            assert!(one < key(&format!("{text}x")));
        }
        assert!(matches!((key(&"x".repeat(22)).text, key(&"x".repeat(23)).text), (Text::Short(_), Text::Long(_))));
        assert!(key(&"x".repeat(23)) < key("y"), "order goes by the text, whatever its form");
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set = KeySet::new(["b", "a", "b", "c"].map(key));
        assert_eq!(set.len(), 3);
        for member in ["a", "b", "c"] {
            assert!(set.contains(&key(member)));
        }
        assert!(!set.contains(&key("d")));
        assert!(!KeySet::default().contains(&key("a")));
        assert!(set.contains_any([&key("x"), &key("c")]));
    }

    /// Equal hashes must not make different keys equal.
    #[test]
    fn the_text_decides_when_hashes_collide() {
        let a = key("a");
        let forged = Key { hash: a.hash, text: Text::new("b") };
        assert_ne!(a, forged);
        assert!(!KeySet::new([a.clone()]).contains(&forged));
        let many = || (0..40).map(|i| key(&format!("n{i}"))).chain([a.clone()]);
        assert!(KeySet::new(many()).contains(&a) && !KeySet::new(many()).contains(&forged));
        assert!(KeySet::new(many().chain([forged.clone()])).contains(&forged));
    }
}
