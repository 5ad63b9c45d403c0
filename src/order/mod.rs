//! What is bought: the order as the host hands it in. No customer, no code, no instant.
//!
//! An [`Order`] has [`Line`]s (so much of a [`Product`] at a price) and [`Charge`]s (shipping and fees), all in one
//! currency. Discounts that the shop itself gave are named beside the price ([`ShopDiscount`]), never hidden in it.
//!
//! Three kinds of prices may stand on a line: the list price; a price agreed with this very customer, which goes
//! before all others; and a floor below which no coupon may push it. Prices by customer *type* are the shop's, not the order's.
//!
//! An order is made by [`Order::builder`], from an [`OrderDraft`], or from JSON. All three go by the same rules; the
//! builder stops at the first mistake, and a draft reports every one at once.

mod billing;
mod build;
mod charge;
mod discount;
mod draft;
mod grant;
mod line;
mod product;
mod read;
mod rules;

pub use billing::{Billing, BillingPeriod};
pub use build::OrderBuilder;
pub(crate) use build::Slot;
pub use charge::{Charge, ChargeKind};
pub use discount::ShopDiscount;
pub use draft::{ChargeDraft, LineDraft, OrderDraft, ProductDraft, ShopDiscountDraft};
pub use line::{Line, LineProduct};
pub use product::Product;
pub(crate) use rules::ClassRate;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::{ChannelId, PaymentOptionId, RegionId, TaxClass};
use crate::money::{Currency, TaxRate};
use crate::policy::PriceMode;

/// The number of a line or charge, unique in its order, chosen by the host. Ties in sharing go to the smaller number.
///
/// ```
/// use vouchsafe::LineId;
///
/// assert!(LineId(9) < LineId(10)); // compared as numbers
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineId(pub u64);

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An order: lines and charges in one currency, checked and ready to be priced again and again.
///
/// Lines stand in the order of their ids, charges after them, whatever order they were given in: equal input gives
/// equal answers.
///
/// ```
/// use vouchsafe::{Charge, Currency, Line, LineId, Money, Order, Product, Quantity, UnitPrice};
///
/// let boot = Product::new("BOOT".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), boot, Quantity::pieces(2)?, UnitPrice::parse("199.00")?))
///     .charge(Charge::shipping(LineId(2), Money::parse("9.90", Currency::USD)?))
///     .build()?;
/// assert_eq!(order.lines().len(), 1);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// ```
/// use vouchsafe::{LineId, Order};
///
/// let order: Order = serde_json::from_str(
///     r#"{
///         "version": 1,
///         "currency": "USD",
///         "lines": [{"id": 1, "product": "BOOT", "quantity": 2, "unit_price": "199.00"}],
///         "charges": [{"id": 2, "kind": "shipping", "amount": "9.90"}]
///     }"#,
/// )?;
/// assert_eq!(order.lines()[0].id(), LineId(1));
/// let json = serde_json::to_string(&order)?;
/// assert_eq!(serde_json::from_str::<Order>(&json)?, order);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// The fields are those of [`OrderDraft`].
///
/// # An empty cart
///
/// A code may be entered before anything is in the cart (S8), so an order may be empty.
///
/// ```
/// use vouchsafe::{Currency, Order};
///
/// assert!(Order::builder(Currency::USD).build()?.lines().is_empty());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    currency: Currency,
    price_mode: Option<PriceMode>,
    lines: Vec<Line>,
    charges: Vec<Charge>,
    channel: Option<ChannelId>,
    region: Option<RegionId>,
    payment_option: Option<PaymentOptionId>,
    slots: Vec<Slot>,
    classes: Vec<ClassRate>,
    any_shop_discount: bool,
    any_floor: bool,
    any_host_key: bool,
    any_customer_price: bool,
}

impl Order {
    /// The most lines and charges an order may hold.
    pub const MAX_LINES: usize = 1_000_000;
    /// The most discounts that one line or charge may carry.
    pub const MAX_DISCOUNTS: usize = 100;
    /// The most tax classes of one order.
    pub const MAX_TAX_CLASSES: usize = 1_000;
    /// The name in JSON of the lines and charges that name no tax class. A class of this very name is the same as none.
    pub const DEFAULT_TAX_CLASS: &'static str = "default";

    /// Starts an order in this currency.
    #[must_use]
    pub fn builder(currency: Currency) -> OrderBuilder {
        OrderBuilder {
            currency,
            price_mode: None,
            lines: Vec::new(),
            charges: Vec::new(),
            rates: Vec::new(),
            channel: None,
            region: None,
            payment_option: None,
        }
    }

    /// The currency of every amount in it.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether its prices contain tax, where it differs from the policy.
    #[must_use]
    pub fn price_mode(&self) -> Option<PriceMode> {
        self.price_mode
    }

    /// The lines, by id.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Shipping and fees, by id.
    #[must_use]
    pub fn charges(&self) -> &[Charge] {
        &self.charges
    }

    /// The sales channel or order form.
    #[must_use]
    pub fn channel(&self) -> Option<&ChannelId> {
        self.channel.as_ref()
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> Option<&RegionId> {
        self.region.as_ref()
    }

    /// The payment option.
    #[must_use]
    pub fn payment_option(&self) -> Option<&PaymentOptionId> {
        self.payment_option.as_ref()
    }

    /// The same order with another payment option: nothing else of it hangs on that.
    ///
    /// ```
    /// use vouchsafe::{Currency, Order};
    ///
    /// let order = Order::builder(Currency::USD).build()?.with_payment_option("INVOICE".parse()?);
    /// assert_eq!(order.payment_option().map(|option| option.as_str()), Some("INVOICE"));
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn with_payment_option(mut self, option: PaymentOptionId) -> Self {
        self.payment_option = Some(option);
        self
    }

    /// The rate of a tax class, or of lines that name none, where rates were given.
    ///
    /// ```
    /// use vouchsafe::{Currency, Order, TaxRate};
    ///
    /// let order = Order::builder(Currency::EUR).rate("books".parse()?, "7".parse()?).build()?;
    /// assert_eq!(order.rate(Some(&"books".parse()?)), TaxRate::parse("7").ok());
    /// assert_eq!(order.rate(None), None);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn rate(&self, class: Option<&TaxClass>) -> Option<TaxRate> {
        let class = class.filter(|class| class.as_str() != Self::DEFAULT_TAX_CLASS);
        self.classes.iter().find(|c| c.class.as_ref() == class).and_then(|c| c.rate)
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(crate) fn classes(&self) -> &[ClassRate] {
        &self.classes
    }

    pub(crate) fn any_shop_discount(&self) -> bool {
        self.any_shop_discount
    }

    pub(crate) fn any_floor(&self) -> bool {
        self.any_floor
    }

    pub(crate) fn any_host_key(&self) -> bool {
        self.any_host_key
    }

    pub(crate) fn any_customer_price(&self) -> bool {
        self.any_customer_price
    }

    /// The discounts that the shop gave on the line or charge of a slot.
    pub(crate) fn discounts_of(&self, slot: usize) -> &[ShopDiscount] {
        match self.lines.get(slot) {
            Some(line) => &line.discounts,
            None => self.charge_of(slot).map_or(&[], |c| &c.discounts),
        }
    }

    /// The charge of a slot; none where the slot is a line.
    pub(crate) fn charge_of(&self, slot: usize) -> Option<&Charge> {
        slot.checked_sub(self.lines.len()).and_then(|i| self.charges.get(i))
    }

    /// The position of a line or charge among the slots.
    pub(crate) fn slot_of(&self, id: LineId) -> Option<usize> {
        if let Ok(found) = self.lines.binary_search_by_key(&id, |l| l.id) {
            return Some(found);
        }
        let found = self.charges.binary_search_by_key(&id, |c| c.id).ok()?;
        self.lines.len().checked_add(found)
    }
}
