//! What changes rarely, checked and prepared once, shared by threads: the policy, customer types, their prices and what
//! they may see, and prepared coupons.

mod access;
mod matcher;
mod prepared;
mod prices;

use crate::coupon::Coupon;
use crate::error::{Error, Why};
use crate::key::{CustomerTypeId, ProductId};
use crate::money::{Currency, UnitPrice};
use crate::policy::Policy;

pub(crate) use access::Access;
pub(crate) use matcher::{Matcher, UnitAmount};
pub use prepared::{Prepared, coupons_for};
pub(crate) use prices::TypePrices;

/// A merchant's shop, ready to price orders. Build it once and share it: it is `Send` and `Sync`, and evaluating never
/// changes it.
///
/// ```
/// use vouchsafe::{Currency, Policy, Shop, UnitPrice, Zone};
///
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .customer_type("PROFORM".parse()?)
///     .price("PROFORM".parse()?, "SKI-BOOT-27".parse()?, Currency::USD, UnitPrice::parse("119.00")?)
///     .visible_only_to("PRO-JACKET".parse()?, ["PROFORM".parse()?])
///     .build()?;
/// assert!(shop.sees(Some(&"PROFORM".parse()?), &"PRO-JACKET".parse()?));
/// assert!(!shop.sees(Some(&"RETAIL".parse()?), &"PRO-JACKET".parse()?));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Shop {
    policy: Policy,
    types: Vec<CustomerTypeId>,
    default_type: Option<CustomerTypeId>,
    prices: TypePrices,
    access: Access,
}

impl Shop {
    /// Starts a shop with this policy.
    #[must_use]
    pub fn builder(policy: Policy) -> ShopBuilder {
        ShopBuilder { policy, types: Vec::new(), default_type: None, prices: Vec::new(), visibility: Vec::new() }
    }

    /// A shop without customer types.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy, types: Vec::new(), default_type: None, prices: TypePrices::default(), access: Access::default() }
    }

    /// The merchant's choices.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The type of new and anonymous shoppers (S36).
    #[must_use]
    pub fn default_type(&self) -> Option<&CustomerTypeId> {
        self.default_type.as_ref()
    }

    /// The customer types that were defined, in the order given.
    #[must_use]
    pub fn customer_types(&self) -> &[CustomerTypeId] {
        &self.types
    }

    /// Whether customers of this type see a product. A product that was never mentioned is seen by all.
    #[must_use]
    pub fn sees(&self, customer_type: Option<&CustomerTypeId>, product: &ProductId) -> bool {
        self.access.sees(customer_type, product)
    }

    /// Prepares a definition for evaluation: dates to instants, lists to sets. Prepare once per revision and share.
    ///
    /// # Errors
    /// A day that the zone cannot place on the time line, or an assigned customer type that the shop does not know
    /// where it knows any.
    pub fn prepare(&self, coupon: Coupon) -> Result<Prepared, Error> {
        if let Some(assign) = coupon.assign() {
            if !self.types.is_empty() && !self.types.contains(assign.to()) {
                return Err(Error::invalid("assign.to", assign.to(), Why::UnknownReference { what: "customer type" }));
            }
        }
        Prepared::new(coupon, self.policy.zone())
    }

    pub(crate) fn prices(&self) -> &TypePrices {
        &self.prices
    }

    pub(crate) fn access(&self) -> &Access {
        &self.access
    }
}

/// Builds a [`Shop`].
#[derive(Debug, Clone)]
pub struct ShopBuilder {
    policy: Policy,
    types: Vec<CustomerTypeId>,
    default_type: Option<CustomerTypeId>,
    prices: Vec<(CustomerTypeId, ProductId, Currency, UnitPrice)>,
    visibility: Vec<(ProductId, Vec<CustomerTypeId>)>,
}

impl ShopBuilder {
    /// Defines a customer type.
    #[must_use]
    pub fn customer_type(mut self, customer_type: CustomerTypeId) -> Self {
        if !self.types.contains(&customer_type) {
            self.types.push(customer_type);
        }
        self
    }

    /// Defines the type of new and anonymous shoppers (S36).
    #[must_use]
    pub fn default_type(mut self, customer_type: CustomerTypeId) -> Self {
        self.default_type = Some(customer_type.clone());
        self.customer_type(customer_type)
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

    /// Shows a product to these customer types only; to all others it is as if it did not exist (S5).
    #[must_use]
    pub fn visible_only_to(mut self, product: ProductId, types: impl IntoIterator<Item = CustomerTypeId>) -> Self {
        self.visibility.push((product, types.into_iter().collect()));
        self
    }

    /// Checks and builds.
    ///
    /// # Errors
    /// A rule that names a customer type that was not defined, or a price or visibility given twice.
    pub fn build(self) -> Result<Shop, Error> {
        let known = |path: String, customer_type: &CustomerTypeId| {
            if self.types.contains(customer_type) {
                Ok(())
            } else {
                Err(Error::invalid(path, customer_type, Why::UnknownReference { what: "customer type" }))
            }
        };
        for (i, (customer_type, ..)) in self.prices.iter().enumerate() {
            known(format!("prices[{i}].customer_type"), customer_type)?;
        }
        for (i, (_, types)) in self.visibility.iter().enumerate() {
            for (j, customer_type) in types.iter().enumerate() {
                known(format!("visible_only_to[{i}].customer_types[{j}]"), customer_type)?;
            }
        }
        Ok(Shop {
            prices: TypePrices::new(self.prices)?,
            access: Access::new(self.visibility)?,
            policy: self.policy,
            types: self.types,
            default_type: self.default_type,
        })
    }
}
