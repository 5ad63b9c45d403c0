//! The promises of a store, one function each, for whoever writes a store of their own.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a promise that is broken panics, as a test does"
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

mod desk;
mod list;
mod rig;

pub mod allowances;
pub mod customers;
pub mod holds;
pub mod limits;
pub mod payment;
pub mod races;
pub mod repeats;
pub mod scene;
pub mod terms;
pub mod types;
pub mod voids;

pub use list::promises;
pub use rig::{Ending, Rig};
