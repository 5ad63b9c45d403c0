//! Which products a rule concerns.

use std::collections::HashSet;

use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form};
use crate::key::{CategoryId, KeyIndex, KeyMap, ProductId};
use crate::order::Product;

/// Which products a rule of the shop concerns: one product, a category, or everything.
///
/// What is below is only meant where it is said: `variants` are the products whose
/// [parent](crate::Product::parent) it is, `subcategories` those that the shop
/// [defines](crate::ShopBuilder::subcategory) under the category.
///
/// In JSON `"everything"`, `{"product": "BOOT"}`, `{"product": "BOOT", "variants": true}`, `{"category": "boots"}`,
/// `{"category": "boots", "subcategories": true}`.
///
/// ```
/// use vouchsafe::Goods;
///
/// let boots: Goods = serde_json::from_str(r#"{"category": "boots", "subcategories": true}"#)?;
/// assert_eq!(boots, Goods::category("boots".parse()?).with_descendants());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Goods {
    /// One product.
    #[non_exhaustive]
    Product {
        /// Which.
        id: ProductId,
        /// And the products whose parent it is.
        variants: bool,
    },
    /// The products filed under a category.
    #[non_exhaustive]
    Category {
        /// Which.
        id: CategoryId,
        /// And those of its subcategories.
        subcategories: bool,
    },
    /// All products.
    Everything,
}

impl Goods {
    /// One product, without its variants.
    #[must_use]
    pub fn product(id: ProductId) -> Self {
        Self::Product { id, variants: false }
    }

    /// The products filed under this very category.
    #[must_use]
    pub fn category(id: CategoryId) -> Self {
        Self::Category { id, subcategories: false }
    }

    /// With what is below: the variants of the product, the subcategories of the category.
    #[must_use]
    pub fn with_descendants(self) -> Self {
        match self {
            Self::Product { id, .. } => Self::Product { id, variants: true },
            Self::Category { id, .. } => Self::Category { id, subcategories: true },
            Self::Everything => Self::Everything,
        }
    }
}

impl Form for Goods {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        if value.as_text().is_some_and(|text| text == "everything") {
            return Some(Self::Everything);
        }
        if value.as_map().is_none() {
            check.wrong_kind(value, "`everything`, or an object with a product or a category");
            return None;
        }
        check.fields(value, |f| {
            if f.has("category") {
                f.forbid("product", "category");
                f.forbid("variants", "category");
                let (id, subcategories) = (f.required("category"), f.or_default("subcategories"));
                return Some(Self::Category { id: id?, subcategories });
            }
            let (id, variants) = (f.required("product"), f.or_default("variants"));
            f.forbid("subcategories", "product");
            Some(Self::Product { id: id?, variants })
        })
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Everything => "everything".into(),
            Self::Product { id, variants } => {
                Writer::default().put("product", id).put_unless_default("variants", variants).end()
            }
            Self::Category { id, subcategories } => {
                Writer::default().put("category", id).put_unless_default("subcategories", subcategories).end()
            }
        }
    }
}

serde_by_form!(Goods);

/// How near a rule is to a product: the nearer one is the more specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Nearness {
    /// It names the product.
    Product,
    /// It names the parent of the product, with its variants.
    Parent,
    /// It names a category of the product, or one so many steps above.
    Category(u32),
    /// It is about everything.
    Everything,
}

/// The categories and products that a shop was told of; where it was told none, rules may name any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Catalogue {
    categories: KeyMap<CategoryId, Option<CategoryId>>,
    products: KeyIndex<ProductId>,
    /// As they were given, to be written back.
    order: Vec<CategoryId>,
}

impl Catalogue {
    /// Defines a category, under another one or at the top.
    ///
    /// # Errors
    /// [`Why::Duplicate`] where it was defined before.
    pub(super) fn define(&mut self, category: CategoryId, parent: Option<CategoryId>) -> Result<(), Why> {
        if self.categories.contains_key(&category) {
            return Err(Why::Duplicate);
        }
        self.order.push(category.clone());
        self.categories.insert(category, parent);
        Ok(())
    }

    /// Says that a product exists; whether that is new.
    pub(super) fn add_product(&mut self, product: ProductId) -> bool {
        self.products.insert(product)
    }

    /// The parents of categories that cannot be theirs, and why, each with the place of the category among all. However
    /// deep categories stand, each is passed once or twice.
    pub(super) fn parent_errors(&self) -> Vec<(usize, &CategoryId, Why)> {
        let parent = |category: &CategoryId| self.categories.get(category).and_then(Option::as_ref);
        let (mut walks, mut circular) = (KeyMap::<&CategoryId, usize>::default(), HashSet::new());
        for (walk, mut at) in self.order.iter().enumerate() {
            while !walks.contains_key(at) {
                walks.insert(at, walk);
                match parent(at) {
                    Some(above) => at = above,
                    None => break,
                }
            }
            // Where a walk meets itself and not the top, it has come to a circle; what leads there is not part of it.
            if walks.get(at) == Some(&walk) && parent(at).is_some() {
                while circular.insert(at) {
                    at = parent(at).unwrap_or(at);
                }
            }
        }
        let error = |(i, category): (usize, &CategoryId)| {
            let above = parent(category)?;
            let why = match (circular.contains(category), self.categories.contains_key(above)) {
                (true, _) => Why::Circular,
                (false, false) => Why::UnknownReference { what: "category" },
                (false, true) => return None,
            };
            Some((i, above, why))
        };
        self.order.iter().enumerate().filter_map(error).collect()
    }

    /// What is wrong with what a rule names, at which field of it.
    pub(super) fn unknown(&self, goods: &Goods) -> Option<(&'static str, String, Why)> {
        match goods {
            Goods::Everything => None,
            Goods::Product { id, .. } => (!self.knows_product(id))
                .then(|| ("product", id.to_string(), Why::UnknownReference { what: "product" })),
            Goods::Category { id, .. } => (!self.knows_category(id))
                .then(|| ("category", id.to_string(), Why::UnknownReference { what: "category" })),
        }
    }

    pub(super) fn knows_product(&self, product: &ProductId) -> bool {
        self.products.is_empty() || self.products.contains(product)
    }

    pub(super) fn knows_category(&self, category: &CategoryId) -> bool {
        self.categories.is_empty() || self.categories.contains_key(category)
    }

    /// The categories in the order in which they were defined, with their parents.
    pub(super) fn categories(&self) -> impl Iterator<Item = (&CategoryId, Option<&CategoryId>)> {
        self.order.iter().map(|c| (c, self.categories.get(c).and_then(Option::as_ref)))
    }

    /// The products by their text.
    pub(super) fn products(&self) -> Vec<&ProductId> {
        let mut products: Vec<&ProductId> = self.products.iter().collect();
        products.sort();
        products
    }

    /// The category itself with 0, its parent with 1, and so on to the top.
    pub(crate) fn line_of<'a>(&'a self, category: &'a CategoryId) -> impl Iterator<Item = (u32, &'a CategoryId)> {
        let parent = |(_, c): &(u32, &'a CategoryId)| self.categories.get(*c).and_then(Option::as_ref);
        std::iter::successors(Some((0_u32, category)), move |at| parent(at).map(|p| (at.0.saturating_add(1), p)))
    }

    /// How near these goods are to a product; `None` where they are not about it.
    pub(crate) fn nearness(&self, goods: &Goods, product: &Product) -> Option<Nearness> {
        match goods {
            Goods::Everything => Some(Nearness::Everything),
            Goods::Product { id, .. } if id == product.id() => Some(Nearness::Product),
            Goods::Product { id, variants } => (*variants && product.parent() == Some(id)).then_some(Nearness::Parent),
            Goods::Category { id, subcategories } => product
                .categories()
                .iter()
                .flat_map(|own| self.line_of(own).take(if *subcategories { usize::MAX } else { 1 }))
                .filter(|(_, category)| *category == id)
                .map(|(distance, _)| Nearness::Category(distance))
                .min(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::default();
        for (category, parent) in [("wine", None), ("red", Some("wine")), ("pinot", Some("red")), ("beer", None)] {
            catalogue.define(category.parse().unwrap(), parent.map(|p| p.parse().unwrap())).unwrap();
        }
        catalogue
    }

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Goods>(&[
            r#""everything""#,
            r#"{"product":"P"}"#,
            r#"{"product":"P","variants":true}"#,
            r#"{"category":"C"}"#,
            r#"{"category":"C","subcategories":true}"#,
        ]);
        assert_errors::<Goods>(&[
            (r#""all""#, "`` is `all`: expected `everything`, or an object with a product or a category"),
            ("{}", "`product` is missing"),
            (r#"{"category":"C","product":"P"}"#, "`product` is `P`: not allowed together with category"),
            (r#"{"product":"P","subcategories":true}"#, "`subcategories` is `true`: not allowed together with product"),
        ]);
    }

    #[test]
    fn the_nearest_is_the_most_specific_and_nothing_is_inherited_unasked() {
        let product = Product::new("NOIR-M".parse().unwrap())
            .with_parent("NOIR".parse().unwrap())
            .with_categories(["beer".parse().unwrap(), "pinot".parse().unwrap()]);
        let catalogue = catalogue();
        for (goods, nearness) in [
            (r#"{"product":"NOIR-M"}"#, Some(Nearness::Product)),
            (r#"{"product":"NOIR"}"#, None),
            (r#"{"product":"NOIR","variants":true}"#, Some(Nearness::Parent)),
            (r#"{"category":"pinot"}"#, Some(Nearness::Category(0))),
            (r#"{"category":"red"}"#, None),
            (r#"{"category":"red","subcategories":true}"#, Some(Nearness::Category(1))),
            (r#"{"category":"wine","subcategories":true}"#, Some(Nearness::Category(2))),
            (r#"{"category":"spirits","subcategories":true}"#, None),
            (r#""everything""#, Some(Nearness::Everything)),
        ] {
            assert_eq!(catalogue.nearness(&read(goods), &product), nearness, "{goods}");
        }
        assert!(Nearness::Product < Nearness::Parent && Nearness::Parent < Nearness::Category(0));
        assert!(Nearness::Category(u32::MAX) < Nearness::Everything);
    }

    #[test]
    fn a_category_cannot_stand_above_itself() {
        let mut catalogue = catalogue();
        let id = |text: &str| text.parse::<CategoryId>().unwrap();
        assert_eq!(catalogue.define(id("wine"), None), Err(Why::Duplicate));
        catalogue.define(id("a"), Some(id("b"))).unwrap();
        catalogue.define(id("b"), Some(id("a"))).unwrap();
        catalogue.define(id("self"), Some(id("self"))).unwrap();
        catalogue.define(id("lost"), Some(id("nowhere"))).unwrap();
        catalogue.define(id("below"), Some(id("a"))).unwrap();
        catalogue.define(id("further_below"), Some(id("below"))).unwrap();
        catalogue.define(id("below_lost"), Some(id("lost"))).unwrap();
        let errors = catalogue.parent_errors();
        let named: Vec<_> = errors.iter().map(|(i, _, why)| (catalogue.order[*i].as_str(), why.clone())).collect();
        let nowhere = Why::UnknownReference { what: "category" };
        // Each is reported where it is, and not at what stands below it.
        let circular = ["a", "b", "self"].map(|of| (of, Why::Circular));
        assert_eq!(named, [&circular[..], &[("lost", nowhere)]].concat());
    }
}
