//! Workloads that benches and the allocation test share: the same generated orders for the engine, for a plain integer
//! loop, and for the loop on decimals that a shop's backend would write.
//!
//! | | job |
//! |---|---|
//! | W1 | 15% on every line, rounded per line |
//! | W2 | 25.00 on the order, by largest remainder, exact to the cent |
//! | W3 | 20% on 8 of 24 categories, with date window, total and customer limit, minimum subtotal, customer type |
//! | W4 | ten stacked codes, six percentages and four amounts, four of them scoped, three with W3's conditions |

// Each of the programs that share this module uses a part of it, and none of them is the library.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

pub mod decimal;
pub mod floor;
pub mod turns;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use vouchsafe::*;

/// The sizes of orders.
pub const SIZES: [usize; 5] = [1, 10, 100, 1_000, 10_000];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    W1,
    W2,
    W3,
    W4,
}

impl Workload {
    pub const ALL: [Self; 4] = [Self::W1, Self::W2, Self::W3, Self::W4];

    pub fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1",
            Self::W2 => "W2",
            Self::W3 => "W3",
            Self::W4 => "W4",
        }
    }

    /// What its codes grant, in the order of their ranks.
    pub fn terms(self) -> Vec<Term> {
        const ALL: u32 = (1 << 24) - 1;
        // Every third category: 8 of 24.
        const SOME: u32 = 0b0010_0100_1001_0010_0100_1001;
        // Every other category: 12 of 24.
        const HALF: u32 = 0b0101_0101_0101_0101_0101_0101;
        let percent = |thousandths, categories| Term { value: Value::Percent(thousandths), categories, guarded: false };
        let amount = |minor, categories| Term { value: Value::Amount(minor), categories, guarded: false };
        let guarded = |term: Term| Term { guarded: true, ..term };
        match self {
            Self::W1 => vec![percent(15_000, ALL)],
            Self::W2 => vec![amount(2_500, ALL)],
            Self::W3 => vec![guarded(percent(20_000, SOME))],
            Self::W4 => vec![
                percent(10_000, ALL),
                percent(5_000, SOME),
                guarded(percent(3_000, ALL)),
                guarded(percent(7_500, HALF)),
                percent(2_000, ALL),
                percent(1_250, HALF),
                amount(500, ALL),
                amount(250, SOME),
                guarded(amount(400, ALL)),
                amount(125, ALL),
            ],
        }
    }
}

/// What one code grants.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    pub value: Value,
    /// One bit for each category.
    pub categories: u32,
    /// Has the conditions of W3.
    pub guarded: bool,
}

#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// Thousandths of a percent.
    Percent(u32),
    /// Minor units.
    Amount(i64),
}

/// One line as the generator makes it.
#[derive(Debug, Clone, Copy)]
pub struct RawLine {
    pub unit: i64,
    pub quantity: u32,
    pub category: u32,
}

/// The generator: seed 42, a linear congruence on 31 bits.
pub fn lines(n: usize) -> Vec<RawLine> {
    let mut x = 42_u64;
    let mut below = |m: u64| {
        x = (1_103_515_245 * x + 12_345) % (1 << 31);
        (x >> 4) % m
    };
    (0..n)
        .map(|i| RawLine {
            unit: 99 + i64::try_from(below(49_901)).unwrap(),
            quantity: 1 + u32::try_from(below(5)).unwrap(),
            category: u32::try_from(i % 24).unwrap(),
        })
        .collect()
}

/// What the conditions of W3 look at, as plain numbers.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub at: i64,
    pub from: i64,
    pub until: i64,
    pub used: u64,
    pub limit: u64,
    pub used_by_customer: u64,
    pub limit_per_customer: u64,
    pub minimum: i64,
    pub customer_type: u32,
    pub wanted_type: u32,
}

pub fn at() -> DateTime<Utc> {
    parse_instant("2026-03-29T12:00:00Z").unwrap()
}

pub const MINIMUM: i64 = 500;
pub const LIMIT: u64 = 1_000;
pub const USED: u64 = 17;

pub fn facts() -> Facts {
    Facts {
        at: at().timestamp(),
        from: parse_instant("2026-01-01T00:00:00Z").unwrap().timestamp(),
        until: parse_instant("2027-01-01T00:00:00Z").unwrap().timestamp(),
        used: USED,
        limit: LIMIT,
        used_by_customer: 0,
        limit_per_customer: 1,
        minimum: MINIMUM,
        customer_type: 3,
        wanted_type: 3,
    }
}

/// A line as a shop's backend holds it.
#[derive(Debug, Clone)]
pub struct HostLine {
    pub id: u64,
    pub sku: String,
    pub category: String,
    pub category_number: u32,
    pub price: Decimal,
    pub quantity: u32,
}

pub fn host_lines(n: usize) -> Vec<HostLine> {
    host_lines_of(&lines(n))
}

pub fn host_lines_of(lines: &[RawLine]) -> Vec<HostLine> {
    (1_u64..)
        .zip(lines)
        .map(|(id, line)| HostLine {
            id,
            sku: format!("SKU-{id:06}"),
            category: category(line.category),
            category_number: line.category,
            price: Decimal::new(line.unit, 2),
            quantity: line.quantity,
        })
        .collect()
}

fn category(number: u32) -> String {
    format!("category-{number}")
}

/// What a host does with its own order: every line anew, from text and decimals.
pub fn order(host: &[HostLine]) -> Order {
    let line = |l: &HostLine| {
        let product =
            Product::new(ProductId::new(&l.sku).unwrap()).with_categories([CategoryId::new(&l.category).unwrap()]);
        let quantity = Quantity::pieces(u64::from(l.quantity)).unwrap();
        Line::new(LineId(l.id), product, quantity, UnitPrice::from_decimal(l.price).unwrap())
    };
    Order::builder(Currency::USD).lines(host.iter().map(line)).default_rate(tax_rate()).build().unwrap()
}

/// The same where the host keeps its products from one order to the next, found by their key.
pub fn order_from(catalogue: &Catalogue, host: &[HostLine]) -> Order {
    let line = |l: &HostLine| {
        let product = std::sync::Arc::clone(catalogue.get(l.sku.as_str()).unwrap());
        let quantity = Quantity::pieces(u64::from(l.quantity)).unwrap();
        Line::new(LineId(l.id), product, quantity, UnitPrice::from_decimal(l.price).unwrap())
    };
    Order::builder(Currency::USD).lines(host.iter().map(line)).default_rate(tax_rate()).build().unwrap()
}

/// Without tax rates.
pub fn order_without_rates(host: &[HostLine]) -> Order {
    Order::builder(Currency::USD).lines(order(host).lines().iter().cloned()).build().unwrap()
}

/// With a shipping charge of 9.95.
pub fn order_with_shipping(host: &[HostLine]) -> Order {
    let id = LineId(u64::try_from(host.len()).unwrap() + 1);
    let lines = order(host);
    let builder = Order::builder(Currency::USD).lines(lines.lines().iter().cloned()).default_rate(tax_rate());
    builder.charge(Charge::shipping(id, usd(995))).build().unwrap()
}

/// With a price below which no coupon goes: 92% of the unit price.
pub fn order_with_floors(host: &[HostLine]) -> Order {
    let lines = order(host);
    let floor = |l: &Line| UnitPrice::from_decimal((l.unit_price().to_decimal() * Decimal::new(92, 2)).round_dp(2));
    let lines = lines.lines().iter().map(|l| l.clone().with_floor_price(floor(l).unwrap()));
    Order::builder(Currency::USD).lines(lines).default_rate(tax_rate()).build().unwrap()
}

pub type Catalogue = std::collections::HashMap<String, std::sync::Arc<Product>>;

pub fn catalogue(host: &[HostLine]) -> Catalogue {
    let product = |l: &HostLine| {
        Product::new(ProductId::new(&l.sku).unwrap()).with_categories([CategoryId::new(&l.category).unwrap()])
    };
    host.iter().map(|l| (l.sku.clone(), std::sync::Arc::new(product(l)))).collect()
}

fn tax_rate() -> TaxRate {
    TaxRate::parse("8.1125").unwrap()
}

pub fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

/// A shop with its codes, and a customer, prepared once.
#[derive(Debug)]
pub struct Desk {
    pub shop: Shop,
    pub customer: Customer,
    pub coupons: Vec<Prepared>,
    pub entered: Vec<String>,
    pub usage: Usage,
    pub issued: Option<IssuedCode>,
    /// The store knows none of the codes.
    pub unknown: bool,
    pub reference: Reference,
    pub at: DateTime<Utc>,
    pub detail: Detail,
}

impl Desk {
    pub fn new(coupons: Vec<Coupon>) -> Self {
        let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).build().unwrap());
        let entered = coupons.iter().map(|c| c.code().unwrap().as_str().to_lowercase()).collect();
        let keys = [IdentityKey::id("1138").unwrap(), IdentityKey::email("ann@example.com").unwrap()];
        Self {
            customer: Customer::new(keys).with_type(CustomerTypeId::new("CLUB").unwrap()),
            coupons: coupons.into_iter().map(|c| shop.prepare(c).unwrap()).collect(),
            shop,
            entered,
            usage: Usage::default().with_total(USED),
            issued: None,
            unknown: false,
            reference: Reference::Order("order-4711".parse().unwrap()),
            at: at(),
            detail: Detail::Reasons,
        }
    }

    pub fn of(workload: Workload) -> Self {
        Self::new((0..).zip(workload.terms()).map(|(i, term)| coupon(i, term)).collect())
    }

    /// One coupon, worth this.
    pub fn with(benefit: impl Into<Benefit>) -> Self {
        Self::new(vec![builder(0).benefit(benefit).build().unwrap()])
    }

    pub fn presented(&self) -> Vec<Presented<'_>> {
        let with_issued = |p| match &self.issued {
            Some(issued) => Presented::with_issued(p, issued),
            None => p,
        };
        let one = |(coupon, entered)| match self.unknown {
            true => Presented::unknown(entered),
            false => with_issued(Presented::new(entered, coupon)).with_usage(self.usage),
        };
        self.coupons.iter().zip(self.entered.iter().map(String::as_str)).map(one).collect()
    }

    pub fn request<'a>(&'a self, order: &'a Order, codes: &'a [Presented<'a>]) -> Request<'a> {
        Request::new(order, &self.customer, self.reference.clone(), self.at).with_codes(codes).with_detail(self.detail)
    }

    /// An outcome to be overwritten.
    pub fn blank(&self) -> Outcome {
        Outcome::empty(self.reference.clone(), Currency::USD)
    }

    /// From a host's own order to an owned outcome. Coupons stay prepared: they change rarely.
    pub fn unprepared(&self, host: &[HostLine]) -> Outcome {
        let order = order(host);
        let codes = self.presented();
        self.shop.evaluate(&self.request(&order, &codes)).unwrap()
    }

    /// The same where the host keeps its products.
    pub fn with_catalogue(&self, catalogue: &Catalogue, host: &[HostLine]) -> Outcome {
        let order = order_from(catalogue, host);
        let codes = self.presented();
        self.shop.evaluate(&self.request(&order, &codes)).unwrap()
    }
}

pub fn builder(number: u32) -> CouponBuilder {
    Coupon::builder(format!("coupon-{number}")).code(&format!("CODE{number}")).description("A coupon")
}

fn coupon(number: u32, term: Term) -> Coupon {
    let mut builder = builder(number);
    builder = match term.value {
        Value::Percent(thousandths) => {
            builder.benefit(PercentOff::new(Percent::from_thousandths(thousandths).unwrap()))
        }
        Value::Amount(minor) => builder.amount_off(usd(minor)),
    };
    if term.categories != (1 << 24) - 1 {
        let of_term = (0..24).filter(|c| term.categories >> c & 1 == 1);
        let categories = of_term.map(|c| CategoryId::new(&category(c)).unwrap()).collect();
        builder = builder.scope(Scope::Categories(categories));
    }
    if term.guarded {
        let minimum = MinimumSpend::new(Amounts::new([usd(MINIMUM)]).unwrap()).range_of(LineRange::Order);
        let (from, until) = (parse_date("2026-01-01").unwrap(), parse_date("2026-12-31").unwrap());
        builder = builder
            .days(Some(from), Some(until))
            .total_limit(LIMIT)
            .per_customer_limit(1)
            .condition(minimum)
            .condition(CustomerTypes::only([CustomerTypeId::new("CLUB").unwrap()]));
    }
    builder.build().unwrap()
}

/// The ways in which the code of W3 is refused, by name.
pub fn refused() -> Vec<(&'static str, Desk)> {
    let fine = || Desk::of(Workload::W3);
    let late = parse_instant("2027-06-01T12:00:00Z").unwrap();
    let somebody = IdentityKey::id("somebody-else").unwrap();
    let code = Code::parse("CODE0", CodeFormat::Standard).unwrap();
    let bound = IssuedCode::new(code, at()).with_holder(somebody);
    vec![
        ("expired", Desk { at: late, ..fine() }),
        ("holder", Desk { issued: Some(bound), ..fine() }),
        ("used up", Desk { usage: Usage::default().with_total(LIMIT), ..fine() }),
        ("unknown", Desk { unknown: true, ..fine() }),
    ]
}

/// One desk for each kind of benefit.
pub fn kinds() -> Vec<(&'static str, Desk)> {
    let amounts = |minor| Amounts::new([usd(minor)]).unwrap();
    let percent = |text| PercentOff::new(Percent::parse(text).unwrap());
    let off = |minor| AmountOff::new(amounts(minor));
    let at_order =
        |benefit: PercentOff| Desk::new(vec![builder(0).level(Level::Order).benefit(benefit).build().unwrap()]);
    let some = |most: u64| Target::default().units(most.try_into().unwrap());
    let table = || PriceTable::new([(Currency::USD, UnitPrice::parse("19.99").unwrap())]).unwrap();
    vec![
        ("percent per line", Desk::with(percent("10"))),
        ("percent of order", at_order(percent("10"))),
        ("percent with cap", Desk::with(percent("10").capped_at(amounts(100)))),
        ("percent on some units", Desk::with(percent("10").on(some(30)))),
        ("one free unit", Desk::with(percent("100").on(some(1)))),
        ("one unit per line", {
            Desk::with(percent("50").on(Target::default().units_per_line(1.try_into().unwrap())))
        }),
        ("amount per order", Desk::with(off(2_500))),
        ("amount evenly", Desk::with(off(2_500).split_evenly())),
        ("amount per line", Desk::with(off(100).taken_per(Per::Line))),
        ("amount per unit", Desk::with(off(10).taken_per(Per::Unit))),
        ("set price", Desk::with(SetPrice::new(table()))),
        ("free shipping", Desk::with(ShippingOff::new(ShippingValue::Free))),
        ("no money", Desk::with(Benefit::None)),
    ]
}

/// One desk for each kind of benefit that gives more, the more is bought.
pub fn ladders() -> Vec<(&'static str, Desk)> {
    let amounts = |minor| Amounts::new([usd(minor)]).unwrap();
    let percent = |text| StepValue::Percent(Percent::parse(text).unwrap());
    let spend = |minor| Threshold::Spend(amounts(minor));
    let by_spend = || Tiers::new([(spend(5_000), percent("5")), (spend(10_000), percent("10"))]).unwrap();
    let by_pieces =
        || Tiers::new([(Threshold::Pieces(3), percent("5")), (Threshold::Pieces(10), percent("10"))]).unwrap();
    let pieces = |number: u64| number.try_into().unwrap();
    let ten_percent = |target: Target| Desk::with(PercentOff::new(Percent::parse("10").unwrap()).on(target));
    vec![
        ("tiers by spend", Desk::with(by_spend())),
        ("tiers by pieces", Desk::with(by_pieces())),
        ("tiers of each line", Desk::with(by_spend().counted_within(Within::Line))),
        ("marginal by spend", Desk::with(by_spend().marginal().unwrap())),
        ("marginal by pieces", Desk::with(by_pieces().marginal().unwrap())),
        ("marginal of each line", Desk::with(by_pieces().counted_within(Within::Line).marginal().unwrap())),
        ("steps by spend", Desk::with(Steps::new(spend(5_000), StepValue::Amount(amounts(500))).unwrap())),
        ("steps of each line", {
            Desk::with(Steps::new(Threshold::Pieces(2), percent("1")).unwrap().counted_within(Within::Line))
        }),
        ("first and further", Desk::with(FirstFurther::new(amounts(100), amounts(10)))),
        ("groups of pieces", ten_percent(Target::default().in_groups_of(pieces(3)))),
        ("from some pieces", ten_percent(Target::default().from_pieces(pieces(3)))),
        ("gift", Desk::with(Gift::new("MUG".parse().unwrap()))),
        ("each shipment", Desk::with(ShippingOff::new(ShippingValue::Amount(amounts(300))).on_each_shipment())),
    ]
}

/// Each kind of set of pieces; two of them tell the goods apart by category, where lines have some of each.
pub fn sets() -> Vec<(&'static str, Desk)> {
    let part = |pieces: u32| SetPart::new(pieces.try_into().unwrap());
    let of = |number: std::ops::Range<u32>| {
        Scope::Categories(number.map(|n| CategoryId::new(&category(n)).unwrap()).collect())
    };
    let price = Amounts::new([usd(1_000)]).unwrap();
    let third = |reward: Reward| NthOff::new(3.try_into().unwrap(), reward);
    let half = Reward::Percent(Percent::parse("50").unwrap());
    vec![
        ("third free", Desk::with(third(Reward::Free))),
        ("third at half price", Desk::with(third(half.clone()))),
        ("thirds from the pool", Desk::with(third(Reward::Free).taken_from(RewardFrom::Pool))),
        ("thirds of each product", Desk::with(third(Reward::Free).formed_among(Among::Product))),
        ("buy and get the same", Desk::with(BuyGet::new(part(2), part(1), Reward::Free))),
        ("buy and get others", Desk::with(BuyGet::new(part(2).of(of(0..12)), part(1).of(of(8..24)), half))),
        ("mix and match", Desk::with(Bundle::new(part(3), BundleValue::Price(price.clone())))),
        ("bundle of three", {
            let bundle = Bundle::new(part(1).of(of(0..10)), BundleValue::Price(price));
            Desk::with(bundle.and(part(1).of(of(8..18))).and(part(1).of(of(16..24))).picking(Pick::Dearest))
        }),
    ]
}

/// A desk whose shop makes so many automatic offers beside its codes, as `Offering` says.
pub fn offering(workload: Workload, count: u32, what: Offering) -> Desk {
    let mut desk = Desk::of(workload);
    let offer = |i: u32| {
        let percent = Coupon::builder(format!("offer-{i:05}")).description("An offer").percent_off("1");
        let product = |text: String| Scope::Products(vec![text.parse().unwrap()]);
        let day = |text: &str| parse_date(text).ok();
        Offer::new(
            match what {
                Offering::OtherProducts => percent.scope(product(format!("OTHER-{i:06}"))),
                Offering::Over => percent.days(None, day("2026-03-01")),
                Offering::ToCome => percent.days(day("2026-04-01"), None),
                Offering::OneMatches if i == 0 => percent.scope(product("SKU-000003".to_owned())),
                Offering::OneMatches => percent.scope(product(format!("OTHER-{i:06}"))),
                Offering::ByProduct => percent.scope(product(format!("SKU-{:06}", i + 1))),
            }
            .build()
            .unwrap(),
        )
        .unwrap()
    };
    desk.shop =
        (0..count).map(offer).fold(Shop::builder(desk.shop.policy().clone()), ShopBuilder::offer).build().unwrap();
    desk
}

/// Which of the offers of a shop concern an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offering {
    /// None: all are for other products.
    OtherProducts,
    /// None: all are for everything, and over.
    Over,
    /// None: all are for everything, and to come.
    ToCome,
    /// One, for one line.
    OneMatches,
    /// As many as there are lines, each for one of them; a line carries no more than one.
    ByProduct,
}

/// For orders whose lines have a lowest price.
pub fn under_floors() -> Vec<(&'static str, Desk)> {
    let percent = PercentOff::new(Percent::parse("10").unwrap());
    let amount = AmountOff::new(Amounts::new([usd(2_500)]).unwrap());
    let at_order = builder(0).level(Level::Order).benefit(percent.clone()).build().unwrap();
    vec![
        ("floors, percent per line", Desk::with(percent)),
        ("floors, percent of order", Desk::new(vec![at_order])),
        ("floors, amount per order", Desk::with(amount)),
    ]
}

/// What each line loses to codes.
pub fn discounts(outcome: &Outcome) -> Vec<i64> {
    outcome.lines().iter().map(|l| l.coupon_discount().minor()).collect()
}

/// Whether every engine gives the same answer to the last cent, on every line.
pub fn assert_same_answers(workload: Workload, n: usize) {
    let (raw, host, desk, terms) = (lines(n), host_lines(n), Desk::of(workload), workload.terms());
    let outcome = desk.unprepared(&host);
    let ours = discounts(&outcome);
    assert!(outcome.answers().iter().all(Answer::is_applied), "{} at {n}: a code is refused", workload.name());
    let mut out = floor::Out::default();
    floor::run(workload, &raw, &terms, &facts(), &mut out);
    assert_eq!(ours, out.discounts, "{} at {n}: the integer loop differs", workload.name());
    let answer = decimal::run(&host, &decimal::terms(&terms), &facts());
    let theirs: Vec<i64> = answer.lines.iter().map(|l| minor(l.discount)).collect();
    assert_eq!(ours, theirs, "{} at {n}: the decimal loop differs", workload.name());
    assert_eq!(outcome.totals().coupon_discount().minor(), minor(answer.discount));
    assert_eq!(outcome.totals().coupon_discount().minor(), out.discount);
    assert!(outcome.totals().tax().is_some_and(|tax| !tax.is_zero()));
    assert_eq!(discounts(&desk.with_catalogue(&catalogue(&host), &host)), ours);
    if (workload, n) == (Workload::W1, 10) {
        assert_eq!(outcome.totals().coupon_discount().to_string(), "1345.55 USD");
    }
}

fn minor(amount: Decimal) -> i64 {
    Money::from_decimal(amount, Currency::USD).unwrap().minor()
}
