//! Processes race for a limit.

use sqlx::{Postgres, Sqlite};
use vouchsafe::*;

use crate::base::Base;
use crate::books::{Books, beside};
use crate::campaign::{HOT_LIMIT, hot, now};
use crate::crew::{Crew, SHOP, Scratch, answers, block, set_up};
use crate::dice::{rounds, seed};
use crate::worker::{Kind, Work};

const WORKERS: usize = 4;
/// By each of them.
const ORDERS: u64 = 25;

/// All begin together, with orders enough for many times the limit; the limit is reached and not passed.
async fn race<D: Base>(kind: Kind, place: &str, seed: u64)
where
    for<'c> SqlStore<'c, D>: CouponAdmin,
    for<'c> &'c mut D::Connection: sqlx::Executor<'c, Database = D>,
{
    set_up::<D>(place).await.unwrap();
    let untouched = beside::<D>(place).await;
    let mut crew = Crew::new(kind, place, WORKERS, Work::Race { orders: ORDERS, code: hot(0) }, seed);
    crew.start_all();
    crew.go();
    crew.wait();
    let tally = crew.check::<D>(place).await;
    let (recorded, refused) = answers(&crew.entries());
    assert_eq!((recorded, tally.recorded), (HOT_LIMIT, HOT_LIMIT), "seed {seed}");
    let mut connection = D::open(place).await.unwrap();
    let books = Books::read::<D>(&mut connection, SHOP).await.unwrap();
    assert_eq!(books.taken(&hot(0), now()), (HOT_LIMIT as i64, 0), "seed {seed}");
    println!("{kind:?}: {WORKERS} processes race for {HOT_LIMIT}, seed {seed}: {recorded} recorded, {refused} refused");
    assert_eq!(untouched, beside::<D>(place).await, "the shop beside it");
}

/// Proves V18, S23, S69, trap 14: processes on one SQLite file.
#[test]
fn processes_race_on_one_sqlite_file() {
    for round in 0..3 * rounds() {
        let scratch = Scratch::new();
        block(race::<Sqlite>(Kind::Sqlite, &scratch.file("shop.db"), seed() + round));
    }
}

/// Proves V18, S23, S69, trap 14: processes on one PostgreSQL.
#[test]
fn processes_race_on_postgres() {
    let Some(server) = crate::postgres::server() else { return };
    for round in 0..3 * rounds() {
        block(race::<Postgres>(Kind::Postgres, &server.empty_database().url(), seed() + round));
    }
}
