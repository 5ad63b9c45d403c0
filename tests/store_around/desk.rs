//! A checkout, and the places where its coupons may be kept.

use chrono::{DateTime, TimeDelta, Utc};
use vouchsafe::*;

/// Where coupons are kept; each handle has the grace that it is asked with.
pub trait Place {
    fn store(&mut self, grace: Grace) -> impl CouponAdmin;
}

#[derive(Default)]
pub struct Memory(pub MemoryStore);

impl Place for Memory {
    fn store(&mut self, grace: Grace) -> impl CouponAdmin {
        self.0.clone().with_grace(grace)
    }
}

#[cfg(feature = "sqlite")]
pub struct Sqlite(pub sqlx::SqliteConnection);

#[cfg(feature = "sqlite")]
impl Sqlite {
    pub async fn new() -> Self {
        Self::at("sqlite::memory:").await
    }

    pub async fn at(address: &str) -> Self {
        let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(address).await.unwrap();
        SqliteStore::migrate(&mut connection).await.unwrap();
        Self(connection)
    }
}

#[cfg(feature = "sqlite")]
impl Place for Sqlite {
    fn store(&mut self, grace: Grace) -> impl CouponAdmin {
        SqliteStore::new(&mut self.0, "shop".parse().unwrap()).with_grace(grace)
    }
}

#[cfg(feature = "postgres")]
pub struct Server(pub sqlx::PgConnection);

#[cfg(feature = "postgres")]
impl Place for Server {
    fn store(&mut self, grace: Grace) -> impl CouponAdmin {
        PostgresStore::new(&mut self.0, "shop".parse().unwrap()).with_grace(grace)
    }
}

pub fn wait<F: Future>(test: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// Makes a test of each function on each store.
macro_rules! on_each_store {
    ($($(#[$doc:meta])* $test:ident),* $(,)?) => {
        mod on_memory {
            $($(#[$doc])* #[test] fn $test() {
                crate::desk::wait(super::$test(&mut crate::desk::Memory::default()));
            })*
        }

        #[cfg(feature = "sqlite")]
        mod on_sqlite {
            $($(#[$doc])* #[test] fn $test() {
                crate::desk::wait(async { super::$test(&mut crate::desk::Sqlite::new().await).await });
            })*
        }

        #[cfg(feature = "postgres")]
        mod on_postgres {
            $($(#[$doc])* #[test] fn $test() {
                let Some(server) = crate::postgres::server() else { return };
                let database = server.database();
                crate::desk::wait(async {
                    super::$test(&mut crate::desk::Server(database.connect().await)).await;
                });
            })*
        }
    };
}

/// So many seconds after noon.
pub fn noon(seconds: i64) -> DateTime<Utc> {
    parse_instant("2026-03-01T12:00:00Z").unwrap() + TimeDelta::seconds(seconds)
}

pub fn grace(seconds: i64) -> Grace {
    Grace::new(TimeDelta::seconds(seconds)).unwrap()
}

pub fn order(id: &str) -> Reference {
    Reference::Order(id.parse().unwrap())
}

pub fn total(coupon: &str) -> CounterKey {
    CounterKey::Total { coupon: coupon.parse().unwrap() }
}

/// 10% off under the code of the definition's own name in capitals.
pub fn ten_percent(name: &str) -> CouponBuilder {
    Coupon::builder(name).code(&name.to_uppercase()).percent_off("10")
}

pub async fn define<P: Place>(place: &mut P, coupon: CouponBuilder) {
    place.store(Grace::NONE).define(&coupon.build().unwrap(), &Edit::new(noon(-3_600))).await.unwrap();
}

pub fn storefront() -> Shop {
    Shop::new(Policy::storefront(Currency::USD, Zone::UTC))
}

/// One piece at 100.00.
pub fn boots() -> Order {
    let boot = Product::new("BOOT".parse().unwrap());
    let line = Line::new(LineId(1), boot, Quantity::ONE, UnitPrice::parse("100.00").unwrap());
    Order::builder(Currency::USD).line(line).build().unwrap()
}

/// Loads and evaluates.
pub async fn price<S: CouponStore>(
    store: &mut S,
    shop: &Shop,
    id: &str,
    customer: &Customer,
    code: &str,
    at: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let counted = shop.policy().counted_keys(customer);
    let request = LoadRequest::new(order(id), Currency::USD, at)
        .with_codes(Some(code).filter(|code| !code.is_empty()))
        .allowances(shop.allowance_counters(&boots(), &counted, at))
        .customer(counted)
        .points();
    let loaded = store.load(&request).await?;
    let prepared = loaded.prepare(shop).unwrap();
    let (codes, taken) = (loaded.presented(&prepared), loaded.allowances().to_vec());
    let (goods, customer) = (boots(), loaded.customer(customer.clone()));
    let request = Request::new(&goods, &customer, order(id), at).with_codes(&codes).with_allowances(&taken);
    let balance = loaded.points().map_or(0, PointsBalance::available);
    let points = PointsUse::new(balance.min(10), balance);
    let request = if shop.points().is_some() { request.with_points(points) } else { request };
    Ok(shop.evaluate(&request).unwrap())
}

/// What a checkout of nobody we know records; the code must apply.
pub async fn redemption<S: CouponStore>(store: &mut S, id: &str, code: &str, at: DateTime<Utc>) -> Redemption {
    let outcome = price(store, &storefront(), id, &Customer::anonymous(), code, at).await.unwrap();
    for answer in outcome.answers() {
        assert!(answer.is_applied(), "{id}: {:?}", answer.reasons());
    }
    outcome.redemption().unwrap()
}

/// The counters that said no, and nothing else did.
pub fn full(commit: &Commit) -> Vec<&CounterKey> {
    fn counter(objection: &Objection) -> &CounterKey {
        match objection {
            Objection::LimitReached { counter, .. } => counter,
            other => panic!("{other}"),
        }
    }
    let Commit::Refused(objections) = commit else { panic!("{commit:?}") };
    objections.iter().map(counter).collect()
}
