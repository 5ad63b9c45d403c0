//! What every store promises. Each function tries one promise on a fresh store, through nothing but the traits, so that
//! any store can be held to it.

pub mod allowances;
pub mod customers;
pub mod holds;
pub mod limits;
pub mod payment;
pub mod races;
pub mod repeats;
pub mod terms;
pub mod types;
pub mod voids;
