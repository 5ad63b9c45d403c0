//! What the customer bought before.

use super::selection::into_condition;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};
use crate::key::{CategoryId, ProductId};

/// The customer bought one of these products, or something of one of these categories, in an earlier order (S94).
///
/// Either list is enough. A list that is absent asks for nothing; where both are absent any earlier purchase counts, and
/// an empty list names nothing that could have been bought. In JSON
/// `{"bought": {"products": ["JOURNAL"], "categories": ["courses"]}}`.
///
/// ```
/// use vouchsafe::{Bought, ProductId};
///
/// let journal = Bought::products_of([ProductId::new("JOURNAL")?]);
/// assert_eq!(journal.products().map(<[_]>::len), Some(1));
/// assert_eq!(journal.categories(), None);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    pub(crate) products: Option<Vec<ProductId>>,
    pub(crate) categories: Option<Vec<CategoryId>>,
}

impl Bought {
    /// One of these products.
    #[must_use]
    pub fn products_of(products: impl IntoIterator<Item = ProductId>) -> Self {
        Self { products: Some(products.into_iter().collect()), categories: None }
    }

    /// Something of one of these categories.
    #[must_use]
    pub fn categories_of(categories: impl IntoIterator<Item = CategoryId>) -> Self {
        Self { products: None, categories: Some(categories.into_iter().collect()) }
    }

    /// The same, with something of one of these categories being enough as well.
    #[must_use]
    pub fn or_categories(self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        Self { categories: Some(categories.into_iter().collect()), ..self }
    }

    /// Products that count; `None` where none are named.
    #[must_use]
    pub fn products(&self) -> Option<&[ProductId]> {
        self.products.as_deref()
    }

    /// Categories that count; `None` where none are named.
    #[must_use]
    pub fn categories(&self) -> Option<&[CategoryId]> {
        self.categories.as_deref()
    }
}

impl Form for Bought {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| Some(Self { products: f.optional("products"), categories: f.optional("categories") }))
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_some("products", self.products.as_ref())
            .put_some("categories", self.categories.as_ref())
            .end()
    }
}

into_condition!(Bought);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn lists_are_read_and_written() {
        assert_identity::<Bought>(&["{}", r#"{"products":["A"]}"#, r#"{"products":[],"categories":["b"]}"#]);
        assert_errors::<Bought>(&[(
            r#"{"products":[{}],"categories":1}"#,
            "`products[0]` is `{}`: expected a string; `categories` is `1`: expected a list",
        )]);
    }
}
