//! What is sold, as far as coupons look at it.

use crate::attribute::Attributes;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form};
use crate::key::{CategoryId, ProductId, ProductTypeId, SubsystemId, TagId};

/// Facts about a product that coupons look at. Build one per product and share it between orders.
///
/// ```
/// use vouchsafe::Product;
///
/// let boot = Product::new("SKI-BOOT-27".parse()?)
///     .with_categories(["boots".parse()?, "ski".parse()?])
///     .with_on_sale(true);
/// assert!(boot.is_on_sale());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// A product is its id where nothing else is known of it, else an object.
///
/// ```
/// use vouchsafe::Product;
///
/// let booth: Product = serde_json::from_str(r#"{"id": "BOOTH", "parent": "ANNUAL-MEETING", "type": "booth"}"#)?;
/// assert_eq!(booth.parent().map(|p| p.as_str()), Some("ANNUAL-MEETING"));
/// let pen: Product = serde_json::from_str(r#""PEN""#)?;
/// assert_eq!(pen, Product::new("PEN".parse().unwrap()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    id: ProductId,
    categories: Categories,
    more: Option<Box<More>>,
    on_sale: bool,
    subscription: bool,
}

/// Most products stand in one category, and then nothing is allocated for it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Categories {
    One(CategoryId),
    /// None, or two and more.
    Many(Vec<CategoryId>),
}

impl Categories {
    fn new(categories: impl IntoIterator<Item = CategoryId>) -> Self {
        let mut categories = categories.into_iter();
        match (categories.next(), categories.next()) {
            (None, _) => Self::Many(Vec::new()),
            (Some(one), None) => Self::One(one),
            (Some(one), Some(two)) => Self::Many([one, two].into_iter().chain(categories).collect()),
        }
    }

    fn as_slice(&self) -> &[CategoryId] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// What is known of some products only: apart, so that an order of plain ones stays small.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct More {
    parent: Option<ProductId>,
    product_type: Option<ProductTypeId>,
    subsystem: Option<SubsystemId>,
    tags: Vec<TagId>,
    attributes: Attributes,
}

impl Product {
    /// A product about which only its id is known.
    #[inline]
    #[must_use]
    pub fn new(id: ProductId) -> Self {
        Self { id, categories: Categories::Many(Vec::new()), more: None, on_sale: false, subscription: false }
    }

    /// What is known besides: absent rather than empty, so that equal products are equal in form.
    fn with(mut self, set: impl FnOnce(&mut More)) -> Self {
        let mut more = self.more.take().unwrap_or_default();
        set(&mut more);
        self.more = (*more != More::default()).then_some(more);
        self
    }

    /// The product it belongs to: a meeting for its sessions, a journal for its advertisements.
    #[must_use]
    pub fn with_parent(self, parent: ProductId) -> Self {
        self.with(|more| more.parent = Some(parent))
    }

    /// Its type.
    #[must_use]
    pub fn with_type(self, product_type: ProductTypeId) -> Self {
        self.with(|more| more.product_type = Some(product_type))
    }

    /// The part of the business that sells it.
    #[must_use]
    pub fn with_subsystem(self, subsystem: SubsystemId) -> Self {
        self.with(|more| more.subsystem = Some(subsystem))
    }

    /// All categories it is filed under, those above them included: a scope matches exactly what stands here.
    #[must_use]
    pub fn with_categories(mut self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        self.categories = Categories::new(categories);
        self
    }

    /// Free tags.
    #[must_use]
    pub fn with_tags(self, tags: impl IntoIterator<Item = TagId>) -> Self {
        self.with(|more| more.tags = tags.into_iter().collect())
    }

    /// Whether its price is already reduced.
    #[must_use]
    pub fn with_on_sale(mut self, on_sale: bool) -> Self {
        self.on_sale = on_sale;
        self
    }

    /// Whether it is a subscription or payment plan; only those can have a trial (S71).
    #[must_use]
    pub fn with_subscription(mut self, subscription: bool) -> Self {
        self.subscription = subscription;
        self
    }

    /// What else is known of it, by key, in place of what was.
    #[must_use]
    pub fn with_attributes(self, attributes: Attributes) -> Self {
        self.with(|more| more.attributes = attributes)
    }

    /// The product's id.
    #[must_use]
    pub fn id(&self) -> &ProductId {
        &self.id
    }

    /// The product it belongs to.
    #[must_use]
    pub fn parent(&self) -> Option<&ProductId> {
        self.more.as_ref()?.parent.as_ref()
    }

    /// Its type.
    #[must_use]
    pub fn product_type(&self) -> Option<&ProductTypeId> {
        self.more.as_ref()?.product_type.as_ref()
    }

    /// The part of the business that sells it.
    #[must_use]
    pub fn subsystem(&self) -> Option<&SubsystemId> {
        self.more.as_ref()?.subsystem.as_ref()
    }

    /// The categories it is filed under.
    #[must_use]
    pub fn categories(&self) -> &[CategoryId] {
        self.categories.as_slice()
    }

    /// Its category where it stands in just one.
    #[inline]
    pub(crate) fn only_category(&self) -> Option<&CategoryId> {
        match &self.categories {
            Categories::One(category) => Some(category),
            Categories::Many(_) => None,
        }
    }

    /// Its tags.
    #[must_use]
    pub fn tags(&self) -> &[TagId] {
        self.more.as_ref().map_or(&[], |more| &more.tags)
    }

    /// Whether its price is already reduced.
    #[must_use]
    pub fn is_on_sale(&self) -> bool {
        self.on_sale
    }

    /// Whether it is a subscription or payment plan.
    #[must_use]
    pub fn is_subscription(&self) -> bool {
        self.subscription
    }

    /// What else is known of it, by key.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        self.more.as_ref().map_or(Attributes::none(), |more| &more.attributes)
    }
}

/// Its id alone, or an object.
impl Form for Product {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        if value.as_text().is_some() {
            return Form::read(value, check).map(Self::new);
        }
        if value.as_map().is_none() {
            check.wrong_kind(value, "a product id or an object");
            return None;
        }
        check.fields(value, |f| {
            let id = f.required("id");
            let (parent, product_type, subsystem) = (f.optional("parent"), f.optional("type"), f.optional("subsystem"));
            let categories: Vec<_> = f.optional("categories").unwrap_or_default();
            let tags = f.optional("tags").unwrap_or_default();
            let (on_sale, subscription) = (f.or_default("on_sale"), f.or_default("subscription"));
            let attributes = f.optional("attributes").unwrap_or_default();
            let product = Self { on_sale, subscription, ..Self::new(id?) }.with_categories(categories);
            Some(product.with(|more| *more = More { parent, product_type, subsystem, tags, attributes }))
        })
    }

    fn write(&self) -> DraftValue {
        if *self == Self::new(self.id.clone()) {
            return self.id.write();
        }
        let (categories, tags, attributes) = (self.categories().to_vec(), self.tags().to_vec(), self.attributes());
        Writer::default()
            .put("id", &self.id)
            .put_some("parent", self.parent())
            .put_some("type", self.product_type())
            .put_some("subsystem", self.subsystem())
            .put_some("categories", (!categories.is_empty()).then_some(&categories))
            .put_some("tags", (!tags.is_empty()).then_some(&tags))
            .put_unless_default("on_sale", &self.on_sale)
            .put_unless_default("subscription", &self.subscription)
            .put_unless_default("attributes", attributes)
            .end()
    }
}

serde_by_form!(Product);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Product>(&[
            r#""PEN""#,
            r#"{"id":"PEN","on_sale":true}"#,
            concat!(
                r#"{"id":"BOOTH","parent":"AM","type":"booth","subsystem":"meetings","#,
                r#""categories":["b","a"],"tags":["x"],"on_sale":true,"subscription":true,"#,
                r#""attributes":{"hall":"7","side":["north","west"]}}"#
            ),
        ]);
    }

    #[test]
    fn every_mistake_is_reported() {
        assert_errors::<Product>(&[
            (r#""""#, "`` is ``: empty"),
            ("7", "`` is `7`: expected a product id or an object"),
            ("{}", "`id` is missing"),
            (
                r#"{"id":"","type":7,"categories":["a",""],"tags":"x","on_sale":"no","attributes":{"hall":7},"sku":"A"}"#,
                "`id` is ``: empty; `type` is `7`: expected a string; `categories[1]` is ``: empty; \
                 `tags` is `x`: expected a list; `on_sale` is `no`: expected true or false; \
                 `attributes.hall` is `7`: expected a string; \
                 `sku` is `A`: unknown field, known: `id`, `parent`, `type`, `subsystem`, `categories`, `tags`, `on_sale`, `subscription`, `attributes`",
            ),
        ]);
    }
}
