//! Which lines a coupon acts on.
//!
//! A coupon's value says how much; its scope says of what. A merchant sells products, files them under categories,
//! puts tags on them; an association sells products below a parent (the booth of the Annual Meeting), of a type
//! (a booth at any meeting), from a part of its business, the subsystem (meetings, publications). A scope names any
//! of these, and scopes join to new ones: shoes, but not those on sale.
//!
//! The scope is not the level: scope "one product" at level "order" takes the percentage once on the sum of that
//! product's lines, at level "line" on each.

use crate::error::{Error, Why};
use crate::key::{CategoryId, ProductId, ProductTypeId, SubsystemId, TagId};

use super::amounts::Amounts;
use super::attribute::HasAttribute;
use crate::form::DraftValue;
use crate::form::tree::{Group, Negated, Tree, group, negated, read_group, read_negated};
use crate::form::{Check, Fields, Form, Writer, serde_by_form, tagged};

/// Which lines a coupon acts on (S72, S111).
///
/// In JSON a name, `"open"` or `"on_sale"`, or an object with one field: `{"categories": ["shoes"]}`.
///
/// ```
/// use vouchsafe::{CategoryId, Scope};
///
/// let shoes = Scope::Categories(vec![CategoryId::new("shoes")?]);
/// let regular = Scope::all([shoes, Scope::OnSale.negated()?])?;
/// assert_eq!(serde_json::to_string(&regular)?, r#"{"all":[{"categories":["shoes"]},{"not":"on_sale"}]}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # An empty list covers nothing
///
/// A list that is absent allows everything, an empty one allows nothing: `Scope::Products(vec![])` covers no line, so
/// that a filter which happened to find no product never turns into a discount on the whole shop.
///
/// # Five kinds share their fields
///
/// Which of the fields `subsystem`, `product_type`, `parent_product` and `product` a kind needs, and which it must not
/// have (S129):
///
/// | kind | needs | may have |
/// |---|---|---|
/// | `open` | | |
/// | `subsystem` | `subsystem` | |
/// | `product_type` | `subsystem`, `product_type` | `parent_product` |
/// | `parent_product` | `parent_product` | `product_type` |
/// | `product` | `parent_product`, `product` | |
///
/// ```
/// use vouchsafe::Scope;
///
/// let error = serde_json::from_str::<Scope>(r#"{"product": {"product": "BOOTH"}}"#).unwrap_err();
/// assert_eq!(error.to_string(), "`product.parent_product` is missing");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Scope {
    /// Every line that may be discounted (S126).
    #[default]
    Open,
    /// Lines whose product belongs to this subsystem.
    Subsystem(SubsystemId),
    /// Lines whose product has this type within this subsystem, perhaps below one parent product only.
    ProductType {
        /// The subsystem the type belongs to.
        subsystem: SubsystemId,
        /// The type.
        product_type: ProductTypeId,
        /// Narrows to products below this parent.
        parent: Option<ProductId>,
    },
    /// Lines whose product stands below this parent, perhaps of one type only.
    ParentProduct {
        /// The parent product.
        parent: ProductId,
        /// Narrows to products of this type.
        product_type: Option<ProductTypeId>,
    },
    /// Lines of one product below its parent. For a product without a parent use [`Scope::Products`].
    Product {
        /// The parent product.
        parent: ProductId,
        /// The product.
        product: ProductId,
    },
    /// Lines of these products; an empty list covers nothing.
    Products(Vec<ProductId>),
    /// Lines whose product is in one of these categories; an empty list covers nothing.
    Categories(Vec<CategoryId>),
    /// Lines whose product carries one of these tags; an empty list covers nothing.
    Tags(Vec<TagId>),
    /// Lines whose product has an attribute (S32).
    Attribute(HasAttribute),
    /// Lines whose product is already reduced, as the host says of the product; the shop's discounts on a line are
    /// another matter.
    OnSale,
    /// Lines whose unit price lies within bounds.
    PriceRange(PriceRange),
    /// Lines that every member covers.
    All(Group<Scope>),
    /// Lines that at least one member covers.
    Any(Group<Scope>),
    /// Lines that the inner scope does not cover: exclusions (S22).
    Not(Negated<Scope>),
}

const KINDS: &str = "`open`, `subsystem`, `product_type`, `parent_product`, `product`, `products`, `categories`, \
                     `tags`, `attribute`, `on_sale`, `price_range`, `all`, `any`, `not`";

impl Scope {
    /// Lines that every one of the scopes covers.
    ///
    /// # Errors
    /// [`Why::Empty`] without any scope, [`Why::TooDeep`] past 16 levels, [`Why::TooMany`] past 1,000 scopes in all.
    pub fn all(scopes: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        group(scopes.into_iter().collect()).map(Self::All)
    }

    /// Lines that at least one of the scopes covers.
    ///
    /// # Errors
    /// [`Why::Empty`] without any scope, [`Why::TooDeep`] past 16 levels, [`Why::TooMany`] past 1,000 scopes in all.
    pub fn any(scopes: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        group(scopes.into_iter().collect()).map(Self::Any)
    }

    /// Lines that this scope does not cover.
    ///
    /// # Errors
    /// [`Why::TooDeep`] past 16 levels, [`Why::TooMany`] past 1,000 scopes in all.
    pub fn negated(self) -> Result<Self, Error> {
        negated(self).map(Self::Not)
    }
}

impl Tree for Scope {
    fn depth(&self) -> usize {
        match self {
            Self::All(group) | Self::Any(group) => group.depth(),
            Self::Not(negated) => negated.depth(),
            _ => 1,
        }
    }

    fn nodes(&self) -> usize {
        match self {
            Self::All(group) | Self::Any(group) => group.nodes(),
            Self::Not(negated) => negated.nodes(),
            _ => 1,
        }
    }
}

impl Form for Scope {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.node(value, |check| {
            let (kind, inner) = check.choice(value, KINDS)?;
            if !KINDS.split(", ").any(|name| name.trim_matches('`') == kind) {
                check.report(kind, Why::UnknownChoice { choices: KINDS });
                return None;
            }
            match (kind, inner) {
                ("open", None) => Some(Self::Open),
                ("on_sale", None) => Some(Self::OnSale),
                ("on_sale", Some(_)) => {
                    check.wrong_kind(value, "only the name `on_sale`");
                    None
                }
                // `in_field` places the kind first: an object with one field has no other place.
                (kind, Some(inner)) => check.in_field(kind, 0, |check| Self::read_kind(kind, inner, check)),
                (_, None) => {
                    check.wrong_kind(value, "an object with one field, since this kind needs more than its name");
                    None
                }
            }
        })
    }

    fn write(&self) -> DraftValue {
        let w = Writer::default;
        match self {
            Self::Open => "open".into(),
            Self::OnSale => "on_sale".into(),
            Self::Subsystem(subsystem) => tagged("subsystem", w().put("subsystem", subsystem).end()),
            Self::ProductType { subsystem, product_type, parent } => tagged(
                "product_type",
                w().put("subsystem", subsystem)
                    .put("product_type", product_type)
                    .put_some("parent_product", parent.as_ref())
                    .end(),
            ),
            Self::ParentProduct { parent, product_type } => tagged(
                "parent_product",
                w().put_some("product_type", product_type.as_ref()).put("parent_product", parent).end(),
            ),
            Self::Product { parent, product } => {
                tagged("product", w().put("parent_product", parent).put("product", product).end())
            }
            Self::Products(list) => tagged("products", list.write()),
            Self::Categories(list) => tagged("categories", list.write()),
            Self::Tags(list) => tagged("tags", list.write()),
            Self::Attribute(attribute) => tagged("attribute", attribute.write()),
            Self::PriceRange(range) => tagged("price_range", range.write()),
            Self::All(group) => tagged("all", group.members.write()),
            Self::Any(group) => tagged("any", group.members.write()),
            Self::Not(negated) => tagged("not", negated.inner.write()),
        }
    }
}

impl Scope {
    fn read_kind(kind: &str, inner: &DraftValue, check: &mut Check) -> Option<Self> {
        match kind {
            "products" => Form::read(inner, check).map(Self::Products),
            "categories" => Form::read(inner, check).map(Self::Categories),
            "tags" => Form::read(inner, check).map(Self::Tags),
            "attribute" => Form::read(inner, check).map(Self::Attribute),
            "price_range" => Form::read(inner, check).map(Self::PriceRange),
            "all" => read_group(inner, check).map(Self::All),
            "any" => read_group(inner, check).map(Self::Any),
            "not" => read_negated(inner, check).map(Self::Not),
            _ => check.fields(inner, |f| Self::read_matrix(kind, f)),
        }
    }

    /// The matrix of S129: what each of the five kinds needs, and what it must not have.
    fn read_matrix(kind: &str, f: &mut Fields<'_, '_>) -> Option<Self> {
        let mut forbid = |names: &[&'static str], with| names.iter().for_each(|name| f.forbid(name, with));
        match kind {
            "open" => {
                forbid(&["subsystem", "product_type", "parent_product", "product"], "scope open");
                Some(Self::Open)
            }
            "subsystem" => {
                forbid(&["product_type", "parent_product", "product"], "scope subsystem");
                f.required("subsystem").map(Self::Subsystem)
            }
            "product_type" => {
                forbid(&["product"], "scope product_type");
                let (subsystem, product_type) = (f.required("subsystem"), f.required("product_type"));
                let parent = f.optional("parent_product");
                Some(Self::ProductType { subsystem: subsystem?, product_type: product_type?, parent })
            }
            "parent_product" => {
                forbid(&["subsystem", "product"], "scope parent_product");
                let product_type = f.optional("product_type");
                f.required("parent_product").map(|parent| Self::ParentProduct { parent, product_type })
            }
            _ => {
                forbid(&["subsystem", "product_type"], "scope product");
                let (parent, product) = (f.required("parent_product"), f.required("product"));
                Some(Self::Product { parent: parent?, product: product? })
            }
        }
    }
}

/// Bounds on a unit price, both inclusive, at least one of them given.
///
/// The price is that of one unit after the shop's own discounts. In JSON `{"min": {"USD": "10.00"}}`.
///
/// ```
/// use vouchsafe::{Amounts, Currency, Money, PriceRange};
///
/// let ten = Amounts::new([Money::parse("10", Currency::USD)?])?;
/// let five = Amounts::new([Money::parse("5", Currency::USD)?])?;
/// assert!(PriceRange::new(Some(five.clone()), Some(ten.clone())).is_ok());
/// assert!(PriceRange::new(Some(ten), Some(five)).is_err()); // no price lies in there
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRange {
    pub(crate) min: Option<Amounts>,
    pub(crate) max: Option<Amounts>,
}

impl PriceRange {
    /// A range of unit prices.
    ///
    /// # Errors
    /// [`Why::Missing`] at `min` without any bound, [`Why::Impossible`] at `max` where it lies below `min`.
    pub fn new(min: Option<Amounts>, max: Option<Amounts>) -> Result<Self, Error> {
        if min.is_none() && max.is_none() {
            return Err(Error::invalid("min", "", Why::Missing));
        }
        if let (Some(low), Some(high)) = (&min, &max) {
            let currencies = low.named().chain(high.named()).map(|money| money.currency());
            let below = |(low, high): (crate::Money, crate::Money)| high.minor() < low.minor();
            let crossed =
                currencies.into_iter().find(|c| low.in_currency(*c).zip(high.in_currency(*c)).is_some_and(below));
            let others_cross = low.other.zip(high.other).is_some_and(|(low, high)| high < low);
            if crossed.is_some() || others_cross {
                let shown = crossed.map_or_else(|| "other".to_owned(), |currency| currency.to_string());
                return Err(Error::invalid("max", shown, Why::Impossible { because: "max is below min" }));
            }
        }
        Ok(Self { min, max })
    }

    /// The lowest unit price that is inside.
    #[must_use]
    pub fn min(&self) -> Option<&Amounts> {
        self.min.as_ref()
    }

    /// The highest unit price that is inside.
    #[must_use]
    pub fn max(&self) -> Option<&Amounts> {
        self.max.as_ref()
    }
}

impl Form for PriceRange {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (min, max) = (f.optional_or_reported("min"), f.optional_or_reported("max"));
            f.accept_at(&["min", "max"], Self::new(min?, max?))
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put_some("min", self.min.as_ref()).put_some("max", self.max.as_ref()).end()
    }
}

serde_by_form!(Scope, PriceRange);

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(json: &str) -> String {
        serde_json::from_str::<Scope>(json).map_or_else(|e| e.to_string(), |_| String::new())
    }

    /// Proves S129.
    #[test]
    fn each_kind_needs_its_fields_and_refuses_the_others() {
        for (json, error) in [
            (r#""open""#, ""),
            (r#"{"open":{}}"#, ""),
            (r#"{"open":{"product":"X"}}"#, "`open.product` is `X`: not allowed together with scope open"),
            (r#"{"subsystem":{"subsystem":"meetings"}}"#, ""),
            (r#"{"subsystem":{}}"#, "`subsystem.subsystem` is missing"),
            (
                r#"{"subsystem":{"subsystem":"m","product":"X"}}"#,
                "`subsystem.product` is `X`: not allowed together with scope subsystem",
            ),
            (r#"{"product_type":{"subsystem":"m","product_type":"booth"}}"#, ""),
            (r#"{"product_type":{"subsystem":"m","product_type":"booth","parent_product":"AM"}}"#, ""),
            (r#"{"product_type":{"product_type":"booth"}}"#, "`product_type.subsystem` is missing"),
            (
                r#"{"product_type":{"product":"X"}}"#,
                "`product_type.product` is `X`: not allowed together with scope product_type; \
                 `product_type.subsystem` is missing; `product_type.product_type` is missing",
            ),
            (r#"{"parent_product":{"parent_product":"AM"}}"#, ""),
            (r#"{"parent_product":{"parent_product":"AM","product_type":"booth"}}"#, ""),
            (r#"{"parent_product":{"product_type":"booth"}}"#, "`parent_product.parent_product` is missing"),
            (
                r#"{"parent_product":{"parent_product":"AM","subsystem":"m"}}"#,
                "`parent_product.subsystem` is `m`: not allowed together with scope parent_product",
            ),
            (r#"{"product":{"parent_product":"AM","product":"BOOTH"}}"#, ""),
            (r#"{"product":{"product":"BOOTH"}}"#, "`product.parent_product` is missing"),
            (r#"{"product":{"parent_product":"AM"}}"#, "`product.product` is missing"),
        ] {
            assert_eq!(errors(json), error, "{json}");
        }
    }

    #[test]
    fn what_is_no_scope_is_reported() {
        let choices = format!("not one of {KINDS}");
        for (json, error) in [
            (r#""opne""#, format!("`` is `opne`: {choices}")),
            (r#"{"opne":{}}"#, format!("`` is `opne`: {choices}")),
            (r#"{}"#, format!("`` is `{{}}`: {choices}")),
            (r#"{"tags":[],"open":{}}"#, "`` is `{..}`: expected a name or an object with one field".to_owned()),
            (r#"{"tags":["a",""]}"#, "`tags[1]` is ``: empty".to_owned()),
            (r#"{"tags":"a"}"#, "`tags` is `a`: expected a list".to_owned()),
            (r#"{"any":[]}"#, "`any` is `[]`: empty".to_owned()),
            (
                r#"{"not":{"all":["on_sale",{"tags":[7]}]}}"#,
                "`not.all[1].tags[0]` is `7`: expected a string".to_owned(),
            ),
            (
                r#"{"product":{"parent_product":"A","product":"B","c":1}}"#,
                "`product.c` is `1`: unknown field, known: `parent_product`, `product`".to_owned(),
            ),
            (r#"{"price_range":{}}"#, "`price_range.min` is missing".to_owned()),
            (
                r#"{"price_range":{"min":{"USD":"2"},"max":{"USD":"1"}}}"#,
                "`price_range.max` is `{..}`: can never apply: max is below min".to_owned(),
            ),
        ] {
            assert_eq!(errors(json), error, "{json}");
        }
        assert!(errors(r#""tags""#).contains("expected an object with one field"));
        assert!(errors(r#"{"on_sale":{}}"#).contains("expected only the name"));
    }

    #[test]
    fn a_tree_past_its_bounds_is_reported_and_does_not_exhaust_the_stack() {
        let nested = |levels: usize| {
            let mut value = DraftValue::from("on_sale");
            for _ in 1..levels {
                value = DraftValue::map([("not", value)]);
            }
            Check::document(|check| Scope::read(&value, check))
        };
        assert!(nested(16).is_ok());
        for levels in [17, 129, 100_000] {
            let errors = nested(levels).unwrap_err();
            assert_eq!(errors.errors().first().unwrap().why, Why::TooDeep { max: 16 }, "{levels}");
        }
        let wide = |members: usize| {
            let value = DraftValue::map([("any", DraftValue::list(vec!["on_sale"; members]))]);
            Check::document(|check| Scope::read(&value, check))
        };
        assert!(wide(999).is_ok());
        assert_eq!(wide(1_000).unwrap_err().to_string(), "`` is `{..}`: more than 1000 members");
        assert_eq!(wide(50_000).unwrap_err().errors().len(), 1);
    }

    #[test]
    fn a_round_trip_is_identity() {
        for json in [
            r#""open""#,
            r#""on_sale""#,
            r#"{"subsystem":{"subsystem":"m"}}"#,
            r#"{"product_type":{"subsystem":"m","product_type":"t","parent_product":"p"}}"#,
            r#"{"parent_product":{"product_type":"t","parent_product":"p"}}"#,
            r#"{"product":{"parent_product":"p","product":"q"}}"#,
            r#"{"products":[]}"#,
            r#"{"any":[{"tags":["a"]},{"not":{"categories":["b"]}}]}"#,
            r#"{"price_range":{"min":{"USD":"1.00"},"max":{"other":"5"}}}"#,
        ] {
            let scope: Scope = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&scope).unwrap(), json);
        }
    }
}
