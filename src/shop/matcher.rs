//! A scope compiled for matching: lists become sets, so that a line is matched by comparing integers.

use crate::coupon::{PriceRange, Scope};
use crate::key::{Key, KeySet};
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

    /// Whether a line of this product, at this amount a unit, is covered.
    pub(crate) fn covers(&self, product: &Product, unit: UnitAmount) -> bool {
        match self {
            Self::Everything => true,
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
            Self::Products(set) => set.contains(product.id().key()),
            Self::Categories(set) => set.contains_any(product.categories().iter().map(|c| c.key())),
            Self::Tags(set) => set.contains_any(product.tags().iter().map(|t| t.key())),
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
