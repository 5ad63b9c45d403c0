//! Rules by what they are about, so that asking costs what the rules of one product cost, and not what all do.

use crate::key::{CategoryId, CustomerTypeId, KeyMap, ProductId};
use crate::order::Product;
use crate::shop::audience::Specificity;
use crate::shop::goods::Nearness;
use crate::shop::{Audience, Catalogue, Goods, Standing};

use super::rule::{AccessRule, Effect, Permission};

/// All rules, by product and category.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Index {
    products: KeyMap<ProductId, Bucket>,
    categories: KeyMap<CategoryId, Bucket>,
    everything: Bucket,
}

/// The rules about one product, one category, or everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Bucket {
    entries: Vec<Entry>,
    /// Entries for named types, by type: a shop may well have one rule for each of a thousand types.
    by_type: Vec<(CustomerTypeId, usize)>,
    /// The entries for ranks and for everyone.
    others: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    effect: Effect,
    permissions: Vec<Permission>,
    to: Audience,
    /// It is about what is below as well: variants, subcategories.
    below: bool,
}

/// What decides, the least first: nearness, then the audience, then denial before permission.
type Weight = (Nearness, Specificity, Effect);

impl Index {
    pub(super) fn insert(&mut self, rule: &AccessRule) {
        let (bucket, below) = match rule.goods() {
            Goods::Product { id, variants } => (self.products.entry(id.clone()).or_default(), *variants),
            Goods::Category { id, subcategories } => (self.categories.entry(id.clone()).or_default(), *subcategories),
            Goods::Everything => (&mut self.everything, true),
        };
        let place = bucket.entries.len();
        match rule.audience().types() {
            None => bucket.others.push(place),
            Some(types) => bucket.by_type.extend(types.iter().map(|t| (t.clone(), place))),
        }
        let (effect, to) = (rule.effect(), rule.audience().clone());
        bucket.entries.push(Entry { effect, permissions: rule.permissions().collect(), to, below });
    }

    /// To be called after the last rule.
    pub(super) fn finish(&mut self) {
        let named = self.products.values_mut().chain(self.categories.values_mut());
        for bucket in named.chain([&mut self.everything]) {
            bucket.by_type.sort();
        }
    }

    /// Whether the rules allow a customer to see a product, to see its price, and to buy it, each by itself.
    pub(super) fn allowed(&self, catalogue: &Catalogue, product: &Product, standing: &Standing) -> [bool; 3] {
        let mut decision = Decision { standing, best: [None; 3] };
        if !self.products.is_empty() {
            decision.weigh(self.products.get(product.id()), Nearness::Product, false);
            if let Some(parent) = product.parent() {
                decision.weigh(self.products.get(parent), Nearness::Parent, true);
            }
        }
        if !self.categories.is_empty() && !decision.settled() {
            for own in product.categories() {
                for (steps, category) in catalogue.line_of(own) {
                    decision.weigh(self.categories.get(category), Nearness::Category(steps), steps > 0);
                }
            }
        }
        if !decision.settled() {
            decision.weigh(Some(&self.everything), Nearness::Everything, false);
        }
        decision.best.map(|best| best.is_none_or(|(_, _, effect)| effect == Effect::Allow))
    }
}

/// What was found for one customer and one product so far: for each permission the rule of least weight.
struct Decision<'a> {
    standing: &'a Standing,
    best: [Option<Weight>; 3],
}

impl Decision<'_> {
    /// Whether no rule that is further away than those looked at can change anything.
    fn settled(&self) -> bool {
        self.best.iter().all(Option::is_some)
    }

    fn weigh(&mut self, bucket: Option<&Bucket>, nearness: Nearness, from_below: bool) {
        let Some(bucket) = bucket else { return };
        for held in self.standing.types() {
            let from = bucket.by_type.partition_point(|(named, _)| named < held);
            let named = bucket.by_type.iter().skip(from).take_while(|(named, _)| named == held);
            for (_, place) in named {
                self.weigh_one(bucket.entries.get(*place), nearness, from_below);
            }
        }
        for place in &bucket.others {
            self.weigh_one(bucket.entries.get(*place), nearness, from_below);
        }
    }

    fn weigh_one(&mut self, entry: Option<&Entry>, nearness: Nearness, from_below: bool) {
        let Some(entry) = entry.filter(|e| (e.below || !from_below) && e.to.contains(self.standing)) else { return };
        let weight = (nearness, entry.to.specificity(), entry.effect);
        for (permission, best) in Permission::ALL.iter().zip(&mut self.best) {
            if entry.permissions.contains(permission) && best.is_none_or(|found| weight < found) {
                *best = Some(weight);
            }
        }
    }
}
