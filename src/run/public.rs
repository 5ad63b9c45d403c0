//! What a browser may see of a product.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::view::{NextPrice, ProductView};
use crate::key::ProductId;
use crate::money::{Currency, ExactPrice, UnitPrice};
use crate::refusal::PublicLineReason;

/// What a browser may see of a [`ProductView`]. There is none of a product that the customer must not see: it is as one
/// that does not exist (S5, S38). A price that is hidden is absent, and nobody's name stands in it: no customer type, no
/// price list.
///
/// The list price stands there only where the customer pays less.
///
/// ```
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .customer_type("PROFORM".parse()?)
///     .price("PROFORM".parse()?, "BOOT".parse()?, Currency::USD, UnitPrice::parse("119.00")?)
///     .visible_only_to("PRO-JACKET".parse()?, ["PROFORM".parse()?])
///     .quantity_rule(QuantityRule::new(Goods::Everything).with_max(2)?)
///     .build()?;
/// let boot = Listing::new(Product::new("BOOT".parse()?), UnitPrice::parse("199.00")?);
/// let jacket = Listing::new(Product::new("PRO-JACKET".parse()?), UnitPrice::parse("99.00")?);
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
///
/// let pro = Customer::anonymous().with_type("PROFORM".parse()?);
/// let seen = shop.viewer(&pro, at).view(&boot).public();
/// assert_eq!(
///     serde_json::to_string(&seen)?,
///     r#"{"product":"BOOT","currency":"USD","price":"119.00","list_price":"199.00","max":2}"#,
/// );
/// assert_eq!(shop.viewer(&Customer::anonymous(), at).view(&jacket).public(), None);
/// # Ok(())
/// # }
/// ```
///
/// # JSON
///
/// `{"product":"WINE","currency":"USD","price":"8.00","list_price":"10.00","next_price":{"from":12,"price":"7.50"},
/// "refused":"log_in","min":6,"max":24,"increment":6,"left":18,"left_until":"2026-04-01T00:00:00Z"}`: the product and the
/// currency always, everything else where there is something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicProductView {
    product: ProductId,
    currency: Currency,
    price: Option<ExactPrice>,
    list_price: Option<UnitPrice>,
    next_price: Option<NextPrice>,
    refusal: Option<PublicLineReason>,
    min: Option<u32>,
    max: Option<u32>,
    increment: Option<u32>,
    left: Option<u64>,
    left_until: Option<DateTime<Utc>>,
}

impl ProductView<'_> {
    /// What a browser may see of it; none where the customer must not see the product, as where there is no such product.
    #[must_use]
    pub fn public(&self) -> Option<PublicProductView> {
        let price = self.price.as_ref();
        let reduced = price.filter(|price| price.unit < price.list_price.into());
        self.visible.then(|| PublicProductView {
            product: self.product.id().clone(),
            currency: self.currency,
            price: price.map(|price| price.unit),
            list_price: reduced.map(|price| price.list_price),
            next_price: self.next_price,
            refusal: self.refusal.map(|refusal| refusal.public()),
            min: self.min,
            max: self.max,
            increment: self.increment,
            left: self.left,
            left_until: self.left_until,
        })
    }
}

impl PublicProductView {
    /// The product.
    #[must_use]
    pub fn product(&self) -> &ProductId {
        &self.product
    }

    /// The currency of its prices.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What one unit costs; none where no price is shown.
    #[must_use]
    pub fn price(&self) -> Option<ExactPrice> {
        self.price
    }

    /// What one unit costs others, where this customer pays less.
    #[must_use]
    pub fn list_price(&self) -> Option<UnitPrice> {
        self.list_price
    }

    /// From how many units on it costs less.
    #[must_use]
    pub fn next_price(&self) -> Option<NextPrice> {
        self.next_price
    }

    /// Why it cannot be bought; none where it is for sale.
    #[must_use]
    pub fn refusal(&self) -> Option<PublicLineReason> {
        self.refusal
    }

    /// The fewest units in one order.
    #[must_use]
    pub fn min(&self) -> Option<u32> {
        self.min
    }

    /// The most units in one order.
    #[must_use]
    pub fn max(&self) -> Option<u32> {
        self.max
    }

    /// The steps it is sold in.
    #[must_use]
    pub fn increment(&self) -> Option<u32> {
        self.increment
    }

    /// How many more units may be bought.
    #[must_use]
    pub fn left(&self) -> Option<u64> {
        self.left
    }

    /// When that begins anew.
    #[must_use]
    pub fn left_until(&self) -> Option<DateTime<Utc>> {
        self.left_until
    }
}

impl Serialize for PublicProductView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("product", &self.product)?;
        map.serialize_entry("currency", &self.currency)?;
        let text = |price: Decimal| price_text(price, self.currency);
        entry(&mut map, "price", self.price.map(|price| text(price.to_decimal())))?;
        entry(&mut map, "list_price", self.list_price.map(|price| text(price.to_decimal())))?;
        let next = self.next_price.map(|next| Next { from: next.from, price: text(next.unit.to_decimal()) });
        entry(&mut map, "next_price", next)?;
        entry(&mut map, "refused", self.refusal)?;
        entry(&mut map, "min", self.min)?;
        entry(&mut map, "max", self.max)?;
        entry(&mut map, "increment", self.increment)?;
        entry(&mut map, "left", self.left)?;
        entry(&mut map, "left_until", self.left_until)?;
        map.end()
    }
}

/// Leaves out what is not there.
fn entry<M: SerializeMap>(map: &mut M, name: &str, value: Option<impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

/// A quantity and its price, as JSON has them.
#[derive(Serialize)]
struct Next {
    from: u64,
    price: String,
}

/// All decimals that a price has, and at least those of its currency.
fn price_text(price: Decimal, currency: Currency) -> String {
    let mut price = price.normalize();
    price.rescale(price.scale().max(u32::from(currency.exponent())));
    price.to_string()
}
