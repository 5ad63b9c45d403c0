//! Many answers at once: what a customer sees of a catalogue, a recurring run priced for each of its members, and who
//! belongs to an audience. Each is one pass with the memory of one answer, and none of them changes anything.

mod listing;
mod public;
mod select;
mod view;
mod viewer;

pub use listing::Listing;
pub use public::PublicProductView;
pub use view::{NextPrice, ProductView, ViewedPrice};
pub use viewer::Viewer;
