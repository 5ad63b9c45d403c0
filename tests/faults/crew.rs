//! Many workers on one database: started, killed, started again, and their books looked at after each fault.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use vouchsafe::*;

use crate::base::{Base, ORDERS, run};
use crate::books::{Books, Fates, Tally};
use crate::campaign::{self, Basket, CUSTOMERS, HOT, HOT_LIMIT, POINTS, namespace, now, shop};
use crate::dice::Dice;
use crate::journal::{Entry, Told, count, fates, read};
use crate::worker::{JOB, Job, Kind, Work, wait_until};

/// The shop that is put under fire, and one beside it in the same database that nobody may touch.
pub const SHOP: &str = "shop-a";
pub const BESIDE: &str = "shop-b";

/// A directory that goes with the test.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("vouchsafe-faults-{}-{count}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Waits for a future of the test.
pub fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Sets up both shops in a fresh database.
pub async fn set_up<D: Base>(place: &str) -> Result<(), Box<dyn std::error::Error>>
where
    for<'c> SqlStore<'c, D>: CouponAdmin,
    for<'c> &'c mut D::Connection: sqlx::Executor<'c, Database = D>,
{
    let mut connection = D::open(place).await?;
    SqlStore::<D>::migrate(&mut connection).await?;
    run::<D>(&mut connection, ORDERS).await?;
    let edit = Edit::new(now());
    for shop in [SHOP, BESIDE] {
        let mut store = SqlStore::<D>::new(&mut connection, namespace(shop));
        for coupon in campaign::coupons() {
            store.define(&coupon, &edit).await?;
        }
        store.issue(&"ticket".parse()?, &campaign::tickets()).await?;
        for number in 0..CUSTOMERS {
            let customer = campaign::customer(number);
            let account = campaign::shop().policy().counted_keys(&customer).into_iter().min().unwrap();
            store.credit_points(&account, &"start".parse()?, POINTS).await?;
        }
    }
    Ok(())
}

/// Workers of one database.
pub struct Crew {
    kind: Kind,
    /// Where the workers find the database, and where the checks do.
    place: String,
    seed: u64,
    scratch: Scratch,
    work: Work,
    children: Vec<Option<Child>>,
    /// How often each of them had begun to live when it was killed last.
    lives: Vec<usize>,
    pub dice: Dice,
}

impl Crew {
    pub fn new(kind: Kind, place: &str, workers: usize, work: Work, seed: u64) -> Self {
        let children = (0..workers).map(|_| None).collect();
        let (place, scratch, dice) = (place.to_owned(), Scratch::new(), Dice::of(seed, &[4711]));
        Self { kind, place, seed, scratch, work, children, lives: vec![0; workers], dice }
    }

    pub fn workers(&self) -> usize {
        self.children.len()
    }

    fn journal(&self, worker: usize) -> PathBuf {
        self.scratch.path().join(format!("journal-{worker}"))
    }

    fn flag(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub fn start(&mut self, worker: usize) {
        let job = Job {
            kind: self.kind,
            place: self.place.clone(),
            namespace: SHOP.to_owned(),
            worker: worker as u64,
            seed: self.seed,
            journal: self.journal(worker),
            start: self.flag("start"),
            stop: self.flag("stop"),
            work: self.work.clone(),
        };
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(self.errors(worker)).unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["one_worker_alone", "--exact", "--nocapture", "--test-threads=1"])
            .env(JOB, serde_json::to_string(&job).unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .unwrap();
        self.children[worker] = Some(child);
    }

    fn errors(&self, worker: usize) -> PathBuf {
        self.scratch.path().join(format!("errors-{worker}"))
    }

    /// All of them, waiting for the start.
    pub fn start_all(&mut self) {
        for worker in 0..self.workers() {
            self.start(worker);
        }
        for worker in 0..self.workers() {
            let journal = self.journal(worker);
            wait_until("the workers", || count(&journal).0 > 0);
        }
    }

    pub fn go(&self) {
        std::fs::write(self.flag("start"), "").unwrap();
    }

    /// How many steps of a worker were answered so far.
    pub fn steps(&self, worker: usize) -> usize {
        count(&self.journal(worker)).1
    }

    pub fn all_steps(&self) -> usize {
        (0..self.workers()).map(|worker| self.steps(worker)).sum()
    }

    /// Kills a worker that has begun to live, at a moment that nobody chose, and starts it again.
    pub fn kill_one(&mut self) {
        let worker = self.dice.below(self.workers() as u64) as usize;
        let (journal, before) = (self.journal(worker), self.lives[worker]);
        wait_until("the worker lives", || count(&journal).0 > before);
        let begun = Instant::now();
        let moment = Duration::from_micros(self.dice.below(40_000));
        while begun.elapsed() < moment {
            std::hint::spin_loop();
        }
        let mut child = self.children[worker].take().unwrap();
        child.kill().unwrap();
        let status = child.wait().unwrap();
        self.expect(worker, was_killed(status), &format!("it ended by itself: {status}"));
        self.lives[worker] = count(&journal).0;
        self.start(worker);
    }

    /// Kills a worker; says whether it was still alive.
    pub fn kill_if_alive(&mut self, worker: usize) -> bool {
        let mut child = self.children[worker].take().unwrap();
        child.kill().unwrap();
        let status = child.wait().unwrap();
        self.expect(worker, was_killed(status) || status.success(), &format!("it ended badly: {status}"));
        was_killed(status)
    }

    /// Waits until no step is answered any more.
    pub fn wait_until_stuck(&mut self) {
        let begun = Instant::now();
        let (mut last, mut since) = (self.all_steps(), Instant::now());
        while since.elapsed() < Duration::from_millis(400) {
            self.all_work();
            assert!(begun.elapsed() < Duration::from_secs(60), "the workers never stand still, seed {}", self.seed);
            std::thread::sleep(Duration::from_millis(20));
            let steps = self.all_steps();
            if steps != last {
                (last, since) = (steps, Instant::now());
            }
        }
    }

    fn expect(&self, worker: usize, is_so: bool, what: &str) {
        let errors = || {
            let text = std::fs::read_to_string(self.errors(worker)).unwrap_or_default();
            let last: Vec<&str> = text.lines().rev().take(20).collect();
            last.into_iter().rev().collect::<Vec<_>>().join("\n")
        };
        assert!(is_so, "worker {worker}, seed {}: {what}\n{}", self.seed, errors());
    }

    /// None of them has ended, which they only do when something is wrong.
    pub fn all_work(&mut self) {
        for worker in 0..self.workers() {
            let ended = self.children[worker].as_mut().and_then(|child| child.try_wait().unwrap());
            self.expect(worker, ended.is_none(), &format!("it ended: {ended:?}"));
        }
    }

    /// Waits until so many more steps were answered.
    pub fn wait_for_steps(&mut self, more: usize) {
        let wanted = self.all_steps() + more;
        let begun = Instant::now();
        while self.all_steps() < wanted {
            self.all_work();
            self.expect(0, begun.elapsed() < Duration::from_secs(60), "the workers stand still");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Tells them to stop, and waits until they have: each must end well.
    pub fn stop(&mut self) {
        std::fs::write(self.flag("stop"), "").unwrap();
        self.wait();
    }

    /// Waits until they have ended by themselves, each of them well.
    pub fn wait(&mut self) {
        for worker in 0..self.workers() {
            let Some(mut child) = self.children[worker].take() else { continue };
            let status = child.wait().unwrap();
            self.expect(worker, status.success(), &format!("it ended badly: {status}"));
        }
    }

    pub fn entries(&self) -> Vec<Entry> {
        (0..self.workers()).flat_map(|worker| read(&self.journal(worker))).collect()
    }

    pub fn fates(&self) -> Fates {
        (0..self.workers()).flat_map(|worker| fates(&read(&self.journal(worker)))).collect()
    }

    /// The books are right, by what was acknowledged, whatever is going on.
    pub async fn check<D: Base>(&self, place: &str) -> Tally {
        let before = self.fates();
        let mut connection = D::open(place).await.unwrap();
        let books = Books::read::<D>(&mut connection, SHOP).await.unwrap();
        let (after, now) = (self.fates(), now());
        let faults = books.faults(&before, &after, now);
        assert!(faults.is_empty(), "seed {}:\n{}", self.seed, faults.join("\n"));
        books.tally(&before, now)
    }

    /// When all have stopped: lapsed holds are in nobody's way, live ones can be let go once, and then every hot coupon can
    /// be redeemed up to its limit and no further.
    pub async fn settle<D: Base>(&self, place: &str) -> Tally
    where
        for<'c> SqlStore<'c, D>: CouponAdmin,
    {
        let tally = self.check::<D>(place).await;
        let mut connection = D::open(place).await.unwrap();
        // Behind every hold that was left to lapse, before any that is kept.
        let later = now() + TimeDelta::hours(1);
        let books = Books::read::<D>(&mut connection, SHOP).await.unwrap();
        let touched: Vec<String> = (0..HOT).map(campaign::hot).filter(|hot| books.taken(hot, later).0 > 0).collect();
        assert!(!touched.is_empty(), "nobody bought anything");
        for hot in &touched {
            let (used, held) = books.taken(hot, later);
            let room = HOT_LIMIT as i64 - used - held;
            assert_eq!(self.use_up::<D>(&mut connection, hot, "rest", later).await, room, "{hot}, seed {}", self.seed);
        }
        let held = books.live_holds(later);
        for reference in &held {
            let mut store = SqlStore::<D>::new(&mut connection, namespace(SHOP));
            assert_eq!(store.release(reference, later).await.unwrap(), Release::Released, "{reference}");
            assert_eq!(store.release(reference, later).await.unwrap(), Release::NothingHeld, "{reference}");
        }
        for hot in &touched {
            let (_, held) = books.taken(hot, later);
            assert_eq!(self.use_up::<D>(&mut connection, hot, "last", later).await, held, "{hot}, seed {}", self.seed);
        }
        let books = Books::read::<D>(&mut connection, SHOP).await.unwrap();
        for hot in &touched {
            assert_eq!(books.taken(hot, later), (HOT_LIMIT as i64, 0), "{hot}, seed {}", self.seed);
        }
        // What the store says of itself is what lies in the tables.
        let mut store = SqlStore::<D>::new(&mut connection, namespace(SHOP));
        books.compare_counters(&store.counters(later).await.unwrap(), later);
        let (mut records, mut page) = (0, Page::first(100));
        loop {
            let some = store.records(page).await.unwrap();
            let Some(last) = some.last() else { break };
            records += some.len();
            page = Page::after(last.place, 100);
        }
        assert_eq!(records, books.records(), "seed {}", self.seed);
        tally
    }

    /// Places orders for a coupon until the store says no; says how many it took.
    async fn use_up<D: Base>(
        &self,
        connection: &mut D::Connection,
        coupon: &str,
        name: &str,
        at: chrono::DateTime<chrono::Utc>,
    ) -> i64
    where
        for<'c> SqlStore<'c, D>: CouponStore,
    {
        let shop = shop();
        for taken in 0.. {
            let basket = Basket::simple(&format!("{name}-{coupon}-{taken}"), coupon.to_owned());
            let mut store = SqlStore::<D>::new(connection, namespace(SHOP));
            let loaded = store.load(&basket.request(&shop, at)).await.unwrap();
            let redemption = basket.price(&shop, &loaded, at);
            if redemption.coupons().is_empty() {
                return taken;
            }
            match store.commit(&redemption, at).await.unwrap() {
                Commit::Recorded => {}
                other => panic!("{coupon} has room, as it was loaded: {other:?}"),
            }
        }
        unreachable!("a limit is reached some time")
    }
}

impl Drop for Crew {
    /// No worker outlives its test.
    fn drop(&mut self) {
        for child in self.children.iter_mut().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn was_killed(status: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(9)
}

/// What the workers were told, in numbers.
pub fn answers(entries: &[Entry]) -> (u64, u64) {
    let told = |is_so: &dyn Fn(&Told) -> bool| {
        entries.iter().filter(|entry| matches!(entry, Entry::Done { told, .. } if is_so(told))).count() as u64
    };
    (told(&|told| *told == Told::Recorded), told(&|told| matches!(told, Told::No { .. })))
}
