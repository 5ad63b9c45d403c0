//! What a customer is told of a product.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::key::{CustomerTypeId, PaymentOptionId, PriceListId};
use crate::money::{Currency, ExactPrice, UnitPrice};
use crate::order::Product;
use crate::refusal::LineRefusal;
use crate::shop::PriceSource;

/// A product as one customer sees it at one instant: whether at all, at which price, how many of it may be bought, or why
/// none. Made by a [`Viewer`](crate::Viewer).
///
/// It agrees with [`Shop::evaluate`](crate::Shop::evaluate): an order of [`smallest_order`](Self::smallest_order) units
/// and nothing else is priced at [`price`](Self::price) and has its line refused for [`refusal`](Self::refusal). What
/// automatic offers then take off is not in it; see [`Viewer::offered`](crate::Viewer::offered).
///
/// It is for the host. What a browser may see of it is [`public`](Self::public).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let socks = |price: &str| -> Result<_, Error> {
///     Ok(PriceEntry::price("SOCK".parse()?, Currency::USD, UnitPrice::parse(price)?))
/// };
/// let list = PriceList::builder("retail")
///     .for_types(["RETAIL".parse()?])
///     .entry(socks("4.50")?)
///     .entry(socks("3.95")?.from_quantity(12))
///     .build()?;
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .price_list(list)
///     .quantity_rule(QuantityRule::new(Goods::product("SOCK".parse()?)).with_max(24)?)
///     .build()?;
/// let sock = Listing::new(Product::new("SOCK".parse()?), UnitPrice::parse("5.00")?);
/// let view = shop.view(&sock, &Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
///
/// assert!(view.is_visible() && view.is_buyable());
/// let price = view.price().ok_or("no price")?;
/// assert_eq!((price.unit().to_string(), price.list_price().to_string()), ("4.5".to_owned(), "5".to_owned()));
/// assert_eq!(price.price_list().map(|list| list.as_str()), Some("retail"));
/// let next = view.next_price().ok_or("no next price")?;
/// assert_eq!((next.from(), next.unit().to_string()), (12, "3.95".to_owned()));
/// assert_eq!((view.max(), view.left()), (Some(24), None));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductView<'a> {
    pub(super) product: &'a Product,
    pub(super) currency: Currency,
    pub(super) visible: bool,
    pub(super) price: Option<ViewedPrice<'a>>,
    pub(super) next_price: Option<NextPrice>,
    pub(super) refusal: Option<LineRefusal>,
    pub(super) smallest_order: u32,
    pub(super) min: Option<u32>,
    pub(super) max: Option<u32>,
    pub(super) increment: Option<u32>,
    pub(super) left: Option<u64>,
    pub(super) left_until: Option<DateTime<Utc>>,
    /// The same for every product that the customer sees.
    pub(super) payment_options: Option<Arc<[PaymentOptionId]>>,
}

/// What one unit costs a customer, and who says so. An example stands at [`ProductView`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewedPrice<'a> {
    pub(super) unit: ExactPrice,
    pub(super) source: PriceSource,
    pub(super) customer_type: Option<CustomerTypeId>,
    pub(super) price_list: Option<&'a PriceListId>,
    pub(super) list_price: UnitPrice,
}

/// From how many units on a product costs less. An example stands at [`ProductView`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextPrice {
    pub(super) from: u64,
    pub(super) unit: ExactPrice,
}

impl<'a> ProductView<'a> {
    /// The product.
    #[must_use]
    pub fn product(&self) -> &'a Product {
        self.product
    }

    /// The currency of its prices.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether the customer sees the product (S38). Nothing else is said of one that is not seen.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.visible
    }

    /// What it costs this customer; none where the customer does not see the price.
    #[must_use]
    pub fn price(&self) -> Option<&ViewedPrice<'a>> {
        self.price.as_ref()
    }

    /// The next quantity from which on it costs less than [`price`](Self::price), where one order may hold that many and
    /// so many are left.
    #[must_use]
    pub fn next_price(&self) -> Option<NextPrice> {
        self.next_price
    }

    /// Whether this customer may buy it.
    #[must_use]
    pub fn is_buyable(&self) -> bool {
        self.refusal.is_none()
    }

    /// Why this customer may not buy it, not even the smallest quantity that is sold; none where it is for sale (S46).
    #[must_use]
    pub fn refusal(&self) -> Option<LineRefusal> {
        self.refusal
    }

    /// The fewest units that one order may hold: one, where no rule says otherwise. The price is that of so many.
    #[must_use]
    pub fn smallest_order(&self) -> u32 {
        self.smallest_order
    }

    /// The fewest units of it in one order, where a rule says so (S47).
    #[must_use]
    pub fn min(&self) -> Option<u32> {
        self.min
    }

    /// The most units of it in one order, where a rule says so (S47).
    #[must_use]
    pub fn max(&self) -> Option<u32> {
        self.max
    }

    /// The payment options that are offered to the customer, the preferred ones in front (S39, S41): those of the
    /// [viewer](crate::Viewer::payment_options), for every product alike. None of a product that the customer does not see.
    #[must_use]
    pub fn payment_options(&self) -> Option<&[PaymentOptionId]> {
        self.payment_options.as_deref()
    }

    /// The steps it is sold in, where a rule says so (S47).
    #[must_use]
    pub fn increment(&self) -> Option<u32> {
        self.increment
    }

    /// How many more units the customer may buy: what the tightest allowance leaves; none where nothing limits it (S44).
    #[must_use]
    pub fn left(&self) -> Option<u64> {
        self.left
    }

    /// When the allowance that leaves the fewest begins anew; none where it never does, or where it moves along with the
    /// days (S45).
    #[must_use]
    pub fn left_until(&self) -> Option<DateTime<Utc>> {
        self.left_until
    }
}

impl<'a> ViewedPrice<'a> {
    /// The exact price of one unit, which may be finer than the minor unit: only the amount of a line is rounded.
    #[must_use]
    pub fn unit(&self) -> ExactPrice {
        self.unit
    }

    /// Whose price it is.
    #[must_use]
    pub fn source(&self) -> PriceSource {
        self.source
    }

    /// The type that it is a price of, where it is one of a type.
    #[must_use]
    pub fn customer_type(&self) -> Option<&CustomerTypeId> {
        self.customer_type.as_ref()
    }

    /// The price list that it is from, where it is from one.
    #[must_use]
    pub fn price_list(&self) -> Option<&'a PriceListId> {
        self.price_list
    }

    /// What one unit costs everybody.
    #[must_use]
    pub fn list_price(&self) -> UnitPrice {
        self.list_price
    }
}

impl NextPrice {
    /// How many units one order must hold.
    #[must_use]
    pub fn from(&self) -> u64 {
        self.from
    }

    /// What one unit costs then, and with it all of them.
    #[must_use]
    pub fn unit(&self) -> ExactPrice {
        self.unit
    }
}
