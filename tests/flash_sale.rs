//! The flash sale finds every promise kept on each of the stores, and names the one that is broken.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]

use chrono::TimeDelta;
use vouchsafe::*;

#[path = "../examples/flash_sale.rs"]
mod flash_sale;
#[cfg(feature = "postgres")]
#[path = "support/postgres.rs"]
mod postgres;

use flash_sale::audit;
use flash_sale::options::Options;
use flash_sale::sale::{Closing, Sale, now};
use flash_sale::stores::{Backend, Failure};

/// Exit code, what was printed, and what was complained about.
fn run(arguments: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = flash_sale::run(arguments.iter().map(|&argument| argument.to_owned()), &mut out, &mut err).unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// The figure at the end of the row that begins with this label.
fn figure(out: &str, label: &str) -> u64 {
    let row = out.lines().find_map(|row| row.trim().strip_prefix(label)).unwrap_or("0");
    row.trim().replace(',', "").parse().unwrap_or_else(|_| panic!("{label}: `{row}`"))
}

/// A small sale: 3 codes good for 20 orders each, and 200 shoppers. Of 67, 67 and 66 who ask for one, 6 or 7 hold it and
/// let it go, so all three are sold out.
fn sell_out(store: &str) {
    let arguments = ["--store", store, "--customers", "200", "--codes", "3", "--limit", "20", "--workers", "6"];
    let (code, out, err) = run(&arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(figure(&out, "redeemed"), 60, "{out}");
    assert_eq!(out.matches(" kept\n").count(), 9, "{out}");
    assert!(out.ends_with("All 9 invariants are kept.\n"), "{out}");
    // Every checkout ends in one of the rows.
    let refused: u64 = out.lines().filter(|row| row.starts_with("refused: ")).map(last).sum();
    let gone = figure(&out, "held the code and gave it up") + figure(&out, "held the code until it lapsed");
    assert_eq!(figure(&out, "attempts"), 60 + refused + gone, "{out}");
    for row in ["throughput, attempts", "throughput, redemptions", "p50", "p95", "p99"] {
        assert!(out.lines().any(|line| line.starts_with(row)), "no {row} in\n{out}");
    }
}

fn last(row: &str) -> u64 {
    row.split_whitespace().last().unwrap().replace(',', "").parse().unwrap()
}

/// Proves V18 with fewer shoppers, and traps 14, 15, 18.
#[test]
fn a_sale_in_memory_sells_out_and_no_more() {
    sell_out("memory");
}

/// Proves V18 with fewer shoppers, and traps 14, 15, 18; twice in one file, and each run is a shop of its own.
#[cfg(feature = "sqlite")]
#[test]
fn a_sale_in_an_sqlite_file_sells_out_and_no_more() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sale-{}.db", std::process::id()));
    for _ in 0..2 {
        sell_out(&format!("sqlite:{}", file.display()));
    }
    for extension in ["db", "db-wal", "db-shm"] {
        drop(std::fs::remove_file(file.with_extension(extension)));
    }
}

/// Proves V18 with fewer shoppers, and traps 14, 15, 18.
#[cfg(feature = "postgres")]
#[test]
fn a_sale_in_postgres_sells_out_and_no_more() {
    let Some(server) = postgres::server() else { return };
    // A database without any table: the sale makes them.
    let database = server.empty_database();
    sell_out(&database.url());
    sell_out(&format!("postgres:{}", database.url()));
}

/// A sale with room for all: nobody is turned away, and whoever comes back under another account is known.
#[test]
fn with_room_for_all_only_those_who_come_back_are_refused() {
    let (code, out, _) = run(&["--customers=100", "--limit=1000", "--workers=1"]);
    assert_eq!(code, 0, "{out}");
    // Of a hundred 5 give up, 5 walk away, and 5 come back, one attempt more each.
    assert_eq!((figure(&out, "attempts"), figure(&out, "redeemed")), (105, 90), "{out}");
    assert_eq!(figure(&out, "refused: once for each customer, when priced"), 5, "{out}");
    assert!(!out.contains("used up"), "{out}");
    assert_eq!(figure(&out, "asked again after a lost answer"), 5, "{out}");
}

#[test]
fn help_is_given_and_options_that_cannot_be_used_are_named() {
    let (code, out, err) = run(&["--help"]);
    assert_eq!((code, err.as_str()), (0, ""));
    for option in ["--store memory", "sqlite:FILE", "postgres:URL", "--customers", "--codes", "--limit", "--workers"] {
        assert!(out.contains(option), "no {option} in\n{out}");
    }
    for (arguments, complaint) in [
        (vec!["--store", "redis:x"], "--store is `redis:x`: not one of memory, sqlite:FILE, postgres:URL"),
        (vec!["--store", "sqlite:"], "--store is `sqlite:`: not one of memory, sqlite:FILE, postgres:URL"),
        (vec!["--store"], "--store needs a value"),
        (vec!["--limit", "0"], "--limit is `0`: not a whole number from 1 to 1000000000"),
        (vec!["--workers=many"], "--workers is `many`: not a whole number from 1 to 1000"),
        (vec!["--fast"], "unknown option `--fast`"),
    ] {
        let (code, out, err) = run(&arguments);
        assert_eq!((code, out.as_str()), (2, ""));
        assert_eq!(err.lines().next(), Some(complaint));
        assert!(err.contains("usage: flash_sale"), "{err}");
    }
}

#[cfg(not(feature = "sqlite"))]
#[test]
fn a_store_that_was_not_built_names_its_feature() {
    let (code, _, err) = run(&["--store", "sqlite:sale.db"]);
    assert_eq!((code, err.as_str()), (2, "this build has no such store: run it with --features sqlite\n"));
}

#[cfg(feature = "postgres")]
#[test]
fn a_store_that_cannot_be_reached_is_an_exit_code_of_its_own() {
    // Port 1 is nobody's, and the password is not printed.
    let (code, out, err) = run(&["--store", "postgres://me:secret@127.0.0.1:1/shop"]);
    assert_eq!(code, 3, "{err}");
    assert!(out.contains("store       postgres, 127.0.0.1:1/shop"), "{out}");
    assert!(err.starts_with("cannot connect to the store: ") && !err.contains("secret"), "{err}");
}

/// A store that can be got at from outside the sale.
#[derive(Debug, Clone, Default)]
struct Shared(MemoryStore);

impl Backend for Shared {
    type Connection = MemoryStore;
    type Store<'c> = MemoryStore;

    async fn connect(&self) -> Result<MemoryStore, Failure> {
        Ok(self.0.clone())
    }

    fn store(&self, connection: &mut MemoryStore) -> MemoryStore {
        connection.clone()
    }
}

/// A sale of 40 at 10 uses: 10 redeemed.
async fn sold() -> (MemoryStore, Closing) {
    let shared = Shared::default();
    let closing = Sale::new(&options()).unwrap().hold(shared.clone()).await.unwrap();
    assert!(closing.audit.is_kept());
    (shared.0, closing)
}

fn options() -> Options {
    Options { customers: 40, limit: 10, workers: 2, ..Options::default() }
}

/// Which promises the audit finds broken.
async fn broken(options: &Options, closing: &Closing, store: &MemoryStore) -> Vec<&'static str> {
    let audit = audit::read(&Sale::new(options).unwrap(), &closing.tally, &mut store.clone()).await.unwrap();
    audit.checks.iter().filter(|check| check.broken.is_some()).map(|check| check.promise).collect()
}

/// The redemption of one order for 100.00 with the code of the sale.
async fn redemption(store: &mut MemoryStore, order: &str, customer: &str, price: &str) -> Redemption {
    let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    let reference = Reference::Order(order.parse().unwrap());
    let keys = [IdentityKey::id(customer).unwrap()];
    let request = LoadRequest::new(reference.clone(), Currency::USD, now()).code("FLASH0").customer(keys.clone());
    let loaded = store.load(&request).await.unwrap();
    let prepared = loaded.prepare(&shop).unwrap();
    let boot = Product::new("BOOT".parse().unwrap());
    let line = Line::new(LineId(1), boot, Quantity::pieces(1).unwrap(), UnitPrice::parse(price).unwrap());
    let (order, customer) = (Order::builder(Currency::USD).line(line).build().unwrap(), Customer::new(keys));
    let codes = loaded.presented(&prepared);
    let request = Request::new(&order, &customer, reference, now()).with_codes(&codes);
    shop.evaluate(&request).unwrap().redemption().unwrap()
}

const PAST: &str = "no code is redeemed past its limit";
const COUNTED: &str = "what is used is what is recorded";
const KEPT: &str = "every acknowledged order is recorded";
const UNHEARD: &str = "nothing else is, and nothing twice";
const REPEATS: &str = "a repeat is the same redemption";
const ONCE: &str = "one for each customer, whatever the account";
const PRICES: &str = "every discount is right to the cent";
const HELD: &str = "nothing is held any more";
const LEFT: &str = "nobody was turned away from a free use";

#[tokio::test]
async fn a_broken_promise_is_found_and_named() {
    let (mut store, closing) = sold().await;
    assert_eq!(broken(&options(), &closing, &store).await, [""; 0]);

    // A limit of 9 that 10 orders have passed, and one of 11 of which a use is left.
    assert_eq!(broken(&Options { limit: 9, ..options() }, &closing, &store).await, [PAST]);
    assert_eq!(broken(&Options { limit: 11, ..options() }, &closing, &store).await, [LEFT]);

    // A use that is given back while its order stands.
    let order = closing.tally.acknowledged.iter().next().unwrap().clone();
    store.void(&order, OnVoid::KEEP.with_uses_given_back(true), now()).await.unwrap();
    assert_eq!(broken(&options(), &closing, &store).await, [COUNTED]);
    // Somebody else holds it, of whom the sale knows nothing, and buys at a price that is not the sale's.
    let stranger = redemption(&mut store, "stranger", "stranger", "50.00").await;
    store.reserve(&stranger, now(), now() + TimeDelta::minutes(20)).await.unwrap();
    assert_eq!(broken(&options(), &closing, &store).await, [COUNTED, HELD]);
    assert_eq!(store.commit(&stranger, now()).await.unwrap(), Commit::Recorded);
    assert_eq!(broken(&options(), &closing, &store).await, [PAST, COUNTED, UNHEARD, PRICES]);
}

/// Proves S98: who uses a code twice is found by any key.
#[tokio::test]
async fn a_customer_who_was_served_twice_is_found() {
    let (mut store, closing) = sold().await;
    // Somebody takes the limit per customer out, and makes room.
    let coupon = Coupon::builder("flash-0").code("FLASH0").percent_off("10").total_limit(11).build().unwrap();
    store.revise(coupon).unwrap();
    let served = closing.tally.acknowledged.iter().next().unwrap().to_string();
    let customer = served.rsplit('-').next().unwrap();
    let again = redemption(&mut store, "again", customer, "100.00").await;
    assert_eq!(store.commit(&again, now()).await.unwrap(), Commit::Recorded);
    let more = Options { limit: 11, ..options() };
    assert_eq!(broken(&more, &closing, &store).await, [UNHEARD, ONCE]);
}

#[tokio::test]
async fn what_shoppers_were_told_is_held_against_the_store() {
    let (mut store, mut closing) = sold().await;
    closing.tally.acknowledged.insert(Reference::Order("o-lost".parse().unwrap()));
    closing.tally.repeats_denied = 1;
    assert_eq!(broken(&options(), &closing, &store).await, [KEPT, REPEATS]);

    // It is printed, and the program ends with 1.
    closing.audit = audit::read(&Sale::new(&options()).unwrap(), &closing.tally, &mut store).await.unwrap();
    let mut out = Vec::new();
    assert_eq!(flash_sale::close(&closing, &mut out).unwrap(), 1);
    let out = String::from_utf8(out).unwrap();
    assert!(
        out.contains("  every acknowledged order is recorded                    BROKEN\n    order o-lost\n"),
        "{out}"
    );
    assert!(out.ends_with("2 of 9 invariants BROKEN: this store loses money.\n"), "{out}");
}
