//! The sale: workers serve shoppers, each of whom wants 10% off one order.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use vouchsafe::*;

use super::audit::{self, Audit};
use super::figures::{Reason, Tally};
use super::options::Options;
use super::stores::{Backend, Failure};

/// How long a use is held while its shopper pays.
const HOLD: TimeDelta = TimeDelta::minutes(20);
/// The same for those who walk away, so that their holds lapse while the sale goes on.
const SHORT_HOLD: TimeDelta = TimeDelta::milliseconds(40);
/// How often a checkout is tried again where another transaction was in the way.
const TRIES: u32 = 20;

/// A host reads the clock, the library never does.
pub(crate) fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// What a shopper is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Buys at once.
    Buys,
    /// Holds the code, pays, and buys.
    PaysFirst,
    /// Holds the code, thinks better of it, and lets it go.
    GivesUp,
    /// Holds the code and is never seen again.
    WalksAway,
    /// Buys, never hears the answer, and asks again.
    LosesTheAnswer,
    /// Buys, and comes back for more under another account.
    ComesBack,
}

impl Habit {
    pub(crate) fn of(shopper: u32) -> Self {
        match shopper % 20 {
            3 | 6 | 9 | 12 | 15 => Self::PaysFirst,
            7 => Self::GivesUp,
            11 => Self::WalksAway,
            14 => Self::LosesTheAnswer,
            18 => Self::ComesBack,
            _ => Self::Buys,
        }
    }

    /// Whether a use would stay with this shopper.
    pub(crate) fn keeps(self) -> bool {
        !matches!(self, Self::GivesUp | Self::WalksAway)
    }
}

/// One checkout of one shopper.
#[derive(Debug, Clone)]
struct Visit {
    reference: Reference,
    customer: Customer,
    code: String,
    habit: Habit,
}

impl Visit {
    fn first(sale: &Sale, shopper: u32) -> Result<Self, vouchsafe::Error> {
        Self::new(sale, shopper, "", Habit::of(shopper))
    }

    /// Another account, another order, the same mailbox.
    fn second(sale: &Sale, shopper: u32) -> Result<Self, vouchsafe::Error> {
        Self::new(sale, shopper, "-again", Habit::Buys)
    }

    fn new(sale: &Sale, shopper: u32, visit: &str, habit: Habit) -> Result<Self, vouchsafe::Error> {
        let keys = [
            IdentityKey::id(&format!("{shopper}{visit}"))?,
            IdentityKey::email(&format!("shopper{shopper}@example.com"))?,
        ];
        let reference = Reference::Order(format!("o-{shopper}{visit}").parse()?);
        Ok(Self { reference, customer: Customer::new(keys), code: code_of(sale.code_for(shopper)), habit })
    }
}

fn code_of(place: u32) -> String {
    format!("FLASH{place}")
}

pub(crate) fn coupon_of(place: u32) -> Result<CouponId, vouchsafe::Error> {
    format!("flash-{place}").parse()
}

/// How a checkout ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ending {
    Redeemed,
    Refused(Reason),
    GaveUp,
    WalkedAway,
}

/// What is sold to whom under which terms.
#[derive(Debug)]
pub(crate) struct Sale {
    shop: Shop,
    order: Order,
    pub(crate) customers: u32,
    pub(crate) codes: u32,
    pub(crate) limit: u64,
    workers: u32,
}

/// What is known when the sale is over.
#[derive(Debug)]
pub(crate) struct Closing {
    pub(crate) tally: Tally,
    pub(crate) took: Duration,
    pub(crate) audit: Audit,
}

impl Sale {
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        let boot = Product::new("BOOT".parse()?);
        let line = Line::new(LineId(1), boot, Quantity::pieces(1)?, UnitPrice::parse("100.00")?);
        Ok(Self {
            shop: Shop::new(Policy::storefront(Currency::USD, Zone::UTC)),
            order: Order::builder(Currency::USD).line(line).build()?,
            customers: options.customers,
            codes: options.codes,
            limit: options.limit.into(),
            workers: options.workers,
        })
    }

    /// Which of the codes a shopper has.
    pub(crate) fn code_for(&self, shopper: u32) -> u32 {
        shopper.checked_rem(self.codes).unwrap_or(0)
    }

    /// Opens the doors, serves everybody, and reads the store back.
    pub(crate) async fn hold<B: Backend>(self, backend: B) -> Result<Closing, Failure> {
        let mut connection = backend.connect().await?;
        self.define(&mut backend.store(&mut connection)).await?;

        let (sale, backend) = (Arc::new(self), Arc::new(backend));
        let bar = progress_bar(sale.customers);
        let next = Arc::new(AtomicU32::new(0));
        let started = Instant::now();
        let tills: Vec<_> = (0..sale.workers)
            .map(|_| tokio::spawn(Till::serve(sale.clone(), backend.clone(), next.clone(), bar.clone())))
            .collect();
        let mut tally = Tally::default();
        for till in tills {
            tally.add(till.await??);
        }
        let took = started.elapsed();
        bar.finish_and_clear();

        // Whoever was turned away while others held the last uses may have them, now that those let them go or lapsed.
        tokio::time::sleep(SHORT_HOLD.to_std().unwrap_or_default()).await;
        let mut till = Till::open(sale.clone(), &*backend).await?;
        for place in 0..sale.codes {
            let coupon = coupon_of(place)?;
            let state = backend.store(&mut connection).counter(&CounterKey::Total { coupon }, now()).await?;
            let left = usize::try_from(sale.limit.saturating_sub(state.used)).unwrap_or(usize::MAX);
            let waiting: Vec<u32> = tally
                .turned_away
                .get(&place)
                .map(|shoppers| shoppers.iter().take(left).copied().collect())
                .unwrap_or_default();
            for shopper in waiting {
                till.second_look(&*backend, shopper).await?;
            }
        }
        tally.add(till.tally);

        let audit = audit::read(&sale, &tally, &mut backend.store(&mut connection)).await?;
        Ok(Closing { tally, took, audit })
    }

    /// 10% off, once for each customer, and so many times in all.
    async fn define<S: CouponAdmin>(&self, store: &mut S) -> Result<(), Failure> {
        let edit = Edit::new(now());
        for place in 0..self.codes {
            let coupon = Coupon::builder(coupon_of(place)?)
                .code(&code_of(place))
                .percent_off("10")
                .total_limit(self.limit)
                .per_customer_limit(1)
                .build()?;
            store.define(&coupon, &edit).await?;
        }
        Ok(())
    }
}

/// Draws on a terminal only; in a pipe or a log it is silent.
fn progress_bar(shoppers: u32) -> ProgressBar {
    let bar = ProgressBar::new(shoppers.into());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} shoppers, {msg}{eta} left") {
        bar.set_style(style);
    }
    bar
}

/// A worker: one connection, the coupons it has prepared, what it has seen.
struct Till<B: Backend> {
    sale: Arc<Sale>,
    connection: B::Connection,
    /// A definition is prepared once for each of its revisions; counters are never kept.
    prepared: HashMap<(CouponId, u32), Prepared>,
    tally: Tally,
}

impl<B: Backend> Till<B> {
    async fn open(sale: Arc<Sale>, backend: &B) -> Result<Self, Failure> {
        let connection = backend.connect().await?;
        Ok(Self { sale, connection, prepared: HashMap::new(), tally: Tally::default() })
    }

    /// Serves one shopper after the other until none is left.
    async fn serve(sale: Arc<Sale>, backend: Arc<B>, next: Arc<AtomicU32>, bar: ProgressBar) -> Result<Tally, Failure> {
        let mut till = Self::open(sale.clone(), &*backend).await?;
        loop {
            let shopper = next.fetch_add(1, Ordering::Relaxed);
            if shopper >= sale.customers {
                return Ok(till.tally);
            }
            let visit = Visit::first(&sale, shopper)?;
            let ending = till.visit(&backend, &visit).await?;
            match ending {
                Some(Ending::Redeemed) if visit.habit == Habit::ComesBack => {
                    till.visit(&backend, &Visit::second(&sale, shopper)?).await?;
                }
                Some(Ending::Refused(reason)) if reason.is_used_up() && visit.habit.keeps() => {
                    till.tally.turned_away.entry(sale.code_for(shopper)).or_default().push(shopper);
                }
                _ => {}
            }
            bar.inc(1);
        }
    }

    /// A shopper who was turned away asks once more, and buys.
    async fn second_look(&mut self, backend: &B, shopper: u32) -> Result<(), Failure> {
        let visit = Visit { habit: Habit::Buys, ..Visit::first(&self.sale, shopper)? };
        self.visit(backend, &visit).await.map(drop)
    }

    /// One checkout, tried again where another transaction was in the way or the connection broke: that is always safe,
    /// since every call is the same redemption under the same reference. Nothing where the store failed to the end.
    async fn visit(&mut self, backend: &B, visit: &Visit) -> Result<Option<Ending>, Failure> {
        let started = Instant::now();
        for attempt in 0..TRIES {
            let error = match self.check_out(backend, visit).await {
                Ok(ending) => {
                    self.count(visit, &ending, started.elapsed());
                    return Ok(Some(ending));
                }
                Err(Failure::Store(error)) if error.is_retryable() => error,
                Err(failure) => return Err(failure),
            };
            self.tally.tried_again = self.tally.tried_again.saturating_add(1);
            if let StoreError::Backend { .. } = error {
                tokio::time::sleep(Duration::from_millis(10).saturating_mul(attempt)).await;
                // If it cannot be had back yet, the next round says so again.
                if let Ok(connection) = backend.connect().await {
                    self.connection = connection;
                }
            }
        }
        // Whether it was recorded is not known. The shop takes the order without the coupon.
        self.tally.failed.insert(visit.reference.clone());
        self.tally.attempts = self.tally.attempts.saturating_add(1);
        Ok(None)
    }

    /// Load, evaluate, perhaps reserve, commit.
    async fn check_out(&mut self, backend: &B, visit: &Visit) -> Result<Ending, Failure> {
        let (sale, at) = (self.sale.clone(), now());
        let mut store = backend.store(&mut self.connection);

        let request = LoadRequest::new(visit.reference.clone(), Currency::USD, at)
            .code(&visit.code)
            .customer(sale.shop.policy().counted_keys(&visit.customer));
        let loaded = store.load(&request).await?;
        if let Progress::Recorded(_) = loaded.progress() {
            // An earlier try came through, and its answer did not.
            return Ok(Ending::Redeemed);
        }

        let mut codes = Vec::new();
        for code in loaded.codes() {
            if let Some((coupon, revision)) = code.revision() {
                let key = (coupon.clone(), revision);
                if !self.prepared.contains_key(&key) {
                    self.prepared.extend(code.prepare(&sale.shop)?.map(|prepared| (key, prepared)));
                }
            }
        }
        for code in loaded.codes() {
            let key = code.revision().map(|(coupon, revision)| (coupon.clone(), revision));
            codes.push(code.presented(key.and_then(|key| self.prepared.get(&key))));
        }
        let request = Request::new(&sale.order, &visit.customer, visit.reference.clone(), at).with_codes(&codes);
        let outcome = sale.shop.evaluate(&request)?;
        if let Some(refusal) = outcome.answers().iter().flat_map(Answer::reasons).next() {
            return Ok(Ending::Refused(Reason::priced(refusal)));
        }
        let redemption = outcome.redemption()?;

        let hold = match visit.habit {
            Habit::PaysFirst | Habit::GivesUp => Some(HOLD),
            Habit::WalksAway => Some(SHORT_HOLD),
            Habit::Buys | Habit::LosesTheAnswer | Habit::ComesBack => None,
        };
        if let Some(until) = hold.and_then(|hold| at.checked_add_signed(hold)) {
            match store.reserve(&redemption, at, until).await? {
                Reserve::Held { .. } => {}
                Reserve::Refused(objections) => return Ok(Ending::Refused(Reason::recorded(&objections))),
                Reserve::AlreadyRecorded => return Ok(Ending::Redeemed),
                Reserve::Different | Reserve::Stale(_) => return Ok(Ending::Refused(Reason::UNEXPECTED)),
            }
        }
        match visit.habit {
            Habit::WalksAway => return Ok(Ending::WalkedAway),
            Habit::GivesUp => {
                store.release(&visit.reference, now()).await?;
                return Ok(Ending::GaveUp);
            }
            Habit::Buys | Habit::PaysFirst | Habit::LosesTheAnswer | Habit::ComesBack => {}
        }

        let ending = match store.commit(&redemption, now()).await? {
            Commit::Recorded | Commit::AlreadyRecorded => Ending::Redeemed,
            Commit::Refused(objections) => Ending::Refused(Reason::recorded(&objections)),
            Commit::Different | Commit::Stale(_) => Ending::Refused(Reason::UNEXPECTED),
        };
        if visit.habit == Habit::LosesTheAnswer && ending == Ending::Redeemed {
            let repeat = store.commit(&redemption, now()).await?;
            self.tally.repeats = self.tally.repeats.saturating_add(1);
            if repeat != Commit::AlreadyRecorded {
                self.tally.repeats_denied = self.tally.repeats_denied.saturating_add(1);
            }
        }
        Ok(ending)
    }

    fn count(&mut self, visit: &Visit, ending: &Ending, took: Duration) {
        let tally = &mut self.tally;
        let add_one = |count: &mut u64| *count = count.saturating_add(1);
        add_one(&mut tally.attempts);
        tally.any.add(took);
        match ending {
            Ending::Redeemed => {
                tally.redeemed.add(took);
                if !tally.acknowledged.insert(visit.reference.clone()) {
                    add_one(&mut tally.told_twice);
                }
            }
            Ending::Refused(reason) => add_one(tally.refused.entry(*reason).or_default()),
            Ending::GaveUp => add_one(&mut tally.gave_up),
            Ending::WalkedAway => add_one(&mut tally.walked_away),
        }
    }
}

/// The orders that a shopper was told are placed.
pub(crate) type Orders = HashSet<Reference>;
