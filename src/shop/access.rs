//! Who sees what.

use std::collections::HashMap;

use crate::error::Why;
use crate::key::{CustomerTypeId, ProductId};

/// Products that only some customer types see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Access(HashMap<ProductId, Vec<CustomerTypeId>>);

impl Access {
    /// Shows a product to these types only.
    ///
    /// # Errors
    /// [`Why::Duplicate`] where that was said before.
    pub(crate) fn insert(&mut self, product: &ProductId, mut types: Vec<CustomerTypeId>) -> Result<(), Why> {
        if self.0.contains_key(product) {
            return Err(Why::Duplicate);
        }
        types.sort();
        types.dedup();
        self.0.insert(product.clone(), types);
        Ok(())
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

    /// Every product that was mentioned with its types, by product.
    pub(super) fn sorted(&self) -> Vec<(&ProductId, &Vec<CustomerTypeId>)> {
        let mut entries: Vec<_> = self.0.iter().collect();
        entries.sort();
        entries
    }
}
