//! What is bought: the order as the host hands it in. No customer, no code, no instant.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::coupon::Funding;
use crate::error::{Error, Why};
use crate::key::{
    AccountId, CategoryId, ChannelId, DiscountId, PaymentOptionId, ProductId, ProductTypeId, RegionId,
    ShippingMethodId, SubsystemId, TagId, TaxClass,
};
use crate::money::{Currency, Money, Quantity, Rounding, TaxRate, UnitPrice};
use crate::policy::PriceMode;

/// The number of a line or charge, unique in its order, chosen by the host. Ties in sharing go to the smaller number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineId(pub u64);

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    id: ProductId,
    parent: Option<ProductId>,
    product_type: Option<ProductTypeId>,
    subsystem: Option<SubsystemId>,
    categories: Vec<CategoryId>,
    tags: Vec<TagId>,
    on_sale: bool,
    subscription: bool,
}

impl Product {
    /// A product about which only its id is known.
    #[must_use]
    pub fn new(id: ProductId) -> Self {
        Self {
            id,
            parent: None,
            product_type: None,
            subsystem: None,
            categories: Vec::new(),
            tags: Vec::new(),
            on_sale: false,
            subscription: false,
        }
    }

    /// The product it belongs to: a meeting for its sessions, a journal for its advertisements.
    #[must_use]
    pub fn with_parent(mut self, parent: ProductId) -> Self {
        self.parent = Some(parent);
        self
    }

    /// Its type.
    #[must_use]
    pub fn with_type(mut self, product_type: ProductTypeId) -> Self {
        self.product_type = Some(product_type);
        self
    }

    /// The part of the business that sells it.
    #[must_use]
    pub fn with_subsystem(mut self, subsystem: SubsystemId) -> Self {
        self.subsystem = Some(subsystem);
        self
    }

    /// All categories it is filed under, those above them included: a scope matches exactly what stands here.
    #[must_use]
    pub fn with_categories(mut self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        self.categories = categories.into_iter().collect();
        self
    }

    /// Free tags.
    #[must_use]
    pub fn with_tags(mut self, tags: impl IntoIterator<Item = TagId>) -> Self {
        self.tags = tags.into_iter().collect();
        self
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

    /// The product's id.
    #[must_use]
    pub fn id(&self) -> &ProductId {
        &self.id
    }

    /// The product it belongs to.
    #[must_use]
    pub fn parent(&self) -> Option<&ProductId> {
        self.parent.as_ref()
    }

    /// Its type.
    #[must_use]
    pub fn product_type(&self) -> Option<&ProductTypeId> {
        self.product_type.as_ref()
    }

    /// The part of the business that sells it.
    #[must_use]
    pub fn subsystem(&self) -> Option<&SubsystemId> {
        self.subsystem.as_ref()
    }

    /// The categories it is filed under.
    #[must_use]
    pub fn categories(&self) -> &[CategoryId] {
        &self.categories
    }

    /// Its tags.
    #[must_use]
    pub fn tags(&self) -> &[TagId] {
        &self.tags
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
}

/// A discount that the shop gave on a line or charge before any coupon. It is listed here and never hidden in the unit
/// price, so that thresholds, tax and books can tell it from a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopDiscount {
    pub(crate) id: DiscountId,
    pub(crate) amount: Money,
    pub(crate) account: Option<AccountId>,
    pub(crate) funding: Funding,
}

impl ShopDiscount {
    /// A discount of this amount on the whole line, funded by the seller.
    #[must_use]
    pub fn new(id: DiscountId, amount: Money) -> Self {
        Self { id, amount, account: None, funding: Funding::Seller }
    }

    /// The account it is booked to.
    #[must_use]
    pub fn with_account(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// Who pays for it.
    #[must_use]
    pub fn with_funding(mut self, funding: Funding) -> Self {
        self.funding = funding;
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &DiscountId {
        &self.id
    }

    /// Its amount, on the whole line.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// The account it is booked to.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// Who pays for it.
    #[must_use]
    pub fn funding(&self) -> &Funding {
        &self.funding
    }
}

/// One line of an order.
///
/// ```
/// use vouchsafe::{Line, LineId, Product, Quantity, UnitPrice};
///
/// let pen = Product::new("PEN".parse()?);
/// let line = Line::new(LineId(1), pen, Quantity::pieces(1_000)?, UnitPrice::parse("0.0035")?);
/// assert!(line.is_discountable());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub(crate) id: LineId,
    pub(crate) host_key: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) product: Arc<Product>,
    pub(crate) quantity: Quantity,
    pub(crate) unit_price: UnitPrice,
    pub(crate) customer_price: Option<UnitPrice>,
    pub(crate) floor_price: Option<UnitPrice>,
    pub(crate) discountable: bool,
    pub(crate) tax_class: Option<TaxClass>,
    pub(crate) discounts: Vec<ShopDiscount>,
}

impl Line {
    /// A line at the list price of its product.
    #[must_use]
    pub fn new(id: LineId, product: impl Into<Arc<Product>>, quantity: Quantity, unit_price: UnitPrice) -> Self {
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

    /// The tax class.
    #[must_use]
    pub fn with_tax_class(mut self, class: TaxClass) -> Self {
        self.tax_class = Some(class);
        self
    }

    /// A discount that the shop gave on this line; may be called several times.
    #[must_use]
    pub fn with_discount(mut self, discount: ShopDiscount) -> Self {
        self.discounts.push(discount);
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

    /// Text for the receipt.
    #[must_use]
    pub fn description(&self) -> &str {
        self.description.as_deref().unwrap_or(self.product.id().as_str())
    }

    /// What is sold.
    #[must_use]
    pub fn product(&self) -> &Product {
        &self.product
    }

    /// How much of it.
    #[must_use]
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// The list price of one unit.
    #[must_use]
    pub fn unit_price(&self) -> UnitPrice {
        self.unit_price
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

    /// Discounts that the shop gave.
    #[must_use]
    pub fn discounts(&self) -> &[ShopDiscount] {
        &self.discounts
    }
}

/// What a charge is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChargeKind {
    /// Shipping, by a method where the host names one. Shipping coupons act on it; others leave it alone unless they
    /// say that they include it.
    Shipping {
        /// The shipping method.
        method: Option<ShippingMethodId>,
    },
    /// A fee that no coupon touches.
    Fee,
}

/// Shipping or a fee: a line of its own, with a tax base of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub(crate) id: LineId,
    pub(crate) kind: ChargeKind,
    pub(crate) description: Option<String>,
    pub(crate) amount: Money,
    pub(crate) tax_class: Option<TaxClass>,
    pub(crate) discounts: Vec<ShopDiscount>,
}

impl Charge {
    /// A shipping charge.
    #[must_use]
    pub fn shipping(id: LineId, amount: Money) -> Self {
        Self::new(id, ChargeKind::Shipping { method: None }, amount)
    }

    /// A fee, for instance for gift wrapping or payment.
    #[must_use]
    pub fn fee(id: LineId, amount: Money) -> Self {
        Self::new(id, ChargeKind::Fee, amount)
    }

    fn new(id: LineId, kind: ChargeKind, amount: Money) -> Self {
        Self { id, kind, description: None, amount, tax_class: None, discounts: Vec::new() }
    }

    /// The shipping method; of no meaning for a fee.
    #[must_use]
    pub fn with_method(mut self, method: ShippingMethodId) -> Self {
        if let ChargeKind::Shipping { method: slot } = &mut self.kind {
            *slot = Some(method);
        }
        self
    }

    /// Text for the receipt.
    #[must_use]
    pub fn with_description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// The tax class.
    #[must_use]
    pub fn with_tax_class(mut self, class: TaxClass) -> Self {
        self.tax_class = Some(class);
        self
    }

    /// A discount that the shop gave on this charge; may be called several times.
    #[must_use]
    pub fn with_discount(mut self, discount: ShopDiscount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// The charge's number; shares its number space with the lines.
    #[must_use]
    pub fn id(&self) -> LineId {
        self.id
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> &ChargeKind {
        &self.kind
    }

    /// Text for the receipt.
    #[must_use]
    pub fn description(&self) -> &str {
        match (&self.description, &self.kind) {
            (Some(text), _) => text,
            (None, ChargeKind::Shipping { .. }) => "Shipping",
            (None, ChargeKind::Fee) => "Fee",
        }
    }

    /// The amount before discounts.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// The tax class.
    #[must_use]
    pub fn tax_class(&self) -> Option<&TaxClass> {
        self.tax_class.as_ref()
    }

    /// Discounts that the shop gave.
    #[must_use]
    pub fn discounts(&self) -> &[ShopDiscount] {
        &self.discounts
    }
}

/// One tax class of an order with its rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClassRate {
    pub(crate) class: Option<TaxClass>,
    pub(crate) rate: Option<TaxRate>,
}

/// What evaluation reads of a line or charge, in one place and as integers: lines first, then charges, each by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) id: LineId,
    /// Extended list price in minor units.
    pub(crate) list: i64,
    /// Discounts that the shop gave, in minor units.
    pub(crate) shop_discount: i64,
    /// The floor of one unit in minor units, rounded up; zero where there is none.
    pub(crate) unit_floor: i64,
    /// Indivisible units: pieces, or one for a measured line.
    pub(crate) units: u32,
    /// Index into [`Order::classes`].
    pub(crate) class: u32,
    pub(crate) discountable: bool,
    pub(crate) shipping: bool,
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

    /// The rate of a tax class, where rates were given.
    #[must_use]
    pub fn rate(&self, class: Option<&TaxClass>) -> Option<TaxRate> {
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

/// Builds an [`Order`].
#[derive(Debug, Clone)]
pub struct OrderBuilder {
    currency: Currency,
    price_mode: Option<PriceMode>,
    lines: Vec<Line>,
    charges: Vec<Charge>,
    rates: Vec<(Option<TaxClass>, TaxRate)>,
    channel: Option<ChannelId>,
    region: Option<RegionId>,
    payment_option: Option<PaymentOptionId>,
}

impl OrderBuilder {
    /// Adds a line.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// Adds lines.
    #[must_use]
    pub fn lines(mut self, lines: impl IntoIterator<Item = Line>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// Adds shipping or a fee.
    #[must_use]
    pub fn charge(mut self, charge: Charge) -> Self {
        self.charges.push(charge);
        self
    }

    /// Whether prices contain tax, where this order differs from the policy.
    #[must_use]
    pub fn price_mode(mut self, mode: PriceMode) -> Self {
        self.price_mode = Some(mode);
        self
    }

    /// The rate of a tax class. Rates are the caller's; where any is given, every class in the order needs one.
    #[must_use]
    pub fn rate(mut self, class: TaxClass, rate: TaxRate) -> Self {
        self.rates.push((Some(class), rate));
        self
    }

    /// The rate of lines and charges that name no tax class.
    #[must_use]
    pub fn default_rate(mut self, rate: TaxRate) -> Self {
        self.rates.push((None, rate));
        self
    }

    /// The sales channel or order form (S82).
    #[must_use]
    pub fn channel(mut self, channel: ChannelId) -> Self {
        self.channel = Some(channel);
        self
    }

    /// The region.
    #[must_use]
    pub fn region(mut self, region: RegionId) -> Self {
        self.region = Some(region);
        self
    }

    /// The payment option: an opaque id, never card or bank data (S13).
    #[must_use]
    pub fn payment_option(mut self, option: PaymentOptionId) -> Self {
        self.payment_option = Some(option);
        self
    }

    /// Checks and builds.
    ///
    /// # Errors
    /// The first unusable field with its path: ids given twice, amounts in another currency, negative charges or
    /// discounts, discounts above what they discount, a tax class without a rate beside classes with one, a rate given
    /// twice, more than [`Order::MAX_LINES`] lines; [`Error::Overflow`] where an amount or the sum of the order leaves
    /// the range of exact amounts.
    pub fn build(self) -> Result<Order, Error> {
        let Self { currency, price_mode, mut lines, mut charges, rates, channel, region, payment_option } = self;
        if lines.len().saturating_add(charges.len()) > Order::MAX_LINES {
            return Err(Error::invalid("lines", lines.len(), Why::TooMany { max: Order::MAX_LINES }));
        }
        lines.sort_by_key(|line| line.id);
        charges.sort_by_key(|charge| charge.id);
        unique_ids(&lines, &charges)?;
        let mut classes = Classes::new(&rates)?;
        let mut slots = Vec::with_capacity(lines.len().saturating_add(charges.len()));
        for line in &lines {
            let slot = line_slot(line, currency, &mut classes).map_err(|e| e.under(&format!("lines[{}]", line.id)))?;
            slots.push(slot);
        }
        for charge in &charges {
            let slot =
                charge_slot(charge, currency, &mut classes).map_err(|e| e.under(&format!("charges[{}]", charge.id)))?;
            slots.push(slot);
        }
        // No sum of list amounts or of parts of them can overflow from here on.
        slots
            .iter()
            .try_fold(0_i64, |sum, slot| sum.checked_add(slot.list))
            .ok_or_else(|| Error::overflow("order total"))?;
        Ok(Order {
            any_shop_discount: slots.iter().any(|s| s.shop_discount != 0),
            any_floor: slots.iter().any(|s| s.unit_floor != 0),
            any_host_key: lines.iter().any(|l| l.host_key.is_some()),
            any_customer_price: lines.iter().any(|l| l.customer_price.is_some()),
            classes: classes.finish(!rates.is_empty())?,
            currency,
            price_mode,
            lines,
            charges,
            channel,
            region,
            payment_option,
            slots,
        })
    }
}

fn unique_ids(lines: &[Line], charges: &[Charge]) -> Result<(), Error> {
    let mut ids: Vec<LineId> = lines.iter().map(|l| l.id).chain(charges.iter().map(|c| c.id)).collect();
    ids.sort_unstable();
    match ids.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some(*a),
        _ => None,
    }) {
        Some(id) => Err(Error::invalid("lines.id", id, Why::Duplicate)),
        None => Ok(()),
    }
}

fn line_slot(line: &Line, currency: Currency, classes: &mut Classes) -> Result<Slot, Error> {
    let list =
        line.unit_price.extended(line.quantity, currency, Rounding::HalfUp).map_err(|e| e.under("unit_price"))?;
    if let Some(price) = line.customer_price {
        price.extended(line.quantity, currency, Rounding::HalfUp).map_err(|e| e.under("customer_price"))?;
    }
    let unit_floor = match line.floor_price {
        None => 0,
        Some(floor) => floor_minor(floor, line.quantity, currency).ok_or_else(|| Error::overflow("floor_price"))?,
    };
    Ok(Slot {
        id: line.id,
        list: list.minor(),
        shop_discount: shop_discount(&line.discounts, list)?,
        unit_floor,
        units: line.quantity.pieces_count(),
        class: classes.index(line.tax_class.as_ref()),
        discountable: line.discountable,
        shipping: false,
    })
}

/// The floor of one unit, rounded up to the minor unit. The one unit of a measured line is the whole of it.
fn floor_minor(floor: UnitPrice, quantity: Quantity, currency: Currency) -> Option<i64> {
    if !quantity.is_measured() {
        return floor.to_minor_ceil(currency);
    }
    let whole = floor.to_decimal().checked_mul(quantity.to_decimal())?;
    let minor = whole.checked_mul(currency.minor_per_major().into())?.ceil();
    i64::try_from(minor).ok()
}

fn charge_slot(charge: &Charge, currency: Currency, classes: &mut Classes) -> Result<Slot, Error> {
    amount_in(currency, charge.amount).map_err(|e| e.under("amount"))?;
    Ok(Slot {
        id: charge.id,
        list: charge.amount.minor(),
        shop_discount: shop_discount(&charge.discounts, charge.amount)?,
        unit_floor: 0,
        units: 1,
        class: classes.index(charge.tax_class.as_ref()),
        discountable: false,
        shipping: matches!(charge.kind, ChargeKind::Shipping { .. }),
    })
}

/// An amount that is not negative and in the currency of the order.
fn amount_in(currency: Currency, amount: Money) -> Result<(), Error> {
    if amount.currency() != currency {
        return Err(Error::invalid("", amount, Why::CurrencyMismatch { expected: currency }));
    }
    if amount.is_negative() {
        return Err(Error::invalid("", amount, Why::Negative));
    }
    Ok(())
}

fn shop_discount(discounts: &[ShopDiscount], list: Money) -> Result<i64, Error> {
    let mut sum = 0_i64;
    for (i, discount) in discounts.iter().enumerate() {
        let path = || format!("discounts[{i}].amount");
        amount_in(list.currency(), discount.amount).map_err(|e| e.under(&path()))?;
        sum = sum.checked_add(discount.amount.minor()).ok_or_else(|| Error::overflow(path()))?;
        if sum > list.minor() {
            let why = Why::OutOfRange { min: "0".to_owned(), max: list.to_string() };
            return Err(Error::invalid(path(), discount.amount, why));
        }
        if discounts.iter().take(i).any(|earlier| earlier.id == discount.id) {
            return Err(Error::invalid(format!("discounts[{i}].id"), &discount.id, Why::Duplicate));
        }
    }
    Ok(sum)
}

/// Collects the tax classes of an order, each once.
struct Classes {
    found: Vec<ClassRate>,
    used: Vec<bool>,
    last: usize,
}

impl Classes {
    fn new(rates: &[(Option<TaxClass>, TaxRate)]) -> Result<Self, Error> {
        let mut found: Vec<ClassRate> = Vec::with_capacity(rates.len().saturating_add(1));
        for (class, rate) in rates {
            if found.iter().any(|f| f.class == *class) {
                let name = class.as_ref().map_or("default", TaxClass::as_str);
                return Err(Error::invalid("rates", name, Why::Duplicate));
            }
            found.push(ClassRate { class: class.clone(), rate: Some(*rate) });
        }
        let used = vec![false; found.len()];
        Ok(Self { found, used, last: 0 })
    }

    fn index(&mut self, class: Option<&TaxClass>) -> u32 {
        // Neighbouring lines mostly share their class.
        let position = match self.found.get(self.last) {
            Some(c) if c.class.as_ref() == class => Some(self.last),
            _ => self.found.iter().position(|c| c.class.as_ref() == class),
        };
        let index = position.unwrap_or_else(|| {
            self.found.push(ClassRate { class: class.cloned(), rate: None });
            self.used.push(false);
            self.found.len().saturating_sub(1)
        });
        if let Some(used) = self.used.get_mut(index) {
            *used = true;
        }
        self.last = index;
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    fn finish(self, rates_given: bool) -> Result<Vec<ClassRate>, Error> {
        if rates_given {
            for (class, used) in self.found.iter().zip(&self.used) {
                if *used && class.rate.is_none() {
                    let name = class.class.as_ref().map_or("default", TaxClass::as_str);
                    return Err(Error::invalid("rates", name, Why::Missing));
                }
            }
        }
        Ok(self.found)
    }
}
