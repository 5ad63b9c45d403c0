//! Many answers at once: what a customer sees of a catalogue, a recurring run priced for each of its members, and who
//! belongs to an audience. Each is one pass with the memory of one answer, and none of them changes anything.

mod granted;
mod listing;
mod member;
mod price_run;
mod public;
mod select;
mod summary;
mod view;
mod viewer;

pub use listing::Listing;
pub use member::{Member, NotServed, RunItem};
pub use price_run::PriceRun;
pub use public::PublicProductView;
pub use summary::RunSummary;
pub use view::{NextPrice, ProductView, ViewedPrice};
pub use viewer::Viewer;
