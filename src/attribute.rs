//! Attributes: what else is known of a product or a customer, by key.
//!
//! Categories and tags file things under names; an attribute says something of a thing: its brand, its colour, the
//! segment of a customer. Keys and values are the host's own, and compared exactly.

use std::collections::BTreeSet;

use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Form, read_members, read_named};
use crate::key::{AttributeKey, AttributeValue};

/// What is known of a product or a customer, by key; a key may have several values.
///
/// ```
/// use vouchsafe::{AttributeKey, AttributeValue, Attributes};
///
/// let (brand, colour) = (AttributeKey::new("brand")?, AttributeKey::new("colour")?);
/// let value = AttributeValue::new;
/// let pairs = [(brand, value("Alpina")?), (colour.clone(), value("red")?), (colour.clone(), value("black")?)];
/// let boot = Attributes::new(pairs);
/// let colours: Vec<&str> = boot.of(&colour).map(|value| value.as_str()).collect();
/// assert_eq!(colours, ["black", "red"]); // sorted, each once
/// assert!(!boot.has(&AttributeKey::new("size")?));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// A value, or a list of values, by key: `{"brand": "Alpina", "colour": ["black", "red"]}`.
///
/// # A brand for a segment of customers
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let brand = HasAttribute::one_of("brand".parse()?, ["Alpina".parse()?]);
/// let member = HasAttribute::one_of("segment".parse()?, ["gold".parse()?]);
/// let coupon = Coupon::builder("gold-alpina").code("ALPINA").percent_off("10");
/// let coupon = coupon.scope(Scope::Attribute(brand)).condition(Condition::CustomerAttribute(member)).build()?;
/// let shop = Shop::new(Policy::order_form(Currency::USD, Zone::UTC));
/// let coupon = shop.prepare(coupon)?;
///
/// let alpina = Attributes::default().with("brand".parse()?, "Alpina".parse()?);
/// let boot = Product::new("BOOT".parse()?).with_attributes(alpina);
/// let line = |id, product| -> Result<Line, Error> {
///     Ok(Line::new(LineId(id), product, Quantity::ONE, UnitPrice::parse("100.00")?))
/// };
/// let order = Order::builder(Currency::USD).line(line(1, boot)?).line(line(2, Product::new("SKI".parse()?))?).build()?;
/// let gold = Attributes::default().with("segment".parse()?, "gold".parse()?);
/// let (customer, at) = (Customer::anonymous().with_attributes(gold), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("ALPINA", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), "190.00 USD"); // 10% of the boot
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Sorted, each once.
    pairs: Vec<(AttributeKey, AttributeValue)>,
}

impl Attributes {
    /// None at all, for those who keep no place for them.
    pub(crate) fn none() -> &'static Self {
        static NONE: Attributes = Attributes { pairs: Vec::new() };
        &NONE
    }

    /// Values by key; a pair given twice is kept once.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (AttributeKey, AttributeValue)>) -> Self {
        let mut pairs: Vec<(AttributeKey, AttributeValue)> = pairs.into_iter().collect();
        pairs.sort_unstable();
        pairs.dedup();
        Self { pairs }
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, key: AttributeKey, value: AttributeValue) -> Self {
        let pair = (key, value);
        if let Err(place) = self.pairs.binary_search(&pair) {
            self.pairs.insert(place, pair);
        }
        self
    }

    /// The values of a key, sorted.
    pub fn of<'a>(&'a self, key: &'a AttributeKey) -> impl Iterator<Item = &'a AttributeValue> {
        self.pairs.iter().filter(move |(known, _)| known == key).map(|(_, value)| value)
    }

    /// Whether the key has any value.
    #[must_use]
    pub fn has(&self, key: &AttributeKey) -> bool {
        self.of(key).next().is_some()
    }

    /// Every key with each of its values, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&AttributeKey, &AttributeValue)> {
        self.pairs.iter().map(|(key, value)| (key, value))
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

impl Form for Attributes {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let expected = "an object that names a value, or a list of values, for each key";
        let mut pairs: Vec<(AttributeKey, AttributeValue)> = Vec::new();
        let mut keys: BTreeSet<AttributeKey> = BTreeSet::new();
        read_named(value, check, expected, |name, value, check| {
            let key = AttributeKey::read(&name.into(), check);
            if key.as_ref().is_some_and(|key| !keys.insert(key.clone())) {
                check.report(value, Why::Duplicate);
            }
            let values = if value.as_list().is_some() {
                let values: Vec<_> = read_members(value, check, AttributeValue::read)?;
                if values.is_empty() {
                    check.report(value, Why::Empty);
                }
                values
            } else {
                vec![AttributeValue::read(value, check)]
            };
            let key = key?;
            pairs.extend(values.into_iter().flatten().map(|value| (key.clone(), value)));
            Some(())
        })?;
        Some(Self::new(pairs))
    }

    fn write(&self) -> DraftValue {
        let by_key = self.pairs.chunk_by(|(a, _), (b, _)| a == b);
        DraftValue::map(by_key.filter_map(|pairs| {
            let (key, first) = pairs.first()?;
            let value = match pairs {
                [_] => first.write(),
                several => DraftValue::list(several.iter().map(|(_, value)| value.write())),
            };
            Some((key.to_string(), value))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn values_are_read_and_written() {
        assert_identity::<Attributes>(&["{}", r#"{"brand":"Alpina","colour":["black","red"]}"#]);
        let jumbled = read::<Attributes>(r#"{"colour":["red","black","red"],"brand":["Alpina"]}"#);
        assert_eq!(jumbled, read(r#"{"brand":"Alpina","colour":["black","red"]}"#));
        let one_by_one =
            jumbled.iter().fold(Attributes::default(), |a, (key, value)| a.with(key.clone(), value.clone()));
        assert_eq!(one_by_one.with("brand".parse().unwrap(), "Alpina".parse().unwrap()), jumbled);
        assert_errors::<Attributes>(&[
            ("[]", "`` is `[]`: expected an object that names a value, or a list of values, for each key"),
            (
                r#"{"":"a","brand":7,"colour":["red",""],"size":[]}"#,
                "`\"\"` is ``: empty; `brand` is `7`: expected a string; `colour[1]` is ``: empty; `size` is `[]`: empty",
            ),
        ]);
    }
}
