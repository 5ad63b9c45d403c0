//! What happens to an order after it was placed: later payments, returns, transfers, changes, and how it is booked. All of
//! it under the terms that were stored with the order, never under those of today.

mod placed;
mod reading;

pub use placed::{PlaceError, PlacedOrder, Thresholds};
