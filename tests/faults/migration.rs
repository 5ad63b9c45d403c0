//! Whoever makes the tables is killed over it.

use std::time::{Duration, Instant};

use sqlx::{Postgres, Sqlite};
use vouchsafe::*;

use crate::base::Base;
use crate::campaign::{Basket, namespace, now, shop};
use crate::crew::{Crew, SHOP, Scratch, block, set_up};
use crate::dice::{Dice, rounds, seed};
use crate::proxy::Proxy;
use crate::worker::{Kind, Work};

/// How many migrations are interrupted in each round.
const TIMES: u64 = 12;

/// Everything that a schema has, as the database describes it.
const SQLITE: &str = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name LIKE 'coupon%' ORDER BY 1, 2";
const POSTGRES: [&str; 4] = [
    "SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name \
     FROM information_schema.columns WHERE table_name LIKE 'coupon%' ORDER BY 1, 2",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'coupon%' ORDER BY 1, 2",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname LIKE 'coupon%' ORDER BY 1",
    "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'coupon%' ORDER BY 1, 2",
];

/// The tables are those that an undisturbed migration makes, and work.
async fn is_whole<D: Base>(place: &str, statements: &[&'static str], expected: &mut Option<Vec<Vec<Vec<String>>>>)
where
    for<'c> SqlStore<'c, D>: CouponAdmin,
{
    let mut connection = D::open(place).await.unwrap();
    let version = SqlStore::<D>::migrate(&mut connection).await.unwrap();
    assert_eq!(version, D::SCHEMA.len() as i64);
    let mut found = Vec::new();
    for sql in statements {
        found.push(D::rows_of(&mut connection, sql).await.unwrap());
    }
    assert!(found[0].len() > 10, "{found:?}");
    assert_eq!(expected.get_or_insert_with(|| found.clone()), &found);
    let versions = D::rows_of(&mut connection, "SELECT CAST(version AS TEXT) FROM coupon_schema").await.unwrap();
    assert_eq!(versions.len(), D::SCHEMA.len());
    let (mut store, shop, at) = (SqlStore::<D>::new(&mut connection, namespace(SHOP)), shop(), now());
    let coupon = Coupon::builder("one").code("ONE").percent_off("10").total_limit(1).build().unwrap();
    store.define(&coupon, &Edit::new(at)).await.unwrap();
    for (order, code) in [("o-1", Some(Commit::Recorded)), ("o-2", None)] {
        let basket = Basket::simple(order, "one".to_owned());
        let loaded = store.load(&basket.request(&shop, at)).await.unwrap();
        let redemption = basket.price(&shop, &loaded, at);
        assert_eq!(redemption.coupons().is_empty(), code.is_none());
        assert_eq!(store.commit(&redemption, at).await.unwrap(), Commit::Recorded);
    }
}

/// How long a process migrates that nobody disturbs.
fn undisturbed(kind: Kind, place: &str) -> Duration {
    let mut crew = Crew::new(kind, place, 1, Work::Migrate, 0);
    crew.start_all();
    let begun = Instant::now();
    crew.wait();
    begun.elapsed()
}

/// Kills a process that migrates, at a moment that nobody chose; says whether it was still at it.
fn interrupt(kind: Kind, place: &str, dice: &mut Dice, longest: Duration) -> bool {
    let mut crew = Crew::new(kind, place, 1, Work::Migrate, dice.below(u64::MAX));
    crew.start_all();
    let (begun, moment) = (Instant::now(), Duration::from_micros(dice.below(longest.as_micros() as u64)));
    while begun.elapsed() < moment {
        std::hint::spin_loop();
    }
    crew.kill_if_alive(0)
}

/// Proves that a host may start again whatever happened: on SQLite.
#[test]
fn a_migration_is_interrupted_on_sqlite() {
    let (mut dice, mut expected, mut killed) = (Dice::of(seed(), &[9]), None, 0);
    let scratch = Scratch::new();
    let longest = undisturbed(Kind::Sqlite, &scratch.file("shop.db"));
    block(is_whole::<Sqlite>(&scratch.file("shop.db"), &[SQLITE], &mut expected));
    let times = TIMES * rounds();
    for number in 0..times {
        let scratch = Scratch::new();
        let place = scratch.file(if number % 2 == 0 { "shop.db" } else { "shop.db?journal" });
        killed += u64::from(interrupt(Kind::Sqlite, &place, &mut dice, longest));
        block(is_whole::<Sqlite>(&place, &[SQLITE], &mut expected));
    }
    println!("migrations of SQLite: {killed} of {times} interrupted");
    assert!(killed > 0);
}

/// Proves that a host may start again whatever happened: on PostgreSQL, by a kill and by a cut connection.
#[test]
fn a_migration_is_interrupted_on_postgres() {
    let Some(server) = crate::postgres::server() else { return };
    let (mut dice, mut expected, mut killed) = (Dice::of(seed(), &[9]), None, 0);
    let place = server.empty_database().url();
    let longest = undisturbed(Kind::Postgres, &place);
    block(is_whole::<Postgres>(&place, &POSTGRES, &mut expected));
    let times = TIMES * rounds();
    for _ in 0..times {
        let place = server.empty_database().url();
        killed += u64::from(interrupt(Kind::Postgres, &place, &mut dice, longest));
        block(is_whole::<Postgres>(&place, &POSTGRES, &mut expected));
    }
    let (mut cut, seed) = (0, seed());
    for number in 0..times {
        let database = server.empty_database();
        let proxy = Proxy::start(server.port(), 40_000, Dice::of(seed, &[number]));
        block(async {
            let Ok(mut connection) = Postgres::open(&database.through(proxy.port()).url()).await else { return };
            let Err(error) = PostgresStore::migrate(&mut connection).await else { return };
            assert!(error.is_retryable(), "{error:?}");
            cut += 1;
        });
        block(is_whole::<Postgres>(&database.url(), &POSTGRES, &mut expected));
    }
    println!("migrations of PostgreSQL: {killed} of {times} interrupted by a kill, {cut} of {times} by a cut");
    assert!(killed > 0 && cut > 0);
}

/// Servers that start at once all migrate; one does it, and the others find it done.
#[test]
fn many_migrate_at_once() {
    let at_once = |kind, place: &str| {
        let mut crew = Crew::new(kind, place, 4, Work::Migrate, seed());
        crew.start_all();
        crew.wait();
    };
    let mut expected = None;
    for _ in 0..3 * rounds() {
        let scratch = Scratch::new();
        at_once(Kind::Sqlite, &scratch.file("shop.db"));
        block(is_whole::<Sqlite>(&scratch.file("shop.db"), &[SQLITE], &mut expected));
    }
    let Some(server) = crate::postgres::server() else { return };
    let mut expected = None;
    for _ in 0..3 * rounds() {
        let place = server.empty_database().url();
        at_once(Kind::Postgres, &place);
        block(is_whole::<Postgres>(&place, &POSTGRES, &mut expected));
    }
}

/// The tables are there already: nothing happens, and no data is touched.
#[test]
fn migrating_again_changes_nothing() {
    let scratch = Scratch::new();
    let place = scratch.file("shop.db");
    block(async {
        set_up::<Sqlite>(&place).await.unwrap();
        let before = crate::books::beside::<Sqlite>(&place).await;
        let mut connection = Sqlite::open(&place).await.unwrap();
        assert_eq!(SqliteStore::migrate(&mut connection).await.unwrap(), Sqlite::SCHEMA.len() as i64);
        assert_eq!(before, crate::books::beside::<Sqlite>(&place).await);
    });
}
