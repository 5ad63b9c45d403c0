//! What each fuzz target holds the library to. The targets themselves only hand their bytes over, so that every corpus
//! can be replayed by `cargo test` as well.

mod allocation;
mod bytes;
mod codes;

pub use allocation::allocation;
pub use codes::codes;
