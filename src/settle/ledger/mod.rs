//! How an order is booked: balanced entries, line by line.

mod accounts;
mod books;
mod posting;

pub use accounts::{Account, AccountClass, AccountTable};
pub use books::Books;
pub use posting::{Posting, Purpose, Side};
