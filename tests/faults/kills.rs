//! Workers are killed while they check out.

use sqlx::{Postgres, Sqlite};
use vouchsafe::*;

use crate::base::Base;
use crate::books::beside;
use crate::crew::{Crew, Scratch, answers, block, set_up};
use crate::dice::{rounds, seed};
use crate::worker::{Kind, Work};

/// In each round, on a database of its own.
const KILLS: u64 = 20;
const WORKERS: usize = 3;

/// Kills workers of one database, looks at the books after each kill, and settles them at the end.
async fn storm<D: Base>(kind: Kind, place: &str, seed: u64)
where
    for<'c> SqlStore<'c, D>: CouponAdmin,
    for<'c> &'c mut D::Connection: sqlx::Executor<'c, Database = D>,
{
    set_up::<D>(place).await.unwrap();
    let untouched = beside::<D>(place).await;
    let mut crew = Crew::new(kind, place, WORKERS, Work::Storm, seed);
    crew.start_all();
    crew.go();
    for _ in 0..KILLS {
        crew.kill_one();
        crew.check::<D>(place).await;
    }
    crew.wait_for_steps(20);
    crew.stop();
    let tally = crew.settle::<D>(place).await;
    let (recorded, refused) = answers(&crew.entries());
    println!(
        "{kind:?}: {KILLS} kills of {WORKERS} workers, seed {seed}: {recorded} recorded, {refused} refused, {tally:?}"
    );
    assert_eq!(untouched, beside::<D>(place).await, "the shop beside it");
}

/// Proves S23, trap 14: SIGKILL at moments that nobody chose, on an SQLite file with a write-ahead log.
#[test]
fn workers_are_killed_on_sqlite() {
    for round in 0..rounds() {
        let scratch = Scratch::new();
        block(storm::<Sqlite>(Kind::Sqlite, &scratch.file("shop.db"), seed() + round));
    }
}

/// The same where SQLite keeps a rollback journal, which whoever comes next has to play back.
#[test]
fn workers_are_killed_on_sqlite_with_a_rollback_journal() {
    for round in 0..rounds() {
        let scratch = Scratch::new();
        block(storm::<Sqlite>(Kind::Sqlite, &scratch.file("shop.db?journal"), seed() + round));
    }
}

/// Proves S23, trap 14: SIGKILL at moments that nobody chose, on PostgreSQL. The server may still be at work for
/// a worker that is dead when the next one asks again.
#[test]
fn workers_are_killed_on_postgres() {
    let Some(server) = crate::postgres::server() else { return };
    for round in 0..rounds() {
        block(storm::<Postgres>(Kind::Postgres, &server.empty_database().url(), seed() + round));
    }
}
