//! An order with its coupons as plain figures: what both sides of the comparison read.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::combining::{Combining, Depths};
use crate::fraction::{Fraction, Mode};
use crate::kinds::{LadderKind, SetKind};
use crate::types::{Assign, Seen, type_names};

/// A decimal figure: its digits and how many of them stand after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    pub digits: i128,
    pub scale: u32,
}

impl Number {
    pub fn fraction(self) -> Fraction {
        Fraction::new(self.digits, 10_i128.pow(self.scale))
    }
}

/// A fraction that a decimal holds.
impl From<Fraction> for Number {
    fn from(fraction: Fraction) -> Self {
        let (n, d) = fraction.parts();
        let scale = (0..=18).find(|scale| 10_i128.pow(*scale) % d == 0).unwrap();
        Self { digits: n * (10_i128.pow(scale) / d), scale }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = 10_i128.pow(self.scale);
        match self.scale {
            0 => write!(f, "{}", self.digits),
            scale => write!(f, "{}.{:0>width$}", self.digits / power, self.digits % power, width = scale as usize),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Funding {
    Seller,
    Third,
    /// The part of a third party, in thousandths of a percent.
    Split(i128),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    Refuse,
    Drop,
    Better,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Decimals of the currency: yen, dollars, dinars.
    pub exponent: u32,
    pub inclusive: bool,
    pub discount_rounding: Mode,
    pub tax_rounding: Mode,
    pub percent_per_unit: bool,
    pub tax_per_line: bool,
    pub max_codes: Option<u32>,
    pub line_codes: bool,
    pub conflict: Conflict,
    /// The cash interval, in minor units.
    pub cash: Option<i128>,
    /// What all codes may take together.
    pub depths: Depths,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: u64,
    pub product: u8,
    /// The product whose variant it is.
    pub parent: Option<u8>,
    pub categories: Vec<u8>,
    pub on_sale: bool,
    pub quantity: Number,
    pub measured: bool,
    pub price: Number,
    pub customer_price: Option<Number>,
    pub floor: Option<Number>,
    pub discountable: bool,
    pub class: Option<u8>,
    pub discounts: Vec<(i128, Funding)>,
    /// Not sold to this customer: it stands in the order and in no total. Only the twin reads it.
    pub refused: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub id: u64,
    /// A shipping charge by this method, or a fee.
    pub shipping: Option<Option<u8>>,
    pub amount: i128,
    pub class: Option<u8>,
    pub discounts: Vec<(i128, Funding)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    Open,
    Products(Vec<u8>),
    Categories(Vec<u8>),
    OnSale,
    Prices(Option<i128>, Option<i128>),
    All(Vec<Scope>),
    Any(Vec<Scope>),
    Not(Box<Scope>),
    /// These lines. No definition can say so; only the twin reads it.
    Lines(Vec<u64>),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    pub scope: Option<Scope>,
    pub max_units: Option<u64>,
    pub max_units_per_line: Option<u64>,
    pub groups_of: Option<u64>,
    pub pieces_from: Option<u64>,
    pub dearest: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    Order,
    OrderEvenly,
    Line,
    Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    AsPriced,
    Net,
    Gross,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShippingValue {
    Free,
    Percent(i128),
    Amount(i128),
    ToPrice(i128),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Benefit {
    Percent { off: i128, original: bool, cap: Option<i128>, shipping: bool, target: Target },
    Amount { off: i128, per: Per, view: View, shipping: bool, target: Target },
    SetPrice { price: Number, target: Target },
    Shipping { value: ShippingValue, each: bool, methods: Option<Vec<u8>>, cap: Option<i128> },
    Operator { max: Option<i128>, target: Target },
    Host { max: Option<i128>, target: Target },
    Gift { product: u8, pieces: u64, value: Option<i128> },
    Set(SetKind),
    Ladder(LadderKind),
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    Discounted,
    List,
    Remaining,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    Spend {
        amount: i128,
        basis: Basis,
        view: View,
        whole_order: bool,
        inclusive: bool,
    },
    Quantity {
        pieces: i128,
        whole_order: bool,
        of: Option<Scope>,
    },
    /// The customer has one of the first types, where there are any, and none of the second ones.
    Types {
        only: Option<Vec<u8>>,
        except: Vec<u8>,
    },
    /// The customer has one of these memberships, or any.
    Members(Option<Vec<u8>>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// What a coupon does to prices that are better than the list price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overrides {
    #[default]
    Nothing,
    Touched,
    Everything,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    pub id: String,
    pub priority: i32,
    pub order_level: bool,
    pub scope: Scope,
    pub benefits: Vec<Benefit>,
    pub conditions: Vec<Condition>,
    pub funding: Funding,
    pub with_discounts: bool,
    pub combining: Combining,
    pub several_codes: bool,
    pub overrides: Overrides,
    pub assign: Option<Assign>,
    /// The budget, and what is spent of it.
    pub budget: Option<(i128, i128)>,
    pub refuse_when_short: bool,
    /// The limit of units, and how many are used.
    pub units: Option<(u64, u64)>,
    /// The limit of uses, and how many there were.
    pub total: Option<(u64, u64)>,
}

/// A code as it was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    pub coupon: usize,
    pub code: String,
    pub on_line: Option<u64>,
    pub operator_amount: Option<i128>,
    pub host_amounts: Option<Vec<(u64, i128)>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub policy: Policy,
    /// Rates by class in thousandths of a percent; none at all for an order without tax.
    pub rates: Vec<(Option<u8>, i128)>,
    pub lines: Vec<Line>,
    pub charges: Vec<Charge>,
    /// The automatic offers of the shop.
    pub offers: Vec<Coupon>,
    pub coupons: Vec<Coupon>,
    pub codes: Vec<Entered>,
    pub seen: Seen,
}

pub fn thousandths(percent: i128) -> String {
    Number { digits: percent, scale: 3 }.to_string()
}

impl Policy {
    pub fn currency(self) -> &'static str {
        match self.exponent {
            0 => "JPY",
            2 => "USD",
            _ => "KWD",
        }
    }

    pub fn text(self, minor: i128) -> String {
        Number { digits: minor, scale: self.exponent }.to_string()
    }

    fn amounts(self, minor: i128) -> Value {
        json!({ self.currency(): self.text(minor) })
    }
}

fn put(map: &mut Map<String, Value>, name: &str, value: Value) {
    map.insert(name.to_owned(), value);
}

fn tagged(name: &str, value: Value) -> Value {
    json!({ name: value })
}

impl Scope {
    pub fn json(&self, policy: Policy) -> Value {
        let list = |prefix: &str, of: &[u8]| Value::from(of.iter().map(|n| format!("{prefix}{n}")).collect::<Vec<_>>());
        let group = |of: &[Self]| Value::from(of.iter().map(|s| s.json(policy)).collect::<Vec<_>>());
        match self {
            Self::Open => json!("open"),
            Self::OnSale => json!("on_sale"),
            Self::Products(of) => tagged("products", list("P", of)),
            Self::Categories(of) => tagged("categories", list("C", of)),
            Self::Prices(min, max) => {
                let mut bounds = Map::new();
                for (name, bound) in [("min", min), ("max", max)] {
                    if let Some(bound) = bound {
                        put(&mut bounds, name, policy.amounts(*bound));
                    }
                }
                tagged("price_range", bounds.into())
            }
            Self::All(of) => tagged("all", group(of)),
            Self::Any(of) => tagged("any", group(of)),
            Self::Not(inner) => tagged("not", inner.json(policy)),
            Self::Lines(of) => tagged("lines", of.clone().into()),
        }
    }

    /// Every scope inside, the innermost first.
    fn each(&mut self, change: &impl Fn(&mut Self)) {
        match self {
            Self::All(of) | Self::Any(of) => of.iter_mut().for_each(|scope| scope.each(change)),
            Self::Not(inner) => inner.each(change),
            _ => {}
        }
        change(self);
    }
}

impl Target {
    pub fn among(&self, map: &mut Map<String, Value>, policy: Policy) {
        if let Some(scope) = &self.scope {
            put(map, "scope", scope.json(policy));
        }
        if let Some(most) = self.max_units {
            put(map, "max_units", most.into());
        }
        if let Some(most) = self.max_units_per_line {
            put(map, "max_units_per_line", most.into());
        }
        for (name, figure) in [("groups_of", self.groups_of), ("pieces_from", self.pieces_from)] {
            if let Some(figure) = figure {
                put(map, name, figure.into());
            }
        }
        if self.dearest {
            put(map, "pick", json!("dearest"));
        }
    }
}

fn view(map: &mut Map<String, Value>, view: View) {
    match view {
        View::AsPriced => {}
        View::Net => put(map, "tax", json!("net")),
        View::Gross => put(map, "tax", json!("gross")),
    }
}

impl Benefit {
    fn json(&self, policy: Policy) -> Value {
        let mut map = Map::new();
        let kind = match self {
            Self::None => return json!("none"),
            Self::Set(kind) => return kind.json(policy),
            Self::Ladder(kind) => return kind.json(policy),
            Self::Percent { off, original, cap, shipping, target } => {
                put(&mut map, "off", thousandths(*off).into());
                if *original {
                    put(&mut map, "base", json!("original"));
                }
                if let Some(cap) = cap {
                    put(&mut map, "cap", policy.amounts(*cap));
                }
                if *shipping {
                    put(&mut map, "include_shipping", true.into());
                }
                target.among(&mut map, policy);
                "percent"
            }
            Self::Amount { off, per, view: seen, shipping, target } => {
                put(&mut map, "off", policy.amounts(*off));
                match per {
                    Per::Order => {}
                    Per::OrderEvenly => put(&mut map, "split", json!("even")),
                    Per::Line => put(&mut map, "per", json!("line")),
                    Per::Unit => put(&mut map, "per", json!("unit")),
                }
                view(&mut map, *seen);
                if *shipping {
                    put(&mut map, "include_shipping", true.into());
                }
                target.among(&mut map, policy);
                "amount"
            }
            Self::SetPrice { price, target } => {
                put(&mut map, "price", json!({ policy.currency(): price.to_string() }));
                target.among(&mut map, policy);
                "set_price"
            }
            Self::Shipping { value, each, methods, cap } => {
                if *each {
                    put(&mut map, "each_shipment", true.into());
                }
                match value {
                    ShippingValue::Free => put(&mut map, "free", true.into()),
                    ShippingValue::Percent(off) => put(&mut map, "percent", thousandths(*off).into()),
                    ShippingValue::Amount(off) => put(&mut map, "amount", policy.amounts(*off)),
                    ShippingValue::ToPrice(price) => put(&mut map, "to_price", policy.amounts(*price)),
                }
                if let Some(methods) = methods {
                    put(&mut map, "methods", methods.iter().map(|m| format!("M{m}")).collect());
                }
                if let Some(cap) = cap {
                    put(&mut map, "cap", policy.amounts(*cap));
                }
                "shipping"
            }
            Self::Gift { product, pieces, value } => {
                put(&mut map, "product", format!("P{product}").into());
                put(&mut map, "pieces", (*pieces).into());
                if let Some(value) = value {
                    put(&mut map, "value", policy.amounts(*value));
                }
                "gift"
            }
            Self::Operator { max, target } | Self::Host { max, target } => {
                if let Some(max) = max {
                    put(&mut map, "max", policy.amounts(*max));
                }
                target.among(&mut map, policy);
                if matches!(self, Self::Operator { .. }) { "operator" } else { "host" }
            }
        };
        tagged(kind, map.into())
    }
}

impl Condition {
    fn json(&self, policy: Policy) -> Value {
        let group = |of: &[Self]| Value::from(of.iter().map(|c| c.json(policy)).collect::<Vec<_>>());
        let mut map = Map::new();
        match self {
            Self::Spend { amount, basis, view: seen, whole_order, inclusive } => {
                put(&mut map, "amounts", policy.amounts(*amount));
                match basis {
                    Basis::Discounted => {}
                    Basis::List => put(&mut map, "basis", json!("list")),
                    Basis::Remaining => put(&mut map, "basis", json!("remaining")),
                }
                view(&mut map, *seen);
                if *whole_order {
                    put(&mut map, "range", json!("order"));
                }
                if !inclusive {
                    put(&mut map, "inclusive", false.into());
                }
                tagged("minimum_spend", map.into())
            }
            Self::Quantity { pieces, whole_order, of } => {
                put(&mut map, "pieces", u64::try_from(*pieces).unwrap().into());
                if *whole_order {
                    put(&mut map, "range", json!("order"));
                }
                if let Some(of) = of {
                    put(&mut map, "of", of.json(policy));
                }
                tagged("minimum_quantity", map.into())
            }
            Self::Types { only, except } => {
                if let Some(only) = only {
                    put(&mut map, "only", type_names(only));
                }
                if !except.is_empty() {
                    put(&mut map, "except", type_names(except));
                }
                tagged("customer_types", map.into())
            }
            Self::Members(groups) => {
                if let Some(groups) = groups {
                    put(&mut map, "groups", type_names(groups));
                }
                tagged("members", map.into())
            }
            Self::All(of) => tagged("all", group(of)),
            Self::Any(of) => tagged("any", group(of)),
            Self::Not(inner) => tagged("not", inner.json(policy)),
        }
    }
}

impl Coupon {
    /// Changes every scope that it names anywhere.
    pub fn each_scope(&mut self, change: &impl Fn(&mut Scope)) {
        fn of_condition(condition: &mut Condition, change: &impl Fn(&mut Scope)) {
            match condition {
                Condition::Quantity { of: Some(of), .. } => of.each(change),
                Condition::All(of) | Condition::Any(of) => of.iter_mut().for_each(|c| of_condition(c, change)),
                Condition::Not(inner) => of_condition(inner, change),
                _ => {}
            }
        }
        self.scope.each(change);
        self.conditions.iter_mut().for_each(|condition| of_condition(condition, change));
        for benefit in &mut self.benefits {
            match benefit {
                Benefit::Percent { target, .. }
                | Benefit::Amount { target, .. }
                | Benefit::SetPrice { target, .. }
                | Benefit::Operator { target, .. }
                | Benefit::Host { target, .. } => target.scope.iter_mut().for_each(|scope| scope.each(change)),
                Benefit::Set(kind) => kind.scopes().into_iter().for_each(|scope| scope.each(change)),
                Benefit::Ladder(kind) => kind.target_mut().scope.iter_mut().for_each(|scope| scope.each(change)),
                Benefit::Shipping { .. } | Benefit::Gift { .. } | Benefit::None => {}
            }
        }
    }

    /// The definition as a host would write it. It has many codes, so it names none.
    pub fn json(&self, policy: Policy) -> Value {
        let mut map = Map::new();
        put(&mut map, "version", 1.into());
        put(&mut map, "id", self.id.as_str().into());
        put(&mut map, "scope", self.scope.json(policy));
        put(&mut map, "benefits", self.benefits.iter().map(|b| b.json(policy)).collect());
        if self.order_level {
            put(&mut map, "level", json!("order"));
        }
        // Some are booked to an account of their own, which others share.
        if self.id.contains("-a") || self.id.contains("-b") {
            put(&mut map, "account", self.id[..8].into());
        }
        if self.priority != 0 {
            put(&mut map, "priority", self.priority.into());
        }
        if !self.conditions.is_empty() {
            put(&mut map, "conditions", self.conditions.iter().map(|c| c.json(policy)).collect());
        }
        match self.funding {
            Funding::Seller => {}
            Funding::Third => put(&mut map, "funding", json!({"third_party": {"party": "ACME"}})),
            Funding::Split(share) => {
                put(&mut map, "funding", json!({"split": {"party": "ACME", "share": thousandths(share)}}));
            }
        }
        let mut combination = Map::new();
        for (name, differs, value) in
            [("with_discounts", !self.with_discounts, false), ("several_codes", self.several_codes, true)]
        {
            if differs {
                put(&mut combination, name, value.into());
            }
        }
        self.combining.write(&mut combination);
        match self.overrides {
            Overrides::Nothing => {}
            Overrides::Touched => put(&mut combination, "overrides", json!("touched")),
            Overrides::Everything => put(&mut combination, "overrides", json!("everything")),
        }
        if let Some(assign) = &self.assign {
            put(&mut map, "assign", assign.json());
        }
        if !combination.is_empty() {
            put(&mut map, "combination", combination.into());
        }
        let mut limits = Map::new();
        if let Some((budget, _)) = self.budget {
            put(&mut limits, "money", policy.amounts(budget));
        }
        if self.refuse_when_short && (self.budget.is_some() || self.units.is_some()) {
            put(&mut limits, "when_short", json!("refuse"));
        }
        if let Some((units, _)) = self.units {
            put(&mut limits, "units", units.into());
        }
        if let Some((total, _)) = self.total {
            put(&mut limits, "total", total.into());
        }
        if !limits.is_empty() {
            put(&mut map, "limits", limits.into());
        }
        map.into()
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policy = self.policy;
        writeln!(f, "{policy:?} ({})", policy.currency())?;
        for (class, rate) in &self.rates {
            writeln!(f, "rate of class {class:?}: {}%", thousandths(*rate))?;
        }
        for line in &self.lines {
            write!(
                f,
                "line {}: {} x {} of P{} in C{:?}",
                line.id, line.quantity, line.price, line.product, line.categories
            )?;
            for (name, set) in
                [("measured", line.measured), ("on sale", line.on_sale), ("not discountable", !line.discountable)]
            {
                if set {
                    write!(f, ", {name}")?;
                }
            }
            for (name, figure) in [("customer price", line.customer_price), ("floor", line.floor)] {
                if let Some(figure) = figure {
                    write!(f, ", {name} {figure}")?;
                }
            }
            if let Some(class) = line.class {
                write!(f, ", class {class}")?;
            }
            for (amount, funding) in &line.discounts {
                write!(f, ", discount {} {funding:?}", policy.text(*amount))?;
            }
            writeln!(f)?;
        }
        for charge in &self.charges {
            writeln!(f, "{} {charge:?}", policy.text(charge.amount))?;
        }
        for offer in &self.offers {
            writeln!(f, "offer {}", offer.json(policy))?;
        }
        for coupon in &self.coupons {
            writeln!(f, "{}", coupon.json(policy))?;
            if let Some((budget, spent)) = coupon.budget {
                writeln!(f, "  spent {} of {}", policy.text(spent), policy.text(budget))?;
            }
            if let Some((units, used)) = coupon.units {
                writeln!(f, "  used {used} of {units} units")?;
            }
            if let Some((total, used)) = coupon.total {
                writeln!(f, "  used {used} of {total} times")?;
            }
        }
        for code in &self.codes {
            let coupon = self.coupons.get(code.coupon).map_or("?", |c| c.id.as_str());
            write!(f, "code {} of {coupon}", code.code)?;
            if let Some(line) = code.on_line {
                write!(f, ", on line {line}")?;
            }
            if let Some(amount) = code.operator_amount {
                write!(f, ", by hand {}", policy.text(amount))?;
            }
            if let Some(amounts) = &code.host_amounts {
                write!(f, ", by the host {amounts:?}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
