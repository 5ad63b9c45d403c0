//! Bought before.

use crate::key::{CategoryId, ProductId};

/// The customer bought one of these products, or something of one of these categories, in an earlier order (S94).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    pub(crate) products: Option<Vec<ProductId>>,
    pub(crate) categories: Option<Vec<CategoryId>>,
}

impl Bought {
    /// Products that count; `None` where only categories are named.
    #[must_use]
    pub fn products(&self) -> Option<&[ProductId]> {
        self.products.as_deref()
    }

    /// Categories that count; `None` where only products are named.
    #[must_use]
    pub fn categories(&self) -> Option<&[CategoryId]> {
        self.categories.as_deref()
    }
}
