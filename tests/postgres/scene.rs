//! A shop with a coupon or two, and its checkouts.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, Row as _};
use vouchsafe::*;

use crate::postgres::{Database, server};

/// So many minutes after noon of the day on which all of this happens.
pub fn at(minutes: i64) -> DateTime<Utc> {
    parse_instant("2026-03-01T12:00:00Z").unwrap() + TimeDelta::minutes(minutes)
}

pub fn handle(connection: &mut PgConnection) -> PostgresStore<'_> {
    PostgresStore::new(connection, "shop".parse().unwrap())
}

pub fn ten_percent(name: &str) -> CouponBuilder {
    Coupon::builder(name).code(&name.to_uppercase()).percent_off("10")
}

/// A database with these coupons; none where PostgreSQL is not installed.
pub async fn shop_with(coupons: impl IntoIterator<Item = CouponBuilder>) -> Option<Database> {
    let database = server()?.database();
    define(&database, coupons).await;
    Some(database)
}

pub async fn define(database: &Database, coupons: impl IntoIterator<Item = CouponBuilder>) {
    let mut connection = database.connect().await;
    let mut store = handle(&mut connection);
    for coupon in coupons {
        store.define(&coupon.build().unwrap(), &Edit::new(at(-60))).await.unwrap();
    }
}

pub fn shop() -> Shop {
    let year = TypeAssignment::membership("CLUB".parse().unwrap(), AssignWhen::OnCommit);
    Shop::builder(Policy::builder(Currency::USD).max_codes(None).build().unwrap())
        .customer_type("CLUB".parse().unwrap())
        .purchase_assigns(Goods::product("CLUB-YEAR".parse().unwrap()), year.lasting(AssignUntil::Days(365)).unwrap())
        .build()
        .unwrap()
}

pub fn order(id: &str) -> Reference {
    Reference::Order(id.parse().unwrap())
}

/// An order of one customer, with one piece at 100.00.
#[derive(Debug, Clone)]
pub struct Basket {
    pub reference: Reference,
    pub customer: Customer,
    pub codes: Vec<String>,
    pub product: &'static str,
}

impl Basket {
    pub fn new(id: &str, codes: &[&str]) -> Self {
        let customer = Customer::new([IdentityKey::id(&format!("of-{id}")).unwrap()]);
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        Self { reference: order(id), customer, codes, product: "BOOT" }
    }

    pub fn by(mut self, customer: &str) -> Self {
        self.customer = Customer::new([IdentityKey::id(customer).unwrap()]);
        self
    }

    pub fn product(mut self, product: &'static str) -> Self {
        self.product = product;
        self
    }

    pub fn request(&self) -> LoadRequest {
        LoadRequest::new(self.reference.clone(), Currency::USD, at(0))
            .with_codes(self.codes.clone())
            .customer(shop().policy().counted_keys(&self.customer))
    }

    /// Loads and evaluates.
    pub async fn redemption<S: CouponStore>(&self, store: &mut S) -> Redemption {
        let (shop, loaded) = (shop(), store.load(&self.request()).await.unwrap());
        let prepared = loaded.prepare(&shop).unwrap();
        let codes = loaded.presented(&prepared);
        let product = Product::new(self.product.parse().unwrap());
        let line = Line::new(LineId(1), product, Quantity::pieces(1).unwrap(), UnitPrice::parse("100.00").unwrap());
        let order = Order::builder(Currency::USD).line(line).build().unwrap();
        let customer = loaded.customer(self.customer.clone());
        let request = Request::new(&order, &customer, self.reference.clone(), at(0)).with_codes(&codes);
        shop.evaluate(&request).unwrap().redemption().unwrap()
    }
}

/// Redemptions of orders `o-0`, `o-1` and so on, all of them priced before any is recorded.
pub async fn redemptions(database: &Database, orders: std::ops::Range<usize>, codes: &[&str]) -> Vec<Redemption> {
    let mut connection = database.connect().await;
    let mut store = handle(&mut connection);
    let mut priced = Vec::new();
    for n in orders {
        priced.push(Basket::new(&format!("o-{n}"), codes).redemption(&mut store).await);
    }
    priced
}

/// The one figure that a query answers with.
pub async fn figure(database: &Database, query: &'static str) -> i64 {
    sqlx::query(query).fetch_one(&mut database.connect().await).await.unwrap().get(0)
}

/// What is used of the limit in all of a coupon.
pub async fn used(database: &Database, coupon: &str) -> (u64, u64) {
    let key = CounterKey::Total { coupon: coupon.parse().unwrap() };
    let state = handle(&mut database.connect().await).counter(&key, at(0)).await.unwrap();
    (state.used, state.held)
}

/// How many connections to the database wait for a lock.
pub async fn waiting(database: &Database) -> i64 {
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    figure(database, waiting).await
}

/// Goes on as soon as somebody waits for a lock.
pub async fn until_somebody_waits(database: &Database) {
    while waiting(database).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
