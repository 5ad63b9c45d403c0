//! What a product costs whom: price lists for customer types and for single customers, and which of several prices holds.
//!
//! | file | has |
//! |---|---|
//! | `list` | a price list: for whom, when, how it ranks |
//! | `entry` | one price of it: of which goods, from which quantity |
//! | `overlap` | entries of which nothing says which one holds |
//! | `book` | all prices of a shop, found by product and customer |
//! | `choice` | which of several prices holds, and why the others do not |

mod book;
mod choice;
mod entry;
mod list;
mod overlap;

pub(crate) use book::{Ask, Entitled, PriceBook};
pub(crate) use choice::{Candidate, Holder};
pub use choice::{PriceLoss, PriceSource, PriceStrategy};
pub use entry::{PriceEntry, PriceValue};
pub use list::{PriceHolders, PriceList, PriceListBuilder};
