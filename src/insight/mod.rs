//! What a merchant and a shopper want to know about coupons, apart from any one order.

mod describe;

pub use describe::{Term, Terms, Topic};
