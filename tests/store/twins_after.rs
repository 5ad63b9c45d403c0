//! What comes after the order: changes of it, points that come back, customers who are forgotten, what is over taken away.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;

impl<S: CouponAdmin> World<'_, S> {
    /// An order that was priced is placed by the host, whatever the store said, and may be changed later.
    pub fn place(&mut self, request: &Request<'_>) {
        self.placed.extend(self.shop.place(request).ok());
    }

    pub async fn after(&mut self) {
        match self.dice.roll(10) {
            0..=4 => self.amend().await,
            5..=6 => self.return_points().await,
            7..=8 => self.purge().await,
            _ => self.forget().await,
        }
    }

    async fn amend(&mut self) {
        let Some(place) = self.placed.len().checked_sub(1) else { return };
        let place = self.dice.roll(place as u64 + 1) as usize;
        let (id, quantity) = (self.dice.roll(25), 1 + self.dice.roll(4));
        let change = Amendment::new(format!("a-{id}").parse().unwrap());
        let change = change.in_quantity(LineId(1), Quantity::pieces(quantity).unwrap());
        let Ok(amended) = self.placed[place].amend(&change) else { return };
        for _ in 0..=self.dice.roll(2) {
            let answer = self.memory.amend(&amended, self.at);
            let of_twin = CouponAdmin::amend(self.twin, &amended, self.at).await.unwrap();
            assert_eq!(of_twin, answer, "{:?}", amended.redemption());
            self.counts.amended += u32::from(answer == Amend::Amended);
            if answer == Amend::Amended {
                self.placed[place] = amended.placed().clone();
            }
        }
    }

    async fn return_points(&mut self) {
        let (reference, id) = (self.reference(), format!("r-{}", self.dice.roll(4)).parse().unwrap());
        let asked = PointsReturn::new(self.dice.roll(80), self.dice.roll(80));
        let answer = self.memory.return_points(&reference, &id, asked);
        assert_eq!(self.twin.return_points(&reference, &id, asked).await.unwrap(), answer, "{reference} {id}");
        self.counts.returned += u32::from(matches!(answer, ReturnPoints::Returned(_)));
    }

    async fn purge(&mut self) {
        let mut step = Purge::holds(self.at, 1 + self.dice.roll(4) as u32);
        if self.dice.hit(50) {
            step = step.with_records_before(self.at - TimeDelta::minutes(60 + self.dice.roll(200) as i64));
        }
        // Which lapsed holds are gone already is for each store to say; in the end all of them are.
        let (mut records, mut of_twin) = (0, 0);
        for _ in 0..40 {
            let (purged, twin) = (self.memory.purge(&step), self.twin.purge(&step).await.unwrap());
            assert_eq!(twin.records, purged.records);
            (records, of_twin) = (records + purged.records, of_twin + twin.records);
        }
        assert!(self.memory.purge(&step).is_done() && self.twin.purge(&step).await.unwrap().is_done());
        assert_eq!(of_twin, records);
        self.counts.purged += records as u32;
        self.compare_books().await;
    }

    async fn forget(&mut self) {
        let customers = customers();
        let mut keys = self.dice.pick(&customers).clone();
        if self.dice.hit(30) {
            keys.truncate(1);
        }
        // Whatever has lapsed is gone from both, and so in neither count.
        let holds = Purge::holds(self.at, 1_000);
        self.memory.purge(&holds);
        self.twin.purge(&holds).await.unwrap();
        let forgotten = self.memory.forget(&keys);
        let of_twin = self.twin.forget(&keys).await.unwrap();
        assert_eq!(of_twin, forgotten);
        self.counts.forgotten += forgotten.changed as u32;
        for key in &keys {
            assert!(self.twin.records_of(std::slice::from_ref(key), Page::first(1)).await.unwrap().is_empty());
            assert!(self.twin.type_history(key).await.unwrap().is_empty());
        }
        self.known.extend(forgotten.pseudonyms);
        self.compare_books().await;
    }

    /// Proves S31 and S58: the report of a store is that of the memory store. The history of everybody, those who were forgotten among them, a few records at a time.
    pub async fn compare_histories(&mut self) {
        let mut known: Vec<IdentityKey> = customers().concat();
        known.extend(self.known.iter().cloned());
        for key in &known {
            assert_eq!(self.twin.type_history(key).await.unwrap(), self.memory.type_history(key), "{key}");
            let points = self.memory.points(key, self.at);
            assert_eq!(self.twin.points(key, self.at).await.unwrap(), points, "{key}");
        }
        for keys in [known.as_slice(), &known[..1], &known[1..3]] {
            let mut page = Page::first(3);
            let mut read = Vec::new();
            loop {
                let records = self.twin.records_of(keys, page).await.unwrap();
                let Some(last) = records.last() else { break };
                page = Page::after(last.place, 3);
                read.extend(records.into_iter().map(|record| record.redemption));
            }
            let expected = self.memory.records_of(keys).into_iter().map(|record| record.redemption);
            assert_eq!(read, expected.collect::<Vec<_>>());
        }
        for coupon in COUPONS {
            let coupon: CouponId = coupon.parse().unwrap();
            let log = self.twin.usage_log(&coupon, Page::first(1_000)).await.unwrap();
            assert!(log.is_sorted_by_key(|record| record.place));
            let of = |log: Vec<UsageRecord>| log.into_iter().map(|record| record.redemption).collect::<Vec<_>>();
            assert_eq!(of(log), of(self.memory.usage_log(&coupon)), "{coupon}");
            let codes = CouponAdmin::codes_of(&mut self.memory, &self.shop, &coupon, None, 1_000).await.unwrap();
            assert_eq!(self.twin.codes_of(&self.shop, &coupon, None, 1_000).await.unwrap(), codes, "{coupon}");
        }
        let report = Report::of_store(&mut self.memory, &self.shop, Granularity::Day).await.unwrap();
        let of_twin = Report::of_store(self.twin, &self.shop, Granularity::Day).await.unwrap();
        assert_eq!(of_twin.rows(), report.rows());
        let club = "CLUB".parse().unwrap();
        let members = self.memory.customers_of_type(&club, self.at);
        assert_eq!(self.twin.customers_of_type(&club, self.at).await.unwrap(), members);
    }
}

/// One database serves two shops, with the same ids, codes, customers and references in both: each of them answers as a
/// store of its own does, and what happens in one is not seen in the other.
pub async fn two_shops<S: CouponAdmin>(one: &mut S, other: &mut S) {
    let mut first = world(one, 7);
    let mut second = world(other, 8);
    first.open().await;
    second.open().await;
    for _ in 0..150 {
        first.step().await;
        second.step().await;
    }
    first.compare_books().await;
    second.compare_books().await;
    assert!(first.counts.recorded > 0 && second.counts.recorded > 0);
}

pub fn world<S: CouponAdmin>(twin: &mut S, seed: u64) -> World<'_, S> {
    World {
        dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
        shop: shop(seed % 2 == 0),
        memory: MemoryStore::new(),
        twin,
        at: noon(),
        priced: Vec::new(),
        placed: Vec::new(),
        known: Vec::new(),
        counts: Counts::default(),
    }
}

/// What a task of the race does with a store.
#[derive(Debug, Clone, Copy)]
pub enum Job {
    Checkouts,
    Forgets,
    Purges,
}

/// One task of a race: checkouts of twenty customers, or whoever forgets them or takes away what is over meanwhile, as long
/// as the `gate` has checkouts behind it, with a pause each time. Says how much of it was done.
pub async fn race<S: CouponAdmin>(store: &mut S, job: Job, task: u64, pace: (u64, Duration, &AtomicUsize)) -> u64 {
    let (rounds, pause, gate) = pace;
    let (shop, mut dice, mut done) = (shop(false), Dice((task + 11).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1), 0);
    let mut round = 0;
    loop {
        if round >= rounds && (matches!(job, Job::Checkouts) || gate.load(Ordering::SeqCst) == 0) {
            break;
        }
        round += 1;
        let at = noon() + TimeDelta::seconds(round as i64);
        let who = dice.roll(20);
        let ann = [
            IdentityKey::id(&who.to_string()).unwrap(),
            // Some share an address.
            IdentityKey::email(&format!("{}@example.com", who / 2)).unwrap(),
        ];
        if !matches!(job, Job::Checkouts) && !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        match job {
            Job::Checkouts => {
                let reference = Reference::Order(format!("o-{task}-{}", dice.roll(rounds)).parse().unwrap());
                let request = LoadRequest::new(reference.clone(), Currency::USD, at)
                    .code("SPRING")
                    .customer(ann.clone())
                    .points();
                let Some(loaded) = again(store.load(&request).await) else { continue };
                let (prepared, customer) = (loaded.prepare(&shop).unwrap(), loaded.customer(Customer::new(ann)));
                let (codes, boot) = (loaded.presented(&prepared), Product::new("CLUB-YEAR".parse().unwrap()));
                let line = Line::new(LineId(1), boot, Quantity::ONE, UnitPrice::parse("10.00").unwrap());
                let order = Order::builder(Currency::USD).line(line).build().unwrap();
                let request = Request::new(&order, &customer, reference.clone(), at).with_codes(&codes);
                let Ok(redemption) = shop.evaluate(&request).unwrap().redemption() else { continue };
                match dice.roll(4) {
                    0 => {
                        let held = again(store.reserve(&redemption, at, at + TimeDelta::seconds(3)).await);
                        done += u64::from(matches!(held, Some(Reserve::Held { .. })));
                    }
                    1 => {
                        let policy = OnVoid::KEEP.with_uses_given_back(dice.hit(50)).with_type_reverted(true);
                        done += u64::from(matches!(
                            again(store.void(&reference, policy, at).await),
                            Some(Void::Voided { .. })
                        ));
                    }
                    _ => done += u64::from(again(store.commit(&redemption, at).await) == Some(Commit::Recorded)),
                }
            }
            Job::Forgets => done += again(store.forget(&ann).await).map_or(0, |forgotten| forgotten.changed),
            Job::Purges => done += again(store.purge(&Purge::holds(at, 5)).await).map_or(0, |purged| purged.holds),
        }
    }
    if matches!(job, Job::Checkouts) {
        gate.fetch_sub(1, Ordering::SeqCst);
    }
    done
}

/// An answer, or nothing where somebody was in the way.
fn again<T>(answer: Result<T, StoreError>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer),
        Err(error) if error.is_retryable() => {
            println!("{:?}", std::error::Error::source(&error));
            None
        }
        Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
    }
}

/// After a race: what is used is what is recorded, for each counter under whatever name, and nothing is held for ever.
pub async fn books_are_right<S: CouponAdmin>(store: &mut S) {
    let late = noon() + TimeDelta::days(1);
    while !store.purge(&Purge::holds(late, 50)).await.unwrap().is_done() {}
    let mut recorded: std::collections::BTreeMap<CounterKey, u64> = std::collections::BTreeMap::new();
    let records = store.records(Page::first(100_000)).await.unwrap();
    assert!(records.len() > 20, "{}", records.len());
    for record in &records {
        for delta in record.redemption.deltas() {
            let gave_back =
                if delta.key().allowance().is_some() { record.allowances_given_back } else { record.uses_given_back };
            *recorded.entry(delta.key().clone()).or_default() += if gave_back { 0 } else { delta.by() };
        }
    }
    // Judged long ago, no hold has lapsed: whatever is still held shows.
    for (key, state) in store.counters(noon() - TimeDelta::days(1)).await.unwrap() {
        assert_eq!((state.used, state.held), (recorded.remove(&key).unwrap_or(0), 0), "{key:?}");
    }
    recorded.retain(|_, used| *used > 0);
    assert!(recorded.is_empty(), "no counter for {recorded:?}");
    // Every type that somebody holds is the sum of a history that is still whole, under one name.
    for record in &records {
        for key in record.redemption.counted() {
            let history = store.type_history(key).await.unwrap();
            let mut held = HeldTypes::default();
            history.iter().for_each(|change| held.apply(&change.change));
            assert_eq!(store.held_types(std::slice::from_ref(key)).await.unwrap(), held, "{key}");
        }
    }
}

pub async fn open_for_race<S: CouponAdmin>(store: &mut S) {
    let coupon = Coupon::builder("spring").code("SPRING").percent_off("10").total_limit(100_000);
    let coupon = coupon.per_customer_limit(50_000).per_customer_and_code_limit(50_000).build().unwrap();
    store.define(&coupon, &Edit::new(noon())).await.unwrap();
}

/// Four of them check out.
pub const JOBS: [Job; 6] = [Job::Checkouts, Job::Forgets, Job::Checkouts, Job::Purges, Job::Checkouts, Job::Checkouts];
