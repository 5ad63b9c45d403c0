//! Who sees what, sees what it costs, and may buy it.

mod index;
mod rule;

use std::collections::{BTreeMap, HashMap};

use crate::error::Why;
use crate::form::Form;
use crate::key::{CustomerTypeId, ProductId};
use crate::order::Product;

use super::parts::Report;
use super::{Audience, Catalogue, Goods, Standing};
use index::Index;
pub use rule::{AccessRule, Effect, Permission};

/// What a customer may do with a product, each only where the ones before it hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Permitted {
    pub(crate) see: bool,
    pub(crate) see_price: bool,
    pub(crate) buy: bool,
}

impl Permitted {
    const ALL: Self = Self { see: true, see_price: true, buy: true };

    pub(crate) fn has(self, permission: Permission) -> bool {
        match permission {
            Permission::See => self.see,
            Permission::SeePrice => self.see_price,
            Permission::Buy => self.buy,
        }
    }
}

/// The rules about who may do what, and where to find those about a product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Access {
    /// Products that only some types see: the short form of two rules.
    shown: BTreeMap<ProductId, Vec<CustomerTypeId>>,
    /// With their places in the document.
    rules: Vec<(usize, AccessRule)>,
    index: Index,
}

impl Access {
    /// Shows a product to these types only.
    ///
    /// # Errors
    /// [`Why::Duplicate`] where that was said before.
    pub(super) fn show(&mut self, product: &ProductId, mut types: Vec<CustomerTypeId>) -> Result<(), Why> {
        if self.shown.contains_key(product) {
            return Err(Why::Duplicate);
        }
        types.sort();
        types.dedup();
        self.shown.insert(product.clone(), types);
        Ok(())
    }

    /// Adds a rule, with its place in the document.
    pub(super) fn add(&mut self, place: usize, rule: AccessRule) {
        self.rules.push((place, rule));
    }

    /// Reports what is wrong with the rules: what they name and nobody defined, and what is said twice or denied in the
    /// same breath.
    pub(super) fn check(&self, report: &mut Report<'_>) {
        if self.rules.is_empty() {
            return;
        }
        let mut said: HashMap<(Permission, &Goods, Audience), (Effect, String)> = HashMap::new();
        let shown: Vec<AccessRule> =
            self.shown.iter().flat_map(|(product, types)| short_form(product, types)).collect();
        for rule in &shown {
            let key = (Permission::See, rule.goods(), rule.audience().canonical());
            said.insert(key, (rule.effect(), "visible_only_to".to_owned()));
        }
        for (i, rule) in &self.rules {
            report.goods(|| format!("access[{i}].goods"), rule.goods());
            report.audience(|| format!("access[{i}].to"), rule.audience());
            let mut clash = None;
            for permission in rule.permissions() {
                let key = (permission, rule.goods(), rule.audience().canonical());
                match said.get(&key) {
                    None => {
                        said.insert(key, (rule.effect(), format!("access[{i}]")));
                    }
                    Some((effect, _)) if *effect == rule.effect() => clash = clash.or(Some(Why::Duplicate)),
                    Some((_, with)) => clash = Some(Why::Overlaps { with: with.clone() }),
                }
            }
            if let Some(why) = clash {
                report.add(format!("access[{i}]"), rule.write(), why);
            }
        }
    }

    /// Makes the rules ready to be asked.
    pub(super) fn prepare(&mut self) {
        self.index = Index::default();
        for (product, types) in &self.shown {
            short_form(product, types).for_each(|rule| self.index.insert(&rule));
        }
        for (_, rule) in &self.rules {
            self.index.insert(rule);
        }
        self.index.finish();
    }

    /// Whether everything is permitted to everyone.
    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty() && self.rules.is_empty()
    }

    /// What a customer may do with a product. Looks at the rules about the product, its parent, its categories and those
    /// above them, however many others there are.
    pub(crate) fn permitted(&self, catalogue: &Catalogue, product: &Product, standing: &Standing) -> Permitted {
        if self.is_empty() {
            return Permitted::ALL;
        }
        let [see, see_price, buy] = self.index.allowed(catalogue, product, standing);
        let see_price = see && see_price;
        Permitted { see, see_price, buy: see_price && buy }
    }

    /// Every product that was shown to some types only, by product.
    pub(super) fn shown(&self) -> impl ExactSizeIterator<Item = (&ProductId, &Vec<CustomerTypeId>)> {
        self.shown.iter()
    }

    /// The other rules, as they were given.
    pub(super) fn rules(&self) -> impl ExactSizeIterator<Item = &AccessRule> {
        self.rules.iter().map(|(_, rule)| rule)
    }
}

/// What it means that only some types see a product: nobody does, but for them.
fn short_form(product: &ProductId, types: &[CustomerTypeId]) -> impl Iterator<Item = AccessRule> {
    let goods = || Goods::product(product.clone());
    let nobody = AccessRule::deny(Permission::See, goods(), Audience::everyone());
    let but = (!types.is_empty())
        .then(|| AccessRule::allow(Permission::See, goods(), Audience::of_types(types.iter().cloned())));
    std::iter::once(nobody).chain(but)
}
