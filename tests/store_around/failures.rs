//! Stores that fail: the host asks again, or sells without coupons, and no order is ever priced wrongly.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use vouchsafe::*;

use crate::desk::*;

on_each_store! {
    /// Proves S4 where the store fails.
    every_order_has_the_price_that_is_recorded,
}

/// How a store fails from one of its calls on.
#[derive(Debug, Clone, Copy)]
struct Fault {
    /// The number of the call, from 0.
    call: u32,
    /// The work is done, and only the answer is lost.
    done: bool,
    /// It fails for good, not once.
    lasting: bool,
}

/// A store that fails as it is told to.
struct Failing<S> {
    store: S,
    calls: u32,
    fault: Option<Fault>,
}

impl<S> Failing<S> {
    /// Whether this call fails, and whether its work is done.
    fn fault(&mut self) -> Option<bool> {
        let call = self.calls;
        self.calls += 1;
        let fault = self.fault.filter(|fault| call == fault.call || (fault.lasting && call > fault.call))?;
        // Once it is down, nothing is done any more.
        Some(fault.done && call == fault.call)
    }
}

macro_rules! failing {
    ($self:ident, $call:expr) => {{
        match $self.fault() {
            None => $call.await,
            Some(done) => {
                if done {
                    $call.await?;
                }
                Err(StoreError::unavailable("connection reset"))
            }
        }
    }};
}

impl<S: CouponStore> CouponStore for Failing<S> {
    async fn load(&mut self, request: &LoadRequest) -> Result<Loaded, StoreError> {
        failing!(self, self.store.load(request))
    }

    async fn reserve(
        &mut self,
        redemption: &Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Reserve, StoreError> {
        failing!(self, self.store.reserve(redemption, at, until))
    }

    async fn commit(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit, StoreError> {
        failing!(self, self.store.commit(redemption, at))
    }

    async fn release(&mut self, reference: &Reference, at: DateTime<Utc>) -> Result<Release, StoreError> {
        failing!(self, self.store.release(reference, at))
    }

    async fn void(&mut self, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Result<Void, StoreError> {
        failing!(self, self.store.void(reference, policy, at))
    }
}

/// Once more where a retry helps.
macro_rules! twice {
    ($call:expr) => {
        match $call.await {
            Err(error) if error.is_retryable() => $call.await,
            answer => answer,
        }
    };
}

/// The host: what it sold, and what it does not know yet.
#[derive(Default)]
struct Host {
    sold: BTreeMap<Reference, Money>,
    /// Orders whose commit was never answered, with what is to be asked again.
    unknown: Vec<Redemption>,
}

impl Host {
    /// As the documentation of `store` has it: without the store, the order without coupons; where the answer to a commit
    /// is lost, that is asked for until it is heard.
    async fn checkout<S: CouponStore>(&mut self, store: &mut S, id: &str, at: DateTime<Utc>) {
        let (shop, nobody, goods) = (storefront(), Customer::anonymous(), boots());
        let plain = shop.evaluate(&Request::new(&goods, &nobody, order(id), at)).unwrap().totals().payable();
        let Ok(outcome) = twice!(price(store, &shop, id, &nobody, "SPRING", at)) else {
            return self.sell(order(id), plain);
        };
        let redemption = outcome.redemption().unwrap();
        match twice!(store.reserve(&redemption, at, at + TimeDelta::minutes(20))) {
            Ok(Reserve::Held { .. } | Reserve::AlreadyRecorded) => {}
            // A hold that nobody heard of lapses.
            Ok(_) | Err(_) => return self.sell(order(id), plain),
        }
        match twice!(store.commit(&redemption, at)) {
            Ok(answer) if answer.is_recorded() => self.sell(order(id), redemption.payable()),
            Ok(_) => self.sell(order(id), plain),
            Err(_) => self.unknown.push(redemption),
        }
    }

    /// The store is back: what is unknown is asked for again.
    async fn recover<S: CouponStore>(&mut self, store: &mut S, at: DateTime<Utc>) {
        for redemption in std::mem::take(&mut self.unknown) {
            assert!(store.commit(&redemption, at).await.unwrap().is_recorded());
            self.sell(redemption.reference().clone(), redemption.payable());
        }
    }

    fn sell(&mut self, order: Reference, paid: Money) {
        assert_eq!(self.sold.insert(order, paid), None, "an order is sold once");
    }
}

/// The store fails in each of its calls, before or after its work, once or for good. An order at the price with the coupon
/// is recorded, one at the price without is not, and nothing else is counted.
async fn every_order_has_the_price_that_is_recorded<P: Place>(place: &mut P) {
    let usd = |text| Money::parse(text, Currency::USD).unwrap();
    define(place, ten_percent("spring").total_limit(100)).await;
    let (mut host, mut with_coupon) = (Host::default(), 0);
    let faults = (0..4).flat_map(|call| [(call, false), (call, true)]);
    let faults: Vec<Fault> =
        faults.flat_map(|(call, done)| [false, true].map(|lasting| Fault { call, done, lasting })).collect();
    for (n, fault) in faults.iter().enumerate() {
        let id = format!("o-{n}");
        let mut store = Failing { store: place.store(Grace::NONE), calls: 0, fault: Some(*fault) };
        host.checkout(&mut store, &id, noon(0)).await;
        store.fault = None;
        host.recover(&mut store, noon(60)).await;

        let record = store.store.record(&order(&id)).await.unwrap();
        let paid = host.sold[&order(&id)];
        assert_eq!(record.map(|record| record.redemption.payable()).unwrap_or(usd("100.00")), paid, "{fault:?}");
        with_coupon += u64::from(paid == usd("90.00"));
        let counter = store.store.counter(&total("spring"), noon(7_200)).await.unwrap();
        assert_eq!((counter.used, counter.held), (with_coupon, 0), "{fault:?}");
    }
    // Load is call 0, reserve 1, commit 2. What fails once is asked again: 4 x 2 orders. For good, load and reserve end
    // without a coupon, 4 orders; commit is settled later, and the fourth call never comes: 4 more.
    assert_eq!((faults.len(), with_coupon), (16, 12));
}

/// Where orders and coupons share a transaction, a commit that fails leaves neither: the order is sold without.
#[cfg(feature = "sqlite")]
#[test]
fn a_transaction_that_fails_leaves_neither() {
    use sqlx::Connection;

    wait(async {
        let mut place = Sqlite::new().await;
        define(&mut place, ten_percent("spring").total_limit(100)).await;
        sqlx::raw_sql("CREATE TABLE sold (id TEXT PRIMARY KEY)").execute(&mut place.0).await.unwrap();
        let wanted = redemption(&mut place.store(Grace::NONE), "o-1", "SPRING", noon(0)).await;
        for done in [false, true] {
            let mut transaction = place.0.begin_with("BEGIN IMMEDIATE").await.unwrap();
            sqlx::query("INSERT INTO sold VALUES ('o-1')").execute(&mut *transaction).await.unwrap();
            let store = SqliteStore::new(&mut transaction, "shop".parse().unwrap());
            let fault = Some(Fault { call: 0, done, lasting: true });
            let mut store = Failing { store, calls: 0, fault };
            assert!(store.commit(&wanted, noon(0)).await.unwrap_err().is_retryable());
            transaction.rollback().await.unwrap();
            let sold: Vec<(String,)> = sqlx::query_as("SELECT id FROM sold").fetch_all(&mut place.0).await.unwrap();
            let mut store = place.store(Grace::NONE);
            assert!(sold.is_empty() && store.record(&order("o-1")).await.unwrap().is_none());
            assert_eq!(store.counter(&total("spring"), noon(0)).await.unwrap(), CounterState::default());
        }
    });
}
