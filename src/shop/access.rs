//! Who sees what.

use std::collections::HashMap;

use crate::error::{Error, Why};
use crate::key::{CustomerTypeId, ProductId};

/// Products that only some customer types see.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access(HashMap<ProductId, Vec<CustomerTypeId>>);

impl Access {
    pub(crate) fn new(entries: Vec<(ProductId, Vec<CustomerTypeId>)>) -> Result<Self, Error> {
        let mut access = Self::default();
        for (i, (product, types)) in entries.into_iter().enumerate() {
            if access.0.insert(product.clone(), types).is_some() {
                return Err(Error::invalid(format!("visible_only_to[{i}].product"), product, Why::Duplicate));
            }
        }
        Ok(access)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether customers of the type see the product.
    pub(crate) fn sees(&self, customer_type: Option<&CustomerTypeId>, product: &ProductId) -> bool {
        match self.0.get(product) {
            None => true,
            Some(types) => customer_type.is_some_and(|t| types.contains(t)),
        }
    }
}
