//! Lines: so much of a product at a price.

use std::sync::Arc;

use crate::key::TaxClass;
use crate::money::{Quantity, UnitPrice};

use super::{Billing, LineId, Product, ShopDiscount, rules};

/// What a line sells: a product of its own, or one that is shared with other orders.
///
/// [`Line::new`] takes either. A product handed in by value lies within its line, and nothing is allocated for it; one in an
/// [`Arc`] is not copied.
///
/// ```
/// use std::sync::Arc;
/// use vouchsafe::{LineProduct, Product};
///
/// let pen = Product::new("PEN".parse()?);
/// assert_eq!(LineProduct::from(pen.clone()), LineProduct::from(Arc::new(pen))); // equal is equal in value
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LineProduct(Goods);

#[derive(Debug, Clone)]
enum Goods {
    Own(Product),
    Shared(Arc<Product>),
}

impl LineProduct {
    /// The product.
    #[inline]
    #[must_use]
    pub fn product(&self) -> &Product {
        match &self.0 {
            Goods::Own(product) => product,
            Goods::Shared(product) => product,
        }
    }
}

impl PartialEq for LineProduct {
    fn eq(&self, other: &Self) -> bool {
        self.product() == other.product()
    }
}

impl Eq for LineProduct {}

impl From<Product> for LineProduct {
    #[inline]
    fn from(product: Product) -> Self {
        Self(Goods::Own(product))
    }
}

impl From<Arc<Product>> for LineProduct {
    #[inline]
    fn from(product: Arc<Product>) -> Self {
        Self(Goods::Shared(product))
    }
}

/// One line of an order: so much of a product at a price.
///
/// ```
/// use vouchsafe::{Line, LineId, Product, Quantity, UnitPrice};
///
/// let pen = Product::new("PEN".parse()?);
/// let line = Line::new(LineId(1), pen, Quantity::pieces(1_000)?, UnitPrice::parse("0.0035")?);
/// assert!(line.is_discountable());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # One product on many orders
///
/// A product is shared, not copied, where it is handed in as an [`Arc`].
///
/// ```
/// use std::sync::Arc;
/// use vouchsafe::{Line, LineId, Product, Quantity, UnitPrice};
///
/// let pen = Arc::new(Product::new("PEN".parse()?));
/// let line = Line::new(LineId(1), Arc::clone(&pen), Quantity::ONE, UnitPrice::parse("2.50")?);
/// assert!(std::ptr::eq(line.product(), &*pen));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # The order checks it
///
/// A line by itself has no currency, so its amount, its discounts and its id are checked when the order is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub(crate) id: LineId,
    pub(crate) host_key: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) product: LineProduct,
    pub(crate) quantity: Quantity,
    pub(crate) unit_price: UnitPrice,
    pub(crate) customer_price: Option<UnitPrice>,
    pub(crate) floor_price: Option<UnitPrice>,
    pub(crate) discountable: bool,
    pub(crate) tax_class: Option<TaxClass>,
    pub(crate) discounts: Vec<ShopDiscount>,
    pub(crate) billing: Option<Box<Billing>>,
}

impl Line {
    /// A line at the list price of its product.
    #[inline]
    #[must_use]
    pub fn new(id: LineId, product: impl Into<LineProduct>, quantity: Quantity, unit_price: UnitPrice) -> Self {
        Self {
            id,
            host_key: None,
            description: None,
            product: product.into(),
            quantity,
            unit_price,
            customer_price: None,
            floor_price: None,
            discountable: true,
            tax_class: None,
            discounts: Vec::new(),
            billing: None,
        }
    }

    /// The host's own key of the line; travels along, untouched.
    #[must_use]
    pub fn with_host_key(mut self, key: impl Into<String>) -> Self {
        self.host_key = Some(key.into());
        self
    }

    /// Text for the receipt; the product's id where it is absent.
    #[must_use]
    pub fn with_description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// A price agreed with this very customer; goes before the customer type's price and the list price (S41).
    #[must_use]
    pub fn with_customer_price(mut self, price: UnitPrice) -> Self {
        self.customer_price = Some(price);
        self
    }

    /// The lowest price of one unit after coupons. One finer than the minor unit is rounded up; one above the price has
    /// no effect.
    #[must_use]
    pub fn with_floor_price(mut self, price: UnitPrice) -> Self {
        self.floor_price = Some(price);
        self
    }

    /// Whether coupons may touch the line. Where not, it still counts for thresholds over the whole order.
    #[must_use]
    pub fn with_discountable(mut self, discountable: bool) -> Self {
        self.discountable = discountable;
        self
    }

    /// The tax class. Without one, the line is of the class
    /// [`Order::DEFAULT_TAX_CLASS`](crate::Order::DEFAULT_TAX_CLASS).
    #[must_use]
    pub fn with_tax_class(mut self, class: TaxClass) -> Self {
        self.tax_class = rules::named(class);
        self
    }

    /// A discount that the shop gave on this line; may be called several times.
    #[must_use]
    pub fn with_discount(mut self, discount: ShopDiscount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// How it is billed again and again, at this price; without it, it is sold once.
    #[must_use]
    pub fn with_billing(mut self, billing: Billing) -> Self {
        self.billing = Some(Box::new(billing));
        self
    }

    /// The line's number.
    #[must_use]
    pub fn id(&self) -> LineId {
        self.id
    }

    /// The host's own key.
    #[must_use]
    pub fn host_key(&self) -> Option<&str> {
        self.host_key.as_deref()
    }

    /// Text for the receipt; the product's id where none was given.
    ///
    /// ```
    /// use vouchsafe::{Line, LineId, Product, Quantity, UnitPrice};
    ///
    /// let line = Line::new(LineId(1), Product::new("PEN".parse()?), Quantity::ONE, UnitPrice::ZERO);
    /// assert_eq!(line.description(), "PEN");
    /// assert_eq!(line.with_description("Fountain pen").description(), "Fountain pen");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn description(&self) -> &str {
        self.description.as_deref().unwrap_or(self.product().id().as_str())
    }

    /// What is sold.
    #[inline]
    #[must_use]
    pub fn product(&self) -> &Product {
        self.product.product()
    }

    /// How much of it: pieces, or a measure as one indivisible unit.
    #[must_use]
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// The list price of one unit.
    #[must_use]
    pub fn unit_price(&self) -> UnitPrice {
        self.unit_price
    }

    /// The price agreed with this very customer.
    #[must_use]
    pub fn customer_price(&self) -> Option<UnitPrice> {
        self.customer_price
    }

    /// The lowest price of one unit after coupons.
    #[must_use]
    pub fn floor_price(&self) -> Option<UnitPrice> {
        self.floor_price
    }

    /// Whether coupons may touch the line.
    #[must_use]
    pub fn is_discountable(&self) -> bool {
        self.discountable
    }

    /// The tax class.
    #[must_use]
    pub fn tax_class(&self) -> Option<&TaxClass> {
        self.tax_class.as_ref()
    }

    /// How it is billed again and again.
    #[must_use]
    pub fn billing(&self) -> Option<&Billing> {
        self.billing.as_deref()
    }

    /// Discounts that the shop gave.
    #[must_use]
    pub fn discounts(&self) -> &[ShopDiscount] {
        &self.discounts
    }
}
