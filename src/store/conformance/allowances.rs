//! Allowances: what was bought is counted with the order, for good, and never too much.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;

use super::Rig;
use super::desk::Desk;
use super::races::race;
use super::scene::*;
use crate::*;

/// A shop in which boots are scarce: so many a month and in thirty days for each customer, forty-five for all.
fn scarce(month: u64, rolling: u64) -> Shop {
    let boots = |id: &str, quantity| {
        Allowance::new(id.parse().unwrap(), [Goods::product("BOOT".parse().unwrap())], quantity).unwrap()
    };
    Shop::builder(Policy::builder(Currency::USD).build().unwrap())
        .allowance(boots("month", month).with_window(AllowanceWindow::Month))
        .allowance(boots("days", rolling).with_window(AllowanceWindow::rolling(30).unwrap()))
        .allowance(boots("shared", 45).with_per(AllowancePer::Shared))
        .build()
        .unwrap()
}

fn month(who: IdentityKey) -> CounterKey {
    let since = parse_date("2026-03-01").ok();
    CounterKey::Allowance { allowance: "month".parse().unwrap(), customer: Some(who), since }
}

fn shared() -> CounterKey {
    CounterKey::Allowance { allowance: "shared".parse().unwrap(), customer: None, since: None }
}

fn days(who: IdentityKey) -> CounterKey {
    CounterKey::Allowance { allowance: "days".parse().unwrap(), customer: Some(who), since: None }
}

/// Somebody who wants boots.
#[derive(Clone)]
struct Buyer {
    shop: Shop,
    reference: String,
    keys: Vec<IdentityKey>,
    pieces: u64,
    minutes: i64,
}

impl Buyer {
    fn new(reference: &str, pieces: u64) -> Self {
        Self { shop: scarce(6, 8), reference: reference.to_owned(), keys: vec![id("42")], pieces, minutes: 0 }
    }

    fn by(mut self, keys: &[IdentityKey]) -> Self {
        self.keys = keys.to_vec();
        self
    }

    fn at(mut self, minutes: i64) -> Self {
        self.minutes = minutes;
        self
    }

    /// Loads and evaluates.
    async fn price<S: CouponStore>(&self, store: &mut S) -> Outcome {
        let line = Line::new(
            LineId(1),
            Product::new("BOOT".parse().unwrap()),
            Quantity::pieces(self.pieces).unwrap(),
            UnitPrice::parse("100.00").unwrap(),
        );
        let basket = Order::builder(Currency::USD).line(line).build().unwrap();
        let (now, customer) = (at(self.minutes), Customer::new(self.keys.clone()));
        let counters = self.shop.allowance_counters(&basket, &self.shop.policy().counted_keys(&customer), now);
        let load = LoadRequest::new(order(&self.reference), Currency::USD, now).allowances(counters);
        let loaded = insist!(store.load(&load));
        let request = Request::new(&basket, &customer, order(&self.reference), now);
        self.shop.evaluate(&request.with_allowances(loaded.allowances())).unwrap()
    }

    /// How many are left of each allowance before this order.
    async fn left<S: CouponStore>(&self, store: &mut S) -> Vec<u64> {
        self.price(store).await.allowances().iter().map(|a| a.limit().saturating_sub(a.taken())).collect()
    }

    async fn redemption<S: CouponStore>(&self, store: &mut S) -> Redemption {
        self.price(store).await.redemption().unwrap()
    }

    async fn place<S: CouponStore>(&self, store: &mut S) -> Commit {
        let redemption = self.redemption(store).await;
        store.commit(&redemption, at(self.minutes)).await.unwrap()
    }

    async fn hold<S: CouponStore>(&self, store: &mut S) -> Redemption {
        let redemption = self.redemption(store).await;
        let until = at(self.minutes + 20);
        assert_eq!(store.reserve(&redemption, at(self.minutes), until).await.unwrap(), Reserve::Held { until });
        redemption
    }
}

/// An order without any coupon is recorded and counted, once; a repeat is the same purchase, priced anew or not.
///
/// Proves S44.
pub fn an_order_without_a_coupon_is_counted<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let buyer = Buyer::new("o-1", 4).by(&[id("42"), email("ann@example.com")]);
        let redemption = buyer.redemption(&mut store).await;
        assert_eq!(redemption.coupons(), []);
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.commit(&redemption, at(5)).await.unwrap(), Commit::AlreadyRecorded);
        // From the very start: what this order has itself is not in its way.
        assert_eq!(buyer.left(&mut store).await, [8, 6, 45]);
        assert_eq!(buyer.clone().at(5).place(&mut store).await, Commit::AlreadyRecorded);
        // Even in the next month, whose counter is another one.
        let later = Buyer { minutes: 60 * 24 * 40, ..buyer };
        assert_eq!(later.place(&mut store).await, Commit::AlreadyRecorded);
        for key in [month(id("42")), month(email("ann@example.com")), shared()] {
            assert_eq!(desk.state(&key, at(5)).await, (4, 0), "{key:?}");
        }
        // Known by either key, the customer has bought four.
        for key in [id("42"), email("ann@example.com")] {
            let again = Buyer::new("o-2", 1).by(&[key, id("43")]);
            assert_eq!(again.left(&mut store).await, [4, 2, 41]);
        }
    })
}

/// What was free when it was looked at may be gone when it is taken; every counter that said no is told, none moves.
///
/// Proves S44, trap 14.
pub fn a_look_at_an_allowance_takes_nothing<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let late = Buyer::new("o-2", 5).redemption(&mut store).await;
        assert_eq!(Buyer::new("o-1", 4).place(&mut store).await, Commit::Recorded);
        let refused = store.commit(&late, at(0)).await.unwrap();
        assert_eq!(refused_by(&refused), [&days(id("42")), &month(id("42"))]);
        assert!(matches!(store.reserve(&late, at(0), at(20)).await.unwrap(), Reserve::Refused(_)));
        assert_eq!(desk.state(&shared(), at(0)).await, (4, 0), "all or none");
        // Another customer has an allowance of their own.
        assert_eq!(Buyer::new("o-3", 5).by(&[id("43")]).place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.state(&shared(), at(0)).await, (9, 0));
    })
}

/// What is held is taken for others; the own hold never blocks the retry; a release and a lapse give everything back.
///
/// Proves S44, trap 15.
pub fn holds_take_from_allowances<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let buyer = Buyer::new("o-1", 4);
        buyer.hold(&mut store).await;
        assert_eq!(Buyer::new("o-2", 1).left(&mut store).await, [4, 2, 41]);
        assert_eq!(buyer.left(&mut store).await, [8, 6, 45]);
        // A changed basket replaces its own hold.
        let six = Buyer::new("o-1", 6).hold(&mut store).await;
        assert_eq!(desk.state(&month(id("42")), at(0)).await, (0, 6));
        assert_eq!(store.release(six.reference(), at(1)).await.unwrap(), Release::Released);
        assert_eq!(desk.state(&month(id("42")), at(1)).await, (0, 0));

        let held = Buyer::new("o-3", 6).at(2).hold(&mut store).await;
        assert_eq!(Buyer::new("o-4", 1).at(21).left(&mut store).await, [2, 0, 39]);
        let lucky = Buyer::new("o-4", 3).at(22);
        assert_eq!(lucky.left(&mut store).await, [8, 6, 45], "a lapsed hold is not in the way");
        assert_eq!(lucky.place(&mut store).await, Commit::Recorded);
        let refused = store.commit(&held, at(23)).await.unwrap();
        assert_eq!(refused_by(&refused), [&days(id("42")), &month(id("42"))], "taken again, or refused");
        for key in [month(id("42")), days(id("42")), shared()] {
            assert_eq!(desk.state(&key, at(23)).await, (3, 0), "{key:?}");
        }
    })
}

/// A committed hold counts once, and what it held is free for nobody else.
///
/// Proves S44.
pub fn a_committed_hold_counts_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let held = Buyer::new("o-1", 6).hold(&mut store).await;
        assert_eq!(store.commit(&held, at(10)).await.unwrap(), Commit::Recorded);
        for key in [month(id("42")), days(id("42")), shared()] {
            assert_eq!(desk.state(&key, at(10)).await, (6, 0), "{key:?}");
        }
        assert_eq!(store.release(held.reference(), at(11)).await.unwrap(), Release::Recorded);
        assert_eq!(Buyer::new("o-2", 1).at(60).left(&mut store).await, [2, 0, 39]);
    })
}

/// A void keeps what was bought counted, unless it is asked to give it back; uses and allowances go their own ways.
///
/// Proves S44, S106.
pub fn a_void_keeps_or_gives_back<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        for (n, policy, left) in [
            ("o-1", OnVoid::KEEP.with_uses_given_back(true), [4, 2, 41]),
            ("o-2", OnVoid::KEEP.with_allowances_given_back(true), [4, 2, 41]),
        ] {
            let pieces = if n == "o-1" { 4 } else { 2 };
            assert_eq!(Buyer::new(n, pieces).place(&mut store).await, Commit::Recorded);
            let voided = store.void(&order(n), policy, at(5)).await.unwrap();
            let (uses_given_back, allowances_given_back) = (policy.gives_uses_back(), policy.gives_allowances_back());
            assert_eq!(
                voided,
                Void::Voided { uses_given_back, type_reverted: false, allowances_given_back, points: None }
            );
            assert_eq!(store.void(&order(n), policy, at(6)).await.unwrap(), Void::AlreadyVoided);
            assert_eq!(Buyer::new("o-3", 1).at(6).left(&mut store).await, left, "{n}");
        }
        assert_eq!(desk.state(&shared(), at(6)).await, (4, 0));
    })
}

/// Rolling days: what was recorded so long ago counts to the very instant, whenever it was priced or held.
///
/// Proves S45.
pub fn rolling_days_go_with_the_purchase<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: store);
        const DAY: i64 = 24 * 60;
        let rolling = |n: &str, pieces, minutes| Buyer { shop: scarce(60, 6), ..Buyer::new(n, pieces) }.at(minutes);
        let first = rolling("o-1", 4, 0).hold(&mut store).await;
        assert_eq!(store.commit(&first, at(10)).await.unwrap(), Commit::Recorded);
        assert_eq!(rolling("o-2", 2, 20 * DAY).place(&mut store).await, Commit::Recorded);
        let left = |minutes| rolling("o-3", 1, minutes);
        // Recorded ten minutes after it was priced: that is what counts.
        assert_eq!(left(30 * DAY + 10).left(&mut store).await, [0, 54, 39]);
        assert_eq!(left(30 * DAY + 11).left(&mut store).await, [4, 54, 39]);
        assert_eq!(left(50 * DAY).left(&mut store).await, [4, 60, 39]);
        assert_eq!(left(50 * DAY + 1).left(&mut store).await, [6, 60, 39]);

        // Priced while there was room again, and recorded at the last instant without.
        let early = rolling("o-4", 3, 30 * DAY + 11).redemption(&mut store).await;
        let refused = store.commit(&early, at(30 * DAY + 10)).await.unwrap();
        assert_eq!(refused_by(&refused), [&days(id("42"))]);
        assert_eq!(store.commit(&early, at(30 * DAY + 11)).await.unwrap(), Commit::Recorded);
        // What is given back leaves the window.
        store.void(early.reference(), OnVoid::KEEP.with_allowances_given_back(true), at(31 * DAY)).await.unwrap();
        assert_eq!(left(31 * DAY).left(&mut store).await, [4, 60, 39]);
    })
}

/// The window that an order was judged in must hold when it is recorded; no hold outlives it.
///
/// Proves S45.
pub fn an_allowance_is_counted_in_its_own_window<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let april = parse_instant("2026-04-01T00:00:00Z").unwrap();
        let redemption = Buyer::new("o-1", 6).redemption(&mut store).await;
        let asked = april + TimeDelta::minutes(20);
        assert_eq!(store.reserve(&redemption, at(0), asked).await.unwrap(), Reserve::Held { until: april });
        let over = Objection::OutsideAllowance {
            allowance: "month".parse().unwrap(),
            from: parse_instant("2026-03-01T00:00:00Z").ok(),
            until: Some(april),
        };
        assert_eq!(store.commit(&redemption, april).await.unwrap(), Commit::Refused(vec![over]));
        let last = april - TimeDelta::seconds(1);
        assert_eq!(store.commit(&redemption, last).await.unwrap(), Commit::Recorded);
        assert_eq!(desk.state(&month(id("42")), last).await, (6, 0));
    })
}

/// Many at once, each of whom saw enough: what all share is sold to the piece and never beyond, with holds, releases and
/// repeats among them; what is left after them can still be bought, to the last piece.
///
/// Proves S44, S48.
pub fn a_shared_allowance_in_a_race<R: Rig>(rig: R) {
    let sold = AtomicU64::new(0);
    race(&rig, 8, 160, |rig, connection, shopper| {
        rig.wait(async {
            let mut store = rig.store(connection);
            let buyer = Buyer::new(&format!("o-{shopper}"), [1, 2, 3][shopper % 3]);
            let buyer = buyer.by(&[id(&(shopper % 40).to_string())]);
            let Ok(redemption) = buyer.price(&mut store).await.redemption() else { return };
            let by = redemption.deltas()[0].by();
            if shopper % 4 == 0 {
                insist!(store.reserve(&redemption, at(0), at(20)));
            }
            if shopper % 8 == 0 {
                insist!(store.release(redemption.reference(), at(0)));
            } else if insist!(store.commit(&redemption, at(0))) == Commit::Recorded {
                sold.fetch_add(by, Ordering::SeqCst);
                assert_eq!(insist!(store.commit(&redemption, at(1))), Commit::AlreadyRecorded);
            }
        });
    });
    let sold = sold.into_inner();
    rig.wait(async {
        open!(rig: desk, store);
        let (used, held) = desk.state(&shared(), at(30)).await;
        assert_eq!((used, held), (sold, 0));
        // Nobody waits: pieces that were held while the last shoppers looked came back to nobody. They can be bought.
        for n in sold..45 {
            let late = Buyer::new(&format!("late-{n}"), 1).by(&[id(&format!("late-{n}"))]);
            assert_eq!(late.place(&mut store).await, Commit::Recorded);
        }
        assert_eq!(desk.state(&shared(), at(30)).await, (45, 0));
        assert_eq!(Buyer::new("too-late", 1).by(&[id("too-late")]).left(&mut store).await, [8, 6, 0]);
        for (key, (used, held)) in desk.states(at(30)).await {
            assert!(used + held <= 45, "{key:?}");
        }
    });
}
