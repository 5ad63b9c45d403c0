//! Edits of a coupon that everybody wants at this moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqlx::Connection;
use vouchsafe::*;

use crate::postgres::Database;
use crate::scene::*;

/// How long an edit may wait for a stream of checkouts that does not end before it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Checkouts of one coupon by eight workers, until somebody says stop.
struct Stream {
    stop: Arc<AtomicBool>,
    recorded: Arc<AtomicUsize>,
    workers: Vec<tokio::task::JoinHandle<()>>,
}

impl Stream {
    async fn start(database: &Database, code: &'static str, with_holds: bool) -> Self {
        let (stop, recorded) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let workers = (0..8)
            .map(|worker| {
                let (database, stop, recorded) = (database.clone(), stop.clone(), recorded.clone());
                tokio::spawn(async move {
                    let mut connection = database.connect().await;
                    let mut store = handle(&mut connection);
                    for n in 0.. {
                        if stop.load(Ordering::SeqCst) {
                            return;
                        }
                        let basket = Basket::new(&format!("{code}-{worker}-{n}"), &[code]);
                        let redemption = basket.redemption(&mut store).await;
                        if redemption.coupons().is_empty() {
                            continue;
                        }
                        if with_holds {
                            store.reserve(&redemption, at(0), at(20)).await.unwrap();
                        }
                        if store.commit(&redemption, at(0)).await.unwrap() == Commit::Recorded {
                            recorded.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                })
            })
            .collect();
        let stream = Self { stop, recorded, workers };
        while stream.recorded.load(Ordering::SeqCst) < 40 {
            tokio::task::yield_now().await;
        }
        stream
    }

    /// Waits for an edit while the stream goes on.
    async fn during<T>(self, edit: impl Future<Output = T>) -> (T, usize) {
        let begun = Instant::now();
        let edited = tokio::time::timeout(PATIENCE, edit).await;
        self.stop.store(true, Ordering::SeqCst);
        for worker in self.workers {
            worker.await.unwrap();
        }
        let edited = edited.unwrap_or_else(|_| panic!("no edit got through in {PATIENCE:?}"));
        println!("the edit took {:?}", begun.elapsed());
        (edited, self.recorded.load(Ordering::SeqCst))
    }
}

/// Proves S131 under load: whoever switches a coupon off does not wait until nobody wants it any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_kill_gets_through_a_stream_of_checkouts() {
    for with_holds in [false, true] {
        let Some(database) = shop_with([ten_percent("flash").total_limit(1_000_000)]).await else { return };
        let stream = Stream::start(&database, "flash", with_holds).await;
        let mut connection = database.connect().await;
        let mut store = handle(&mut connection);
        let (coupon, edit): (CouponId, _) = ("flash".parse().unwrap(), Edit::new(at(0)));
        let (killed, recorded) = stream.during(store.kill(&coupon, &edit)).await;
        assert_eq!(killed.unwrap(), 2);
        let (used, _) = used(&database, "flash").await;
        assert_eq!(used, u64::try_from(recorded).unwrap());
        // From here on nothing more is recorded.
        let basket = Basket::new("late", &["flash"]);
        assert!(basket.redemption(&mut store).await.coupons().is_empty());
    }
}

/// Proves S69 under load: a limit that is added in the middle of a campaign counts every use before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_added_under_load_counts_every_use() {
    for with_holds in [false, true] {
        let Some(database) = shop_with([ten_percent("flash").total_limit(1_000_000)]).await else { return };
        let stream = Stream::start(&database, "flash", with_holds).await;
        let mut connection = database.connect().await;
        let mut store = handle(&mut connection);
        let units = ten_percent("flash").total_limit(1_000_000).units_limit(2_000_000).build().unwrap();
        let (revised, recorded) = stream.during(store.revise(&units, &Edit::new(at(0)))).await;
        assert_eq!(revised.unwrap(), 2);
        let recorded = u64::try_from(recorded).unwrap();
        assert_eq!(used(&database, "flash").await.0, recorded);
        let key = CounterKey::Units { coupon: "flash".parse().unwrap() };
        assert_eq!(store.counter(&key, at(0)).await.unwrap().used, recorded);
    }
}

/// How a hold goes away while a limit is being added.
#[derive(Debug, Clone, Copy)]
enum Going {
    Released,
    Purged,
    /// The basket is held again, without the code.
    Replaced,
    Committed,
}

/// Proves S55 and S69 where both meet: an edit that is still open has counted a hold, which goes away. Nothing is left of it
/// on the new counter, and nobody waits for a hold that is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hold_that_goes_away_under_an_edit_leaves_nothing() {
    for going in [Going::Released, Going::Purged, Going::Replaced, Going::Committed] {
        let Some(database) = shop_with([ten_percent("flash").total_limit(9)]).await else { return };
        let mut connection = database.connect().await;
        let mut store = handle(&mut connection);
        let held = Basket::new("o-1", &["flash"]).by("ann").redemption(&mut store).await;
        let plain = Basket::new("o-1", &[]).by("ann").redemption(&mut store).await;
        store.reserve(&held, at(0), at(20)).await.unwrap();

        let mut editor = database.connect().await;
        let mut open = editor.begin().await.unwrap();
        let limited = ten_percent("flash").total_limit(9).per_customer_limit(1).build().unwrap();
        assert_eq!(handle(&mut open).revise(&limited, &Edit::new(at(0))).await.unwrap(), 2);
        let other = database.clone();
        let going_away = tokio::spawn(async move {
            let mut connection = other.connect().await;
            let mut store = handle(&mut connection);
            match going {
                Going::Released => assert_eq!(store.release(held.reference(), at(1)).await.unwrap(), Release::Released),
                Going::Purged => assert_eq!(store.purge(&Purge::holds(at(30), 9)).await.unwrap().holds, 1),
                Going::Replaced => {
                    assert_eq!(store.reserve(&plain, at(1), at(20)).await.unwrap(), Reserve::Held { until: at(20) });
                }
                Going::Committed => assert_eq!(store.commit(&held, at(1)).await.unwrap(), Commit::Recorded),
            }
        });
        while !going_away.is_finished() && waiting(&database).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        open.commit().await.unwrap();
        going_away.await.unwrap();

        let used = u64::from(matches!(going, Going::Committed));
        let ann = IdentityKey::id("ann").unwrap();
        let key = CounterKey::Customer { coupon: "flash".parse().unwrap(), customer: ann };
        let state = store.counter(&key, at(2)).await.unwrap();
        assert_eq!((state.used, state.held), (used, 0), "{going:?}");
        assert_eq!(figure(&database, "SELECT count(*) FROM coupon_part").await, 0, "{going:?}");
    }
}
