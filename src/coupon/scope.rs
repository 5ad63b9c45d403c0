//! Which lines a coupon acts on.

use crate::error::Error;
use crate::key::{CategoryId, ProductId, ProductTypeId, SubsystemId, TagId};

use super::amounts::Amounts;
use super::tree::{Group, Negated, Tree};

/// Which lines a coupon acts on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Scope {
    /// Every line that may be discounted.
    #[default]
    Open,
    /// Lines whose product belongs to this subsystem.
    Subsystem(SubsystemId),
    /// Lines whose product has this type within this subsystem, perhaps below one parent product only.
    ProductType {
        /// The subsystem the type belongs to.
        subsystem: SubsystemId,
        /// The type.
        product_type: ProductTypeId,
        /// Narrows to products below this parent.
        parent: Option<ProductId>,
    },
    /// Lines whose product stands below this parent, perhaps of one type only.
    ParentProduct {
        /// The parent product.
        parent: ProductId,
        /// Narrows to products of this type.
        product_type: Option<ProductTypeId>,
    },
    /// Lines of one product below its parent.
    Product {
        /// The parent product.
        parent: ProductId,
        /// The product.
        product: ProductId,
    },
    /// Lines of these products.
    Products(Vec<ProductId>),
    /// Lines whose product is in one of these categories.
    Categories(Vec<CategoryId>),
    /// Lines whose product carries one of these tags.
    Tags(Vec<TagId>),
    /// Lines that carry a discount of the shop.
    OnSale,
    /// Lines whose unit price lies within bounds.
    PriceRange(PriceRange),
    /// Lines that every member covers.
    All(Group<Scope>),
    /// Lines that at least one member covers.
    Any(Group<Scope>),
    /// Lines that the inner scope does not cover.
    Not(Negated<Scope>),
}

impl Scope {
    /// Lines that every one of the scopes covers.
    ///
    /// # Errors
    /// No scopes, or a tree past its bounds.
    pub fn all(scopes: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        Group::new(scopes.into_iter().collect()).map(Self::All)
    }

    /// Lines that at least one of the scopes covers.
    ///
    /// # Errors
    /// No scopes, or a tree past its bounds.
    pub fn any(scopes: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        Group::new(scopes.into_iter().collect()).map(Self::Any)
    }

    /// Lines that this scope does not cover.
    ///
    /// # Errors
    /// A tree past its bounds.
    pub fn negated(self) -> Result<Self, Error> {
        Negated::new(self).map(Self::Not)
    }
}

impl Tree for Scope {
    fn depth(&self) -> usize {
        match self {
            Self::All(group) | Self::Any(group) => group.depth(),
            Self::Not(negated) => negated.depth(),
            _ => 1,
        }
    }

    fn nodes(&self) -> usize {
        match self {
            Self::All(group) | Self::Any(group) => group.nodes(),
            Self::Not(negated) => negated.nodes(),
            _ => 1,
        }
    }
}

/// Bounds on a unit price, both inclusive, at least one of them given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRange {
    pub(crate) min: Option<Amounts>,
    pub(crate) max: Option<Amounts>,
}

impl PriceRange {
    /// The lowest unit price that is inside.
    #[must_use]
    pub fn min(&self) -> Option<&Amounts> {
        self.min.as_ref()
    }

    /// The highest unit price that is inside.
    #[must_use]
    pub fn max(&self) -> Option<&Amounts> {
        self.max.as_ref()
    }
}
