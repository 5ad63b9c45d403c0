//! There is no room left on the disk.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::TimeDelta;
use sqlx::{Connection, Sqlite};
use vouchsafe::*;

use crate::base::Base;
use crate::books::{Books, beside};
use crate::campaign::{Basket, HOT, hot, namespace, now, shop};
use crate::crew::{Crew, SHOP, Scratch, answers, block, set_up};
use crate::dice::{Dice, rounds, seed};
use crate::journal::{Call, Entry, Told, fates, name};
use crate::worker::{Kind, Work};

/// Proves S23: a file that may not grow. The error says that a retry helps, nothing was changed, the very connection
/// is as good as before, and the same redemption is recorded once there is room.
#[test]
fn a_file_that_may_not_grow() {
    for round in 0..rounds() {
        block(grow(seed() + round));
    }
}

async fn grow(seed: u64) {
    let scratch = Scratch::new();
    let place = scratch.file("shop.db");
    set_up::<Sqlite>(&place).await.unwrap();
    let untouched = beside::<Sqlite>(&place).await;
    let mut connection = Sqlite::open(&place).await.unwrap();
    let (mut entries, mut dice, shop) = (Vec::new(), Dice::of(seed, &[5]), shop());
    let (mut full, mut taken_back) = (0, 0);
    for number in 0..150 {
        let at = now();
        let basket = Basket::of(seed, 0, number);
        let loaded = store(&mut connection).load(&basket.request(&shop, at)).await.unwrap();
        let redemption = basket.price(&shop, &loaded, at);
        allow_pages(&mut connection, dice.below(3)).await;
        entries.push(Entry::Try { number, call: Call::Commit, redemption: Box::new(redemption.clone()) });
        let hosts = dice.once_in(2);
        let mut answer = if hosts {
            in_transaction(&mut connection, &redemption).await
        } else {
            store(&mut connection).commit(&redemption, at).await
        };
        if let Err(error) = &answer {
            assert!(error.is_retryable(), "{error:?}");
            full += 1;
            if hosts {
                // The transaction was the host's, and so is a connection that it cannot roll back.
                connection = Sqlite::open(&place).await.unwrap();
                allow_pages(&mut connection, 0).await;
            }
            assert!(hosts || !connection.is_in_transaction());
            // Still full: still an error, and nothing is there.
            let again = store(&mut connection).commit(&redemption, at).await;
            taken_back += u64::from(again.is_err());
            let record = store(&mut connection).load(&basket.request(&shop, at)).await.unwrap();
            assert_eq!(
                again.is_ok(),
                matches!(record.progress(), Progress::Recorded { .. }),
                "{:?}",
                record.progress()
            );
            allow_pages(&mut connection, 1_000_000).await;
            answer = store(&mut connection).commit(&redemption, at).await;
            assert!(again.is_err() || matches!(answer, Ok(Commit::AlreadyRecorded)), "{again:?}, then {answer:?}");
        }
        let told = match answer.unwrap() {
            Commit::Recorded | Commit::AlreadyRecorded => Told::Recorded,
            other => Told::No { why: format!("{other:?}") },
        };
        entries.push(Entry::Done { told, lost: 0 });
        allow_pages(&mut connection, 1_000_000).await;
        // Another connection sees that nobody is left inside of a transaction.
        let mut other = Sqlite::open(&place).await.unwrap();
        let books = Books::read::<Sqlite>(&mut other, SHOP).await.unwrap();
        let faults = books.faults(&fates(&entries), &fates(&entries), now());
        assert!(faults.is_empty(), "seed {seed}:\n{}", faults.join("\n"));
    }
    println!("a file that may not grow, seed {seed}: 150 orders, {full} found it full, {taken_back} twice");
    assert!(full > 10, "{full}: there was room");
    assert_eq!(untouched, beside::<Sqlite>(&place).await, "the shop beside it");
}

fn store(connection: &mut sqlx::SqliteConnection) -> SqliteStore<'_> {
    SqliteStore::new(connection, namespace(SHOP))
}

/// As a host does it, without the order row.
async fn in_transaction(
    connection: &mut sqlx::SqliteConnection,
    redemption: &Redemption,
) -> Result<Commit, StoreError> {
    let mut dice = Dice::new(1);
    let mut transaction = Sqlite::transaction(connection, &mut dice).await.map_err(Sqlite::means)?;
    let commit = store(&mut transaction).commit(redemption, now()).await;
    match commit {
        Ok(commit) => transaction.commit().await.map_err(Sqlite::means).map(|()| commit),
        Err(error) => {
            // The database may have rolled it back by itself.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// Proves trap 27 where it is hardest: the full disk has SQLite take back all that the host wrote, and a host that goes on
/// in the same transaction, without coupons, must not have that recorded without its order.
#[test]
fn a_transaction_that_the_database_took_back() {
    block(async {
        let scratch = Scratch::new();
        let place = scratch.file("shop.db");
        set_up::<Sqlite>(&place).await.unwrap();
        let (shop, at) = (shop(), now());
        let mut connection = Sqlite::open(&place).await.unwrap();
        // Too much for the pages that there are.
        let mut basket = Basket::simple("o-1", String::new());
        basket.codes = (0..HOT).map(hot).collect();
        let loaded = store(&mut connection).load(&basket.request(&shop, at)).await.unwrap();
        let with = basket.price(&shop, &loaded, at);
        basket.codes.clear();
        let without = basket.price(&shop, &loaded, at);
        let reference = name(with.reference());

        allow_pages(&mut connection, 0).await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        Sqlite::insert_order(&mut transaction, &reference).await.unwrap();
        let full = store(&mut transaction).reserve(&with, at, at + TimeDelta::minutes(20)).await.unwrap_err();
        assert!(full.is_retryable(), "{full:?}");
        // There is room again, and the order is to be placed without its coupons.
        allow_pages(&mut transaction, 1_000_000).await;
        let gone = store(&mut transaction).commit(&without, at).await.unwrap_err();
        assert!(gone.is_retryable(), "{gone:?}");
        assert!(transaction.commit().await.is_err(), "there is nothing to commit");

        let mut connection = Sqlite::open(&place).await.unwrap();
        assert!(Sqlite::rows_of(&mut connection, "SELECT reference FROM orders").await.unwrap().is_empty());
        assert_eq!(store(&mut connection).record(with.reference()).await.unwrap(), None);
        // The whole transaction again, on another connection.
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        Sqlite::insert_order(&mut transaction, &reference).await.unwrap();
        assert_eq!(store(&mut transaction).commit(&with, at).await.unwrap(), Commit::Recorded);
        transaction.commit().await.unwrap();
    });
}

/// So many pages more than there are.
async fn allow_pages(connection: &mut sqlx::SqliteConnection, more: u64) {
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *connection).await.unwrap();
    let most = format!("PRAGMA max_page_count = {}", pages + more as i64);
    sqlx::raw_sql(sqlx::AssertSqlSafe(most)).execute(connection).await.unwrap();
}

/// A small file system of its own, gone with the test.
struct Disk(PathBuf);

impl Disk {
    /// None where this user may not mount one.
    fn mount(at: &Path, kilobytes: u64) -> Option<Self> {
        let size = format!("size={kilobytes}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "vouchsafe"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(at.to_owned()))
    }

    fn resize(&self, kilobytes: u64) {
        let size = format!("remount,size={kilobytes}k");
        let status = Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }

    /// Used kilobytes.
    fn used(&self) -> u64 {
        let output = Command::new("df").args(["-k", "--output=used"]).arg(&self.0).output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().last().unwrap().trim().parse().unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// How often the disk is full in each round.
const TIMES: u64 = 4;

/// Proves S23: a disk that is full while workers check out, and has room again later.
#[test]
fn a_full_disk() {
    for round in 0..rounds() {
        let (scratch, seed) = (Scratch::new(), seed() + round);
        let Some(disk) = Disk::mount(scratch.path(), 64_000) else {
            println!("NOT TESTED: this user may not mount a small disk");
            return;
        };
        let place = scratch.file("shop.db");
        block(set_up::<Sqlite>(&place)).unwrap();
        let untouched = block(beside::<Sqlite>(&place));
        let mut crew = Crew::new(Kind::Sqlite, &place, 2, Work::Storm, seed);
        let mut room = disk.used() + 200;
        disk.resize(room);
        crew.start_all();
        crew.go();
        for _ in 0..TIMES {
            crew.wait_until_stuck();
            room = disk.used() + 200;
            disk.resize(room);
            crew.wait_for_steps(1);
        }
        crew.wait_until_stuck();
        disk.resize(64_000);
        crew.wait_for_steps(20);
        crew.stop();
        let tally = block(crew.settle::<Sqlite>(&place));
        let (recorded, refused) = answers(&crew.entries());
        println!("{TIMES} times a full disk, seed {seed}: {recorded} recorded, {refused} refused, {tally:?}");
        assert!(tally.in_doubt > 0, "there was always room");
        assert_eq!(untouched, block(beside::<Sqlite>(&place)), "the shop beside it");
    }
}
