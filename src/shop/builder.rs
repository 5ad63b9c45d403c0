//! A shop, put together.

use crate::coupon::TypeAssignment;
use crate::error::{DefinitionErrors, Error, Why};
use crate::key::{CategoryId, CustomerTypeId, ProductId, SignUpId};
use crate::money::{Currency, UnitPrice};
use crate::policy::Policy;

use super::parts::Parts;
use super::{
    AccessRule, Allowance, CustomerType, Goods, Offer, PaymentOffer, PointsProgram, PriceList, PriceStrategy,
    QuantityRule, ShippingOffer, Shop,
};

/// Builds a [`Shop`]; begun with [`Shop::builder`].
///
/// ```
/// use vouchsafe::{Currency, Policy, Shop, UnitPrice};
///
/// let price = UnitPrice::parse("119.00")?;
/// let error = Shop::builder(Policy::builder(Currency::USD).build()?)
///     .customer_type("PROFORM".parse()?)
///     .price("PROFROM".parse()?, "SKI-BOOT-27".parse()?, Currency::USD, price)
///     .build()
///     .unwrap_err();
/// assert_eq!(error.to_string(), "`prices[0].customer_type` is `PROFROM`: unknown customer type");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ShopBuilder {
    parts: Parts,
    /// As they were given, those that only say which type is the default one not among them.
    types: Vec<CustomerType>,
    categories: Vec<(CategoryId, Option<CategoryId>)>,
    prices: Vec<(CustomerTypeId, ProductId, Currency, UnitPrice)>,
    visibility: Vec<(ProductId, Vec<CustomerTypeId>)>,
}

impl ShopBuilder {
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            parts: Parts::new(policy),
            types: Vec::new(),
            categories: Vec::new(),
            prices: Vec::new(),
            visibility: Vec::new(),
        }
    }

    /// Defines a customer type; a name alone is a type of rank 0. Again in other words it is given twice.
    ///
    /// # Example: a default type with a rank
    ///
    /// ```
    /// use vouchsafe::{Currency, CustomerType, Policy, Shop};
    ///
    /// let shop = Shop::builder(Policy::builder(Currency::USD).build()?)
    ///     .default_type("RETAIL".parse()?)
    ///     .customer_type(CustomerType::new("RETAIL".parse()?).with_rank(1));
    /// let retail = shop.clone().build()?;
    /// assert_eq!(retail.customer_types()[0].rank(), 1);
    ///
    /// let error = shop.customer_type(CustomerType::new("RETAIL".parse()?).with_rank(2)).build().unwrap_err();
    /// assert_eq!(error.to_string(), "`customer_types[1]` is `RETAIL`: given twice");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn customer_type(mut self, customer_type: CustomerType) -> Self {
        let new = self.parts.types.define(customer_type.clone());
        if !new && self.types.iter().all(|given| given.id() != customer_type.id()) {
            self.parts.types.redefine(customer_type.clone());
        }
        self.types.push(customer_type);
        self
    }

    /// Says which type new and anonymous shoppers have (S36). Where nothing else defines it, it is a type of rank 0.
    #[must_use]
    pub fn default_type(mut self, customer_type: CustomerTypeId) -> Self {
        self.parts.types.set_default(Some(customer_type.clone()));
        self.parts.types.define(CustomerType::new(customer_type));
        self
    }

    /// Defines a category at the top. Once any category is defined, rules can name no other.
    #[must_use]
    pub fn category(mut self, category: CategoryId) -> Self {
        self.categories.push((category, None));
        self
    }

    /// Defines a category under another one, so that rules about that one can speak of both.
    #[must_use]
    pub fn subcategory(mut self, category: CategoryId, parent: CategoryId) -> Self {
        self.categories.push((category, Some(parent)));
        self
    }

    /// Says what products there are, so that a rule that names another one is found to be mistaken. Without it rules may
    /// name any product.
    #[must_use]
    pub fn products(mut self, products: impl IntoIterator<Item = ProductId>) -> Self {
        products.into_iter().for_each(|product| {
            self.parts.catalogue.add_product(product);
        });
        self
    }

    /// The price of one unit of a product for a customer type (S37).
    #[must_use]
    pub fn price(
        mut self,
        customer_type: CustomerTypeId,
        product: ProductId,
        currency: Currency,
        price: UnitPrice,
    ) -> Self {
        self.prices.push((customer_type, product, currency, price));
        self
    }

    /// Prices for some customer types or some customers (S37, S41). May be called several times.
    #[must_use]
    pub fn price_list(mut self, list: PriceList) -> Self {
        self.parts.price_lists.push((self.parts.price_lists.len(), list));
        self
    }

    /// Says which of several prices of a product holds.
    #[must_use]
    pub fn price_strategy(mut self, strategy: PriceStrategy) -> Self {
        self.parts.price_strategy = strategy;
        self
    }

    /// Shows a product to these customer types only; to all others it is as if it did not exist (S5).
    #[must_use]
    pub fn visible_only_to(mut self, product: ProductId, types: impl IntoIterator<Item = CustomerTypeId>) -> Self {
        self.visibility.push((product, types.into_iter().collect()));
        self
    }

    /// How many units of a product one order may hold (S47).
    #[must_use]
    pub fn quantity_rule(mut self, rule: QuantityRule) -> Self {
        self.parts.quantity_rules.push((self.parts.quantity_rules.len(), rule));
        self
    }

    /// How much customers may buy over a window of time (S44).
    ///
    /// ```
    /// use vouchsafe::{Allowance, Currency, Goods, Policy, Shop};
    ///
    /// let pairs = || Allowance::new("pairs".parse()?, [Goods::product("BOOT".parse()?)], 6);
    /// let shop = Shop::builder(Policy::builder(Currency::USD).build()?).allowance(pairs()?);
    /// assert_eq!(shop.clone().build()?.allowances().len(), 1);
    /// let error = shop.allowance(pairs()?).build().unwrap_err();
    /// assert_eq!(error.to_string(), "`allowances[1].id` is `pairs`: given twice");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn allowance(mut self, allowance: Allowance) -> Self {
        self.parts.allowances.push((self.parts.allowances.len(), allowance));
        self
    }

    /// Buying one of these goods assigns a customer type when the order is recorded (S49). Of several rules about one
    /// product the nearest assigns the primary type, and each one its membership.
    ///
    /// ```
    /// use vouchsafe::{AssignUntil, AssignWhen, Currency, Goods, Policy, Shop, TypeAssignment};
    ///
    /// let year = TypeAssignment::membership("CLUB".parse()?, AssignWhen::OnCommit).lasting(AssignUntil::Days(365))?;
    /// let shop = Shop::builder(Policy::builder(Currency::USD).build()?)
    ///     .customer_type("CLUB".parse()?)
    ///     .purchase_assigns(Goods::product("CLUB-YEAR".parse()?), year)
    ///     .build()?;
    /// assert!(serde_json::to_string(&shop).is_ok_and(|json| json.contains(r#""goods":{"product":"CLUB-YEAR"}"#)));
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn purchase_assigns(mut self, goods: Goods, assign: TypeAssignment) -> Self {
        self.parts.assignments.add_purchase(goods, assign);
        self
    }

    /// Signing up for something assigns a customer type (S50), where the host says that it happened:
    /// [`TypeEvent::SignUp`](crate::TypeEvent::SignUp).
    #[must_use]
    pub fn sign_up_assigns(mut self, form: SignUpId, assign: TypeAssignment) -> Self {
        self.parts.assignments.add_sign_up(form, assign);
        self
    }

    /// The programme of loyalty points (S28, S29). Again, it is the last one given.
    #[must_use]
    pub fn points(mut self, program: PointsProgram) -> Self {
        self.parts.points = Some(program);
        self
    }

    /// Adds an automatic offer. May be called several times; ids are unique.
    ///
    /// ```
    /// use vouchsafe::{Coupon, Currency, Offer, Policy, Shop};
    ///
    /// let sale = || Offer::new(Coupon::builder("sale").percent_off("10").build()?);
    /// let shop = Shop::builder(Policy::builder(Currency::USD).build()?).offer(sale()?);
    /// assert_eq!(shop.clone().build()?.offers().count(), 1);
    /// assert_eq!(shop.offer(sale()?).build().unwrap_err().to_string(), "`offers[1].id` is `sale`: given twice");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn offer(mut self, offer: Offer) -> Self {
        self.parts.offers.push((self.parts.offers.len(), offer));
        self
    }

    /// Adds a rule about who sees products, sees their prices and buys them (S38, S46).
    #[must_use]
    pub fn access(mut self, rule: AccessRule) -> Self {
        let place = self.parts.access.rules().len();
        self.parts.access.add(place, rule);
        self
    }

    /// Offers a payment option (S39). Once any is offered, no other is allowed.
    #[must_use]
    pub fn payment_option(self, offer: PaymentOffer) -> Self {
        self.payment_options([offer])
    }

    /// Offers payment options. A list without any allows nothing, where none was offered before.
    #[must_use]
    pub fn payment_options(mut self, offers: impl IntoIterator<Item = PaymentOffer>) -> Self {
        self.parts.options.payment.get_or_insert_default().extend(offers);
        self
    }

    /// Offers a shipping method. Once any is offered, no other is allowed.
    #[must_use]
    pub fn shipping_option(self, offer: ShippingOffer) -> Self {
        self.shipping_options([offer])
    }

    /// Offers shipping methods. A list without any allows nothing, where none was offered before.
    #[must_use]
    pub fn shipping_options(mut self, offers: impl IntoIterator<Item = ShippingOffer>) -> Self {
        self.parts.options.shipping.get_or_insert_default().extend(offers);
        self
    }

    /// Checks and builds.
    ///
    /// # Errors
    /// - [`Why::UnknownReference`] for a customer type that was not defined, whatever names it; for a category where
    ///   categories are, and for a product where products are.
    /// - [`Why::Duplicate`] for what is given twice: a customer type in other words, a category, a price of a product for
    ///   one type in one currency, a visibility of a product, the id of a price list, an allowance or an automatic offer, an offer of an
    ///   option, a quantity rule for the same goods and customers, goods that assign the same type, a sign-up.
    /// - [`Why::Circular`] for a category that stands above itself.
    /// - [`Why::Overlaps`] where nothing says which of two prices or of two access rules holds.
    /// - [`Why::Contradicts`] for goods that assign two primary types, or a type before pricing.
    /// - [`Why::Impossible`] for a quantity rule without a figure; [`Why::BadTime`] for a day that the zone cannot place.
    ///
    /// What is wrong with rules over several entries comes all at once, as [`Error::Definition`]; a customer type, category,
    /// price or visibility that is wrong in itself comes first, alone. Paths are those of the [`ShopDraft`](crate::ShopDraft)
    /// and count in the order in which entries were given.
    pub fn build(self) -> Result<Shop, Error> {
        let Self { mut parts, types, categories, prices, visibility } = self;
        for (i, customer_type) in types.into_iter().enumerate() {
            if parts.types.get(customer_type.id()).is_some_and(|defined| *defined != customer_type) {
                return Err(Error::invalid(format!("customer_types[{i}]"), customer_type.id(), Why::Duplicate));
            }
        }
        for (i, (category, parent)) in categories.into_iter().enumerate() {
            let name = category.clone();
            let defined = parts.catalogue.define(category, parent);
            defined.map_err(|why| Error::invalid(format!("categories[{i}].id"), name, why))?;
        }
        let unknown = |parts: &Parts, customer_type: &CustomerTypeId| parts.types.get(customer_type).is_none();
        let why = || Why::UnknownReference { what: "customer type" };
        for (i, (customer_type, product, currency, price)) in prices.into_iter().enumerate() {
            if unknown(&parts, &customer_type) {
                return Err(Error::invalid(format!("prices[{i}].customer_type"), customer_type, why()));
            }
            if !parts.catalogue.knows_product(&product) {
                let why = Why::UnknownReference { what: "product" };
                return Err(Error::invalid(format!("prices[{i}].product"), product, why));
            }
            parts
                .prices
                .insert(customer_type, &product, currency, price)
                .map_err(|why| Error::invalid(format!("prices[{i}].product"), product, why))?;
        }
        for (i, (product, types)) in visibility.into_iter().enumerate() {
            if let Some((j, customer_type)) = types.iter().enumerate().find(|(_, t)| unknown(&parts, t)) {
                let path = format!("visible_only_to[{i}].customer_types[{j}]");
                return Err(Error::invalid(path, customer_type, why()));
            }
            if !parts.catalogue.knows_product(&product) {
                let why = Why::UnknownReference { what: "product" };
                return Err(Error::invalid(format!("visible_only_to[{i}].product"), product, why));
            }
            parts
                .access
                .show(&product, types)
                .map_err(|why| Error::invalid(format!("visible_only_to[{i}].product"), product, why))?;
        }
        parts.into_shop().map_err(|mut errors| match (errors.pop(), errors.is_empty()) {
            (Some(only), true) => only.into(),
            (last, _) => {
                errors.extend(last);
                Error::Definition(DefinitionErrors(errors))
            }
        })
    }
}
