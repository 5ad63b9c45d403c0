//! The stores in databases answer exactly as the memory store does: the same random checkouts, edits and clocks on both,
//! every answer compared.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

#[path = "store/twins_after.rs"]
mod after;
#[path = "store/nowhere.rs"]
mod nowhere;
#[cfg(feature = "postgres")]
#[path = "support/postgres.rs"]
mod postgres;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use vouchsafe::*;

/// Numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn hit(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

fn noon() -> DateTime<Utc> {
    parse_instant("2026-03-01T12:00:00Z").unwrap()
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

const CODES: [&str; 9] =
    ["SPRING", "SUMMER", "AUTUMN", "WINTER", "FIRST", "K7WQ-93MX", "P2HD-8VRT", "W4NC-6JYA", "NONE"];

/// The definitions of the season, each with other limits.
fn definition(id: &str, percent: u64, limit: u64) -> Coupon {
    let coupon = Coupon::builder(id).percent_off(&percent.to_string());
    let coupon = match id {
        "spring" => coupon.code("SPRING").total_limit(limit).per_customer_limit(2),
        "summer" => coupon.code("SUMMER").budget(Amounts::new([usd("25.00")]).unwrap()),
        "autumn" => coupon.code("AUTUMN").per_customer_and_code_limit(2).units_limit(limit + 3),
        "winter" if limit > 4 => coupon.code("WINTER").total_limit(limit),
        "winter" => coupon.code("WINTER"),
        "first" => coupon.code("FIRST").condition(Condition::FirstOrder),
        _ => coupon.per_code_limit(if limit > 4 { 2 } else { 1 }),
    };
    coupon.build().unwrap()
}

const COUPONS: [&str; 6] = ["spring", "summer", "autumn", "winter", "first", "patrol"];

/// A shop of one of two kinds: with points and rolling days, or so that most orders are of the simple kind.
fn shop(simple: bool) -> Shop {
    let year = TypeAssignment::membership("CLUB".parse().unwrap(), AssignWhen::OnCommit);
    let points = serde_json::json!({"earn": {"USD": "1"}, "value": {"USD": "0.01"}, "redeem_as": "discount"});
    let boots = |id: &str, quantity| {
        Allowance::new(id.parse().unwrap(), [Goods::product("BOOT".parse().unwrap())], quantity).unwrap()
    };
    let shop = Shop::builder(Policy::builder(Currency::USD).max_codes(None).build().unwrap())
        .customer_type("CLUB".parse().unwrap())
        .purchase_assigns(Goods::product("CLUB-YEAR".parse().unwrap()), year.lasting(AssignUntil::Days(365)).unwrap())
        .allowance(boots("month", 9).with_window(AllowanceWindow::Month));
    if simple {
        return shop.build().unwrap();
    }
    shop.points(serde_json::from_value(points).unwrap())
        .allowance(boots("days", 7).with_window(AllowanceWindow::rolling(1).unwrap()))
        .allowance(boots("shared", 60).with_per(AllowancePer::Shared))
        .build()
        .unwrap()
}

fn customers() -> [Vec<IdentityKey>; 4] {
    let (id, email) = (|value| IdentityKey::id(value).unwrap(), |value| IdentityKey::email(value).unwrap());
    [vec![], vec![id("1")], vec![id("2"), email("bob@example.com")], vec![id("3"), email("bob@example.com")]]
}

/// What happens, in the words of a failing test.
struct World<'s, S> {
    dice: Dice,
    shop: Shop,
    memory: MemoryStore,
    twin: &'s mut S,
    at: DateTime<Utc>,
    /// Redemptions that were priced, to be asked for again, late or twice.
    priced: Vec<Redemption>,
    /// Orders as the host has them.
    placed: Vec<PlacedOrder>,
    /// Whoever was forgotten, by another name.
    known: Vec<IdentityKey>,
    counts: Counts,
}

/// So that a run that compares nothing but refusals is seen.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    held: u32,
    recorded: u32,
    refused: u32,
    stale: u32,
    voided: u32,
    released: u32,
    amended: u32,
    returned: u32,
    purged: u32,
    forgotten: u32,
}

impl<S: CouponAdmin> World<'_, S> {
    async fn open(&mut self) {
        for id in COUPONS {
            let (edit, coupon) = (Edit::new(noon()), definition(id, 10, 3));
            CouponAdmin::define(&mut self.memory, &coupon, &edit).await.unwrap();
            self.twin.define(&coupon, &edit).await.unwrap();
        }
        let code = |text| IssuedCode::new(Code::parse(text, CodeFormat::Standard).unwrap(), noon());
        let codes =
            [code("K7WQ-93MX"), code("P2HD-8VRT").with_holder(IdentityKey::id("1").unwrap()), code("W4NC-6JYA")];
        CouponAdmin::issue(&mut self.memory, &"patrol".parse().unwrap(), &codes).await.unwrap();
        self.twin.issue(&"patrol".parse().unwrap(), &codes).await.unwrap();
        for (n, key) in [IdentityKey::id("1"), IdentityKey::email("bob@example.com")].into_iter().enumerate() {
            let (key, id) = (key.unwrap(), format!("start-{n}").parse().unwrap());
            CouponAdmin::credit_points(&mut self.memory, &key, &id, 300).await.unwrap();
            self.twin.credit_points(&key, &id, 300).await.unwrap();
        }
    }

    fn reference(&mut self) -> Reference {
        let n = self.dice.roll(36);
        if n < 30 {
            Reference::Order(format!("o-{n}").parse().unwrap())
        } else {
            Reference::Claim(format!("o-{n}").parse().unwrap())
        }
    }

    /// As a rule one that was priced lately.
    fn known_reference(&mut self) -> Reference {
        let late = self.priced.len().saturating_sub(8);
        match self.priced.get(late..) {
            Some(lately) if !lately.is_empty() && self.dice.hit(85) => self.dice.pick(lately).reference().clone(),
            _ => self.reference(),
        }
    }

    async fn step(&mut self) {
        match self.dice.roll(108) {
            100.. => self.after().await,
            0..=44 => self.checkout().await,
            45..=69 => self.ask_again().await,
            70..=75 => self.release().await,
            76..=81 => self.void().await,
            82..=89 => self.edit().await,
            _ => self.at += TimeDelta::minutes(self.dice.roll(25) as i64) + TimeDelta::nanoseconds(1),
        }
    }

    async fn checkout(&mut self) {
        let (reference, customers) = (self.reference(), customers());
        let customer = Customer::new(self.dice.pick(&customers).clone());
        let codes: Vec<&str> = CODES.into_iter().filter(|_| self.dice.hit(20)).collect();
        let product = if self.dice.hit(15) { "CLUB-YEAR" } else { "BOOT" };
        let line = Line::new(
            LineId(1),
            Product::new(product.parse().unwrap()),
            Quantity::pieces(1 + self.dice.roll(3)).unwrap(),
            UnitPrice::parse(["10.00", "19.99", "60.00"][self.dice.roll(3) as usize]).unwrap(),
        );
        let order = Order::builder(Currency::USD).line(line).build().unwrap();
        let keys = self.shop.policy().counted_keys(&customer);
        let counters = self.shop.allowance_counters(&order, &keys, self.at);
        let request = LoadRequest::new(reference.clone(), Currency::USD, self.at)
            .with_codes(codes)
            .customer(keys)
            .allowances(counters)
            .points();
        let loaded = self.memory.load(&request).await.unwrap();
        assert_eq!(self.twin.load(&request).await.unwrap(), loaded, "{request:?}");
        let prepared = loaded.prepare(&self.shop).unwrap();
        let presented = loaded.presented(&prepared);
        let customer = loaded.customer(customer);
        let mut priced = Request::new(&order, &customer, reference, self.at).with_codes(&presented);
        if let Some(points) = loaded.points().filter(|_| self.dice.hit(30)) {
            priced = priced.with_points(PointsUse::new(1 + self.dice.roll(200), points.available()));
        }
        let priced = priced.with_allowances(loaded.allowances());
        let outcome = self.shop.evaluate(&priced).unwrap();
        let Ok(redemption) = outcome.redemption() else { return };
        self.place(&priced);
        self.priced.push(redemption.clone());
        // Many price before anybody asks: so there are more who fit than there is room.
        if self.dice.hit(45) {
            self.ask(&redemption).await;
        }
    }

    async fn ask_again(&mut self) {
        if self.priced.is_empty() {
            return;
        }
        let late = self.priced.len().saturating_sub(16);
        let redemption = self.dice.pick(&self.priced[late..]).clone();
        self.ask(&redemption).await;
    }

    async fn ask(&mut self, redemption: &Redemption) {
        if self.dice.hit(45) {
            let until = self.at + TimeDelta::minutes(self.dice.roll(60) as i64);
            let answer = self.memory.reserve(redemption, self.at, until).await.unwrap();
            assert_eq!(self.twin.reserve(redemption, self.at, until).await.unwrap(), answer, "{redemption:?}");
            match answer {
                Reserve::Held { .. } => self.counts.held += 1,
                Reserve::Refused(_) => self.counts.refused += 1,
                Reserve::Stale(_) => self.counts.stale += 1,
                _ => {}
            }
        } else {
            let answer = self.memory.commit(redemption, self.at).await.unwrap();
            assert_eq!(self.twin.commit(redemption, self.at).await.unwrap(), answer, "{redemption:?}");
            match answer {
                Commit::Recorded => self.counts.recorded += 1,
                Commit::Refused(_) => self.counts.refused += 1,
                Commit::Stale(_) => self.counts.stale += 1,
                _ => {}
            }
        }
    }

    async fn release(&mut self) {
        let reference = self.known_reference();
        let answer = self.memory.release(&reference, self.at).await.unwrap();
        assert_eq!(self.twin.release(&reference, self.at).await.unwrap(), answer, "{reference}");
        self.counts.released += u32::from(answer == Release::Released);
    }

    async fn void(&mut self) {
        let reference = self.known_reference();
        let policy = OnVoid::KEEP
            .with_uses_given_back(self.dice.hit(50))
            .with_allowances_given_back(self.dice.hit(50))
            .with_type_reverted(self.dice.hit(70))
            .with_points_kept(self.dice.hit(50));
        let answer = self.memory.void(&reference, policy, self.at).await.unwrap();
        assert_eq!(self.twin.void(&reference, policy, self.at).await.unwrap(), answer, "{reference} {policy:?}");
        self.counts.voided += u32::from(matches!(answer, Void::Voided { .. }));
    }

    /// What is counted and recorded in the end.
    async fn compare_books(&mut self) {
        let counters = CouponAdmin::counters(&mut self.memory, self.at).await.unwrap();
        let raised = |counters: Vec<(CounterKey, CounterState)>| -> Vec<(CounterKey, CounterState)> {
            counters.into_iter().filter(|(_, state)| *state != CounterState::default()).collect()
        };
        assert_eq!(raised(self.twin.counters(self.at).await.unwrap()), raised(counters));
        let all = Page::first(10_000);
        let records = CouponAdmin::records(&mut self.memory, all).await.unwrap();
        let of_twin = self.twin.records(all).await.unwrap();
        assert_eq!(of_twin.len(), records.len());
        for (twin, record) in of_twin.iter().zip(&records) {
            assert_eq!((&twin.redemption, twin.recorded_at), (&record.redemption, record.recorded_at));
            assert_eq!((twin.voided_at, twin.uses_given_back), (record.voided_at, record.uses_given_back));
        }
        for keys in customers().iter().filter(|keys| !keys.is_empty()) {
            let held = CouponAdmin::held_types(&mut self.memory, keys).await.unwrap();
            assert_eq!(self.twin.held_types(keys).await.unwrap(), held);
        }
        self.compare_histories().await;
    }

    /// Somebody changes a definition in the middle of everything.
    async fn edit(&mut self) {
        let (id, edit) = (*self.dice.pick(&COUPONS), Edit::new(self.at));
        let coupon: CouponId = id.parse().unwrap();
        match self.dice.roll(13) {
            10..=12 => {
                let text = if self.dice.hit(50) { "K7WQ-93MX" } else { "W4NC-6JYA" };
                let code = Code::parse(text, CodeFormat::Standard);
                let (code, lost) = (code.unwrap(), Revocation::new(self.at, "lost").unwrap());
                CouponAdmin::revoke(&mut self.memory, &code, &lost).await.unwrap();
                self.twin.revoke(&code, &lost).await.unwrap();
            }
            0 => {
                let revision = CouponAdmin::kill(&mut self.memory, &coupon, &edit).await.unwrap();
                assert_eq!(self.twin.kill(&coupon, &edit).await.unwrap(), revision);
            }
            1..=4 => {
                let status = if self.dice.hit(80) { Status::Active } else { Status::Inactive };
                let revision = CouponAdmin::set_status(&mut self.memory, &coupon, status, &edit).await.unwrap();
                assert_eq!(self.twin.set_status(&coupon, status, &edit).await.unwrap(), revision);
            }
            _ => {
                let current = CouponAdmin::definition(&mut self.memory, &coupon).await.unwrap().unwrap();
                let revised = definition(id, 5 + self.dice.roll(10), 3 + self.dice.roll(4));
                let mut document = serde_json::to_value(&revised).unwrap();
                document["revision"] = current.revision().into();
                let revised: Coupon = serde_json::from_value(document).unwrap();
                let revision = CouponAdmin::revise(&mut self.memory, &revised, &edit).await.unwrap();
                assert_eq!(self.twin.revise(&revised, &edit).await.unwrap(), revision);
            }
        }
    }
}

/// The same life twice.
async fn live<S: CouponAdmin>(twin: &mut S, seed: u64, steps: u32) -> Counts {
    let mut world = after::world(twin, seed);
    world.open().await;
    for _ in 0..steps {
        world.step().await;
    }
    world.compare_books().await;
    world.counts
}

/// Every kind of answer was among those that were compared.
fn check(counts: &[Counts]) {
    let sum = |of: fn(&Counts) -> u32| counts.iter().map(of).sum::<u32>();
    let sums = [
        sum(|c| c.held),
        sum(|c| c.recorded),
        sum(|c| c.refused),
        sum(|c| c.stale),
        sum(|c| c.voided),
        sum(|c| c.released),
        sum(|c| c.amended),
        sum(|c| c.returned),
        sum(|c| c.purged),
        sum(|c| c.forgotten),
    ];
    println!("held, recorded, refused, stale, voided, released, amended, returned, purged, forgotten: {sums:?}");
    assert!(sums.iter().all(|sum| *sum > 0), "{sums:?}");
}

/// Proves S4, S16, S23, S69, S98, S106 and traps 14 to 20 on SQLite: it answers as the reference does.
#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_answers_as_the_memory_store() {
    use sqlx::ConnectOptions;
    let mut counts = Vec::new();
    for (seed, at_once) in (1..=20).map(|seed| (seed, true)).chain((1..=8).map(|seed| (seed, false))) {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(":memory:");
        let mut connection = options.connect().await.unwrap();
        SqliteStore::migrate(&mut connection).await.unwrap();
        let store = SqliteStore::new(&mut connection, "shop".parse().unwrap());
        let mut store = if at_once { store } else { store.carefully() };
        counts.push(live(&mut store, seed, 160).await);
    }
    check(&counts);
}

/// Proves the same on PostgreSQL.
#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_answers_as_the_memory_store() {
    let Some(server) = postgres::server() else { return };
    let mut counts = Vec::new();
    for seed in 1..=8 {
        let mut connection = server.database().connect().await;
        let mut store = PostgresStore::new(&mut connection, "shop".parse().unwrap());
        counts.push(live(&mut store, seed, 160).await);
    }
    check(&counts);
}

/// Proves that the many statements of PostgreSQL say what its one statement says, where that would do.
#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_answers_the_same_without_its_one_statement() {
    let Some(server) = postgres::server() else { return };
    let mut counts = Vec::new();
    for seed in 1..=8 {
        let mut connection = server.database().connect().await;
        let mut store = PostgresStore::new(&mut connection, "shop".parse().unwrap()).carefully();
        counts.push(live(&mut store, seed, 120).await);
    }
    check(&counts);
}

#[cfg(feature = "sqlite")]
mod in_sqlite {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
    use sqlx::{ConnectOptions, Connection};

    use super::*;

    /// A file of the test's own, removed at the end.
    struct File(std::path::PathBuf);

    impl File {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("vouchsafe-{name}-{}.db", std::process::id()));
            drop(std::fs::remove_file(&path));
            Self(path)
        }

        async fn connect(&self) -> SqliteConnection {
            let options = SqliteConnectOptions::new().filename(&self.0).create_if_missing(true);
            let options = options.journal_mode(SqliteJournalMode::Wal).busy_timeout(Duration::from_secs(60));
            options.connect().await.unwrap()
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            for end in ["", "-wal", "-shm"] {
                drop(std::fs::remove_file(format!("{}{end}", self.0.display())));
            }
        }
    }

    /// The tables in which a text stands.
    async fn with_trace(connection: &mut SqliteConnection) -> Vec<String> {
        let columns = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.name LIKE 'coupon_%' \
                       AND t.type = 'table' ORDER BY t.name";
        let columns: Vec<(String, String)> = sqlx::query_as(columns).fetch_all(&mut *connection).await.unwrap();
        let mut found = std::collections::BTreeSet::new();
        for (table, column) in columns {
            for trace in nowhere::TRACES {
                let count = format!("SELECT count(*) FROM {table} WHERE instr({column}, '{trace}') > 0");
                let count: i64 =
                    sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(&mut *connection).await.unwrap();
                found.extend((count > 0).then(|| table.clone()));
            }
        }
        found.into_iter().collect()
    }

    #[tokio::test]
    async fn who_is_forgotten_stands_nowhere() {
        let file = File::new("nowhere");
        let mut connection = file.connect().await;
        SqliteStore::migrate(&mut connection).await.unwrap();
        nowhere::live(&mut SqliteStore::new(&mut connection, "shop".parse().unwrap())).await;
        assert_eq!(with_trace(&mut connection).await, nowhere::TABLES);
        nowhere::forget(&mut SqliteStore::new(&mut connection, "shop".parse().unwrap())).await;
        assert_eq!(with_trace(&mut connection).await, [""; 0]);
    }

    #[tokio::test]
    async fn what_was_purged_is_new_again() {
        let file = File::new("again");
        let mut connection = file.connect().await;
        SqliteStore::migrate(&mut connection).await.unwrap();
        nowhere::purged_and_used_again(&mut SqliteStore::new(&mut connection, "shop".parse().unwrap())).await;
    }

    #[tokio::test]
    async fn two_shops_in_one_file() {
        let file = File::new("two-shops");
        let (mut one, mut other) = (file.connect().await, file.connect().await);
        SqliteStore::migrate(&mut one).await.unwrap();
        let mut first = SqliteStore::new(&mut one, "first".parse().unwrap());
        after::two_shops(&mut first, &mut SqliteStore::new(&mut other, "second".parse().unwrap())).await;
    }

    /// Customers are forgotten and holds purged while checkouts go on, and no counter loses a use.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_books_are_right_whoever_is_forgotten() {
        let file = File::new("forgotten");
        let mut connection = file.connect().await;
        SqliteStore::migrate(&mut connection).await.unwrap();
        let mut store = SqliteStore::new(&mut connection, "shop".parse().unwrap());
        after::open_for_race(&mut store).await;
        let (mut tasks, gate) = (Vec::new(), Arc::new(AtomicUsize::new(4)));
        for (task, job) in (0..).zip(after::JOBS) {
            let (mut connection, gate) = (file.connect().await, gate.clone());
            tasks.push(tokio::spawn(async move {
                let mut store = SqliteStore::new(&mut connection, "shop".parse().unwrap());
                // With one writer there is no queue: whoever never pauses has the database for itself.
                let pause = Duration::from_millis(2);
                let done = after::race(&mut store, job, task, (30, pause, &gate)).await;
                connection.close().await.unwrap();
                done
            }));
        }
        for (task, job) in tasks.into_iter().zip(after::JOBS) {
            let done = task.await.unwrap();
            assert!(done > 0, "{job:?}");
        }
        after::books_are_right(&mut store).await;
    }
}

#[cfg(feature = "postgres")]
mod in_postgres {
    use sqlx::{Connection, PgConnection};

    use super::*;

    /// The tables in which a text stands.
    async fn with_trace(connection: &mut PgConnection) -> Vec<String> {
        let tables =
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'coupon\\_%' ORDER BY tablename COLLATE \"C\"";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *connection).await.unwrap();
        let mut found = Vec::new();
        for table in tables {
            let mut rows = 0;
            for trace in nowhere::TRACES {
                let count = format!("SELECT count(*) FROM {table} t WHERE strpos(t::text, '{trace}') > 0");
                let count: i64 =
                    sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(&mut *connection).await.unwrap();
                rows += count;
            }
            found.extend((rows > 0).then_some(table));
        }
        found
    }

    #[tokio::test]
    async fn who_is_forgotten_stands_nowhere() {
        let Some(server) = postgres::server() else { return };
        let mut connection = server.database().connect().await;
        nowhere::live(&mut PostgresStore::new(&mut connection, "shop".parse().unwrap())).await;
        assert_eq!(with_trace(&mut connection).await, nowhere::TABLES);
        nowhere::forget(&mut PostgresStore::new(&mut connection, "shop".parse().unwrap())).await;
        assert_eq!(with_trace(&mut connection).await, [""; 0]);
    }

    #[tokio::test]
    async fn what_was_purged_is_new_again() {
        let Some(server) = postgres::server() else { return };
        let mut connection = server.database().connect().await;
        nowhere::purged_and_used_again(&mut PostgresStore::new(&mut connection, "shop".parse().unwrap())).await;
    }

    /// A step takes what nobody is busy with, and waits for nobody.
    #[tokio::test]
    async fn a_purge_steps_over_what_somebody_is_busy_with() {
        let Some(server) = postgres::server() else { return };
        let database = server.database();
        let mut connection = database.connect().await;
        let mut store = PostgresStore::new(&mut connection, "shop".parse().unwrap());
        nowhere::live(&mut store).await;
        let late = noon() + TimeDelta::days(1);
        let step = Purge::holds(late, 9).with_records_before(late);

        let mut host = database.connect().await;
        let mut order = host.begin().await.unwrap();
        let mut checkout = PostgresStore::new(&mut order, "shop".parse().unwrap());
        let voided = checkout.void(&Reference::Order("o-1".parse().unwrap()), OnVoid::KEEP, noon()).await.unwrap();
        assert!(matches!(voided, Void::Voided { .. }));
        let purged = store.purge(&step).await.unwrap();
        assert_eq!((purged.holds, purged.records), (1, 1), "the one that is being voided stays");
        order.commit().await.unwrap();
        let purged = store.purge(&step).await.unwrap();
        assert_eq!((purged.holds, purged.records), (0, 1));
        assert!(store.purge(&step).await.unwrap().is_done());
    }

    #[tokio::test]
    async fn two_shops_in_one_database() {
        let Some(server) = postgres::server() else { return };
        let database = server.database();
        let (mut one, mut other) = (database.connect().await, database.connect().await);
        let mut first = PostgresStore::new(&mut one, "first".parse().unwrap());
        after::two_shops(&mut first, &mut PostgresStore::new(&mut other, "second".parse().unwrap())).await;
    }

    /// Customers are forgotten and holds purged while checkouts go on, and no counter loses a use.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_books_are_right_whoever_is_forgotten() {
        let Some(server) = postgres::server() else { return };
        let database = server.database();
        let mut connection = database.connect().await;
        let mut store = PostgresStore::new(&mut connection, "shop".parse().unwrap());
        after::open_for_race(&mut store).await;
        let (mut tasks, gate) = (Vec::new(), Arc::new(AtomicUsize::new(4)));
        for (task, job) in (0..).zip(after::JOBS) {
            let (mut connection, gate) = (database.connect().await, gate.clone());
            tasks.push(tokio::spawn(async move {
                let mut store = PostgresStore::new(&mut connection, "shop".parse().unwrap());
                after::race(&mut store, job, task, (60, Duration::ZERO, &gate)).await
            }));
        }
        for (task, job) in tasks.into_iter().zip(after::JOBS) {
            let done = task.await.unwrap();
            assert!(done > 0, "{job:?}");
        }
        after::books_are_right(&mut store).await;
    }
}
