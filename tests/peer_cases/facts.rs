//! The facts of a case: what is bought, by whom, when. Mapped to an order and a customer of the crate.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use vouchsafe::{
    ChannelId, Charge, Currency, Customer, CustomerTypeId, History, IdentityKey, Line, LineId, Money, Order, PriceMode,
    Product, Quantity, TaxClass, TaxRate, UnitPrice,
};

use super::fields::{Fields, NotApplicable, OrField, Read, decimal, figure, not_applicable};
use super::reading::Reading;

/// One line of the basket.
#[derive(Debug, Clone)]
pub(crate) struct LineFacts {
    pub(crate) sku: String,
    pub(crate) unit_price: Decimal,
    pub(crate) qty: u64,
    pub(crate) categories: Vec<String>,
    pub(crate) product_type: Option<String>,
    pub(crate) on_sale: bool,
    pub(crate) tax_rate: Option<Decimal>,
    pub(crate) discountable: bool,
    pub(crate) min_price: Option<Decimal>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct CustomerFacts {
    /// Whether the case names one at all.
    pub(crate) stated: bool,
    /// Whether the case says that there is none.
    pub(crate) stranger: bool,
    pub(crate) id: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) previous_orders: u64,
    pub(crate) cancelled_orders: u64,
    pub(crate) shipping_method: Option<String>,
    pub(crate) uses: u64,
    pub(crate) cancelled_uses: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) currency: Currency,
    pub(crate) code: String,
    pub(crate) minor_units: u8,
    pub(crate) inclusive: bool,
    pub(crate) lines: Vec<LineFacts>,
    pub(crate) shipments: Vec<(Option<String>, Decimal)>,
    pub(crate) shipping_tax_rate: Option<Decimal>,
    pub(crate) fees: Vec<Decimal>,
    pub(crate) customer: CustomerFacts,
    pub(crate) channel: Option<String>,
    pub(crate) now: DateTime<Utc>,
}

/// A currency of so many decimals: the one of that name, else one of its own.
pub(crate) fn currency(code: &str, minor_units: Option<u8>) -> Read<Currency> {
    let iso = Currency::iso(code).ok();
    match (iso, minor_units) {
        (Some(iso), None) => Ok(iso),
        (Some(iso), Some(units)) if iso.exponent() == units => Ok(iso),
        (Some(_), Some(units)) => Currency::own(&format!("{code}X"), units).or_field("minor_units"),
        (None, units) => Currency::own(code, units.unwrap_or(2)).or_field("currency"),
    }
}

/// An instant, or the beginning of a day in UTC.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return date.and_hms_opt(0, 0, 0).map(|t| t.and_utc());
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let without_zone = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    without_zone.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|t| t.and_utc())
}

pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    text.parse().ok().or_else(|| instant(text).map(|at| at.date_naive()))
}

pub(crate) fn next_midnight(date: NaiveDate) -> Option<DateTime<Utc>> {
    date.checked_add_days(Days::new(1))?.and_hms_opt(0, 0, 0).map(|t| t.and_utc())
}

/// When a case happens that does not say so.
pub(crate) fn any_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_268_800, 0).unwrap_or_default()
}

impl CustomerFacts {
    pub(crate) fn read(fields: &Fields<'_>, stranger_if_null: bool) -> Read<Self> {
        let Some(value) = fields.raw("customer") else {
            let stranger = stranger_if_null && fields.states("customer");
            return Ok(Self { stranger, ..Self::default() });
        };
        let f = Fields::of(value, "customer")?;
        let id = match f.raw("id") {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => return f.malformed("id"),
        };
        let customer = Self {
            stated: true,
            stranger: false,
            id,
            email: f.text("email")?.map(str::to_owned),
            groups: f.texts("groups")?.unwrap_or_default(),
            previous_orders: f.whole("previous_orders")?.unwrap_or(0),
            cancelled_orders: f.whole("cancelled_orders")?.unwrap_or(0),
            shipping_method: f.text("shipping_method")?.map(str::to_owned),
            uses: f.whole("uses")?.unwrap_or(0),
            cancelled_uses: f.whole("cancelled_uses")?.unwrap_or(0),
        };
        f.finish()?;
        Ok(customer)
    }

    /// Orders that count: cancelled ones do not.
    fn orders(&self, reading: &Reading) -> u64 {
        if reading.cancelled_apart {
            self.previous_orders
        } else {
            self.previous_orders.checked_sub(self.cancelled_orders).unwrap_or(self.previous_orders)
        }
    }

    /// The customer of the crate. Where terms count uses or orders of a customer and the case has none, there is a
    /// fresh one.
    pub(crate) fn customer(&self, reading: &Reading, needs_identity: bool) -> Read<Customer> {
        let mut keys = Vec::new();
        if let Some(id) = &self.id {
            keys.push(identity(id)?);
        }
        if let Some(email) = &self.email {
            keys.push(IdentityKey::email(email).or_field("customer.email")?);
        }
        if keys.is_empty() && (self.stated || needs_identity) && !reading.strangers {
            keys.push(IdentityKey::id("a-fresh-customer").or_field("customer.id")?);
        }
        let mut groups = Vec::new();
        for group in &self.groups {
            groups.push(CustomerTypeId::new(group).or_field("customer.groups")?);
        }
        let history = History::default().with_orders(self.orders(reading));
        Ok(Customer::new(keys).with_memberships(groups).with_history(history))
    }
}

/// What names one customer: an address, or an id.
pub(crate) fn identity(text: &str) -> Read<IdentityKey> {
    if text.contains('@') { IdentityKey::email(text) } else { IdentityKey::id(text) }.or_field("customer.id")
}

impl LineFacts {
    pub(crate) fn read(value: &Value) -> Read<Self> {
        let f = Fields::of(value, "lines[]")?;
        let need = |field: &str| NotApplicable(format!("malformed: {}", f.name(field)));
        let line = Self {
            sku: f.text("sku")?.ok_or_else(|| need("sku"))?.to_owned(),
            unit_price: f.decimal("unit_price")?.ok_or_else(|| need("unit_price"))?,
            qty: f.whole("qty")?.ok_or_else(|| need("qty"))?,
            categories: f.texts("categories")?.unwrap_or_default(),
            product_type: f.text("product_type")?.map(str::to_owned),
            on_sale: f.flag("on_sale")?.unwrap_or(false),
            tax_rate: f.decimal("tax_rate")?,
            discountable: f.flag("discountable")?.unwrap_or(true),
            min_price: f.decimal("min_price")?,
        };
        f.finish()?;
        Ok(line)
    }

    fn line(&self, id: u64, class: Option<TaxClass>) -> Read<Line> {
        let mut categories = Vec::new();
        for category in &self.categories {
            categories.push(category.parse().or_field("lines[].categories")?);
        }
        let mut product = Product::new(self.sku.parse().or_field("lines[].sku")?)
            .with_categories(categories)
            .with_on_sale(self.on_sale);
        if let Some(product_type) = &self.product_type {
            product = product.with_type(product_type.parse().or_field("lines[].product_type")?);
        }
        let price = UnitPrice::from_decimal(self.unit_price).or_field("lines[].unit_price")?;
        let quantity = Quantity::pieces(self.qty).or_field("lines[].qty")?;
        let mut line = Line::new(LineId(id), product, quantity, price).with_discountable(self.discountable);
        if let Some(floor) = self.min_price {
            line = line.with_floor_price(UnitPrice::from_decimal(floor).or_field("lines[].min_price")?);
        }
        Ok(match class {
            Some(class) => line.with_tax_class(class),
            None => line,
        })
    }
}

impl Facts {
    pub(crate) fn money(&self, amount: Decimal, field: &str) -> Read<Money> {
        Money::from_decimal(amount, self.currency).or_field(field)
    }

    /// The order of the crate: lines numbered by position, then shipping, then fees. Lines of equal rate are of one tax
    /// class; what has no rate beside lines that have one is taxed at 0%.
    pub(crate) fn order(&self) -> Read<Order> {
        let mode = if self.inclusive { PriceMode::TaxInclusive } else { PriceMode::TaxExclusive };
        let mut order = Order::builder(self.currency).price_mode(mode);
        let mut rates: Vec<Decimal> = self.lines.iter().filter_map(|line| line.tax_rate).collect();
        if !self.shipments.is_empty() {
            rates.extend(self.shipping_tax_rate);
        }
        rates.iter_mut().for_each(|rate| *rate = rate.normalize());
        rates.sort_unstable();
        rates.dedup();
        let class = |rate: Option<Decimal>| match rate {
            None => Ok(None),
            Some(rate) => figure(rate).parse::<TaxClass>().map(Some).or_field("tax_rate"),
        };
        for rate in &rates {
            let percent = rate.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(Decimal::MAX);
            let percent = TaxRate::from_decimal(percent).or_field("lines[].tax_rate")?;
            if let Some(class) = class(Some(*rate))? {
                order = order.rate(class, percent);
            }
        }
        if !rates.is_empty() {
            order = order.default_rate(TaxRate::from_decimal(Decimal::ZERO).or_field("lines[].tax_rate")?);
        }
        let mut id = 0_u64;
        for line in &self.lines {
            order = order.line(line.line(id, class(line.tax_rate)?)?);
            id = id.saturating_add(1);
        }
        for (method, price) in &self.shipments {
            let mut charge = Charge::shipping(LineId(id), self.money(*price, "shipping")?);
            if let Some(method) = method {
                charge = charge.with_method(method.parse().or_field("shipments[].method")?);
            }
            if let Some(class) = class(self.shipping_tax_rate)? {
                charge = charge.with_tax_class(class);
            }
            order = order.charge(charge);
            id = id.saturating_add(1);
        }
        for fee in &self.fees {
            order = order.charge(Charge::fee(LineId(id), self.money(*fee, "fees")?));
            id = id.saturating_add(1);
        }
        if let Some(channel) = &self.channel {
            order = order.channel(ChannelId::new(channel).or_field("channel")?);
        }
        order.build().or_field("lines")
    }
}

/// One price, or several by method.
pub(crate) fn shipments(fields: &Fields<'_>, customer: &CustomerFacts) -> Read<Vec<(Option<String>, Decimal)>> {
    let one = fields.decimal("shipping")?;
    let Some(list) = fields.list("shipments")? else {
        return Ok(one.map(|price| (customer.shipping_method.clone(), price)).into_iter().collect());
    };
    let mut shipments = Vec::new();
    for value in list {
        let f = Fields::of(value, "shipments[]")?;
        let Some(price) = f.decimal("price")? else { return f.malformed("price") };
        shipments.push((f.text("method")?.map(str::to_owned), price));
        f.finish()?;
    }
    match one {
        Some(sum) if sum != shipments.iter().map(|(_, price)| *price).sum::<Decimal>() => {
            not_applicable("shipping (beside shipments of another sum)")
        }
        _ => Ok(shipments),
    }
}

/// One amount, or a list of them.
pub(crate) fn fees(fields: &Fields<'_>) -> Read<Vec<Decimal>> {
    let list = match fields.raw("fees") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(decimal).collect(),
        Some(one) => decimal(one).map(|one| vec![one]),
    };
    list.map_or_else(|| fields.malformed("fees"), Ok)
}
