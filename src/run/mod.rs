//! Many answers at once: what a customer sees of a catalogue, a recurring run priced for each of its members, who belongs
//! to an audience, and which codes of a wallet are best together. Each has the memory of one answer, and none of them
//! changes anything.

mod best;
mod granted;
mod hint;
mod listing;
mod member;
mod offered;
mod price_run;
mod public;
mod select;
mod summary;
mod view;
mod viewer;

pub use best::{BestOffer, OfferGoal, OfferSearch};
pub use hint::{Hint, HintStep, HintedCode, HintedCustomer, PublicHint};
pub use listing::Listing;
pub use member::{Member, NotServed, RunItem};
pub use offered::OfferedPrice;
pub use price_run::PriceRun;
pub use public::PublicProductView;
pub use summary::RunSummary;
pub use view::{NextPrice, ProductView, ViewedPrice};
pub use viewer::Viewer;
