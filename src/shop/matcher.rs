//! A scope compiled for matching: lists become sets, so that a line is matched by comparing integers.

use crate::coupon::{PriceRange, Scope};
use crate::key::{AttributeKey, Key, KeySet};
use crate::money::Currency;
use crate::order::Product;

/// What one unit of a line costs after the shop's discounts, exactly: an amount over a number of units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnitAmount {
    pub(crate) minor: i64,
    pub(crate) units: u32,
    pub(crate) currency: Currency,
}

impl UnitAmount {
    /// Compares the amount of one unit with another, without division.
    pub(crate) fn compare(self, minor: i64) -> std::cmp::Ordering {
        let wanted = i128::from(minor).saturating_mul(i128::from(self.units));
        i128::from(self.minor).cmp(&wanted)
    }
}

/// A compiled [`Scope`].
#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    Everything,
    Subsystem(Key),
    ProductType { subsystem: Key, product_type: Key, parent: Option<Key> },
    ParentProduct { parent: Key, product_type: Option<Key> },
    Product { parent: Key, product: Key },
    Products(KeySet),
    Categories(KeySet),
    Tags(KeySet),
    Attribute { key: AttributeKey, any_of: Option<KeySet> },
    OnSale,
    PriceRange(PriceRange),
    All(Box<[Matcher]>),
    Any(Box<[Matcher]>),
    Not(Box<Matcher>),
}

impl Matcher {
    /// Compiles a scope. The depth of a scope is bounded where it is made, so recursion is.
    pub(crate) fn new(scope: &Scope) -> Self {
        match scope {
            Scope::Open => Self::Everything,
            Scope::Subsystem(subsystem) => Self::Subsystem(subsystem.key().clone()),
            Scope::ProductType { subsystem, product_type, parent } => Self::ProductType {
                subsystem: subsystem.key().clone(),
                product_type: product_type.key().clone(),
                parent: parent.as_ref().map(|p| p.key().clone()),
            },
            Scope::ParentProduct { parent, product_type } => Self::ParentProduct {
                parent: parent.key().clone(),
                product_type: product_type.as_ref().map(|t| t.key().clone()),
            },
            Scope::Product { parent, product } => {
                Self::Product { parent: parent.key().clone(), product: product.key().clone() }
            }
            Scope::Products(list) => Self::Products(KeySet::new(list.iter().map(|p| p.key().clone()))),
            Scope::Categories(list) => Self::Categories(KeySet::new(list.iter().map(|c| c.key().clone()))),
            Scope::Tags(list) => Self::Tags(KeySet::new(list.iter().map(|t| t.key().clone()))),
            Scope::Attribute(attribute) => Self::Attribute {
                key: attribute.key().clone(),
                any_of: attribute.any_of().map(|list| KeySet::new(list.iter().map(|v| v.key().clone()))),
            },
            Scope::OnSale => Self::OnSale,
            Scope::PriceRange(range) => Self::PriceRange(range.clone()),
            Scope::All(group) => Self::All(group.members().iter().map(Self::new).collect()),
            Scope::Any(group) => Self::Any(group.members().iter().map(Self::new).collect()),
            Scope::Not(negated) => Self::Not(Box::new(Self::new(negated.inner()))),
        }
    }

    pub(crate) fn is_everything(&self) -> bool {
        matches!(self, Self::Everything)
    }

    /// Whether a line of this product, at this amount a unit, is covered. The scopes that most coupons have are looked at
    /// on the spot.
    #[inline]
    pub(crate) fn covers(&self, product: &Product, unit: UnitAmount) -> bool {
        match self {
            Self::Everything => true,
            Self::Products(set) => set.contains(product.id().key()),
            Self::Categories(set) => match product.only_category() {
                Some(category) => set.contains(category.key()),
                None => self.covers_otherwise(product, unit),
            },
            _ => self.covers_otherwise(product, unit),
        }
    }

    fn covers_otherwise(&self, product: &Product, unit: UnitAmount) -> bool {
        match self {
            Self::Everything | Self::Products(_) => self.covers(product, unit),
            Self::Categories(set) => set.contains_any(product.categories().iter().map(|c| c.key())),
            Self::Subsystem(subsystem) => product.subsystem().is_some_and(|s| s.key() == subsystem),
            Self::ProductType { subsystem, product_type, parent } => {
                product.subsystem().is_some_and(|s| s.key() == subsystem)
                    && product.product_type().is_some_and(|t| t.key() == product_type)
                    && parent.as_ref().is_none_or(|p| product.parent().is_some_and(|q| q.key() == p))
            }
            Self::ParentProduct { parent, product_type } => {
                product.parent().is_some_and(|p| p.key() == parent)
                    && product_type.as_ref().is_none_or(|t| product.product_type().is_some_and(|u| u.key() == t))
            }
            Self::Product { parent, product: id } => {
                product.id().key() == id && product.parent().is_some_and(|p| p.key() == parent)
            }
            Self::Tags(set) => set.contains_any(product.tags().iter().map(|t| t.key())),
            Self::Attribute { key, any_of } => {
                let mut values = product.attributes().of(key);
                values.any(|value| any_of.as_ref().is_none_or(|set| set.contains(value.key())))
            }
            Self::OnSale => product.is_on_sale(),
            Self::PriceRange(range) => in_range(range, unit),
            Self::All(members) => members.iter().all(|m| m.covers(product, unit)),
            Self::Any(members) => members.iter().any(|m| m.covers(product, unit)),
            Self::Not(inner) => !inner.covers(product, unit),
        }
    }
}

/// Bounds are inclusive; a bound without a figure for the currency covers nothing, since amounts are never converted.
fn in_range(range: &PriceRange, unit: UnitAmount) -> bool {
    let bound = |amounts: &crate::coupon::Amounts| amounts.in_currency(unit.currency).map(|m| m.minor());
    let above = range.min().is_none_or(|min| bound(min).is_some_and(|m| unit.compare(m).is_ge()));
    let below = range.max().is_none_or(|max| bound(max).is_some_and(|m| unit.compare(m).is_le()));
    above && below
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Attributes;

    fn booth() -> Product {
        Product::new("BOOTH".parse().unwrap())
            .with_parent("AM".parse().unwrap())
            .with_type("booth".parse().unwrap())
            .with_subsystem("meetings".parse().unwrap())
            .with_categories(["events".parse().unwrap(), "space".parse().unwrap()])
            .with_tags(["new".parse().unwrap()])
            .with_attributes(Attributes::new([("hall".parse().unwrap(), "7".parse().unwrap())]))
    }

    fn unit(minor: i64, units: u32) -> UnitAmount {
        UnitAmount { minor, units, currency: Currency::USD }
    }

    fn covers(scope: &str, product: &Product, unit: UnitAmount) -> bool {
        Matcher::new(&serde_json::from_str(scope).unwrap()).covers(product, unit)
    }

    #[test]
    fn every_kind_of_scope_looks_at_its_own_fact() {
        let bare = Product::new("BOOTH".parse().unwrap());
        for (scope, of_booth, of_bare) in [
            (r#""open""#, true, true),
            (r#"{"subsystem":{"subsystem":"meetings"}}"#, true, false),
            (r#"{"subsystem":{"subsystem":"journals"}}"#, false, false),
            (r#"{"product_type":{"subsystem":"meetings","product_type":"booth"}}"#, true, false),
            (r#"{"product_type":{"subsystem":"journals","product_type":"booth"}}"#, false, false),
            (r#"{"product_type":{"subsystem":"meetings","product_type":"booth","parent_product":"AM"}}"#, true, false),
            (r#"{"product_type":{"subsystem":"meetings","product_type":"booth","parent_product":"X"}}"#, false, false),
            (r#"{"parent_product":{"parent_product":"AM"}}"#, true, false),
            (r#"{"parent_product":{"parent_product":"AM","product_type":"session"}}"#, false, false),
            (r#"{"product":{"parent_product":"AM","product":"BOOTH"}}"#, true, false),
            (r#"{"product":{"parent_product":"AM","product":"DINNER"}}"#, false, false),
            (r#"{"products":["DINNER","BOOTH"]}"#, true, true),
            (r#"{"products":[]}"#, false, false),
            (r#"{"categories":["space"]}"#, true, false),
            (r#"{"categories":["Space"]}"#, false, false),
            (r#"{"tags":["old","new"]}"#, true, false),
            (r#"{"attribute":{"key":"hall"}}"#, true, false),
            (r#"{"attribute":{"key":"hall","any_of":["6","7"]}}"#, true, false),
            (r#"{"attribute":{"key":"hall","any_of":["6"]}}"#, false, false),
            (r#"{"attribute":{"key":"row"}}"#, false, false),
            (r#""on_sale""#, false, false),
            (r#"{"not":"on_sale"}"#, true, true),
            (r#"{"all":[{"tags":["new"]},{"categories":["events"]}]}"#, true, false),
            (r#"{"all":[{"tags":["new"]},"on_sale"]}"#, false, false),
            (r#"{"any":["on_sale",{"products":["BOOTH"]}]}"#, true, true),
            (r#"{"not":{"any":[{"tags":["new"]}]}}"#, false, true),
        ] {
            assert_eq!(covers(scope, &booth(), unit(100, 1)), of_booth, "{scope}");
            assert_eq!(covers(scope, &bare, unit(100, 1)), of_bare, "{scope}");
        }
        assert!(covers(r#""on_sale""#, &booth().with_on_sale(true), unit(100, 1)));
    }

    #[test]
    fn bounds_of_a_price_range_are_inclusive_and_exact() {
        let range = r#"{"price_range":{"min":{"USD":"3.33"},"max":{"USD":"10.00"}}}"#;
        for (minor, units, inside) in [
            (333, 1, true),
            (332, 1, false),
            (1_000, 1, true),
            (1_001, 1, false),
            // 10.00 over three is 3.333...: above 3.33, without being rounded.
            (1_000, 3, true),
            (998, 3, false),
            (999, 3, true),
            (3_001, 3, false),
            (0, 1, false),
        ] {
            assert_eq!(covers(range, &booth(), unit(minor, units)), inside, "{minor} over {units}");
        }
        let largest = UnitAmount { minor: i64::MAX, units: u32::MAX, currency: Currency::USD };
        assert!(largest.compare(i64::MAX).is_lt());
    }

    #[test]
    fn a_range_without_a_figure_for_the_currency_covers_nothing() {
        let yen = UnitAmount { currency: Currency::JPY, ..unit(500, 1) };
        assert!(!covers(r#"{"price_range":{"min":{"USD":"1.00"}}}"#, &booth(), yen));
        assert!(covers(r#"{"price_range":{"min":{"USD":"1.00","other":"500"}}}"#, &booth(), yen));
    }
}
