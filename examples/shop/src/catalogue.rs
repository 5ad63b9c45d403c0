//! What is sold, and for how much: a browser says which product, never at which price.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vouchsafe::{CategoryId, Product, ProductId, UnitPrice};

use crate::AppError;

/// A product as it is listed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    product: ProductId,
    name: String,
    /// As it is shown.
    price: String,
    #[serde(default)]
    categories: Vec<CategoryId>,
}

/// All products by id, each made once and shared by all orders.
#[derive(Debug, Default)]
pub(crate) struct Catalogue(BTreeMap<String, (Listed, Arc<Product>, UnitPrice)>);

impl Catalogue {
    /// The catalogue that comes with the shop.
    pub(crate) fn bundled() -> Result<Self, AppError> {
        let listed: Vec<Listed> = serde_json::from_str(include_str!("catalogue.json"))?;
        let mut products = BTreeMap::new();
        for listed in listed {
            let product = Product::new(listed.product.clone()).with_categories(listed.categories.clone());
            let price = UnitPrice::parse(&listed.price)?;
            products.insert(listed.product.to_string(), (listed, Arc::new(product), price));
        }
        Ok(Self(products))
    }

    /// A product with its name and price.
    pub(crate) fn find(&self, product: &str) -> Option<(&str, Arc<Product>, UnitPrice)> {
        self.0.get(product).map(|(listed, product, price)| (listed.name.as_str(), product.clone(), *price))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Listed> {
        self.0.values().map(|(listed, ..)| listed)
    }
}
