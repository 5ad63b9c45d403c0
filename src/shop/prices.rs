//! Prices by customer type.

use std::collections::HashMap;

use crate::error::{Error, Why};
use crate::key::{CustomerTypeId, ProductId};
use crate::money::{Currency, UnitPrice};

/// Unit prices by customer type, product and currency.
#[derive(Debug, Clone, Default)]
pub(crate) struct TypePrices(HashMap<CustomerTypeId, HashMap<ProductId, Vec<(Currency, UnitPrice)>>>);

impl TypePrices {
    pub(crate) fn new(entries: Vec<(CustomerTypeId, ProductId, Currency, UnitPrice)>) -> Result<Self, Error> {
        let mut prices = Self::default();
        for (i, (customer_type, product, currency, price)) in entries.into_iter().enumerate() {
            let of_product = prices.0.entry(customer_type).or_default().entry(product.clone()).or_default();
            if of_product.iter().any(|(c, _)| *c == currency) {
                return Err(Error::invalid(format!("prices[{i}].product"), product, Why::Duplicate));
            }
            of_product.push((currency, price));
        }
        Ok(prices)
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
}
