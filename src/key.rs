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

/// The bytes of a short text, always valid UTF-8.
#[derive(Clone, Copy)]
struct Short {
    len: u8,
    bytes: [u8; Self::MAX],
}

impl Short {
    const MAX: usize = 22;

    fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; Self::MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { len: u8::try_from(text.len()).ok()?, bytes })
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

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
    pub fn new(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::invalid("key", text, Why::Empty));
        }
        if text.len() > Self::MAX_CHARS && text.chars().count() > Self::MAX_CHARS {
            return Err(Error::invalid("key", text, Why::TooLong { max: Self::MAX_CHARS }));
        }
        let (hash, plain) = fingerprint(text);
        if plain {
            return Ok(Self { hash, text: Text::new(text) });
        }
        if let Some((i, c)) = text.chars().enumerate().find(|(_, c)| c.is_control()) {
            let why = Why::WrongCharacter { character: c, position: i.saturating_add(1) };
            return Err(Error::invalid("key", text.escape_debug(), why));
        }
        Ok(Self { hash, text: Text::new(text) })
    }

    /// The hexadecimal digits of a hash, and what stands behind them: no text that could be refused.
    #[cfg_attr(not(feature = "hash"), expect(dead_code, reason = "nothing else is hashed"))]
    pub(crate) fn of_hex(hash: &[u8], behind: &'static str) -> Self {
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
        let digits = hash.iter().take(64).flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]);
        let text: String = digits.chain(behind.chars()).collect();
        Self { hash: fingerprint(&text).0, text: Text::new(&text) }
    }

    /// A name that the crate makes itself, with a number behind it. It is one without a check.
    pub(crate) fn numbered(name: &'static str, number: u64) -> Self {
        let text = format!("{name}-{number}");
        Self { hash: fingerprint(&text).0, text: Text::new(&text) }
    }

    /// The text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }
}

/// FNV-1a over the bytes, then mixed: deterministic, so that the same input gives the same order of work.
/// Says besides whether all characters are ASCII and none is a control character, which most keys are.
fn fingerprint(text: &str) -> (u64, bool) {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut plain = true;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        plain &= (0x20..0x7f).contains(&byte);
    }
    (hash ^ (hash >> 32), plain)
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
    /// One bit for each member, by its hash; where the bit of a key is missing, it is no member.
    filter: u64,
}

impl KeySet {
    /// Builds a set; members given twice are kept once.
    pub(crate) fn new(keys: impl IntoIterator<Item = Key>) -> Self {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        keys.sort_unstable_by(|a, b| a.hash.cmp(&b.hash).then_with(|| a.cmp(b)));
        keys.dedup();
        let filter = keys.iter().fold(0, |filter, key| filter | Self::bit(key));
        Self { keys: keys.into_boxed_slice(), filter }
    }

    #[inline]
    fn bit(key: &Key) -> u64 {
        1_u64.rotate_left(u32::try_from(key.hash & 63).unwrap_or(0))
    }

    /// Whether the key is a member.
    #[inline]
    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.filter & Self::bit(key) != 0 && self.find(key)
    }

    fn find(&self, key: &Key) -> bool {
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
        assert!(!KeySet::new([a]).contains(&forged));
    }
}
