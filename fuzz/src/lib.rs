//! What each fuzz target holds the library to. The targets themselves only hand their bytes over, so that every corpus
//! can be replayed by `cargo test` as well.

#![allow(dead_code, unused_imports)] // of the oracle not everything is asked here

mod allocation;
mod bytes;
mod codes;
mod evaluate;
mod issued;
mod json;
mod life;
mod source;
mod tally;

// The second implementation and the plain lists of facts that the tests of the crate compare it with.
#[path = "../../tests/oracle/access.rs"]
mod access;
#[path = "../../tests/oracle/answer.rs"]
mod answer;
#[path = "../../tests/oracle/case.rs"]
mod case;
#[path = "../../tests/oracle/changes.rs"]
mod changes;
#[path = "../../tests/oracle/combining.rs"]
mod combining;
#[path = "../../tests/oracle/engine.rs"]
mod engine;
#[path = "../../tests/oracle/found.rs"]
mod found;
#[path = "../../tests/oracle/fraction.rs"]
mod fraction;
#[path = "../../tests/oracle/grants.rs"]
mod grants;
#[path = "../../tests/oracle/kinds.rs"]
mod kinds;
#[path = "../../tests/oracle/life.rs"]
mod lives;
#[path = "../../tests/oracle/market/mod.rs"]
mod market;
#[path = "../../tests/oracle/points.rs"]
mod points;
#[path = "../../tests/oracle/prices.rs"]
mod prices;
#[path = "../../tests/oracle/quantities.rs"]
mod quantities;
#[path = "../../tests/oracle/random.rs"]
mod random;
#[path = "../../tests/oracle/recompute.rs"]
mod recompute;
#[path = "../../tests/oracle/returns.rs"]
mod returns;
#[path = "../../tests/oracle/shrink.rs"]
mod shrink;
#[path = "../../tests/oracle/stored.rs"]
mod stored;
#[path = "../../tests/oracle/twin.rs"]
mod twin;
#[path = "../../tests/oracle/types.rs"]
mod types;
#[path = "../../tests/oracle/wallets.rs"]
mod wallets;

pub use allocation::allocation;
pub use codes::codes;
pub use evaluate::evaluate;
pub use json::{KINDS, json};
pub use life::life;
pub use tally::show;
