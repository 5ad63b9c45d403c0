//! The rules around a store, the same on each of ours: clocks that are apart, stores that fail, keys that were hashed.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[macro_use]
mod desk;

mod clocks;
#[path = "../support/drop_at.rs"]
mod drop_at;
mod dropped;
mod failures;
#[cfg(feature = "hash")]
mod hashed;
#[cfg(feature = "postgres")]
#[path = "../support/postgres.rs"]
mod postgres;
