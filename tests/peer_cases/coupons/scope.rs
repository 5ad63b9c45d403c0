//! Which lines a coupon is for.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::runner::facts::LineFacts;
use crate::runner::fields::{Fields, Read, figure};

/// Which lines, as the case says it.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) skus: Option<Vec<String>>,
    pub(super) categories: Option<Vec<String>>,
    pub(super) exclude_skus: Vec<String>,
    pub(super) exclude_categories: Vec<String>,
    pub(super) exclude_on_sale: bool,
    pub(super) min: Option<Decimal>,
    pub(super) max: Option<Decimal>,
}

impl Scope {
    pub(super) fn read(value: Option<&Value>) -> Read<Self> {
        let Some(value) = value else { return Ok(Self::default()) };
        let f = Fields::of(value, "coupons[].scope")?;
        let scope = Self {
            skus: f.texts("skus")?,
            categories: f.texts("categories")?,
            exclude_skus: f.texts("exclude_skus")?.unwrap_or_default(),
            exclude_categories: f.texts("exclude_categories")?.unwrap_or_default(),
            exclude_on_sale: f.flag("exclude_on_sale")?.unwrap_or(false),
            min: f.decimal("min_unit_price")?,
            max: f.decimal("max_unit_price")?,
        };
        f.finish()?;
        Ok(scope)
    }

    pub(super) fn covers(&self, line: &LineFacts, either: bool) -> bool {
        let sku = self.skus.as_ref().map(|list| list.contains(&line.sku));
        let category = self.categories.as_ref().map(|list| list.iter().any(|c| line.categories.contains(c)));
        let listed = match (sku, category) {
            (Some(a), Some(b)) if either => a || b,
            (a, b) => a.unwrap_or(true) && b.unwrap_or(true),
        };
        let excluded = self.exclude_skus.contains(&line.sku)
            || self.exclude_categories.iter().any(|c| line.categories.contains(c))
            || (self.exclude_on_sale && line.on_sale);
        listed
            && !excluded
            && self.min.is_none_or(|min| line.unit_price >= min)
            && self.max.is_none_or(|max| line.unit_price <= max)
    }

    /// The scope of the crate; none where every line is meant.
    pub(super) fn json(&self, either: bool, currency: &str) -> Option<Value> {
        let mut all = Vec::new();
        match (&self.skus, &self.categories) {
            (Some(skus), Some(categories)) if either => {
                all.push(json!({"any": [{"products": skus}, {"categories": categories}]}));
            }
            (skus, categories) => {
                all.extend(skus.as_ref().map(|skus| json!({"products": skus})));
                all.extend(categories.as_ref().map(|categories| json!({"categories": categories})));
            }
        }
        if !self.exclude_skus.is_empty() {
            all.push(json!({"not": {"products": self.exclude_skus}}));
        }
        if !self.exclude_categories.is_empty() {
            all.push(json!({"not": {"categories": self.exclude_categories}}));
        }
        if self.exclude_on_sale {
            all.push(json!({"not": "on_sale"}));
        }
        if self.min.is_some() || self.max.is_some() {
            let mut range = Map::new();
            for (name, bound) in [("min", self.min), ("max", self.max)] {
                if let Some(bound) = bound {
                    range.insert(name.to_owned(), json!({currency: figure(bound)}));
                }
            }
            all.push(json!({"price_range": range}));
        }
        match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(json!({"all": all})),
        }
    }
}
