//! A product as a catalogue lists it.

use std::sync::Arc;

use crate::money::UnitPrice;
use crate::order::Product;

/// A product and what it costs everybody: an entry of the host's catalogue.
///
/// The same three facts as a [`Line`](crate::Line) of it would carry, so that what is viewed is what an order would say.
///
/// ```
/// use vouchsafe::{Listing, Product, UnitPrice};
///
/// let boot = Listing::new(Product::new("BOOT".parse()?), UnitPrice::parse("199.00")?);
/// assert_eq!(boot.list_price().to_string(), "199");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    product: Arc<Product>,
    list_price: UnitPrice,
    customer_price: Option<UnitPrice>,
}

impl Listing {
    /// A product at its list price, in the currency that the viewer shows.
    #[must_use]
    pub fn new(product: impl Into<Arc<Product>>, list_price: UnitPrice) -> Self {
        Self { product: product.into(), list_price, customer_price: None }
    }

    /// A price that the host has agreed with the customer who looks at it, as
    /// [`Line::with_customer_price`](crate::Line::with_customer_price) has it (S41).
    #[must_use]
    pub fn with_customer_price(mut self, price: UnitPrice) -> Self {
        self.customer_price = Some(price);
        self
    }

    /// The product.
    #[must_use]
    pub fn product(&self) -> &Arc<Product> {
        &self.product
    }

    /// What one unit costs everybody.
    #[must_use]
    pub fn list_price(&self) -> UnitPrice {
        self.list_price
    }

    /// What the host has agreed with the customer who looks at it.
    #[must_use]
    pub fn customer_price(&self) -> Option<UnitPrice> {
        self.customer_price
    }
}
