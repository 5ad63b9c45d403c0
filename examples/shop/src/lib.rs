//! A small shop over HTTP, on an SQLite file or on PostgreSQL: what a backend does around the library.
//!
//! | read in this order | |
//! |---|---|
//! | `pricing` | load, evaluate; what is done where the store cannot answer |
//! | `place` | reserve, authorise, commit in the transaction of the order, capture |
//! | `cancel` | give up a basket, or cancel an order |
//! | `admin` | define, revise, switch off, hand out codes, read the usage log |
//! | `orders` | the shop's own table, written in the transaction that redeems |
//! | `problem` | every answer that is no success, as JSON with a code |
//!
//! The rest is what any service has: options, a catalogue, a payment provider (here one that only pretends).

mod admin;
mod app;
mod basket;
mod cancel;
mod catalogue;
pub mod options;
pub mod orders;
pub mod payment;
mod place;
mod pricing;
mod problem;
mod quote;
mod shopper;

pub use app::{App, AppError, router};
pub use problem::chain;
