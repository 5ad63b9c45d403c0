//! Prices by customer type.

use crate::error::Why;
use crate::key::{CustomerTypeId, KeyMap, ProductId};
use crate::money::{Currency, UnitPrice};

/// Unit prices by customer type, product and currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TypePrices(KeyMap<CustomerTypeId, KeyMap<ProductId, Vec<(Currency, UnitPrice)>>>);

impl TypePrices {
    /// Adds a price.
    ///
    /// # Errors
    /// [`Why::Duplicate`] where the type has a price of the product in the currency.
    pub(crate) fn insert(
        &mut self,
        customer_type: CustomerTypeId,
        product: &ProductId,
        currency: Currency,
        price: UnitPrice,
    ) -> Result<(), Why> {
        let of_product = self.0.entry(customer_type).or_default().entry(product.clone()).or_default();
        match of_product.binary_search_by_key(&currency, |(c, _)| *c) {
            Ok(_) => Err(Why::Duplicate),
            Err(place) => {
                of_product.insert(place, (currency, price));
                Ok(())
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The price of a product for a customer type, where there is one.
    pub(crate) fn get(
        &self,
        customer_type: Option<&CustomerTypeId>,
        product: &ProductId,
        currency: Currency,
    ) -> Option<UnitPrice> {
        let of_product = self.0.get(customer_type?)?.get(product)?;
        of_product.iter().find(|(c, _)| *c == currency).map(|(_, price)| *price)
    }

    /// Whether the type has a price of the product in the currency, or in any where none is named.
    pub(super) fn has(&self, customer_type: &CustomerTypeId, product: &ProductId, currency: Option<Currency>) -> bool {
        let of_product = self.0.get(customer_type).and_then(|products| products.get(product));
        of_product.is_some_and(|prices| prices.iter().any(|(c, _)| currency.is_none_or(|currency| *c == currency)))
    }

    /// Every price, by customer type, product and currency.
    pub(super) fn sorted(&self) -> Vec<(&CustomerTypeId, &ProductId, Currency, UnitPrice)> {
        let mut entries: Vec<_> = self
            .0
            .iter()
            .flat_map(|(customer_type, products)| {
                products.iter().map(move |(product, prices)| (customer_type, product, prices))
            })
            .flat_map(|(customer_type, product, prices)| {
                prices.iter().map(move |(c, p)| (customer_type, product, *c, *p))
            })
            .collect();
        entries.sort();
        entries
    }
}
