//! What a shop is made of, before it is known to agree with itself. The builder and the document both end here, so that
//! one set of rules holds for both.

use std::fmt;

use crate::error::{FieldError, Why};
use crate::key::{CustomerTypeId, ProductId};
use crate::policy::Policy;

use super::{Access, Audience, Catalogue, Goods, Shop, TypePrices, Types};

/// The parts of a shop, each readable in itself.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) policy: Policy,
    pub(super) types: Types,
    pub(super) catalogue: Catalogue,
    pub(super) prices: TypePrices,
    pub(super) access: Access,
}

impl Parts {
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            policy,
            types: Types::default(),
            catalogue: Catalogue::default(),
            prices: TypePrices::default(),
            access: Access::default(),
        }
    }

    /// The shop, or everything that is wrong with it, each with its whole path.
    pub(super) fn into_shop(self) -> Result<Shop, Vec<FieldError>> {
        let mut report = Report { types: &self.types, catalogue: &self.catalogue, errors: Vec::new() };
        for (i, (category, parent)) in self.catalogue.categories().enumerate() {
            if let (Some(why), Some(parent)) = (self.catalogue.parent_error(category), parent) {
                report.add(format!("categories[{i}].parent"), parent, why);
            }
        }
        let Report { errors, .. } = report;
        if !errors.is_empty() {
            return Err(errors);
        }
        let Self { policy, types, catalogue, prices, access } = self;
        Ok(Shop { policy, types, catalogue, prices, access })
    }
}

/// What is known of the shop while its rules are checked, and what was found wrong so far.
pub(super) struct Report<'a> {
    types: &'a Types,
    catalogue: &'a Catalogue,
    errors: Vec<FieldError>,
}

impl Report<'_> {
    /// One thing that is wrong, at its whole path.
    pub(super) fn add(&mut self, path: impl Into<String>, value: impl fmt::Display, why: Why) {
        self.errors.push(FieldError::new(path, value, why));
    }

    /// A customer type must be defined.
    pub(super) fn customer_type(&mut self, path: impl FnOnce() -> String, customer_type: &CustomerTypeId) {
        if self.types.get(customer_type).is_none() {
            self.add(path(), customer_type, Why::UnknownReference { what: "customer type" });
        }
    }

    /// Every type that an audience names must be defined.
    pub(super) fn audience(&mut self, path: impl FnOnce() -> String, audience: &Audience) {
        let types = self.types;
        if let Some((field, customer_type)) = audience.unknown(|t| types.get(t).is_some()) {
            let why = Why::UnknownReference { what: "customer type" };
            self.add(format!("{}.{field}", path()), customer_type, why);
        }
    }

    /// The product or category must exist, where the shop was told which do.
    pub(super) fn goods(&mut self, path: impl FnOnce() -> String, goods: &Goods) {
        if let Some((field, value, why)) = self.catalogue.unknown(goods) {
            self.add(format!("{}.{field}", path()), value, why);
        }
    }

    /// The product must exist, where the shop was told which do.
    pub(super) fn product(&mut self, path: impl FnOnce() -> String, product: &ProductId) {
        if !self.catalogue.knows_product(product) {
            self.add(path(), product, Why::UnknownReference { what: "product" });
        }
    }
}
