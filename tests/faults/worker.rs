//! A checkout server that can be killed at any moment, and goes on where it was.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Postgres, Sqlite};
use vouchsafe::*;

use crate::base::Base;
use crate::campaign::{Basket, namespace, now, shop};
use crate::dice::Dice;
use crate::journal::{Call, Entry, Journal, Told, name, read};

/// The variable that a worker finds its job in.
pub const JOB: &str = "VOUCHSAFE_FAULTS_JOB";

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    Sqlite,
    Postgres,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// Orders of all kinds until it is told to stop.
    Storm,
    /// So many orders for one coupon, as soon as it may start.
    Race { orders: u64, code: String },
    /// The tables, again and again, until it is told to stop.
    Migrate,
}

/// What a worker is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub kind: Kind,
    pub place: String,
    pub namespace: String,
    pub worker: u64,
    pub seed: u64,
    pub journal: PathBuf,
    /// It may start where this is there.
    pub start: PathBuf,
    /// It is to stop where this is there.
    pub stop: PathBuf,
    pub work: Work,
}

impl Job {
    /// Does it, in this process.
    pub fn run(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        match self.kind {
            Kind::Sqlite => runtime.block_on(work::<Sqlite>(self)),
            Kind::Postgres => runtime.block_on(work::<Postgres>(self)),
        }
    }
}

/// Asks until something is true, for a minute at most.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited too long: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

async fn work<D: Base>(job: &Job)
where
    for<'c> SqlStore<'c, D>: CouponStore,
{
    if job.work == Work::Migrate {
        return migrate::<D>(job).await;
    }
    let mut worker = Worker::<D>::new(job);
    worker.finish_what_was_begun().await;
    wait_until("the start", || job.start.exists());
    while !job.stop.exists() {
        match &job.work {
            Work::Race { orders, .. } if worker.number >= *orders => break,
            Work::Race { code, .. } => worker.race(code).await,
            Work::Storm | Work::Migrate => worker.order().await,
        }
    }
}

/// How a call to the store ends: with an answer, or with the question lost.
type Answer<T> = Result<T, StoreError>;

struct Worker<'j, D: Base> {
    job: &'j Job,
    shop: Shop,
    namespace: Namespace,
    journal: Journal,
    connection: Option<D::Connection>,
    dice: Dice,
    /// The order that is next.
    number: u64,
}

impl<'j, D: Base> Worker<'j, D>
where
    for<'c> SqlStore<'c, D>: CouponStore,
{
    fn new(job: &'j Job) -> Self {
        let entries = read(&job.journal);
        let lives = entries.iter().filter(|entry| **entry == Entry::Life).count() as u64;
        let mut journal = Journal::open(&job.journal);
        journal.write(&Entry::Life);
        let dice = Dice::of(job.seed, &[job.worker, lives, 77]);
        let namespace = namespace(&job.namespace);
        Self { job, shop: shop(), namespace, journal, connection: None, dice, number: 0 }
    }

    /// The step that a kill left open is done again, with the very same content: what a host does that does not know.
    async fn finish_what_was_begun(&mut self) {
        let entries = read(&self.job.journal);
        let tries = |entry: &Entry| match entry {
            Entry::Try { number, call, redemption } => Some((*number, call.clone(), redemption.clone())),
            Entry::Life | Entry::Done { .. } => None,
        };
        let Some(last) = entries.iter().rposition(|entry| tries(entry).is_some()) else { return };
        let answered = entries[last..].iter().any(|entry| matches!(entry, Entry::Done { .. }));
        let (number, call, redemption) = tries(&entries[last]).unwrap();
        self.number = number + 1;
        if !answered {
            self.step(number, call, &redemption).await;
        }
    }

    /// One step: written down, done until it is answered, and the answer written down.
    async fn step(&mut self, number: u64, call: Call, redemption: &Redemption) -> Told {
        let entry = Entry::Try { number, call: call.clone(), redemption: Box::new(redemption.clone()) };
        self.journal.write(&entry);
        let (begun, mut lost) = (Instant::now(), 0);
        let told = loop {
            match self.ask(&call, redemption).await {
                Ok(told) => break told,
                Err(error) => lost += self.lose(error, begun),
            }
        };
        self.journal.write(&Entry::Done { told: told.clone(), lost });
        told
    }

    /// Takes an error as a host would: again where that helps, on a new connection unless only others were in the way.
    /// Says whether the question may still have an effect.
    fn lose(&mut self, error: StoreError, begun: Instant) -> u32 {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert!(error.is_retryable(), "no retry helps: {error}: {source:?}");
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not pass: {error}: {source:?}");
        if matches!(error, StoreError::Conflict { .. }) {
            return 0;
        }
        eprintln!("{error}: {source:?}");
        self.connection = None;
        std::thread::sleep(Duration::from_millis(2));
        1
    }

    async fn connection(&mut self) -> Answer<&mut D::Connection> {
        if self.connection.is_none() {
            // Whatever kept us from connecting: the host tries again.
            self.connection = Some(D::open(&self.job.place).await.map_err(StoreError::unavailable)?);
        }
        Ok(self.connection.as_mut().unwrap())
    }

    async fn ask(&mut self, call: &Call, redemption: &Redemption) -> Answer<Told> {
        let (namespace, at) = (self.namespace.clone(), now());
        if matches!(call, Call::Place | Call::TakeBack) {
            return self.ask_in_transaction(*call == Call::Place, redemption).await;
        }
        let connection = self.connection().await?;
        let mut store = SqlStore::<D>::new(connection, namespace);
        let reference = redemption.reference();
        Ok(match call {
            Call::Reserve { until } => match store.reserve(redemption, at, *until).await? {
                Reserve::Held { until } => Told::Held { until },
                Reserve::Refused(why) => no(&why),
                Reserve::Stale(why) => panic!("nobody revised {why:?}"),
                other @ (Reserve::AlreadyRecorded | Reserve::Different) => panic!("{reference}: {other:?}"),
            },
            Call::Release => match store.release(reference, at).await? {
                Release::Released => Told::Released,
                Release::NothingHeld => Told::NothingHeld,
                Release::Recorded => panic!("{reference} was never recorded"),
            },
            Call::Void { uses_back } => {
                match store.void(reference, OnVoid::KEEP.with_uses_given_back(*uses_back), at).await? {
                    Void::Voided { .. } => Told::Voided,
                    Void::AlreadyVoided => Told::AlreadyVoided,
                    Void::NotRecorded => panic!("{reference} is lost"),
                }
            }
            Call::Commit | Call::Place | Call::TakeBack => told(store.commit(redemption, at).await?, redemption),
        })
    }

    /// The order row and the redemption together, or neither.
    async fn ask_in_transaction(&mut self, keep: bool, redemption: &Redemption) -> Answer<Told> {
        let (namespace, at, mut dice) = (self.namespace.clone(), now(), self.dice.clone());
        self.dice.below(2);
        let connection = self.connection().await?;
        let mut transaction = D::transaction(connection, &mut dice).await.map_err(D::means)?;
        let reference = name(redemption.reference());
        // A refusal must leave the transaction usable, whether the order row comes before or after it.
        let order_first = dice.once_in(2);
        if order_first {
            D::insert_order(&mut transaction, &reference).await.map_err(D::means)?;
        }
        let commit = SqlStore::<D>::new(&mut transaction, namespace).commit(redemption, at).await?;
        if !order_first {
            D::insert_order(&mut transaction, &reference).await.map_err(D::means)?;
        }
        if keep && commit.is_recorded() {
            transaction.commit().await.map_err(D::means)?;
            return Ok(told(commit, redemption));
        }
        transaction.rollback().await.map_err(D::means)?;
        Ok(if commit.is_recorded() { Told::TakenBack } else { told(commit, redemption) })
    }

    /// Prices a basket. In one of three times with what was known before anybody bought, so that only the store can say no.
    async fn price(&mut self, basket: &Basket) -> Redemption {
        let begun = Instant::now();
        let of_old = self.dice.once_in(3);
        loop {
            let at = now();
            match self.load(&basket.request(&self.shop, at)).await {
                Ok(loaded) => {
                    let loaded = if of_old { forget_usage(&loaded) } else { loaded };
                    return basket.price(&self.shop, &loaded, at);
                }
                Err(error) => drop(self.lose(error, begun)),
            }
        }
    }

    async fn load(&mut self, request: &LoadRequest) -> Answer<Loaded> {
        let namespace = self.namespace.clone();
        SqlStore::<D>::new(self.connection().await?, namespace).load(request).await
    }

    /// One order for the coupon that all want.
    async fn race(&mut self, code: &str) {
        let number = self.number;
        self.number += 1;
        let basket = Basket::simple(&format!("w{}-{number}", self.job.worker), code.to_owned());
        let redemption = self.price(&basket).await;
        if redemption.coupons().is_empty() {
            return;
        }
        match self.dice.below(4) {
            0 => {
                let until = now() + TimeDelta::minutes(20);
                if let Told::Held { .. } = self.step(number, Call::Reserve { until }, &redemption).await {
                    let told = self.step(number, Call::Commit, &redemption).await;
                    assert_eq!(told, Told::Recorded, "what is held can be recorded");
                }
            }
            1 => drop(self.step(number, Call::Place, &redemption).await),
            _ => drop(self.step(number, Call::Commit, &redemption).await),
        }
    }

    /// One order of any kind, from the basket to whatever becomes of it.
    async fn order(&mut self) {
        let number = self.number;
        self.number += 1;
        let basket = Basket::of(self.job.seed, self.job.worker, number);
        let redemption = self.price(&basket).await;
        match self.dice.below(16) {
            0..4 => drop(self.step(number, Call::Commit, &redemption).await),
            4..6 => drop(self.step(number, Call::Place, &redemption).await),
            6 => {
                if self.step(number, Call::TakeBack, &redemption).await == Told::TakenBack {
                    self.step(number, Call::Place, &redemption).await;
                }
            }
            7..9 => {
                self.step(number, Call::Reserve { until: soon() }, &redemption).await;
                self.step(number, Call::Commit, &redemption).await;
            }
            9 => {
                self.step(number, Call::Reserve { until: tomorrow() }, &redemption).await;
                self.step(number, Call::Release, &redemption).await;
            }
            // Left to lapse.
            10 => drop(self.step(number, Call::Reserve { until: soon() }, &redemption).await),
            // Kept to the end.
            11 => drop(self.step(number, Call::Reserve { until: tomorrow() }, &redemption).await),
            12 => {
                if is_recorded(&self.step(number, Call::Commit, &redemption).await) {
                    let uses_back = self.dice.once_in(2);
                    self.step(number, Call::Void { uses_back }, &redemption).await;
                }
            }
            13 => {
                // The basket grows between the two.
                self.step(number, Call::Reserve { until: soon() }, &redemption).await;
                let changed = self.price(&basket.changed()).await;
                if let Told::Held { .. } = self.step(number, Call::Reserve { until: soon() }, &changed).await {
                    self.step(number, Call::Commit, &changed).await;
                }
            }
            14 => {
                // A shopper who clicks twice.
                if is_recorded(&self.step(number, Call::Commit, &redemption).await) {
                    let told = self.step(number, Call::Commit, &redemption).await;
                    assert_eq!(told, Told::AlreadyRecorded);
                }
            }
            _ => {
                // Refused, priced again, and placed without what said no.
                if let Told::No { .. } = self.step(number, Call::Commit, &redemption).await {
                    let again = self.price(&basket).await;
                    self.step(number, Call::Commit, &again).await;
                }
            }
        }
    }
}

fn is_recorded(told: &Told) -> bool {
    matches!(told, Told::Recorded | Told::AlreadyRecorded)
}

/// Short enough to lapse while the storm goes on.
fn soon() -> DateTime<Utc> {
    now() + TimeDelta::milliseconds(300)
}

fn tomorrow() -> DateTime<Utc> {
    now() + TimeDelta::days(1)
}

fn no(why: &[Objection]) -> Told {
    let why: Vec<String> = why.iter().map(ToString::to_string).collect();
    Told::No { why: why.join("; ") }
}

fn told(commit: Commit, redemption: &Redemption) -> Told {
    match commit {
        Commit::Recorded => Told::Recorded,
        Commit::AlreadyRecorded => Told::AlreadyRecorded,
        Commit::Refused(why) => no(&why),
        other @ (Commit::Different | Commit::Stale(_)) => panic!("{}: {other:?}", redemption.reference()),
    }
}

/// What was loaded, as if nobody had used anything yet.
fn forget_usage(loaded: &Loaded) -> Loaded {
    let codes = loaded.codes().iter().map(|code| {
        let Some(coupon) = code.coupon() else { return LoadedCode::unknown(code.entered()) };
        let fresh = LoadedCode::found(code.entered(), coupon.clone(), Usage::default());
        code.issued().map_or(fresh.clone(), |issued| fresh.clone().with_issued(issued.clone()))
    });
    let old = Loaded::new(codes.collect(), loaded.progress().clone()).with_held(loaded.held().clone());
    loaded.points().map_or(old.clone(), |points| old.clone().with_points(points))
}

/// Makes the tables, over and over.
async fn migrate<D: Base>(job: &Job) {
    let mut journal = Journal::open(&job.journal);
    journal.write(&Entry::Life);
    let begun = Instant::now();
    while !job.stop.exists() && begun.elapsed() < Duration::from_secs(60) {
        let Ok(mut connection) = D::open(&job.place).await else { continue };
        match SqlStore::<D>::migrate(&mut connection).await {
            Ok(_) => return,
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
    }
}
