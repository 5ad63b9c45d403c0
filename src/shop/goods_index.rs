//! From a product to the rules about it, without a look at all others.

use super::goods::{Catalogue, Goods, Nearness};
use crate::key::{CategoryId, KeyMap, ProductId};
use crate::order::Product;

/// The places of rules by the goods that they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct GoodsIndex {
    products: KeyMap<ProductId, Vec<Entry>>,
    categories: KeyMap<CategoryId, Vec<Entry>>,
    everything: Vec<usize>,
}

/// A rule, and whether it is meant for what is below its goods as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    place: usize,
    descendants: bool,
}

impl GoodsIndex {
    pub(super) fn insert(&mut self, goods: &Goods, place: usize) {
        match goods {
            Goods::Product { id, variants } => {
                self.products.entry(id.clone()).or_default().push(Entry { place, descendants: *variants });
            }
            Goods::Category { id, subcategories } => {
                self.categories.entry(id.clone()).or_default().push(Entry { place, descendants: *subcategories });
            }
            Goods::Everything => self.everything.push(place),
        }
    }

    /// Every rule about a product, with how near it is. A rule may come several times, where several of its goods or
    /// several categories of the product lead to it.
    pub(super) fn each(&self, catalogue: &Catalogue, product: &Product, mut found: impl FnMut(Nearness, usize)) {
        for entry in self.products.get(product.id()).into_iter().flatten() {
            found(Nearness::Product, entry.place);
        }
        let of_parent = product.parent().filter(|parent| *parent != product.id());
        for entry in of_parent.and_then(|parent| self.products.get(parent)).into_iter().flatten() {
            if entry.descendants {
                found(Nearness::Parent, entry.place);
            }
        }
        if !self.categories.is_empty() {
            for own in product.categories() {
                for (distance, category) in catalogue.line_of(own) {
                    for entry in self.categories.get(category).into_iter().flatten() {
                        if distance == 0 || entry.descendants {
                            found(Nearness::Category(distance), entry.place);
                        }
                    }
                }
            }
        }
        for place in &self.everything {
            found(Nearness::Everything, *place);
        }
    }
}
