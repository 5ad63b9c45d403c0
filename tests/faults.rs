//! Stores under fire: worker processes and servers are killed, connections are cut, disks are full, migrations are torn,
//! and after each fault the books are right.
//!
//! Workers are processes of their own (this very binary again) that do all a checkout does, and write what they try and
//! what they are told to a journal that is on the disk before they go on. A worker that was killed starts again and asks
//! the question that was left open once more, with the same content, as a host does that does not know. After each
//! fault the tables are read past the store, in one snapshot, and compared with the journals:
//!
//! - used is what is recorded, for every counter; held is the sum of what live and lapsed holds have;
//! - no limit is passed, by uses and live holds together;
//! - a hold that was acknowledged is there until it lapses, whole, and no other hold has anything;
//! - what was acknowledged is recorded, once, with this content, its lines in the usage log, its keys in the history, its
//!   changes of type; what was refused or taken back is not;
//! - the order row of the host is there exactly where its redemption is;
//! - every account of points is what recorded orders made of it; a used code belongs to its user;
//! - a second shop in the same database is as it was.
//!
//! At the end every coupon that anybody used is redeemed up to its limit: neither a lost use nor a lapsed hold stands in
//! the way. `FAULT_SEED` says what happens when, `FAULT_ROUNDS` how many times over (`.ci/deep faults`).

#![cfg(all(feature = "sqlite", feature = "postgres", unix))]
#![allow(
    missing_docs,
    unreachable_pub,
    async_fn_in_trait,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::incompatible_msrv,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

#[path = "faults/base.rs"]
mod base;
#[path = "faults/books.rs"]
mod books;
#[path = "faults/campaign.rs"]
mod campaign;
#[path = "faults/crew.rs"]
mod crew;
#[path = "faults/dice.rs"]
mod dice;
#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/journal.rs"]
mod journal;
#[path = "faults/kills.rs"]
mod kills;
#[path = "faults/migration.rs"]
mod migration;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "faults/proof.rs"]
mod proof;
#[path = "faults/proxy.rs"]
mod proxy;
#[path = "faults/races.rs"]
mod races;
#[path = "faults/server.rs"]
mod server;
#[path = "faults/worker.rs"]
mod worker;

use crew::{Crew, SHOP, Scratch, block, set_up};
use sqlx::Sqlite;
use worker::{JOB, Job, Kind, Work};

/// A worker alone does its job and stops when it is told to. With a job in its environment this is a worker of another test.
#[test]
fn one_worker_alone() {
    if let Ok(job) = std::env::var(JOB) {
        let job: Job = serde_json::from_str(&job).unwrap();
        return job.run();
    }
    let scratch = Scratch::new();
    let place = scratch.file("shop.db");
    block(set_up::<Sqlite>(&place)).unwrap();
    let mut crew = Crew::new(Kind::Sqlite, &place, 1, Work::Storm, dice::seed());
    crew.start_all();
    crew.go();
    crew.wait_for_steps(60);
    crew.stop();
    let tally = block(crew.settle::<Sqlite>(&place));
    assert!(tally.acknowledged > 20 && tally.in_doubt == 0, "{tally:?}");
    println!("one worker in `{SHOP}`: {tally:?}");
}
