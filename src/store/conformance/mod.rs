//! The promises of a store, one function each: for whoever writes a store of their own.
//!
//! Nearly every way to lose money at a checkout is a promise that a store breaks only sometimes: under two shoppers at
//! once, after a lost answer, when a basket was abandoned. Each promise here is one function that tries it on a fresh
//! store, through nothing but [`CouponStore`](crate::CouponStore) and [`CouponAdmin`](crate::CouponAdmin), and panics where
//! it is broken, as a test does. The stores of this crate are held to the same functions.
//!
//! # How to run it
//!
//! Build with the feature `conformance` (as a development dependency), write a [`Rig`] that makes fresh stores and hands
//! out handles on them, and have [`conformance!`](crate::conformance) make a test of every promise:
//!
//! ```
//! use std::future::Future;
//!
//! use vouchsafe::store::conformance::{Ending, Rig, limits, promises};
//! use vouchsafe::{MemoryStore, block_on};
//!
//! /// In place of the memory store: a database of its own, with its tables.
//! struct Fresh {
//!     ours: MemoryStore,
//!     theirs: MemoryStore,
//! }
//!
//! impl Rig for Fresh {
//!     // In place of these: the connection of the driver, its transaction, and a handle that borrows either.
//!     type Connection = ();
//!     type Transaction<'c> = ();
//!     type Store<'c> = MemoryStore;
//!
//!     fn fresh() -> Option<Self> {
//!         Some(Self { ours: MemoryStore::new(), theirs: MemoryStore::new() })
//!     }
//!
//!     // The runtime of the driver: `runtime.block_on(work)`.
//!     fn wait<F: Future>(&self, work: F) -> F::Output {
//!         block_on(work)
//!     }
//!
//!     async fn connect(&self) {}
//!
//!     fn store(&self, _: &mut ()) -> MemoryStore {
//!         self.ours.clone()
//!     }
//!
//!     fn neighbour(&self, _: &mut ()) -> MemoryStore {
//!         self.theirs.clone()
//!     }
//!
//!     // With transactions: `Some(connection.begin().await?)`, and commit or roll back in `end`.
//!     async fn begin(&self, _: &mut ()) -> Option<()> {
//!         None
//!     }
//!
//!     fn inside(&self, _: &mut Self::Transaction<'_>) -> MemoryStore {
//!         self.ours.clone()
//!     }
//!
//!     async fn end(&self, _: Self::Transaction<'_>, _: Ending) {}
//! }
//!
//! // In a file of tests: a test of every promise.
//! mod promised {
//!     vouchsafe::conformance!(super::Fresh);
//! }
//!
//! // One of them alone, and all their names.
//! # fn main() {
//! limits::all_or_none(Fresh::fresh().unwrap());
//! assert!(promises::<Fresh>().iter().any(|(name, _)| *name == "limits::all_or_none"));
//! # }
//! ```
//!
//! # What is tried
//!
//! | module | promises |
//! |---|---|
//! | [`repeats`] | one reference is one redemption, however often and in whichever order it is asked |
//! | [`limits`] | every limit holds, for what it names, all or none |
//! | [`holds`] | holds keep from others what they have, never from their own order, and end |
//! | [`terms`] | what is recorded was priced under terms that stand, or that a live hold pins |
//! | [`customers`], [`types`] | codes that belong to somebody; types, and the revision they are changed from |
//! | [`voids`], [`changes`] | after the order: what goes back, once, and by how much counters move |
//! | [`allowances`], [`accounts`] | allowances of calendar and rolling windows; accounts of points |
//! | [`payment`] | reserve, authorise, commit, capture |
//! | [`transactions`] | the transaction of the host: a rollback leaves nothing, a refusal leaves it usable |
//! | [`definitions`], [`issuing`] | what an admin does: edits with a log, codes, batches, imports |
//! | [`logs`] | what was recorded can be read, page by page |
//! | [`shops`] | many shops in one database |
//! | [`life`] | customers are forgotten, what is over is purged, and the figures stay |
//! | [`races`] | many at once; there are races in the other modules, too |
//!
//! # What a store of your own needs for it
//!
//! * A database of its own for each promise, or one that is emptied: they run side by side.
//! * Sixteen connections at once, and patience: a race asks again where an error says that a retry helps, and expects an
//!   answer in the end. Have the driver wait for locks rather than fail at once.
//! * No [grace](crate::Grace): holds must lapse at their very instant.
//! * Nothing that stands for a clock: all instants lie in March 2026 and later.
//!
//! Promises about transactions pass untried where [`Rig::begin`] gives none, and all of them where [`Rig::fresh`] does: have
//! your rig say so, or fail, where a database should have been there.
//!
//! What no function can try from outside is tried in the tests of this crate for its own stores, and is yours to try:
//! processes and servers that are killed, connections that are cut, full disks.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cloned_ref_to_slice_refs,
    reason = "written as tests are: a promise that is broken panics"
)]

/// Handles on the store, each over a connection of its own: what one does, the others see.
macro_rules! open {
    ($rig:ident: $($handle:ident),+) => {
        $(
            let mut $handle = $rig.connect().await;
            #[allow(unused_mut)]
            let mut $handle = $rig.store(&mut $handle);
        )+
    };
}

/// Asks, and asks again where the store says that a retry helps.
macro_rules! insist {
    ($call:expr) => {{
        let mut tries = 0;
        loop {
            match $call.await {
                Err(error) if error.is_retryable() && tries < 1_000 => tries += 1,
                answer => break answer.unwrap(),
            }
        }
    }};
}

/// The same of an admin, whose "no" is an error: what is left is the answer or why the rules say no.
macro_rules! insist_on_admin {
    ($call:expr) => {{
        let mut tries = 0;
        loop {
            match $call.await {
                Ok(answer) => break Ok(answer),
                Err(AdminFailure::Refused(no)) => break Err(no),
                Err(AdminFailure::Store(error)) if error.is_retryable() && tries < 1_000 => tries += 1,
                Err(AdminFailure::Store(error)) => panic!("{error:?}"),
            }
        }
    }};
}

mod desk;
mod list;
mod rig;

pub mod accounts;
pub mod allowances;
pub mod changes;
pub mod customers;
pub mod definitions;
pub mod holds;
pub mod issuing;
pub mod life;
pub mod limits;
pub mod logs;
pub mod payment;
pub mod races;
pub mod repeats;
pub mod scene;
pub mod shops;
pub mod terms;
pub mod transactions;
pub mod types;
pub mod voids;

pub use list::{Promise, promises};
pub use rig::{Ending, Rig};
