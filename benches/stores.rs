//! One table of ratios: redemptions a second of each store beside the raw limit of the same database in the same run, in
//! turns, so that a busy machine slows both alike. Run on a quiet machine:
//!
//! ```sh
//! cargo bench --bench stores --all-features            # the whole table, under five minutes
//! cargo bench --bench stores --all-features -- 9       # with so many turns (5)
//! STORED_CODES=10000000 cargo bench --bench stores --all-features -- codes   # only loads, among ten million codes
//! ```
//!
//! | contestant | one redemption is |
//! |---|---|
//! | `raw` | one conditional update and one insert of a row with two columns, by the same driver: what no store can beat |
//! | `raw, written down` | the same with the redemption as JSON in the row, and a second row for the usage log: what any store must write that can tell later what it did |
//! | ours | `commit` of a redemption that was priced before |
//!
//! In PostgreSQL the raw limit is one statement, an update and an insert in one `WITH`; in SQLite it is a transaction of two
//! statements. Alone, each redemption is a transaction; grouped, twenty of them are one.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]

#[path = "stores/mod.rs"]
mod stores;
#[path = "common/turns.rs"]
#[allow(dead_code, reason = "other benches time jobs that do not wait")]
mod turns;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut times, mut only) = (5, None);
    arguments.by_ref().filter(|argument| argument != "--bench").for_each(|argument| match argument.parse() {
        Ok(number) => times = number,
        Err(_) => only = Some(argument),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let missed = runtime.block_on(stores::run(times, only.as_deref()));
    // How far a store is from the raw limit is to be read; that a code is found among many is to be held.
    if only.as_deref() == Some("codes") && missed > 0 {
        std::process::exit(1);
    }
}
