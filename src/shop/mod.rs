//! What changes rarely, checked and prepared once, shared by threads: the policy, customer types, their prices and what
//! they may see, and prepared coupons.

mod access;
mod allowance;
mod assign;
mod audience;
mod builder;
mod draft;
mod earnings;
mod goods;
mod goods_index;
mod matcher;
mod offer;
mod options;
mod parts;
mod points;
mod prepared;
mod price;
mod prices;
mod stage;
mod standing;
mod types;

use chrono::{DateTime, Utc};

use crate::coupon::{AssignUntil, Coupon, TypeAssignment};
use crate::customer::{Customer, IdentityKey};
use crate::error::{Error, Why};
use crate::key::{CustomerTypeId, PaymentOptionId, ShippingMethodId};
use crate::money::ExactPrice;
use crate::order::Product;
use crate::policy::Policy;

pub(crate) use access::{Access, Permitted};
pub use access::{AccessRule, Effect, Permission};
pub use allowance::{Allowance, AllowancePer, AllowanceUsage, AllowanceWindow, Excess, QuantityRule};
pub(crate) use allowance::{Available, Bounds, Ledger, Limit, Quantities, Standby, round_down};
pub(crate) use assign::Assignments;
pub use audience::Audience;
pub use builder::ShopBuilder;
pub use draft::{ShopDraft, TypePriceDraft, VisibilityDraft};
pub(crate) use earnings::Earnable;
pub use earnings::Earnings;
pub(crate) use goods::Catalogue;
pub use goods::Goods;
pub(crate) use matcher::{Matcher, UnitAmount};
pub use offer::Offer;
pub(crate) use offer::{Found, Offers};
pub(crate) use options::Options;
pub use options::{PaymentOffer, ShippingOffer};
pub(crate) use points::Points;
pub use points::{PointsProgram, PointsRate, PointsRates, RedeemAs};
pub use prepared::{Prepared, coupons_for};
pub(crate) use price::{Ask, Candidate, Entitled, Holder, PriceBook};
pub use price::{
    PriceEntry, PriceHolders, PriceList, PriceListBuilder, PriceLoss, PriceSource, PriceStrategy, PriceValue,
};
pub(crate) use prices::TypePrices;
pub(crate) use stage::{STAGES, Stage, stage};
pub use standing::Standing;
pub(crate) use types::Types;
pub use types::{CustomerType, PointsMultiplier};

/// A merchant's shop, ready to price orders. Build it once and share it: it is `Send` and `Sync`, and evaluating never
/// changes it.
///
/// ```
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .customer_type(CustomerType::new("PROFORM".parse()?).with_rank(10))
///     .price("PROFORM".parse()?, "SKI-BOOT-27".parse()?, Currency::USD, UnitPrice::parse("119.00")?)
///     .visible_only_to("PRO-JACKET".parse()?, ["PROFORM".parse()?])
///     .build()?;
/// let at = parse_instant("2026-03-01T12:00:00Z")?;
/// let pro = shop.standing(&Customer::anonymous().with_type("PROFORM".parse()?), at);
/// let stranger = shop.standing(&Customer::anonymous(), at);
/// let jacket = Product::new("PRO-JACKET".parse()?);
/// assert!(shop.permits(Permission::See, &jacket, &pro));
/// assert!(!shop.permits(Permission::See, &jacket, &stranger));
/// # Ok(())
/// # }
/// ```
///
/// # JSON
///
/// ```
/// use vouchsafe::Shop;
///
/// let shop: Shop = serde_json::from_str(
///     r#"{
///         "version": 1,
///         "policy": {"currency": "USD"},
///         "customer_types": ["RETAIL", "PROFORM"],
///         "default_type": "RETAIL",
///         "prices": [{"customer_type": "PROFORM", "product": "SKI-BOOT-27", "price": "119.00"}],
///         "visible_only_to": [{"product": "PRO-JACKET", "customer_types": ["PROFORM"]}]
///     }"#,
/// )?;
/// assert_eq!(shop.customer_types().len(), 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// The fields are those of [`ShopDraft`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    policy: Policy,
    types: Types,
    catalogue: Catalogue,
    prices: PriceBook,
    access: Access,
    bounds: Bounds,
    options: Options,
    assignments: Assignments,
    points: Option<Points>,
    offers: Offers,
}

impl Shop {
    /// Starts a shop with this policy.
    #[must_use]
    pub fn builder(policy: Policy) -> ShopBuilder {
        ShopBuilder::new(policy)
    }

    /// A shop without customer types: everyone pays list prices and sees everything.
    ///
    /// ```
    /// use vouchsafe::{Currency, Permission, Policy, Product, Shop, Standing};
    ///
    /// let shop = Shop::new(Policy::builder(Currency::USD).build()?);
    /// assert!(shop.permits(Permission::Buy, &Product::new("ANYTHING".parse()?), &Standing::default()));
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            types: Types::default(),
            catalogue: Catalogue::default(),
            prices: PriceBook::default(),
            access: Access::default(),
            bounds: Bounds::default(),
            options: Options::default(),
            assignments: Assignments::default(),
            points: None,
            offers: Offers::default(),
        }
    }

    /// The merchant's choices.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The type of new and anonymous shoppers (S36).
    #[must_use]
    pub fn default_type(&self) -> Option<&CustomerTypeId> {
        self.types.default_type()
    }

    /// The customer types that were defined, in the order given.
    #[must_use]
    pub fn customer_types(&self) -> &[CustomerType] {
        self.types.all()
    }

    /// One of the customer types that were defined.
    #[must_use]
    pub fn customer_type(&self, id: &CustomerTypeId) -> Option<&CustomerType> {
        self.types.get(id)
    }

    /// What a customer is to this shop at an instant: the types that hold, and the highest rank among them.
    #[must_use]
    pub fn standing(&self, customer: &Customer, at: DateTime<Utc>) -> Standing {
        let mut standing = Standing::default();
        self.stand(&mut standing, customer, at);
        standing
    }

    /// [`standing`](Self::standing) into the place of an earlier one.
    pub(crate) fn stand(&self, standing: &mut Standing, customer: &Customer, at: DateTime<Utc>) {
        let held = customer.held();
        standing.set(&self.types, held, held.primary_at(at), at);
    }

    /// Whether a customer may see a product, see its price, or buy it (S5, S38, S46). Where no [`AccessRule`] matches,
    /// everything is permitted.
    #[must_use]
    pub fn permits(&self, permission: Permission, product: &Product, standing: &Standing) -> bool {
        self.permitted(product, standing).has(permission)
    }

    /// What a customer may do with a product, all at once.
    pub(crate) fn permitted(&self, product: &Product, standing: &Standing) -> Permitted {
        self.access.permitted(&self.catalogue, product, standing)
    }

    /// The payment options offered to a customer, those that the customer prefers in front, in the order of the
    /// definition otherwise (S39, S41). `None` where the shop offers none at all and leaves them to the host; an empty list
    /// allows nothing.
    #[must_use]
    pub fn payment_options(&self, standing: &Standing) -> Option<Vec<&PaymentOptionId>> {
        self.options.payment(standing).map(Iterator::collect)
    }

    /// The shipping methods offered to a customer, as the [payment options](Self::payment_options).
    #[must_use]
    pub fn shipping_methods(&self, standing: &Standing) -> Option<Vec<&ShippingMethodId>> {
        self.options.shipping(standing).map(Iterator::collect)
    }

    /// Prepares a definition for evaluation: dates to instants, lists to sets. Prepare once per revision and share.
    ///
    /// # Errors
    /// A day that the zone cannot place on the time line, or an assigned customer type that the shop does not know
    /// where it knows any.
    ///
    /// ```
    /// use vouchsafe::{Coupon, Currency, Policy, Shop};
    ///
    /// let shop = Shop::new(Policy::builder(Currency::USD).build()?);
    /// let coupon = Coupon::builder("welcome").code("WELCOME10").percent_off("10").build()?;
    /// assert_eq!(shop.prepare(coupon)?.coupon().id().as_str(), "welcome");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn prepare(&self, coupon: Coupon) -> Result<Prepared, Error> {
        if let Some(assign) = coupon.assign() {
            self.knows_types_of(assign).map_err(|error| error.under("assign"))?;
        }
        Prepared::new(coupon, self.policy.zone())
    }

    /// Every type that an assignment names must be known, where the shop knows any; at the path of the assignment.
    pub(crate) fn knows_types_of(&self, assign: &TypeAssignment) -> Result<(), Error> {
        let membership = match assign.until() {
            AssignUntil::Membership(membership) => Some(("until.membership", membership)),
            AssignUntil::Forever | AssignUntil::Day(_) | AssignUntil::Days(_) => None,
        };
        match [("to", assign.to())].into_iter().chain(membership).find(|(_, t)| !self.types.knows(t)) {
            Some((path, stray)) => Err(Error::invalid(path, stray, Why::UnknownReference { what: "customer type" })),
            None => Ok(()),
        }
    }

    pub(crate) fn assignments(&self) -> &Assignments {
        &self.assignments
    }

    pub(crate) fn types(&self) -> &Types {
        &self.types
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The programme of loyalty points (S28, S29); none where the shop has none.
    #[must_use]
    pub fn points(&self) -> Option<&PointsProgram> {
        self.points.as_ref().map(Points::program)
    }

    /// The automatic offers, in the order given.
    pub fn offers(&self) -> impl Iterator<Item = &Offer> {
        self.offers.given()
    }

    pub(crate) fn offers_prepared(&self) -> &Offers {
        &self.offers
    }

    pub(crate) fn points_prepared(&self) -> Option<&Points> {
        self.points.as_ref()
    }

    /// The price lists, in the order given (S37, S41).
    #[must_use]
    pub fn price_lists(&self) -> &[PriceList] {
        self.prices.lists()
    }

    /// Which of several prices of a product holds.
    #[must_use]
    pub fn price_strategy(&self) -> PriceStrategy {
        self.prices.strategy()
    }

    pub(crate) fn prices(&self) -> &PriceBook {
        &self.prices
    }

    /// The lists that a customer is entitled to at an instant, for any number of calls of
    /// [`price_of`](Self::price_of).
    pub(crate) fn entitle(
        &self,
        standing: &Standing,
        keys: &[IdentityKey],
        at: DateTime<Utc>,
        entitled: &mut Entitled,
    ) {
        self.prices.entitle(standing.types(), keys, at, entitled);
    }

    /// The price of a product for the customer of this standing: exact, with whose it is and the list it is from.
    pub(crate) fn price_of(&self, standing: &Standing, entitled: &Entitled, ask: &Ask<'_>) -> Candidate<'_> {
        self.prices.resolve(&self.catalogue, standing.types(), entitled, ask)
    }

    /// The next quantity, in multiples of a step and up to a limit, at which one unit costs less than this; with what it
    /// costs then.
    pub(crate) fn next_price(
        &self,
        standing: &Standing,
        entitled: &Entitled,
        ask: &Ask<'_>,
        below: (ExactPrice, u32, u64),
    ) -> Option<(u64, ExactPrice)> {
        self.prices.next_price(&self.catalogue, standing.types(), entitled, ask, below)
    }

    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The quantity rules that were defined, in the order given (S47).
    #[must_use]
    pub fn quantity_rules(&self) -> &[QuantityRule] {
        self.bounds.rules()
    }

    /// The allowances that were defined, in the order given (S44).
    #[must_use]
    pub fn allowances(&self) -> &[Allowance] {
        self.bounds.allowances()
    }

    pub(crate) fn bounds(&self) -> &Bounds {
        &self.bounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, UnitPrice};

    fn shop() -> ShopBuilder {
        let policy = Policy::builder(Currency::USD).build().unwrap();
        Shop::builder(policy).default_type("RETAIL".parse().unwrap()).customer_type("PROFORM".parse().unwrap())
    }

    fn key<T: std::str::FromStr<Err = Error>>(text: &str) -> T {
        text.parse().unwrap()
    }

    fn price(text: &str) -> UnitPrice {
        UnitPrice::parse(text).unwrap()
    }

    #[test]
    fn a_price_is_that_of_its_type_product_and_currency() {
        let shop = shop()
            .price(key("PROFORM"), key("BOOT"), Currency::USD, price("119"))
            .price(key("PROFORM"), key("BOOT"), Currency::EUR, price("109"))
            .price(key("RETAIL"), key("BOOT"), Currency::USD, price("199"))
            .build()
            .unwrap();
        let get = |t: Option<&str>, product: &str, currency| {
            shop.prices().of_types().get(t.map(key).as_ref(), &key(product), currency).map(|p| p.to_string())
        };
        assert_eq!(get(Some("PROFORM"), "BOOT", Currency::USD).as_deref(), Some("119"));
        assert_eq!(get(Some("PROFORM"), "BOOT", Currency::EUR).as_deref(), Some("109"));
        assert_eq!(get(Some("PROFORM"), "BOOT", Currency::JPY), None, "never a conversion");
        assert_eq!(get(Some("RETAIL"), "SKI", Currency::USD), None);
        assert_eq!(get(Some("WHOLESALE"), "BOOT", Currency::USD), None);
        assert_eq!(get(None, "BOOT", Currency::USD), None);
    }

    #[test]
    fn a_hidden_product_is_seen_by_its_types_only() {
        let shop =
            shop().visible_only_to(key("JACKET"), [key("PROFORM")]).visible_only_to(key("SAMPLE"), []).build().unwrap();
        let sees = |types: &[&str], product: &str| {
            let standing = Standing::of(types.iter().map(|t| key(t)).collect(), 0);
            shop.permits(Permission::See, &Product::new(key(product)), &standing)
        };
        assert!(sees(&["PROFORM"], "JACKET") && !sees(&["RETAIL"], "JACKET") && !sees(&[], "JACKET"));
        assert!(sees(&["RETAIL", "PROFORM"], "JACKET"), "a membership opens it as well");
        assert!(!sees(&["PROFORM"], "SAMPLE"), "an empty list allows nothing");
        assert!(sees(&[], "BOOT"));
    }

    #[test]
    fn mistakes_are_named() {
        let usd = Currency::USD;
        for (builder, error) in [
            (
                shop().price(key("RETAIL"), key("A"), usd, price("1")).price(key("VIP"), key("A"), usd, price("1")),
                "`prices[1].customer_type` is `VIP`: unknown customer type",
            ),
            (
                shop().price(key("RETAIL"), key("A"), usd, price("1")).price(key("RETAIL"), key("A"), usd, price("2")),
                "`prices[1].product` is `A`: given twice",
            ),
            (
                shop().products([key("B")]).price(key("RETAIL"), key("A"), usd, price("1")),
                "`prices[0].product` is `A`: unknown product",
            ),
            (
                shop().visible_only_to(key("A"), [key("RETAIL"), key("VIP")]),
                "`visible_only_to[0].customer_types[1]` is `VIP`: unknown customer type",
            ),
            (
                shop().visible_only_to(key("A"), []).visible_only_to(key("A"), []),
                "`visible_only_to[1].product` is `A`: given twice",
            ),
        ] {
            assert_eq!(builder.build().unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn types_are_defined_once_in_the_order_given() {
        let shop = shop().customer_type(key("RETAIL")).customer_type(key("VIP")).build().unwrap();
        let types: Vec<&str> = shop.customer_types().iter().map(|t| t.id().as_str()).collect();
        assert_eq!(types, ["RETAIL", "PROFORM", "VIP"]);
        assert_eq!(shop.default_type().map(CustomerTypeId::as_str), Some("RETAIL"));
    }

    #[test]
    fn naming_the_default_type_leaves_room_for_its_definition() {
        let retail = |rank| CustomerType::new(key("RETAIL")).with_rank(rank);
        let new = || Shop::builder(Policy::builder(Currency::USD).build().unwrap());
        for builder in [
            new().default_type(key("RETAIL")).customer_type(retail(5)),
            new().customer_type(retail(5)).default_type(key("RETAIL")),
            new().customer_type(retail(5)).default_type(key("RETAIL")).customer_type(retail(5)),
        ] {
            let ranks: Vec<u32> = builder.build().unwrap().customer_types().iter().map(CustomerType::rank).collect();
            assert_eq!(ranks, [5]);
        }
        let twice = new().default_type(key("RETAIL")).customer_type(retail(5)).customer_type(retail(6));
        assert_eq!(twice.build().unwrap_err().to_string(), "`customer_types[1]` is `RETAIL`: given twice");
    }

    #[test]
    fn an_assigned_type_must_be_known() {
        let coupon: Coupon = serde_json::from_str(
            r#"{"version":1,"id":"pro","code":"PRO","benefits":["none"],"assign":{"to":"VIP","when":"on_commit"}}"#,
        )
        .unwrap();
        let error = shop().build().unwrap().prepare(coupon.clone()).unwrap_err();
        assert_eq!(error.to_string(), "`assign.to` is `VIP`: unknown customer type");
        assert!(shop().customer_type(key("VIP")).build().unwrap().prepare(coupon.clone()).is_ok());
        // A shop that defines no types leaves them to the host.
        assert!(Shop::new(Policy::builder(Currency::USD).build().unwrap()).prepare(coupon).is_ok());
    }
}
